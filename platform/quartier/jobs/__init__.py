"""What is done later: the queue, and the calendar of what is due at each site."""

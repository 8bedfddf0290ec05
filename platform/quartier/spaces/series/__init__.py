"""Series: the same time again and again, each date a booking of its own."""

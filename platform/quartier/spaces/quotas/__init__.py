"""What a booking takes from the plan it goes by, and what is charged beyond it."""

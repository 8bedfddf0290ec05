"""What a plan includes, and how much of it is used: accounts that nobody overdraws."""

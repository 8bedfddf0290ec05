"""Seats and the line in front of them: one function promotes, after every change."""

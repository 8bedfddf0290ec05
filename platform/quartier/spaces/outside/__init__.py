"""Calendars of others, whose busy times hold a space by the same constraint as a booking."""

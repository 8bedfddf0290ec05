"""Offices, desks and lockers let for long, beside what is booked by the hour."""

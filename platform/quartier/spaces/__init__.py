"""Rooms, desks, lockers: when they are open, who holds them, and that nobody holds them twice."""

"""Workshops and courses: sessions with their rooms, seats, the line in front of them, attendance."""

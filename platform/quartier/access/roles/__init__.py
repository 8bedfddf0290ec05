"""Roles: who gives which to whom, what never meets in one person, and what a second one has to confirm."""

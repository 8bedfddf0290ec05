"""Calendars that people subscribe to, behind a secret link that can be taken back."""

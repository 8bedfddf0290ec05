"""Invented people and events, and "start everything". Not in the wheel; nobody imports it."""

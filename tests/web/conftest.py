from doorway import app, at_east, at_west, log

__all__ = ["app", "at_east", "at_west", "log"]

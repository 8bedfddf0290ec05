"""The award: one application, one line, money committed in the same transaction."""

"""The history of a grant file: insert-only, and kept as long as the file."""

"""Files that people hand in: for what, how large, what kind by content, and kept in rows of their site."""

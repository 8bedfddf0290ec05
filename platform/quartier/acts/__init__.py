"""What needs two sibling rooms in one transaction; only actions, no tables."""

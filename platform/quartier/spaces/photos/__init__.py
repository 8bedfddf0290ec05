"""Photos of spaces: what one is to see before one comes, told in words as well, in the order of the house."""

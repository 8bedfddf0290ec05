"""A site's own texts: editions, each valid from an instant on, that stand in place of the built-in text."""

"""Who may come in at all: people that wait, are admitted, blocked, and what is known of the person who asks."""

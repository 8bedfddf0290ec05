"""How people are told: the outbox, and the texts in German and English."""

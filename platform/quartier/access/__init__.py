"""Who speaks: persons, roles, machine clients and their tokens, sessions; the permissions of everybody."""

"""Invitations: into a role of the house, into an organisation, or back in for somebody who lost her passkey."""

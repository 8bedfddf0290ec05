"""Passkeys: set up, shown at the sign-in and for what asks again, taken away. All of `webauthn` is in ceremony.py."""

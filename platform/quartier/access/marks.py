"""Secrets and their marks: 256 random bits leave this process once, SHA-256 of them is kept."""

import hashlib
import secrets

CLIENT, MACHINE, DEMO = "qtrs_", "qtr_", "qtrd_"
BROWSER, SESSION, INVITATION = "qtrb_", "qtrp_", "qtri_"


def minted(kind: str) -> str:
    """Make a new secret of 256 random bits; its beginning says what it is, for scanners of lost secrets."""
    return kind + secrets.token_urlsafe(32)


def mark(secret: str) -> bytes:
    """The mark under which a secret is kept. No slow hash: nobody guesses 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()

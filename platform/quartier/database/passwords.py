"""Passwords of the login roles, handed to the server as SCRAM verifiers: the words never reach its log."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping

import asyncpg

from quartier.database.administrator import AdministratorEngine

ITERATIONS = 4096


async def set_passwords(administrator: AdministratorEngine, passwords: Mapping[str, str]) -> None:
    """Give each login role its password; one that has it already is left alone."""
    try:
        rows = await administrator.fetch(
            "select rolname, rolpassword from pg_authid where rolname = any($1::text[])", list(passwords)
        )
    except asyncpg.InsufficientPrivilegeError:  # a managed server hides them
        rows = []
    known = {row["rolname"]: row["rolpassword"] for row in rows}
    for role, password in passwords.items():
        if not _fits(password, known.get(role)):
            await administrator.execute(f"alter role {role} password '{verifier(password)}'")


def verifier(password: str, salt: bytes | None = None, iterations: int = ITERATIONS) -> str:
    """Make the text that PostgreSQL stores (RFC 5803): SCRAM-SHA-256$iterations:salt$stored:server."""
    salt = salt or secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    told = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return "SCRAM-SHA-256${}:{}${}:{}".format(iterations, *told)


def _fits(password: str, stored: str | None) -> bool:
    if not stored or not stored.startswith("SCRAM-SHA-256$"):
        return False
    iterations, salt = stored.split("$")[1].split(":")
    return hmac.compare_digest(verifier(password, base64.b64decode(salt), int(iterations)), stored)

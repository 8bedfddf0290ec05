"""The installation's secrets: one file, 0600, made once in the data folder."""

import contextlib
import fcntl
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from quartier.database.speaker import Signer

FILE = "secrets.json"
LOGINS = (
    "quartier_app",
    "quartier_worker",
    "quartier_auth",
    "quartier_city",
    "quartier_operator",
    "quartier_queue",
)
KID = "k1"


class SecretsExposed(RuntimeError):
    """Others than the owner can read the file."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Keyring:
    """`signing` and `cursor` are 32 bytes each; `sealing` are Fernet keys, the newest first; `passwords` by login role.

    Signs contexts (`signer`) and cursors, seals what the database may not read. Whoever holds it holds
    the walls between sites: never log it.
    """

    signing: bytes
    cursor: bytes
    sealing: tuple[str, ...] = ()
    passwords: dict[str, str] = field(default_factory=dict)

    @property
    def signer(self) -> Signer:
        return Signer(KID, self.signing)


def keyring(data: Path) -> Keyring:
    """Read the secrets of the data folder; the first call makes them, at once or not at all."""
    data.mkdir(parents=True, exist_ok=True)
    file = data / FILE
    # A lock file of its own: the secrets are replaced, never written in place.
    with (data / f".{FILE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = _read(file)
        signing = str(kept.get("signing") or secrets.token_hex(32))
        cursor = str(kept.get("cursor") or secrets.token_hex(32))
        sealing = tuple(kept.get("sealing") or (Fernet.generate_key().decode(),))
        # A role that came with a later version gets its password here.
        passwords: dict[str, str] = {role: secrets.token_hex(24) for role in LOGINS}
        passwords |= kept.get("passwords", {})
        whole = {"signing": signing, "cursor": cursor, "sealing": list(sealing), "passwords": passwords}
        if whole != kept:
            _write(file, whole)
    return Keyring(signing=bytes.fromhex(signing), cursor=bytes.fromhex(cursor), sealing=sealing, passwords=passwords)


def _read(file: Path) -> dict[str, Any]:
    try:
        mode = file.stat().st_mode
    except FileNotFoundError:
        return {}
    if mode & 0o077:
        raise SecretsExposed(f"{file} can be read by others than its owner: chmod 600 {file}")
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def _write(file: Path, whole: dict[str, Any]) -> None:
    new = file.with_suffix(".new")
    with contextlib.suppress(FileNotFoundError):
        new.unlink()
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(whole, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)

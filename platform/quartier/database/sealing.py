"""What the database keeps and may not read by itself: secrets sealed with a key of the installation's own file.

    SEAL.close("secret")  →  bytes for a column that ends in `_enc`
    SEAL.open(bytes)      →  the text again

Two keys may be there at a time: the first one seals, either opens (Fernet: AES-128-CBC with HMAC-SHA256).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class SealBroken(RuntimeError):
    """Sealed with a key that this installation does not have, or altered: another data folder sealed it."""


@dataclass(slots=True)
class Seal:
    """Closed until `configure()`, as the engine is."""

    _keys: MultiFernet | None = None

    def configure(self, keys: Sequence[str]) -> None:
        self._keys = MultiFernet([Fernet(key) for key in keys])

    def close(self, text: str) -> bytes:
        return self._ready.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """Raises SealBroken."""
        try:
            return self._ready.decrypt(sealed).decode()
        except InvalidToken:
            raise SealBroken("a secret was sealed with another key") from None

    @property
    def _ready(self) -> MultiFernet:
        if self._keys is None:
            raise RuntimeError("SEAL.configure() comes first")
        return self._keys


SEAL = Seal()

"""An authenticator in the test's hands: it answers as a device does, and can be bent at every place."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Authenticator:
    """One device with one passkey; `counts` is by how much its count goes on each time."""

    origin: str
    host: str
    counts: int = 1
    flags: int = PRESENT | VERIFIED
    count: int = 0
    framed: bool = False
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    handle: str | None = None

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer navigator.credentials.create."""
        self.handle = options["user"]["id"]
        public = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}
        data = self._data(self.flags | ATTESTED)
        data += bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + cbor2.dumps(cose)
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return self._answer(clientDataJSON=packed(client), attestationObject=packed(attested))

    def show(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer navigator.credentials.get."""
        self.count += self.counts
        data = self._data(self.flags)
        client = self._client("webauthn.get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        told = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._answer(**{name: packed(value) for name, value in told.items()}, userHandle=self.handle)

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.framed}
        return json.dumps(told).encode()

    def _answer(self, **response: str | None) -> dict[str, Any]:
        shown = packed(self.credential)
        return {"id": shown, "rawId": shown, "type": "public-key", "response": response}

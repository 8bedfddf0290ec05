"""Who is speaking: the power that picks the pool, the realm, and the signature the database checks."""

import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass

from quartier.database.faults import NoTenant

REALM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TOKEN = re.compile(r"[a-z0-9]{1,8}\.[0-9]{1,12}\.[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Power:
    """What a pool is for: its login role, and the setting that names its realm."""

    role: str
    setting: str = "app.tenant_id"


POWERS: Mapping[str, Power] = {
    "app": Power("quartier_app"),
    "worker": Power("quartier_worker"),
    "auth": Power("quartier_auth"),
    "city": Power("quartier_city", "app.city_id"),
    "operator": Power("quartier_operator"),  # no signer: the database hands out its contexts
}


class Signer:
    """Makes the context that `sec.verified()` checks: kid.expiry.HMAC-SHA256(key, 'role|setting=value|expiry').

    It holds for `ttl` seconds of real time, whatever clock the demo runs on.
    """

    def __init__(self, kid: str, key: bytes, ttl: int = 60) -> None:
        self.kid, self._key, self.ttl = kid, key, ttl
        self._second, self._made = 0, dict[tuple[Power, str], str]()  # contexts of one second are the same

    def __call__(self, power: Power, realm: str) -> str:
        expiry = int(time.time()) + self.ttl
        if expiry != self._second:
            self._second, self._made = expiry, {}
        made = self._made.get((power, realm))
        if made is None:
            message = f"{power.role}|{power.setting}={realm}|{expiry}"
            made = f"{self.kid}.{expiry}.{hmac.new(self._key, message.encode(), hashlib.sha256).hexdigest()}"
            self._made[power, realm] = made
        return made


@dataclass(slots=True, eq=False)
class Speaker:
    """Who is speaking, for the length of one request, job or socket event."""

    power: str
    realm: str  # the tenant; for "city" the city
    token: str | None = None  # operator only: signed by the database
    open: bool = True


SPEAKER: ContextVar[Speaker | None] = ContextVar("quartier_speaker", default=None)


def realm_text(value: object) -> str:
    """Write a realm's id as it may enter a message to the server; refuses anything that is not a uuid."""
    text = str(value).lower()
    if not REALM.fullmatch(text):
        raise NoTenant("not a uuid")
    return text


def token_text(value: str | None) -> str:
    if value is None or not TOKEN.fullmatch(value):
        raise NoTenant("no signed context")
    return value

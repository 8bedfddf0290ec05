"""What is known of a request before anybody answers it: where it arrived, and who speaks."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quartier.access.post import Post
from quartier.access.scanner import Scanner
from quartier.database.lanes import Lanes
from quartier.tenancy.desk import Desk
from quartier.tenancy.realm import Realm

if TYPE_CHECKING:
    from quartier.access.invitations.actions import Join
    from quartier.access.partners.metadata import Issuers

KEY = "quartier_arrival"
Speak = Callable[[str | None], Awaitable[Desk]]


@dataclass(slots=True)
class Arrival:
    """One request or socket at a realm's host.

    `origin` is what people see in front of the path (`https://west.example`), from the directory and never
    from the request. `address` is the peer's, or what a trusted proxy says. `speak(authorization)` finds the
    desk of a bearer header anew: sockets ask it for each event; it raises TokenRefused,
    and RealmSuspended or HostUnknown once the site is closed. `session` is the secret of the browser's session
    when that is what speaks; `post` takes letters, None where no mail can be sent. `issuers` are the providers of
    partners as this process knows them. `join` lets a person stand for an organisation, which members does. `scanner`
    looks at files, None where the installation has none.
    """

    realm: Realm
    origin: str
    address: str
    request_id: str
    language: str
    desk: Desk
    speak: Speak = field(repr=False)
    lanes: Mapping[str, Lanes] = field(repr=False)
    session: str | None = field(default=None, repr=False)
    post: Post | None = field(default=None, repr=False)
    issuers: "Issuers | None" = field(default=None, repr=False)
    join: "Join | None" = field(default=None, repr=False)
    scanner: Scanner | None = None

    @property
    def power(self) -> str:
        """The power of this realm's requests; its lanes have the same name."""
        return "city" if self.realm.kind == "city" else "app"

    @property
    def speaker(self) -> object:
        """The id that `DB.speaking` wants for `power`."""
        return self.realm.city_id if self.realm.kind == "city" else self.realm.id


def arrived(scope: Mapping[str, Any]) -> Arrival:
    """The arrival of an ASGI scope; the outermost middleware has put it there."""
    found: Arrival = scope["state"][KEY]
    return found


HERE: ContextVar[Arrival | None] = ContextVar("quartier_arrival", default=None)
"""The arrival of the request that is being answered, for what happens after a wish: a letter to send."""


def put(scope: MutableMapping[str, Any], arrival: Arrival) -> None:
    HERE.set(arrival)
    # uvicorn shares one state dictionary's content between requests: ours gets its own.
    scope["state"] = {**scope.get("state", {}), KEY: arrival, "request_id": arrival.request_id}

"""Who speaks: from a bearer header, or a browser's session, to a desk. A bad token is an error, never a stranger."""

import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from quartier.access.actions import machine_now
from quartier.access.marks import DEMO, MACHINE, mark
from quartier.access.permissions import CITY_ROLES, STEP_UP, STRONG, scopes_of
from quartier.access.queries import as_auth
from quartier.access.roles.queries import house_roles
from quartier.access.roles.rules import BY_RIGHT, permissions_here, waits
from quartier.access.sessions import FRESH
from quartier.access.words import Belonging
from quartier.database.engine import DB
from quartier.kit.moments import Clock
from quartier.tenancy.desk import Desk
from quartier.tenancy.realm import Realm

KEPT = 60.0  # seconds at most; a notice ends it at once, and a deaf process keeps nothing
MOST = 4096  # tokens in memory
NONE: frozenset[str] = frozenset()
NONE_OWN: frozenset[UUID] = frozenset()
_TOKEN = re.compile(rf"({MACHINE}|{DEMO})[A-Za-z0-9_-]{{43}}")

_OF_MACHINE = """
select c.id, c.owner, t.expires_at, t.revoked_at, c.state, c.expires_at as client_ends, t.scopes as asked,
       c.scopes as allowed
from auth.api_token t join auth.api_client c on c.tenant_id = t.tenant_id and c.id = t.client
where t.tenant_id = $1 and t.hash = $2"""
_OF_DEMO = """
select s.person_id, s.expires_at, g.role, g.valid_from, g.valid_until, g.granted_by, g.confirmed_by
from auth.session s left join auth.role_grant g on g.tenant_id = s.tenant_id and g.person_id = s.person_id
where s.tenant_id = $1 and s.token_hash = $2 and s.method = 'demo'"""
# A look at a session notes it, once a minute; one that rested too long is never woken.
_OF_BROWSER = """
with s as (
  select id, person_id, method, expires_at, last_seen, provider, coalesce(auth_at, created_at) as auth_at
  from auth.session
  where tenant_id = $1 and token_hash = $2 and method <> 'demo' and expires_at > $3 and last_seen + idle > $3
), seen as (
  update auth.session x set last_seen = $3 from s
  where x.tenant_id = $1 and x.id = s.id and s.last_seen < $3 - interval '1 minute'
)
select s.id, s.person_id, s.method = 'passkey' or coalesce(p.strong, false) as strong, s.expires_at, s.auth_at,
       g.role, g.valid_from, g.valid_until, g.granted_by, g.confirmed_by
from s left join auth.role_grant g on g.tenant_id = $1 and g.person_id = s.person_id
       left join auth.identity_provider p on p.tenant_id = $1 and p.id = s.provider"""
_PERSON = "select state, language from app.person where tenant_id = $1 and id = $2"

Belongs = Callable[[Desk], Awaitable[Belonging]]
"""Asks the members room, which lies above this one, what the person at the desk belongs to now.

It is called as power `app` with a desk that has no permission.
"""


class TokenRefused(Exception):
    """Answer 401. `reason` is for the log: the answer says invalid_token, whatever it was."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Hearing(Protocol):
    @property
    def hearing(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Known:
    """What a token stands for. `ends` is on the machine's clock, `turns` on the world's (a role begins or ends)."""

    ends: datetime
    permissions: frozenset[str]
    person: UUID | None = None
    client: UUID | None = None
    roles: frozenset[str] = frozenset()
    own: frozenset[UUID] = frozenset()
    leads: frozenset[UUID] = frozenset()
    language: str | None = None
    turns: datetime | None = None
    session: UUID | None = None
    auth_at: datetime | None = None
    asleep: frozenset[str] = frozenset()

    @property
    def asks_again(self) -> frozenset[str]:
        """What wants a fresher proof than the session's: nothing where no browser speaks."""
        stale = self.auth_at is not None and machine_now() - self.auth_at > FRESH
        return self.permissions & STEP_UP if stale else NONE


async def nobody(desk: Desk) -> Belonging:
    return Belonging()


@dataclass(slots=True)
class Speakers:
    """Finds the desk of a token, and remembers tokens for a breath while the ear hears.

    A notice on `quartier_access` makes it forget the realm at once; a deaf process asks every time.
    """

    clock: Clock
    ear: Hearing
    demo: bool = False
    belongs: Belongs = nobody
    _known: dict[tuple[UUID, bytes], tuple[float, Known]] = field(default_factory=dict)
    _turn: int = 0

    def forget(self, payload: str | None) -> None:
        """A notice: rights changed in the realm of this id; None: anything may have."""
        self._turn += 1
        if payload is None:
            self._known.clear()
        else:
            realm = payload.partition(":")[0]  # `tenant` or, from `desk.tell()`, `tenant:person`
            for key in [key for key in self._known if str(key[0]) == realm]:
                del self._known[key]

    async def desk(
        self,
        realm: Realm,
        authorization: str | None,
        *,
        session: str | None = None,
        language: str | None,
        request_id: str,
    ) -> Desk:
        """Open the desk of a bearer header, or of a browser's session; without either, a stranger's.

        Raises TokenRefused for a bad header. A session that ended leaves a stranger: people are asked to sign
        in again. `language` is what the request asks for; else the person's own counts, else German.
        """
        stranger = Desk(realm=realm, now=self.clock.now(), language=language or "de", request_id=request_id)
        if authorization is not None:
            kind, _, token = authorization.partition(" ")
            if kind.lower() != "bearer":
                raise TokenRefused("not_bearer")
            known = await self._of(stranger, token.strip())
        elif session is not None:
            try:
                known = await self._recall(stranger, mark(session), self._browser)
            except TokenRefused:
                return stranger
        else:
            return stranger
        return Desk(
            realm=realm,
            now=stranger.now,
            person=known.person,
            client=known.client,
            permissions=known.permissions,
            own=known.own,
            leads=known.leads,
            language=language or known.language or stranger.language,
            request_id=request_id,
            roles=known.roles,
            session=known.session,
            asks_again=known.asks_again,
            asleep=known.asleep,
        )

    async def _of(self, stranger: Desk, token: str) -> Known:
        if not (form := _TOKEN.fullmatch(token)):
            raise TokenRefused("malformed")
        return await self._recall(stranger, mark(token), self._machine if form[1] == MACHINE else self._demo)

    async def _recall(self, stranger: Desk, kept: bytes, look: Callable[[Desk, bytes], Awaitable[Known]]) -> Known:
        key = (stranger.tenant_id, kept)
        known = self._remembered(key, stranger.now)
        if known is None:
            turn = self._turn
            known = await look(stranger, kept)
            # A notice that came while we read may be about what we read.
            if self.ear.hearing and turn == self._turn:
                if len(self._known) >= MOST:
                    self._known.clear()
                self._known[key] = (time.monotonic() + KEPT, known)
        if known.ends <= machine_now():
            raise TokenRefused("expired")
        return known

    def _remembered(self, key: tuple[UUID, bytes], now: datetime) -> Known | None:
        kept = self._known.get(key) if self.ear.hearing else None
        if kept is None or kept[0] < time.monotonic() or (kept[1].turns is not None and kept[1].turns <= now):
            return None
        return kept[1]

    async def _machine(self, stranger: Desk, kept: bytes) -> Known:
        """Scopes of the token that the client may still hold and that this kind of realm offers."""
        with as_auth(stranger):
            rows = await stranger.fetch(_OF_MACHINE, stranger.tenant_id, kept)
        if not rows:
            raise TokenRefused("unknown")
        row = rows[0]
        if row["state"] != "active":
            raise TokenRefused("client_off")
        if row["client_ends"] <= machine_now():
            raise TokenRefused("client_expired")
        if row["revoked_at"] is not None:
            raise TokenRefused("revoked")
        permissions = frozenset(row["asked"]) & frozenset(row["allowed"]) & scopes_of(stranger.realm.kind)
        own = await self._owners(stranger, row["owner"], permissions) if row["owner"] else NONE_OWN
        ends = min(row["expires_at"], row["client_ends"])
        return Known(ends=ends, permissions=permissions, client=row["id"], own=own)

    async def _owners(self, stranger: Desk, owner: UUID, permissions: frozenset[str]) -> frozenset[UUID]:
        """The organisations of the person who answers for a client: it books for those, and never for a person.

        Who is kept out answers for nothing: the secret she has taken along opens nothing any more.
        """
        at_desk = Desk(realm=stranger.realm, now=stranger.now, person=owner, request_id=stranger.request_id)
        with DB.speaking(stranger.tenant_id, "app"):
            found = await at_desk.fetch(_PERSON, stranger.tenant_id, owner)
            if not found or found[0]["state"] != "active":
                raise TokenRefused("owner_gone")
            return (await self.belongs(at_desk)).own if "spaces:book" in permissions else NONE_OWN

    async def _demo(self, stranger: Desk, kept: bytes) -> Known:
        """An invented person: her grants that are valid now, and what follows from what she belongs to."""
        if not self.demo:
            raise TokenRefused("demo_only")
        with as_auth(stranger):
            rows = await stranger.fetch(_OF_DEMO, stranger.tenant_id, kept)
        return await self._person(stranger, rows)

    async def _browser(self, stranger: Desk, kept: bytes) -> Known:
        """A person who signed in here. What wants a strong proof sleeps in a session by mailed code."""
        with as_auth(stranger):
            async with DB.work():
                rows = await stranger.fetch(_OF_BROWSER, stranger.tenant_id, kept, machine_now())
        return await self._person(stranger, rows, asleep=STRONG if rows and not rows[0]["strong"] else NONE)

    async def _person(self, stranger: Desk, rows: list[Any], asleep: frozenset[str] = NONE) -> Known:
        if not rows:
            raise TokenRefused("unknown")
        person: UUID = rows[0]["person_id"]
        at_desk = Desk(realm=stranger.realm, now=stranger.now, person=person, request_id=stranger.request_id)
        with DB.speaking(stranger.tenant_id, "app"):
            found = await at_desk.fetch(_PERSON, stranger.tenant_id, person)
            if not found or found[0]["state"] != "active":
                raise TokenRefused("person_not_active")
            house = await house_roles(at_desk)
            belonging = await self.belongs(at_desk) if stranger.realm.kind == "site" else Belonging()
        roles, turns = _roles(rows, belonging, stranger)
        sleeping, roles = roles & asleep, roles - asleep
        return Known(
            ends=rows[0]["expires_at"],
            permissions=permissions_here(roles, house),
            person=person,
            roles=roles,
            own=belonging.own,
            leads=belonging.leads,
            language=found[0]["language"],
            turns=turns,
            session=rows[0].get("id"),
            auth_at=rows[0].get("auth_at"),
            asleep=sleeping,
        )


def _roles(rows: list[Any], belonging: Belonging, desk: Desk) -> tuple[frozenset[str], datetime | None]:
    """The roles valid now that this kind of realm knows, and when the next one begins or ends."""
    grants: list[Mapping[str, Any]] = [row for row in rows if row["role"] is not None and not _waits(row)]
    roles = {row["role"] for row in grants if row["valid_from"] <= desk.now < row["valid_until"]}
    if desk.realm.kind == "city":
        roles &= CITY_ROLES
    else:
        roles -= CITY_ROLES
        roles |= belonging.roles & BY_RIGHT
    edges = [edge for row in grants for edge in (row["valid_from"], row["valid_until"]) if edge > desk.now]
    return frozenset(roles), min(edges, default=None)


def _waits(grant: Mapping[str, Any]) -> bool:
    return waits(grant["role"], grant["granted_by"], grant["confirmed_by"])

"""Partners of the demo: their rows, which invented people they know, and their provider beside the house."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import httpx2
import msgspec

from quartier.access.actions import machine_now
from quartier.access.partners import opening, queries
from quartier.access.permissions import EVERY
from quartier.access.queries import as_auth
from quartier.database.administrator import connect
from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.kit.spoken import shown
from quartier.settings import Settings
from quartier.tenancy.blueprint import SiteBlueprint
from quartier.tenancy.desk import Desk
from quartier.tenancy.realm import Realm
from quartier.web.port import PortTaken, listening
from quartier.web.serve import server
from quartier_demo.institutions import (
    PRACTICE,
    Client,
    Institution,
    Person,
    client_of,
    declared,
    practice,
    secret_names,
)
from quartier_demo.keys import Keys
from quartier_demo.provider_pages import Pages, providers

FILE = "demo-provider.json"
HOST = "127.0.0.1"
LOOK = 30.0  # seconds between two looks at the sites' public keys

# The demo alone: its provider may stand at another port after a restart, and identities are known by issuer.
_MOVED = (
    "update auth.identity_provider set issuer = $2 || substr(issuer, length($1) + 1) where issuer like $1 || '/%'",
    "update auth.external_identity set issuer = $2 || substr(issuer, length($1) + 1) where issuer like $1 || '/%'",
)
_ISSUER = "select issuer, id from auth.identity_provider where tenant_id = $1 and slug = $2"
_KNOWN = """
insert into auth.external_identity
  (tenant_id, id, issuer, subject, provider, person_id, linked_by, created_at, last_login)
values ($1, $2, $3, $4, $5, $6, 'first_login', $7, $7) on conflict on constraint identity_once do nothing"""
_PEOPLE = "select id, name from app.person where tenant_id = $1 and state in ('active', 'pending')"


class Kept(msgspec.Struct):
    """What the data folder keeps: the port, and the secrets that two have to keep."""

    port: int
    secrets: dict[str, str]


@dataclass(slots=True)
class Standing:
    """The provider's place on this machine: its socket, address, secrets, and where it stood before."""

    door: socket.socket
    base: str
    secrets: Mapping[str, str]
    before: str | None


@contextlib.contextmanager
def place(settings: Settings, sites: Mapping[str, SiteBlueprint]) -> Any:
    """Take a port: the one of the last start, the one beside the house's, or any; make what secrets are missing."""
    file = settings.data / FILE
    kept = _read(file)
    wished = [kept.port] if kept else []
    door = _door([*wished, settings.port + 1 if settings.port else 0, 0])
    port: int = door.getsockname()[1]
    secrets = {
        name: (kept.secrets if kept else {}).get(name) or token_urlsafe(24) for name in sorted(secret_names(sites))
    }
    _write(file, Kept(port, secrets))
    before = f"http://localhost:{kept.port}" if kept and kept.port != port else None
    with door:
        yield Standing(door, f"http://localhost:{port}", secrets, before)


def _door(ports: Sequence[int]) -> socket.socket:
    for port in ports[:-1]:
        with contextlib.suppress(PortTaken):
            return listening(HOST, port)
    return listening(HOST, ports[-1])


async def moved(administrator: str, before: str, base: str) -> None:
    """Write the provider's new address wherever the old one stood."""
    connection = await connect(administrator)
    try:
        async with connection.transaction():
            for statement in _MOVED:
                await connection.execute(statement, before, base)
    finally:
        await connection.close(timeout=5)


async def introduced(
    realms: Sequence[Realm],
    sites: Mapping[str, SiteBlueprint],
    standing: Standing,
    origins: Mapping[str, str],
    keys: Keys,
) -> dict[str, Institution]:
    """See to it that every institution knows its people and every realm its institutions; give the institutions."""
    found = declared(sites, origins, standing.secrets)
    for realm in realms:
        desk = Desk(realm=realm, now=machine_now(), permissions=EVERY, request_id="demo")
        partner = practice(realm)
        assert partner.oidc is not None
        await opening.furnish(desk, {PRACTICE: partner}, secrets={}, demo_idp=standing.base)
        with DB.speaking(realm.id, "app"):
            people = {row["name"]: row["id"] for row in await desk.fetch(_PEOPLE, realm.id)}
        one = Institution(f"{PRACTICE}-{realm.slug}", f"{realm.name} (Vorführung)")
        client = client_of(partner.oidc, PRACTICE, origins[realm.slug], {})
        one.clients[client.id] = client
        for each in keys[realm.slug].people:
            words = ", ".join(shown("role", role, realm.zone, "de") for role in each.roles)
            one.people[str(people[each.name])] = Person(str(people[each.name]), each.name, "", what=words)
        found[one.key] = one
        await _known(desk, PRACTICE, one, {sub: people[person.name] for sub, person in one.people.items()})
        for institution in found.values():
            for other in institution.clients.values():
                if other.origin == origins[realm.slug] and other.slug != PRACTICE:
                    here = {sub: people[p.name] for sub, p in institution.people.items() if p.name in people}
                    await _known(desk, other.slug, institution, here)
    return found


async def _known(desk: Desk, slug: str, institution: Institution, people: Mapping[str, Any]) -> None:
    """Link invented people who are here already, so that their institution finds them with their history."""
    with as_auth(desk):
        async with DB.work():
            rows = await desk.fetch(_ISSUER, desk.tenant_id, slug)
            for sub, person in people.items() if rows else ():
                now = machine_now()
                await desk.fetch(_KNOWN, desk.tenant_id, new_id(), rows[0]["issuer"], sub, rows[0]["id"], person, now)


@contextlib.asynccontextmanager
async def served(
    standing: Standing, institutions: Mapping[str, Institution], realms: Sequence[Realm], port: int
) -> AsyncIterator[None]:
    """The provider at its port, for as long as the house stands."""
    of = {realm.host: realm for realm in realms}
    looked = [float("-inf")]

    async def fresh() -> None:
        if time.monotonic() - looked[0] < LOOK:
            return
        looked[0] = time.monotonic()
        for institution in institutions.values():
            for client in institution.clients.values():
                desk = Desk(realm=of[client.host], now=machine_now(), permissions=EVERY, request_id="demo")
                client.keys[:] = [dict(key.public) for key in await queries.signing_keys(desk)]

    async def told(client: Client, word: str) -> None:
        address = f"http://{HOST}:{port}/auth/oidc/{client.slug}/backchannel-logout"
        with contextlib.suppress(httpx2.HTTPError):
            async with httpx2.AsyncClient(trust_env=False, timeout=5) as http:
                await http.post(address, data={"logout_token": word}, headers={"host": f"{client.host}:{port}"})

    pages = Pages(
        standing.base, await asyncio.to_thread(providers, standing.base, list(institutions.values())), told, fresh
    )
    running = server(pages.app())
    task = asyncio.create_task(running.serve([standing.door]), name="quartier practice provider")
    try:
        yield
    finally:
        running.should_exit = True
        await task


def _read(file: Path) -> Kept | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Kept)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _write(file: Path, kept: Kept) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_bytes(msgspec.json.encode(kept))
    new.replace(file)

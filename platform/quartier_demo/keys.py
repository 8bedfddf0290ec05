"""The demo's keys: one machine client for each realm, a bearer token for each invented person.

They lie in the data folder for its owner alone, so a restart tells the same ones; what the database does not
know any more is made anew.
"""

import os
from datetime import timedelta
from pathlib import Path

import msgspec

from quartier.access import actions, queries
from quartier.access.actions import machine_now
from quartier.access.codes import add_address
from quartier.access.marks import mark
from quartier.access.permissions import CITY_ROLES, EVERY, ROLES, scopes_of
from quartier.access.queries import as_auth
from quartier.database.engine import DB
from quartier.kit.moments import Clock
from quartier.members import queries as members
from quartier.tenancy.desk import Desk
from quartier.tenancy.realm import Realm

FILE = "demo-keys.json"
TOKENS_LAST = timedelta(days=3650)
RENEWED = timedelta(days=30)  # before a client ends
NAME = "Demo"

_GRANTS = """
select person_id, array_agg(distinct role) as roles from auth.role_grant
where tenant_id = $1 and valid_from <= $2 and $2 < valid_until group by person_id"""
_PEOPLE = "select id, name, email from app.person where tenant_id = $1 and state = 'active' order by created_at, id"
_KNOWN = "select token_hash from auth.session where tenant_id = $1 and method = 'demo' and expires_at > $2"


class Client(msgspec.Struct, frozen=True):
    id: str
    secret: str
    scopes: tuple[str, ...]


class Person(msgspec.Struct, frozen=True):
    name: str
    roles: tuple[str, ...]
    token: str


class RealmKeys(msgspec.Struct, frozen=True):
    """What opens one realm."""

    host: str
    client: Client
    people: tuple[Person, ...]


Keys = dict[str, RealmKeys]  # by the realm's slug


async def keys_of(realms: tuple[Realm, ...], data: Path, clock: Clock) -> Keys:
    """Tell every realm's keys; make those that are missing."""
    kept = _read(data / FILE)
    found = {realm.slug: await _keys(realm, kept.get(realm.slug), clock) for realm in realms}
    if found != kept:
        _write(data / FILE, found)
    return found


async def _keys(realm: Realm, kept: RealmKeys | None, clock: Clock) -> RealmKeys:
    desk = Desk(realm=realm, now=clock.now(), permissions=EVERY, request_id="demo")
    client = kept.client if kept and await _is_good(desk, kept.client) else await _client(desk)
    people = kept.people if kept and await _are_known(desk, kept.people) else await _people(desk)
    return RealmKeys(realm.host, client, people)


async def _is_good(desk: Desk, client: Client) -> bool:
    return any(
        each.client_id == client.id and each.state == "active" and each.expires_at > machine_now() + RENEWED
        for each in await queries.clients(desk)
    )


async def _client(desk: Desk) -> Client:
    """A client that may whatever a machine may at this kind of realm; older ones of the demo end."""
    for each in await queries.clients(desk):
        if each.name == NAME and each.state == "active":
            await actions.disable_client(desk, each.client_id)
    scopes = tuple(sorted(scopes_of(desk.realm.kind)))
    made = await actions.create_client(desk, NAME, scopes, agreement="Vorführung, erfundene Menschen")
    return Client(made.client_id, made.secret, scopes)


async def _are_known(desk: Desk, people: tuple[Person, ...]) -> bool:
    with as_auth(desk):
        rows = await desk.fetch(_KNOWN, desk.tenant_id, machine_now())
    return {mark(person.token) for person in people} == {row["token_hash"] for row in rows}


async def _people(desk: Desk) -> tuple[Person, ...]:
    """Everybody with a role, by the order of the roles; whoever has none has nothing to try."""
    await actions.end_demo_sessions(desk)
    with as_auth(desk):
        granted = {row["person_id"]: row["roles"] for row in await desk.fetch(_GRANTS, desk.tenant_id, desk.now)}
    with DB.speaking(desk.tenant_id, "app"):
        known = await desk.fetch(_PEOPLE, desk.tenant_id)
        standing = {row["id"]: (await members.standing(desk, row["id"])).roles for row in known}
    found = []
    for row in known:
        roles = _in_order({*granted.get(row["id"], ()), *standing[row["id"]]}, desk.realm.kind)
        if roles:
            token = await actions.open_demo_session(desk, row["id"], lasts=TOKENS_LAST)
            if row["email"]:
                await add_address(desk, row["id"], row["email"])
            found.append(Person(row["name"], roles, token))
    return tuple(sorted(found, key=lambda person: [ORDER.index(role) for role in person.roles]))


ORDER = [role for role in ROLES if not role.startswith("member")] + ["member_admin", "member"]


def _in_order(roles: set[str], kind: str) -> tuple[str, ...]:
    here = CITY_ROLES if kind == "city" else frozenset(ORDER) - CITY_ROLES
    return tuple(role for role in ORDER if role in roles & here)


def _read(file: Path) -> Keys:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Keys)
    except (FileNotFoundError, msgspec.DecodeError):
        return {}


def _write(file: Path, keys: Keys) -> None:
    """Replace the file at once; nobody but its owner may read it."""
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(msgspec.json.format(msgspec.json.encode(keys)))
    new.replace(file)

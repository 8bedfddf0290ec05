"""Setting passkeys up and taking them away. Each change ends the person's other sessions.

These actions speak with the power quartier_auth in a transaction of their own: call them outside any other.
"""

from dataclasses import dataclass
from uuid import UUID

from quartier.access.actions import leave_event, machine_now
from quartier.access.notices import rights_changed
from quartier.access.passkeys import challenges, queries
from quartier.access.passkeys.ceremony import House, Made, made, read, wish_to_make
from quartier.access.passkeys.rules import objections_to_passkey, objections_to_removal
from quartier.access.queries import as_auth
from quartier.access.sessions import SessionOver
from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.kit.refusal import NotFound, refuse
from quartier.tenancy.action import retried
from quartier.tenancy.desk import Desk

_NAME = "select name from app.person where tenant_id = $1 and id = $2"
# Whoever changes a person's passkeys holds all her sessions: two at once take turns, and the second looks anew.
_HOLD = "select id from auth.session where tenant_id = $1 and person_id = $2 order by id for update"
_ADD = """
insert into auth.passkey
  (tenant_id, id, person_id, credential_id, public_key, sign_count, name, backed_up, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"""
_REMOVE = "delete from auth.passkey where tenant_id = $1 and person_id = $2 and id = $3 returning id"
_END_OTHERS = """
delete from auth.session where tenant_id = $1 and person_id = $2 and id <> $3 and method <> 'demo' returning id"""


@dataclass(frozen=True, slots=True)
class Came:
    """An answer as it came: what the browser sent, the cookie it came with, and the house it came to."""

    credential: object
    browser: str
    house: House


async def ask_to_set_up(desk: Desk, browser: str, house: House, name: str) -> str:
    """What the browser needs to make a passkey, as JSON. Objects before anything is made on a device.

    Refuses STRONG_SIGN_IN_MISSING, SIGN_IN_AGAIN, PASSKEYS_FULL, FIELD_INVALID. Raises SessionOver.
    """
    standing = await queries.standing(desk)
    if standing is None or desk.person is None:
        raise SessionOver
    refuse(objections_to_passkey(name.strip(), standing))
    with DB.speaking(desk.tenant_id, "app"):
        [row] = await desk.fetch(_NAME, desk.tenant_id, desk.person)
    held = await queries.credentials_of(desk, desk.person)
    challenge = await challenges.ask(desk, "register", browser, desk.person)
    return wish_to_make(house, challenge, desk.person, row["name"], held)


async def set_up(desk: Desk, came: Came, name: str) -> UUID:
    """Keep a new passkey of the person at the desk.

    Refuses STRONG_SIGN_IN_MISSING, SIGN_IN_AGAIN, PASSKEYS_FULL, PASSKEY_KNOWN, FIELD_INVALID.
    Raises PasskeyRefused and SessionOver.
    """
    answered = read(came.credential, came.house)
    await challenges.take(desk, "register", answered.challenge_hash, came.browser, desk.person)
    new = made(answered, came.house)
    return await retried(lambda: _keep(desk, new, name.strip()))


async def _keep(desk: Desk, new: Made, name: str) -> UUID:
    passkey = new_id()
    with as_auth(desk):
        async with DB.work():
            await desk.fetch(_HOLD, desk.tenant_id, desk.person)
            standing = await queries.standing(desk)
            if standing is None:
                raise SessionOver
            refuse(objections_to_passkey(name, standing))
            row = (desk.person, new.credential_id, new.public_key, new.sign_count, name, new.backed_up, machine_now())
            await desk.fetch(_ADD, desk.tenant_id, passkey, *row)
            await _changed(desk, "passkey.added", passkey)
    return passkey


async def remove(desk: Desk, passkey: UUID) -> None:
    """Take a passkey of the person at the desk away.

    Refuses NOT_FOUND, LAST_WAY_IN, STRONG_SIGN_IN_MISSING, SIGN_IN_AGAIN. Raises SessionOver.
    """
    await retried(lambda: _remove(desk, passkey))


async def _remove(desk: Desk, passkey: UUID) -> None:
    with as_auth(desk):
        async with DB.work():
            await desk.fetch(_HOLD, desk.tenant_id, desk.person)
            standing = await queries.standing(desk)
            if standing is None:
                raise SessionOver
            if not await desk.fetch(_REMOVE, desk.tenant_id, desk.person, passkey):
                refuse([NotFound(path=("passkey",))])
            refuse(objections_to_removal(standing))  # which undoes the statement before
            await _changed(desk, "passkey.removed", passkey)


async def _changed(desk: Desk, kind: str, passkey: UUID) -> None:
    ended = await desk.fetch(_END_OTHERS, desk.tenant_id, desk.person, desk.session)
    await leave_event(desk, kind, passkey=passkey, sessions_ended=len(ended))
    await rights_changed(desk)

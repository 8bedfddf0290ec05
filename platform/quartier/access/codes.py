"""Signing in by a code from an e-mail: eight digits, ten minutes, five tries, once, in the browser that asked.

An unknown address is answered like a known one, and leaves the same row. Actions with a transaction of their own.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta
from uuid import UUID

from quartier.access.actions import leave_event, machine_now
from quartier.access.invitations.words import Invitation
from quartier.access.marks import mark
from quartier.access.queries import as_auth
from quartier.access.sessions import Proof, open_session
from quartier.access.words import CodeMail
from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

LASTS = timedelta(minutes=10)
TRIES = 5
DIGITS = 8

_KNOWN = """
select a.person_id, a.address from auth.login_address a where a.tenant_id = $1 and a.address = $2"""
_PERSON = "select name, language from app.person where tenant_id = $1 and id = $2 and state = 'active'"
_KEEP = """
insert into auth.login_code as c
  (tenant_id, id, person_id, code_hash, browser_hash, created_at, expires_at, invitation)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict on constraint login_code_of_browser do update set id = excluded.id, person_id = excluded.person_id,
  invitation = excluded.invitation, code_hash = excluded.code_hash, tries = 0, created_at = excluded.created_at,
  expires_at = excluded.expires_at"""
_TRY = """
update auth.login_code set tries = tries + 1
where tenant_id = $1 and browser_hash = $2 and expires_at > $3 and tries < $4
returning id, person_id, code_hash"""
_ADD = """
insert into auth.login_address (tenant_id, id, person_id, address) values ($1, $2, $3, $4)
on conflict on constraint login_address_once do nothing returning id"""
_TAKE = "delete from auth.login_code where tenant_id = $1 and id = $2 returning person_id, invitation"
_OF_INVITATION = """
select id from auth.login_code where tenant_id = $1 and browser_hash = $2 and invitation is not null"""


def plain(address: str) -> str:
    """An address as it is kept: people write theirs in capitals, too."""
    return address.strip().lower()


@action("access:admit")
async def add_address(desk: Desk, person: UUID, address: str) -> bool:
    """Let a person sign in with an address; false when somebody of this realm has it already."""
    with as_auth(desk):
        async with DB.work():
            added = await desk.fetch(_ADD, desk.tenant_id, new_id(), person, plain(address))
            if added:
                await leave_event(desk, "address.added", person=person)
    return bool(added)


async def ask_code(desk: Desk, address: str, browser: str) -> CodeMail | None:
    """Keep a new code for this browser, the only one it has; give the mail to send, None for an unknown address.

    `browser` is the secret of its login cookie: the code is kept under a hash that only this browser can make.
    """
    code, now = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}", machine_now()
    with as_auth(desk):
        known = await desk.fetch(_KNOWN, desk.tenant_id, plain(address))
    person: UUID | None = known[0]["person_id"] if known else None
    with DB.speaking(desk.tenant_id, "app"):
        found = await desk.fetch(_PERSON, desk.tenant_id, person or new_id())
    person = person if found else None
    with as_auth(desk):
        async with DB.work():
            kept = (_sealed(code, browser), mark(browser), now, now + LASTS)
            await desk.fetch(_KEEP, desk.tenant_id, new_id(), person, *kept, None)
            await leave_event(desk, "code.asked", reason=None if person else "unknown_address", person=person)
    if not found:
        return None
    return CodeMail(to=plain(address), name=found[0]["name"], language=found[0]["language"], code=code)


async def ask_code_of_invitation(desk: Desk, invitation: Invitation, browser: str) -> CodeMail:
    """Keep a new code for this browser: whoever types it in has read the letter at the invited address."""
    code, now = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}", machine_now()
    with as_auth(desk):
        async with DB.work():
            kept = (_sealed(code, browser), mark(browser), now, now + LASTS, invitation.id)
            await desk.fetch(_KEEP, desk.tenant_id, new_id(), None, *kept)
            await leave_event(desk, "code.asked", reason="invitation", invitation=invitation.id)
    return CodeMail(to=invitation.address, name=invitation.name or "", language=invitation.language, code=code)


async def redeem_invitation(desk: Desk, code: str, browser: str) -> UUID | None:
    """The invitation whose code this is, once; None where the browser's code is of none, or is wrong."""
    with as_auth(desk):
        if not await desk.fetch(_OF_INVITATION, desk.tenant_id, mark(browser)):
            return None
        async with DB.work():
            rows = await desk.fetch(_TRY, desk.tenant_id, mark(browser), machine_now(), TRIES)
            good = bool(rows) and hmac.compare_digest(rows[0]["code_hash"], _sealed(_digits(code), browser))
            taken = await desk.fetch(_TAKE, desk.tenant_id, rows[0]["id"]) if good else []
            if not taken:
                await leave_event(desk, "sign_in.refused", reason="bad_code" if rows else "no_code")
                return None
    found: UUID = taken[0]["invitation"]
    return found


async def redeem_code(desk: Desk, code: str, browser: str, *, instead_of: str | None = None) -> str | None:
    """Use up one try; the right code gives the secret of a new session, once. None: wrong, too old, too often."""
    with as_auth(desk):
        async with DB.work():
            rows = await desk.fetch(_TRY, desk.tenant_id, mark(browser), machine_now(), TRIES)
            good = bool(rows) and hmac.compare_digest(rows[0]["code_hash"], _sealed(_digits(code), browser))
            taken = await desk.fetch(_TAKE, desk.tenant_id, rows[0]["id"]) if good else []
            if not taken or taken[0]["person_id"] is None:
                await leave_event(desk, "sign_in.refused", reason="bad_code" if rows else "no_code")
                return None
            return await open_session(desk, taken[0]["person_id"], Proof("code"), instead_of=instead_of)


def _digits(code: str) -> str:
    """People copy a code with blanks in it."""
    return "".join(code.split())


def _sealed(code: str, browser: str) -> bytes:
    return hmac.new(browser.encode(), code.encode("utf-8", "replace"), hashlib.sha256).digest()

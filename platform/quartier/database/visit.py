"""A visit by support: the operator's own login, a context the database signs for minutes, SELECT alone, written down.

The functions of schema `sec` decide (m0001): this only goes through their door. The visitor's connection holds no key.
"""

import getpass
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from quartier.database.administrator import connect
from quartier.database.engine import SESSION, Address
from quartier.database.speaker import realm_text, token_text

LONGEST = timedelta(hours=4)
REASON = 20  # letters; a reason has more
MOST = 200  # rows that one look shows
_ASK = "select sec.operator_request($1, $2, $3)"
_ENTER = "select tenant, ctx from sec.operator_enter($1, $2, $3)"
_WHOSE = "select tenant_id, operator, approved_at, ended_at from sec.operator_grant where id = $1"
_EMERGENCY = "select sec.operator_emergency($1, $2)"


class VisitRefused(Exception):
    """The database did not let the visitor in; the text says why, as far as it told."""


def visitor() -> str:
    """Who sits at this machine, as the log of the site names an operator."""
    return f"operator:{getpass.getuser()}"


async def ask(address: Address, tenant: UUID, operator: str, reason: str) -> UUID:
    """Leave a request with the site; give its id. Raises VisitRefused for a reason that says too little."""
    connection = await _operator(address)
    try:
        made: UUID = await connection.fetchval(_ASK, tenant, operator, reason.strip())
        return made
    except asyncpg.CheckViolationError:
        raise VisitRefused(f"Say in more than {REASON} letters why, such as a ticket and what happened.") from None
    finally:
        await connection.close()


async def look(address: Address, grant: UUID, operator: str, query: str) -> list[Mapping[str, Any]]:
    """Run one query in the site that let the operator in, at most MOST rows of it. The site reads the query's text.

    Raises VisitRefused without a grant that holds, and for whatever is no query of what a visitor may read.
    """
    connection = await _operator(address)
    try:
        entry = await _entered(connection, grant, operator, query)
        async with connection.transaction(readonly=True):
            realm, context = realm_text(entry["tenant"]), token_text(entry["ctx"])
            await connection.execute(f"SET LOCAL app.tenant_id = '{realm}'; SET LOCAL app.ctx = '{context}'")
            rows: list[Mapping[str, Any]] = await connection.fetch(f"select * from (\n{query}\n) as seen limit {MOST}")
            return rows
    except asyncpg.InsufficientPrivilegeError as error:
        raise VisitRefused(f"A visitor may not see this, or the visit has ended meanwhile: {error}.") from None
    except asyncpg.PostgresError as error:
        raise VisitRefused(f"The database answered: {error}. A look is one SELECT; nothing can be changed.") from None
    finally:
        await connection.close()


async def _entered(connection: Any, grant: UUID, operator: str, query: str) -> Any:
    try:
        return await connection.fetchrow(_ENTER, grant, operator, query)
    except asyncpg.InsufficientPrivilegeError as error:
        raise VisitRefused(f"Not let in: {error}. Has the site approved it, and is it still open?") from None


async def emergency(administrator: str, grant: UUID, by: str) -> None:
    """Let an operator in for an hour where the site has nobody: a second person with the database owner's credential.

    It is marked, and shown to the site like any other. Raises VisitRefused.
    """
    connection = await connect(administrator)
    try:
        known = await connection.fetchrow(_WHOSE, grant)
        if known is None or known["approved_at"] or known["ended_at"]:
            raise VisitRefused("There is no request of this id that waits.")
        await connection.execute(_EMERGENCY, grant, by)
    except asyncpg.CheckViolationError:
        raise VisitRefused("Whoever asked cannot approve: a second person is needed.") from None
    finally:
        await connection.close()


async def _operator(address: Address) -> Any:
    return await asyncpg.connect(**address.login("quartier_operator"), server_settings=SESSION)

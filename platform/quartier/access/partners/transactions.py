"""Sign-ins on their way: begun by one browser, taken once, within ten minutes."""

import secrets
from datetime import timedelta
from uuid import UUID

from quartier.access.actions import machine_now
from quartier.access.marks import mark
from quartier.access.partners.words import Provider, Purpose, Started
from quartier.access.queries import as_auth
from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.tenancy.desk import Desk

LASTS = timedelta(minutes=10)
FRESH = timedelta(minutes=5)

_BEGIN = """
insert into auth.login_transaction (tenant_id, id, provider, state_hash, browser_hash, nonce, verifier, redirect_uri,
  next, purpose, session, invitation, max_age, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"""
# One statement finds it and uses it up: of six callbacks at once one has it.
_TAKE = """
delete from auth.login_transaction
where tenant_id = $1 and provider = $2 and state_hash = $3 and browser_hash = $4 and expires_at > $5
returning nonce, verifier, redirect_uri, next, purpose, session, invitation, max_age"""


def started(
    provider: Provider,
    redirect_uri: str,
    onward: str,
    purpose: Purpose,
    *,
    session: UUID | None,
    invitation: UUID | None,
) -> Started:
    """Draw what a new sign-in needs; one that has to be fresh says how fresh.

    A link wants a fresh one: else whoever left her institution's page open on this machine would be bound to another.
    """
    max_age = FRESH if purpose in {"step_up", "link"} else provider.max_age
    drawn = (secrets.token_urlsafe(32), secrets.token_urlsafe(48))
    return Started(*drawn, redirect_uri, onward, purpose, session, invitation, max_age)


async def begin(desk: Desk, provider: Provider, sign_in: Started, state: str, browser: str) -> None:
    """Keep it; `state` and the browser's secret as their marks alone."""
    seconds = int(sign_in.max_age.total_seconds()) if sign_in.max_age else None
    kept = (sign_in.nonce, sign_in.verifier, sign_in.redirect_uri, sign_in.next, sign_in.purpose)
    bound = (sign_in.session, sign_in.invitation)
    with as_auth(desk):
        async with DB.work():
            await desk.fetch(
                _BEGIN,
                desk.tenant_id,
                new_id(),
                provider.id,
                mark(state),
                mark(browser),
                *kept,
                *bound,
                seconds,
                machine_now() + LASTS,
            )


async def take(desk: Desk, provider: Provider, state: str, browser: str) -> Started | None:
    """Give the sign-in of this state, once: of this site, this provider and this browser, in time."""
    with as_auth(desk):
        async with DB.work():
            rows = await desk.fetch(_TAKE, desk.tenant_id, provider.id, mark(state), mark(browser), machine_now())
    if not rows:
        return None
    row = rows[0]
    max_age = timedelta(seconds=row["max_age"]) if row["max_age"] else None
    return Started(**{**row, "max_age": max_age})

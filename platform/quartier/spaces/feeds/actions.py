"""Making a link to a calendar, and taking it back."""

import secrets
from uuid import UUID

from quartier.kit.ids import new_id
from quartier.kit.refusal import FieldInvalid, NotAllowed, Refused, refuse
from quartier.kit.spoken import Words
from quartier.spaces import queries
from quartier.spaces.feeds import queries as known
from quartier.spaces.feeds.words import MOST, FeedNeedsPerson, Scope, TooManyFeeds
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

A_SPACE = Words("ein Raum, und nur beim Kalender eines Raums", "a space, and only for the calendar of one")

_COUNT = """
select count(*) as live from app.calendar_feed
where tenant_id = $1 and created_by is not distinct from $2 and revoked_at is null"""
_MAKE = """
insert into app.calendar_feed (tenant_id, id, scope, person_id, space_id, token_hash, language, created_by, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"""
_REVOKE = """
update app.calendar_feed set revoked_at = $3 where tenant_id = $1 and id = $2 and revoked_at is null returning id"""


@action("spaces:read", "spaces:book")
async def make_feed(desk: Desk, scope: Scope, space_id: UUID | None = None) -> tuple[UUID, str]:
    """Make a link to one's own bookings, a space's, or the site's; give the feed and the link's secret.

    The secret is kept nowhere: who loses it makes another. Refuses FEED_NEEDS_PERSON, NOT_FOUND, FIELD_INVALID (also:
    the house has no bookings of its own), TOO_MANY_FEEDS, and NOT_ALLOWED: the whole site is the front desk's.
    """
    if desk.client is not None:
        raise Refused([FeedNeedsPerson()])
    async with desk.transaction() as ledger:
        if space_id is not None:
            await queries.space(desk, space_id)
        if (scope == "space") != (space_id is not None):
            refuse([FieldInvalid(path=("space",), allowed=A_SPACE)])
        if scope == "mine" and desk.person is None:
            refuse([FieldInvalid(path=("scope",), allowed="space, site")])
        if scope == "site" and not desk.may("spaces:desk"):
            raise Refused([NotAllowed(path=("scope",), permission="spaces:desk")])
        [row] = await desk.fetch(_COUNT, desk.tenant_id, desk.person)
        if row["live"] >= MOST:
            refuse([TooManyFeeds(most=MOST)])
        made, token = new_id(), secrets.token_urlsafe(32)
        whose = desk.person if scope == "mine" else None
        what = (scope, whose, space_id, known.marked(token), "en" if desk.language == "en" else "de")
        await desk.fetch(_MAKE, desk.tenant_id, made, *what, desk.person, desk.now)
        ledger.note("space.feed_made", made, scope=scope, space=space_id)
        return made, token


@action("spaces:read", "spaces:book")
async def revoke_feed(desk: Desk, feed_id: UUID) -> None:
    """Take a link back; whoever has it reads nothing any more. Refuses NOT_FOUND (also: not yours, taken back)."""
    async with desk.transaction() as ledger:
        seen = await known.own_feed(desk, feed_id)
        await desk.fetch(_REVOKE, desk.tenant_id, seen.id, desk.now)
        ledger.note("space.feed_revoked", seen.id, scope=seen.scope)

"""Which feed a link opens, and what stands in it."""

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from quartier.database.columns import span as span_of
from quartier.kit.refusal import NotFound, Refused
from quartier.members import queries as members
from quartier.spaces import queries
from quartier.spaces.feeds.words import Entry, Feed
from quartier.spaces.hours import day_of
from quartier.tenancy.desk import Desk

BACK, AHEAD = timedelta(days=90), timedelta(days=400)
LONGEST_BOOKING = timedelta(days=31)  # what lasts longer is let, and no appointment
MOST_ENTRIES = 5_000
# Held, then cancelled: a calendar has to be told. What was only asked for never stood in a calendar of others.
BLOCKED = ("held", "confirmed", "checked_in", "completed", "no_show", "excused", "cancelled", "cancelled_late",
           "cancelled_by_site")  # fmt: skip

_BY_TOKEN = """
select id, scope, person_id as person, space_id as space, language, created_by from app.calendar_feed
where tenant_id = $1 and token_hash = $2 and revoked_at is null"""
_ENTRIES = """
select b.id as booking, b.number, b.during, b.title, b.visibility, b.state, b.version, b.created_at, b.changed_at,
       s.name_de, s.name_en, s.floor
from app.booking b join app.space s on s.tenant_id = b.tenant_id and s.id = b.space_id
where b.tenant_id = $1 and b.starts_at > $2 and b.starts_at < $3 and b.ends_at > $4
  and b.kind not in ('lease', 'outside')
  and ($5::text[] is null or b.state = any($5)) and ($6::uuid[] is null or b.space_id = any($6))
  and ($7::uuid is null or b.booked_by = $7 or b.for_person = $7 or b.organisation_id = any($8))
order by b.starts_at, b.id limit $9"""
_OWN = """
select id, scope, person_id as person, space_id as space, language from app.calendar_feed
where tenant_id = $1 and id = $2 and revoked_at is null and ($3 or created_by = $4)"""


async def feed_of(desk: Desk, token: str) -> Feed | None:
    """The feed a link opens; none when it was taken back, or whoever has made it is blocked or gone."""
    rows = await desk.fetch(_BY_TOKEN, desk.tenant_id, marked(token))
    if not rows:
        return None
    facts = dict(rows[0])
    maker = facts.pop("created_by")
    if maker is not None and not await members.person_exists(desk, maker):
        return None
    return Feed(**facts)


async def own_feed(desk: Desk, id: UUID) -> Feed:  # noqa: A002  (a noun's id)
    """A feed that the desk may take back: one's own, at the front desk any. Refuses NOT_FOUND."""
    rows = await desk.fetch(_OWN, desk.tenant_id, id, desk.may("spaces:desk"), desk.person)
    if not rows:
        raise Refused([NotFound(path=("feed",))])
    return Feed(**rows[0])


async def entries(desk: Desk, feed: Feed) -> list[Entry]:
    """What stands in a feed, from 90 days back on, cancelled entries too; the same all day long."""
    midnight = datetime.combine(day_of(desk.now, desk.zone), time(), desk.zone).astimezone(UTC)
    since, until = midnight - BACK, midnight + AHEAD
    spaces: list[UUID] | None = None
    own: Collection[UUID] = ()
    if feed.space is not None:
        spaces = sorted((await queries.space(desk, feed.space)).around)
    if feed.person is not None:
        own = (await members.standing(desk, feed.person)).own
    blocked = None if feed.scope == "mine" else list(BLOCKED)
    rows = await desk.fetch(
        _ENTRIES, desk.tenant_id, since - LONGEST_BOOKING, until, since, blocked, spaces, feed.person, list(own),
        MOST_ENTRIES,
    )  # fmt: skip
    return [
        Entry(
            row["booking"],
            row["number"],
            span_of(row["during"]),
            row["title"],
            row["visibility"],
            row["state"],
            (row["name_en"] if feed.language == "en" else None) or row["name_de"],
            row["floor"],
            row["version"],
            row["created_at"],
            row["changed_at"],
        )
        for row in rows
    ]


def marked(token: str) -> bytes:
    """What is kept of a link."""
    return hashlib.sha256(token.encode()).digest()

"""Telling the house of an outside calendar, and taking in what it is busy with."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from quartier.access.partners.network import may_be_asked
from quartier.database.sealing import SEAL
from quartier.kit.ids import new_id
from quartier.kit.refusal import FieldInvalid, NotFound, Refused, StaleVersion, refuse
from quartier.kit.spans import Span
from quartier.kit.spoken import Words, letters
from quartier.kit.text import is_line
from quartier.spaces import queries, record
from quartier.spaces.agreement import Agreed
from quartier.spaces.free import clashes
from quartier.spaces.hours import without
from quartier.spaces.outside.ics import window_of
from quartier.spaces.outside.words import Fault, Outside
from quartier.spaces.words import Booking, Holder, Space, Wish
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

JOB = "spaces.read_calendars"
ADDRESS = Words(
    "eine Adresse, die mit https:// oder webcal:// beginnt", "an address that begins with https:// or webcal://"
)
ONE_PLACE = Words("ein Raum ohne mehrere gleiche Plätze", "a space without several like places")

_ADD = """
insert into app.outside_calendar (tenant_id, id, space_id, name, url_enc, host, state, created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, 'active', $7, $7)"""
_ACTIVE = """
select id, space_id as space, name, url_enc, etag, read_at, version from app.outside_calendar
where tenant_id = $1 and state = 'active'"""
_OFF = """
update app.outside_calendar set state = 'off', version = version + 1, changed_at = $4
where tenant_id = $1 and id = $2 and version = $3 and state = 'active' returning id"""
_READ = """
update app.outside_calendar set etag = $3, read_at = $4, tried_at = $4, error = null, missed = $5
where tenant_id = $1 and id = $2"""
_SAME = "update app.outside_calendar set tried_at = $3, error = null where tenant_id = $1 and id = $2"
_FAILED = "update app.outside_calendar set tried_at = $3, error = $4 where tenant_id = $1 and id = $2"
_HELD = """
select id from app.booking
where tenant_id = $1 and outside_calendar = $2 and state = 'confirmed' and ends_at > $3 order by starts_at, id"""
_OF = "update app.booking set outside_calendar = $3 where tenant_id = $1 and id = $2"


@action("spaces:configure")
async def add_outside_calendar(desk: Desk, space_id: UUID, name: str, url: str) -> UUID:
    """Let an outside calendar hold a space; it is read soon, and then four times an hour. Give its id.

    Refuses NOT_FOUND, FIELD_INVALID: a space with several like places, an address that is none of https.
    """
    async with desk.transaction() as ledger:
        space = await queries.space(desk, space_id)
        address = "https://" + url.strip().partition("://")[2] if url.strip().startswith("webcal://") else url.strip()
        objections = []
        if any(atom.units > 1 for atom in space.atoms):
            objections.append(FieldInvalid(path=("space",), allowed=ONE_PLACE))
        if not is_line(name, 200):
            objections.append(FieldInvalid(path=("name",), allowed=letters(1, 200)))
        if not may_be_asked(address, loopback=False):
            objections.append(FieldInvalid(path=("url",), allowed=ADDRESS))
        refuse(objections)
        made, host = new_id(), urlsplit(address).hostname or ""
        await desk.fetch(_ADD, desk.tenant_id, made, space_id, name.strip(), SEAL.close(address), host, desk.now)
        await desk.later(JOB, calendar=made)
        ledger.note("space.outside_added", made, space=space_id)
        return made


@action("spaces:configure")
async def remove_outside_calendar(desk: Desk, calendar_id: UUID, version: int) -> None:
    """Read it no more, and give back what it held. Refuses NOT_FOUND, STALE_VERSION."""
    async with desk.transaction() as ledger:
        seen = next((each for each in await active(desk) if each.id == calendar_id), None)
        if seen is None:
            raise Refused([NotFound(path=("calendar",))])
        await queries.space(desk, seen.space, lock=True)
        if not await desk.fetch(_OFF, desk.tenant_id, calendar_id, version, desk.now):
            raise Refused([StaleVersion(path=("version",), version=seen.version, seen=version)])
        gone = await _held(desk, seen)
        for booking in gone:
            await record.cancel(desk, booking, "cancelled", None)
        ledger.note("space.outside_removed", calendar_id, space=seen.space, freed=len(gone))


@action("spaces:configure")
async def take_in(desk: Desk, calendar: Outside, spans: Sequence[Span], etag: str | None) -> tuple[int, int, int]:
    """Hold what the calendar is busy with, free what it is no more; give how many were new, gone, and cut short.

    What somebody has booked here stays booked: an outside time that meets it is held without that part, and counted
    as missed for the team to look at.
    """
    async with desk.transaction() as ledger:
        space = await queries.space(desk, calendar.space, lock=True)
        mine = {booking.id: booking for booking in await _held(desk, calendar)}
        window = window_of(desk.now, desk.zone)
        around = await queries.situation(desk, space, window)
        others = [each.span for each in clashes(space, window, around.held) if each.booking not in mine]
        wanted = [each for each in without(spans, others) if each.end > desk.now]
        missed = sum(any(other.overlaps(each) for other in others) for each in spans)
        gone = [booking for booking in mine.values() if booking.span not in wanted]
        for booking in gone:
            await record.cancel(desk, booking, "cancelled", None)
        there = {booking.span for booking in mine.values()}
        new = [each for each in wanted if each not in there]
        for span in new:
            await _hold(desk, space, calendar, span)
        await desk.fetch(_READ, desk.tenant_id, calendar.id, etag, desk.now, missed)
        if new or gone:
            ledger.note("space.outside_read", calendar.id, space=space.id, new=len(new), gone=len(gone), missed=missed)
        return len(new), len(gone), missed


@action("spaces:configure")
async def note_unchanged(desk: Desk, calendar: Outside) -> None:
    async with desk.transaction():
        await desk.fetch(_SAME, desk.tenant_id, calendar.id, desk.now)


@action("spaces:configure")
async def note_fault(desk: Desk, calendar: Outside, fault: Fault) -> None:
    """Keep why it could not be read; what it held stays held."""
    async with desk.transaction():
        await desk.fetch(_FAILED, desk.tenant_id, calendar.id, desk.now, fault)


async def active(desk: Desk) -> list[Outside]:
    """The calendars that are read."""
    rows = await desk.fetch(_ACTIVE + " order by id", desk.tenant_id)
    return [Outside(r["id"], r["space"], r["name"], r["url_enc"], r["etag"], r["read_at"], r["version"]) for r in rows]


async def _held(desk: Desk, calendar: Outside) -> list[Booking]:
    rows = await desk.fetch(_HELD, desk.tenant_id, calendar.id, desk.now)
    return [await queries.booking(desk, row["id"]) for row in rows]


async def _hold(desk: Desk, space: Space, calendar: Outside, span: Span) -> None:
    bare = replace(space, before=timedelta(), after=timedelta(), list_price_hour=0)
    situation = await queries.situation(desk, space, span)
    agreed, wish = Agreed(bare, situation, None, []), Wish(span)
    holder = Holder("outside", None, None)
    made = await record.write_booking(desk, agreed, wish, holder, "confirmed", calendar.name, "private", letter="X")
    await record.hold(desk, made, agreed, wish)
    await desk.fetch(_OF, desk.tenant_id, made, calendar.id)

"""What a series leaves: its row, a booking for each date that fits, and the reasons for each that does not."""

import json
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from quartier.kit.ids import new_id
from quartier.kit.refusal import Refusal
from quartier.spaces import record
from quartier.spaces.series.trial import Try
from quartier.spaces.series.words import OnConflict, Outcome, Rule, Times, What
from quartier.spaces.words import BookingState, Holder
from quartier.tenancy.desk import Desk

_SERIES = """
insert into app.series (tenant_id, id, space_id, repeats, every, weekdays, nth, first, length, until, dates,
  on_conflict, booked_by, for_person, organisation_id, title, kind, units, persons, visibility, state,
  created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, 'running', $21,
  $21)"""
_MISSED = """
insert into app.missed_date (tenant_id, id, series_id, date, findings, created_at)
select $1, unnest($2::uuid[]), $3, unnest($4::date[]), unnest($5::jsonb[]), $6"""
_MADE_UP = """
update app.missed_date set booked_as = $4 where tenant_id = $1 and series_id = $2 and date = $3 and booked_as is null
returning id"""
_TIMES = """
update app.series set first = first::date + $3::time, length = $4, version = version + 1, changed_at = $5
where tenant_id = $1 and id = $2"""
_END = """
update app.series set state = 'ended', version = version + 1, changed_at = $3
where tenant_id = $1 and id = $2 and state = 'running'"""


async def write_series(
    desk: Desk, space: UUID, rule: Rule, times: Times, on_conflict: OnConflict, holder: Holder, what: What
) -> UUID:
    made = new_id()
    of_rule = (rule.repeats, rule.every, sorted(set(rule.weekdays)), rule.nth, times.first, _minutes(times.length))
    whose = (desk.person, holder.person, holder.organisation)
    like = (what.title.strip(), holder.kind, what.units, what.persons, what.visibility)
    until = (rule.until, rule.count, on_conflict)
    await desk.fetch(_SERIES, desk.tenant_id, made, space, *of_rule, *until, *whose, *like, desk.now)
    return made


async def book_date(desk: Desk, series: UUID, tried: Try, holder: Holder, state: BookingState, what: What) -> Outcome:
    """Write the booking of a date that fits, and what it holds."""
    assert tried.agreed is not None
    assert tried.wish is not None
    made = await record.write_booking(
        desk, tried.agreed, tried.wish, holder, state, what.title, what.visibility, series=(series, tried.date)
    )
    if state == "confirmed" or tried.agreed.space.request_blocks:
        await record.hold(desk, made, tried.agreed, tried.wish)
    return Outcome(tried.date, tried.wish.span, state, made)


async def write_missed(desk: Desk, series: UUID, missed: Iterable[Try]) -> None:
    """Keep the dates that did not fit, with every reason as it was said then."""
    rows = [(new_id(), each.date, findings(each.reasons, desk)) for each in missed]
    if rows:
        ids, days, told = zip(*rows, strict=True)
        await desk.fetch(_MISSED, desk.tenant_id, list(ids), series, list(days), list(told), desk.now)


async def made_up(desk: Desk, series: UUID, day: date, booking: UUID) -> bool:
    """Say that a missed date is booked after all; false when somebody was faster."""
    return bool(await desk.fetch(_MADE_UP, desk.tenant_id, series, day, booking))


async def set_times(desk: Desk, series: UUID, start: time, length: timedelta) -> None:
    await desk.fetch(_TIMES, desk.tenant_id, series, start, _minutes(length), desk.now)


async def end(desk: Desk, series: UUID) -> None:
    await desk.fetch(_END, desk.tenant_id, series, desk.now)


def findings(reasons: Iterable[Refusal], desk: Desk) -> str:
    return json.dumps(
        [
            {"code": each.code, "de": each.message("de", desk.zone), "en": each.message("en", desk.zone)}
            for each in reasons
        ]
    )


def moved(times: Times, start: time, length: timedelta) -> Times:
    """The same days at another time of the wall clock."""
    return Times(datetime.combine(times.first.date(), start), length)


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)

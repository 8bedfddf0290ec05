"""The three logs of a site or of the city: what was done, who came, who looked at whose data.

Rows of schema `auth` are read with their own power, so these roots run outside of the request's snapshot.
"""

import enum
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import ID

from quartier.access.log import Wanted, act_lines, counts, event_lines, exported, look_lines
from quartier.access.people.queries import names as names_of
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.access import First, OfPerson, at_most
from quartier_graph.declare import BOTH, asking, roots
from quartier_graph.scalars import Whole, described

Before = Annotated[int | None, strawberry.argument(description="Only lines before the one of this number.")]


@strawberry.type(description="A line of a log: ids, states and reasons; no secret and no address.")
class LogLine:
    seq: int | None = strawberry.field(description="Its number in the chain.")
    at: datetime = strawberry.field(description="When.")
    kind: str = strawberry.field(description="What happened.")
    reason: str | None = strawberry.field(description="Why, or which.")
    person: ID | None = strawberry.field(description="Whom it is about, or who did it.")
    person_name: str | None = strawberry.field(description="Her name, while she is known.")
    client: ID | None = strawberry.field(description="Which program.")
    subject: ID | None = strawberry.field(description="What it is about, as a bare uuid.")
    detail: str = strawberry.field(description="Numbers and ids, as JSON.")
    request_id: str = strawberry.field(description="Joins lines of one request.")


@described
class LogName(enum.Enum):
    """One of the three logs."""

    ACTS = "acts"
    EVENTS = "events"
    LOOKS = "looks"


WhichLog = Annotated[LogName, strawberry.argument(description="Which log.")]
Since = Annotated[datetime | None, strawberry.argument(description="Only lines of this instant or later.")]
Until = Annotated[datetime | None, strawberry.argument(description="Only lines before this instant.")]
Kinds = Annotated[list[str] | None, strawberry.argument(description="Only of these kinds.")]


async def access_events(
    desk: Desk,
    *,
    person: OfPerson = None,
    kinds: Kinds = None,
    before: Before = None,
    since: Since = None,
    until: Until = None,
    first: First = 50,
) -> list[LogLine]:
    wanted = _wanted(person, kinds, since, until)
    return await _lines(desk, await event_lines(desk, wanted, before=before, first=at_most(first)))


async def audit_entries(
    desk: Desk,
    *,
    person: OfPerson = None,
    kinds: Kinds = None,
    before: Before = None,
    since: Since = None,
    until: Until = None,
    first: First = 50,
) -> list[LogLine]:
    wanted = _wanted(person, kinds, since, until)
    return await _lines(desk, await act_lines(desk, wanted, before=before, first=at_most(first)))


async def looks(
    desk: Desk,
    *,
    person: OfPerson = None,
    kinds: Kinds = None,
    before: Until = None,
    since: Since = None,
    first: First = 50,
) -> list[LogLine]:
    wanted = _wanted(person, kinds, since, before)
    return await _lines(desk, await look_lines(desk, wanted, first=at_most(first)))


async def log_export(
    desk: Desk, *, log: WhichLog, person: OfPerson = None, kinds: Kinds = None, since: Since = None, until: Until = None
) -> list[LogLine]:
    return await _lines(desk, await exported(desk, log.value, _wanted(person, kinds, since, until)))


def _wanted(person: ID | None, kinds: list[str] | None, since: datetime | None, until: datetime | None) -> Wanted:
    return Wanted(ids.seek(person, "prs") if person else None, kinds, since, until)


async def _lines(desk: Desk, found: list[Any]) -> list[LogLine]:
    names = await names_of(desk, {each.person for each in found if each.person})

    def shown(prefix: str, key: UUID | None) -> ID | None:
        return ID(ids.write(prefix, key)) if key else None

    return [
        LogLine(
            seq=each.seq, at=each.at, kind=each.kind, reason=each.reason, person=shown("prs", each.person),
            person_name=names.get(each.person) if each.person else None, client=shown("cli", each.client),
            subject=ID(str(each.subject)) if each.subject else None, detail=each.detail, request_id=each.request_id,
        )
        for each in found
    ]  # fmt: skip


@strawberry.type(description="What is left of a log after three years.")
class LogCount:
    log: str = strawberry.field(description="events, acts or looks.")
    month: date = strawberry.field(description="First day of the month.")
    kind: str = strawberry.field(description="What happened.")
    n: Whole = strawberry.field(description="How often.")


async def log_counts(desk: Desk) -> list[LogCount]:
    return [LogCount(log=each.log, month=each.month, kind=each.kind, n=Whole(each.n)) for each in await counts(desk)]


for realm in BOTH:
    roots(
        realm,
        access_events=asking(
            access_events, list[LogLine], "Who came, and who was turned away.", may=("access:audit",), apart=True
        ),
        audit_entries=asking(audit_entries, list[LogLine], "What was done.", may=("access:audit",), apart=True),
        looks=asking(looks, list[LogLine], "Who looked at whose data.", may=("access:audit",), apart=True),
        log_export=asking(
            log_export,
            list[LogLine],
            "The newest 500 lines of a log to be taken away; that is written down.",
            may=("access:audit",),
            apart=True,
        ),
        log_counts=asking(
            log_counts, list[LogCount], "Lines older than three years, by month.", may=("access:audit",), apart=True
        ),
    )

"""What spaces ask of who uses them, and who has it."""

from datetime import date
from typing import TYPE_CHECKING

from strawberry import ID

from quartier.members import tables as members
from quartier.spaces import briefing, tables
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import (
    Done,
    Filter,
    Node,
    asked,
    column,
    key,
    one,
    page,
    published,
    roots,
    verb,
    where,
    wish,
)

if TYPE_CHECKING:
    from quartier_graph.members import Person


@published(tables.Briefing, prefix="bri", may="spaces:read", orders={"key": key("{t}.key")})
class Briefing(Node):
    """What a space may ask of who uses it."""

    key: str = column("Its lasting name, as spaces have it in `needsQualification`.")
    name_de: str = column("Name in German.")
    name_en: str | None = column("Name in English, where there is one.")
    months: int = column("For how many months it holds.")


@published(
    members.Qualification,
    prefix="qlf",
    may=("spaces:desk", "spaces:book"),
    orders={"since": key("lower({t}.valid)", "date")},
    rows={"spaces:desk": None, "spaces:book": "{t}.person_id = {person}"},
)
class Qualification(Node):
    """A person has what a space asks for; members see their own."""

    key: str = column("Of which briefing.")
    valid_from: date = column("First day it holds.", sql="lower({t}.valid)")
    valid_until: date | None = column("Last day it holds; null where it does not end.", sql="upper({t}.valid) - 1")
    person: "Person | None" = one("Who has it.", by="person_id")


class QualificationFilter(Filter):
    """Whose, and which."""

    person: ID | None = where("Of this person.", "{t}.person_id = {v}", id="prs")
    key: str | None = where("Of this briefing.", "{t}.key = {v}")
    on: date | None = where("That hold on this day.", "{t}.valid @> {v}")


roots(
    briefings=page(Briefing, "What spaces may ask for.", orders=("key",)),
    qualifications=page(Qualification, "Who has what.", filter=QualificationFilter, orders=("since", "-since")),
)


@wish
class RecordBriefingInput:
    """Who was briefed in what, and when."""

    person: ID = asked("Who.")
    key: str = asked("In what: the key of a briefing.")
    on: date = asked("When; at most a year ago.")


@verb("spaces:desk", values={"valid_until": (date | None, "The last day it holds.")})
async def record_briefing(desk: Desk, wish: RecordBriefingInput) -> Done:
    """Write down that somebody was briefed; she may book the spaces that ask for it from that day on."""
    last = await briefing.record_briefing(desk, ids.read(wish.person, "prs"), wish.key, wish.on)
    return {"valid_until": last.isoformat()}

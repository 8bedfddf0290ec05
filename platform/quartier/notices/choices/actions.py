"""Choosing what one is told."""

from uuid import UUID

from quartier.kit.ids import new_id
from quartier.kit.refusal import FieldInvalid, NotFound, Refused
from quartier.kit.spoken import Words
from quartier.notices.choices.rules import KINDS
from quartier.notices.choices.words import Channel, Kind
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

MAY = ("members:own", "spaces:book", "programme:register")  # whoever is told anything that can be switched off
ALLOWED = Words(
    "eine Art, die sich abbestellen lässt: {kinds}", "a kind that one may do without: {kinds}",
    {"kinds": ", ".join(KINDS)},
)  # fmt: skip
_CHOOSE = """
insert into app.notice_choice as c (tenant_id, id, person_id, kind, channel, created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, $6)
on conflict on constraint notice_choice_once do update
set channel = excluded.channel, version = c.version + 1, changed_at = excluded.changed_at
where c.channel <> excluded.channel
returning id"""


@action(*MAY)
async def choose(desk: Desk, kind: str, channel: Channel) -> None:
    """Say for oneself whether a kind of notice comes. Refuses FIELD_INVALID for a duty, NOT_FOUND for a program."""
    if desk.person is None:
        raise Refused([NotFound(path=("person",))])
    wanted = next((each for each in KINDS if each == kind), None)
    if wanted is None:
        raise Refused([FieldInvalid(path=("kind",), allowed=ALLOWED)])
    await _write(desk, desk.person, wanted, channel, by="page")


async def unsubscribe(desk: Desk, person: UUID, kind: Kind) -> None:
    """Switch a kind off for whom a letter's own word names: see links.py. A second time changes nothing."""
    await _write(desk, person, kind, "off", by="letter")


async def _write(desk: Desk, person: UUID, kind: Kind, channel: Channel, *, by: str) -> None:
    async with desk.transaction() as ledger:
        rows = await desk.fetch(_CHOOSE, desk.tenant_id, new_id(), person, kind, channel, desk.now)
        if rows:
            ledger.note("notice.chosen", rows[0]["id"], kind=kind, channel=channel, by=by)

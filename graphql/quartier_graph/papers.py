"""Papers of applications for a membership: what was handed in, what became of it. Their bytes are read elsewhere."""

import enum
from datetime import datetime
from typing import TYPE_CHECKING

from strawberry import ID

from quartier.members import tables
from quartier.members.papers import actions
from quartier.members.papers.words import Handed
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import Done, Node, asked, column, key, one, published, verb, wish
from quartier_graph.scalars import described

if TYPE_CHECKING:
    from quartier_graph.members import Person
    from quartier_graph.memberships import Membership


@described
class PaperState(enum.Enum):
    """What became of a paper."""

    GIVEN = "given"
    ACCEPTED = "accepted"
    REFUSED = "refused"


_FILE = "(select f.{} from app.file f where f.tenant_id = {{t}}.tenant_id and f.id = {{t}}.file_id)"
_OWN = """({t}.given_by = {person} or exists (select 1 from app.membership m where m.tenant_id = {t}.tenant_id
  and m.id = {t}.membership_id and (m.organisation_id = any({own}) or m.person_id = {person})))"""


@published(
    tables.MembershipPaper,
    prefix="mpp",
    may=("members:approve", "members:own"),
    orders={"kind": key("{t}.kind")},
    rows={"members:approve": None, "members:own": _OWN},
    personal=True,
)
class MembershipPaper(Node):
    """A paper that an application hands in. Those who decide see all, members their own."""

    kind: str = column("Which of the plan's papers.")
    name: str = column("What its file was called.", sql=_FILE.format("name"))
    media: str = column("What it is, such as application/pdf.", sql=_FILE.format("media"))
    bytes: int = column("How large it is.", sql=_FILE.format("bytes"))
    path: str = column("Where it is read at this site, to be saved.", sql="('/unterlagen/mpp_' || {t}.id)")
    state: PaperState = column("What became of it.")
    note: str | None = column("What those who looked at it said.")
    given_at: datetime = column("When it came.")
    decided_at: datetime | None = column("When it was accepted or refused.")
    version: int = column("Counts its changes; send it with a change to be told of others'.")
    given_by: "Person | None" = one("Who handed it in.", by="given_by")
    decided_by: "Person | None" = one("Who looked at it.", by="decided_by")
    membership: "Membership | None" = one("Of which application.", by="membership_id")


@wish
class HandInPaperInput:
    """A paper to hand in, for an application that waits."""

    membership: ID = asked("The application.")
    kind: str = asked("Which of the plan's papers.")
    file: ID = asked("The file, which has come already.")


@verb("members:own", changes={"paper": MembershipPaper})
async def hand_in_paper(desk: Desk, wish: HandInPaperInput) -> Done:
    """Hand in a paper that is missing, or another one in place of what is not accepted."""
    handed = Handed(wish.kind, ids.read(wish.file, "fil"))
    return {"paper": await actions.hand_in_paper(desk, ids.read(wish.membership, "mbr"), handed)}


@wish
class DecidePaperInput:
    """A paper somebody has looked at."""

    paper: ID = asked("The paper.")
    version: int = asked("The version that was seen.")
    accepted: bool = asked("Whether it will do.")
    note: str | None = asked("Why not; the applicant reads it.", default=None)


@verb("members:approve", changes={"paper": MembershipPaper})
async def decide_paper(desk: Desk, wish: DecidePaperInput) -> Done:
    """Accept a paper, or refuse it and say why; a refusal is told to whoever asked."""
    paper = ids.read(wish.paper, "mpp")
    await actions.decide_paper(desk, paper, wish.version, accepted=wish.accepted, note=wish.note)
    return {"paper": paper}

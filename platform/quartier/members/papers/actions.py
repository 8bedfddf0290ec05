"""Papers are handed in with an application, or in place of one that was refused, and looked at one by one."""

from collections.abc import Sequence
from uuid import UUID

from quartier.kit.ids import new_id
from quartier.kit.refusal import NotFound, Refused, StaleVersion, StepNotPossible, refuse
from quartier.members.applications.queries import application
from quartier.members.applications.rules import OPEN, objections_to_text
from quartier.members.applications.words import Application
from quartier.members.papers import queries
from quartier.members.papers.rules import listed
from quartier.members.papers.words import NOTE, PURPOSE, Handed, Paper, PaperNotAskedFor
from quartier.members.words import OwnCase
from quartier.notices import outbox
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk
from quartier.tenancy.files import actions as files

_PUT = """
insert into app.membership_paper (tenant_id, id, membership_id, kind, file_id, given_by, given_at, state, version,
  created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, $7, 'given', 1, $7, $7)"""
_DECIDE = """
update app.membership_paper set state = $4, note = $5, decided_by = $6, decided_at = $7, version = version + 1,
  changed_at = $7
where tenant_id = $1 and id = $2 and version = $3 returning id"""
_DROP = "delete from app.membership_paper where tenant_id = $1 and id = any($2)"


async def put_papers(desk: Desk, membership: UUID, papers: Sequence[Handed]) -> list[UUID]:
    """Give files that wait to an application, in its transaction. Refuses NOT_FOUND for a file that is not there."""
    made = []
    for each in papers:
        await files.keep(desk, each.file, PURPOSE, path=("papers",))
        made.append(new_id())
        await desk.fetch(_PUT, desk.tenant_id, made[-1], membership, each.kind, each.file, desk.person, desk.now)
    return made


async def drop_papers(desk: Desk, membership: UUID) -> None:
    """Throw the papers of an application away, in its transaction: nobody decides by them any more."""
    await _drop(desk, await queries.papers(desk, membership))


@action("members:own")
async def hand_in_paper(desk: Desk, membership: UUID, handed: Handed) -> UUID:
    """Hand in a paper that is missing, or one in place of what is not accepted; give the paper.

    Refuses NOT_FOUND (also: not yours), STEP_NOT_POSSIBLE, PAPER_NOT_ASKED_FOR.
    """
    async with desk.transaction() as ledger:
        refuse(await queries.objections_to_files(desk, [handed]))
        seen = await _open(desk, membership)
        if desk.person is None or not (seen.applied_by == desk.person or seen.organisation in desk.own):
            raise Refused([NotFound(path=("membership",))])
        asked = await queries.asked_of(desk, membership)
        there = [paper for paper in await queries.papers(desk, membership) if paper.kind == handed.kind]
        if handed.kind not in asked or any(paper.state == "accepted" for paper in there):
            raise Refused([PaperNotAskedFor(path=("kind",), kind=handed.kind, allowed=listed(sorted(asked)))])
        await _drop(desk, there)
        [made] = await put_papers(desk, membership, [handed])
        ledger.note("membership.paper_given", membership, paper=made, kind=handed.kind)
        return made


@action("members:approve")
async def decide_paper(desk: Desk, id: UUID, version: int, *, accepted: bool, note: str | None = None) -> None:  # noqa: A002
    """Accept a paper, or refuse it and say why: the applicant reads it and hands in another.

    Refuses NOT_FOUND, STALE_VERSION, STEP_NOT_POSSIBLE, OWN_CASE, FIELD_INVALID.
    """
    async with desk.transaction() as ledger:
        seen = await queries.paper(desk, id)
        if seen.version != version:
            raise Refused([StaleVersion(path=("version",), version=seen.version, seen=version)])
        of = await _open(desk, seen.membership)
        own = desk.person is not None and desk.person in {of.person, of.applied_by}
        refuse(
            [
                *([OwnCase()] if own or of.organisation in desk.own else []),
                *objections_to_text("note", note, NOTE, wanted=not accepted),
            ]
        )
        said, state = (note or "").strip() or None, "accepted" if accepted else "refused"
        if not await desk.fetch(_DECIDE, desk.tenant_id, id, version, state, said, desk.person, desk.now):
            raise Refused([StaleVersion(path=("version",), version=version + 1, seen=version)])
        if not accepted and of.applied_by is not None:
            once = f"membership_paper:{id}:{version + 1}"
            await outbox.queue(desk, "membership_paper", of.applied_by, once=once, membership=of.id)
        ledger.note("membership.paper_decided", seen.membership, paper=id, kind=seen.kind, accepted=accepted)


async def _open(desk: Desk, membership: UUID) -> Application:
    found = await application(desk, membership)
    if found.state not in OPEN:
        raise Refused([StepNotPossible(state=found.state, possible=", ".join(sorted(OPEN)))])
    return found


async def _drop(desk: Desk, papers: Sequence[Paper]) -> None:
    if papers:
        await desk.fetch(_DROP, desk.tenant_id, [paper.id for paper in papers])
        await files.drop(desk, [paper.file for paper in papers])

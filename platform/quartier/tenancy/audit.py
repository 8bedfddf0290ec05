"""The audit line: one per action, in its transaction, chained per site so that a missing line shows."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from quartier.database.engine import DB
from quartier.kit.ids import new_id

if TYPE_CHECKING:
    from quartier.tenancy.desk import Desk

# The head row is locked by its update, so lines of one site form one order. The hash covers the line
# and the hash before it: as an array, where an empty column keeps its place and no text can pass for two.
# `created_at` is domain time: the demo's clock may be ahead.
_LINE = """
with head as (
  insert into app.audit_head as h (tenant_id, seq, hash) values ($1, 1, '\\x')
  on conflict (tenant_id) do update set seq = h.seq + 1
  returning h.tenant_id, h.seq, h.hash
), line as (
  insert into app.audit_entry
    (tenant_id, id, seq, action, subject, person, client, numbers, request_id, created_at, hash)
  select tenant_id, $2::uuid, seq, $3::text, $4::uuid, $5::uuid, $6::uuid, $7::jsonb, $8::text, $9::timestamptz,
         sha256(hash || convert_to(jsonb_build_array(seq, $2::uuid, $3::text, $4::uuid, $5::uuid, $6::uuid, $7::jsonb,
                                                     $8::text, extract(epoch from $9::timestamptz))::text, 'UTF8'))
  from head where tenant_id = $1
  returning hash
)
select hash from line"""
_HEAD = "update app.audit_head set hash = $2 where tenant_id = $1 returning followed"
FOLLOW = "house.follow"  # the job of whoever follows the log
STEP = 5  # seconds: lines that are written within them are followed by one job
_FOLLOWED = """
insert into app.audit_head as h (tenant_id, seq, hash, followed) values ($1, 0, '\\x', $2)
on conflict (tenant_id) do update set followed = $2
returning h.seq"""
_AFTER = """
select seq, action, subject, numbers, created_at as at from app.audit_entry where tenant_id = $1 and seq > $2
order by seq limit $3"""
_BROKEN = """
select seq from (
  select e.seq, e.hash, lag(e.seq, 1, h.gone_seq) over w as before,
    sha256(lag(e.hash, 1, h.gone_hash) over w || convert_to(
      jsonb_build_array(e.seq, id, action, subject, person, client, numbers, request_id,
                        extract(epoch from created_at))::text, 'UTF8')) as wanted
  from app.audit_entry e join app.audit_head h using (tenant_id) where tenant_id = $1 window w as (order by e.seq)) line
where hash <> wanted or seq <> before + 1 order by seq limit 1"""
_FITS = """
select h.seq, h.seq = coalesce(max(e.seq), h.gone_seq)
  and h.hash = coalesce((array_agg(e.hash order by e.seq desc))[1], h.gone_hash) as fits
from app.audit_head h left join app.audit_entry e on e.tenant_id = h.tenant_id
where h.tenant_id = $1 group by h.tenant_id, h.seq, h.hash, h.gone_seq, h.gone_hash"""


_LAST = """
select created_at as at, action, person, numbers from app.audit_entry where tenant_id = $1 and subject = $2
order by seq desc limit 1"""


@dataclass(frozen=True, slots=True)
class Last:
    """The newest line about a thing."""

    at: datetime
    action: str
    person: UUID | None
    numbers: dict[str, object]

    @property
    def fields(self) -> list[str]:
        """What of the thing is another since, where the line names it."""
        found = self.numbers.get("fields")
        return [str(each) for each in found] if isinstance(found, list) else []


@dataclass(frozen=True, slots=True)
class Note:
    action: str
    subject: UUID | None
    numbers: dict[str, object]


@dataclass(slots=True)
class Ledger:
    """What an action did. The outermost action's first note becomes the audit line, further ones its details."""

    notes: list[Note] = field(default_factory=list)

    def note(self, action: str, subject: UUID | None, **numbers: object) -> None:
        """Say what was done to what; `numbers` hold ids, amounts and states, never names or addresses."""
        self.notes.append(Note(action, subject, numbers))


async def write(desk: "Desk", ledger: Ledger) -> None:
    """Write the line of one outermost action; an action that noted nothing changed nothing."""
    if not ledger.notes:
        return
    *inner, first = ledger.notes  # the outermost action notes last, after what it called
    numbers = dict(first.numbers)
    if inner:
        numbers["with"] = [{"action": n.action, "subject": n.subject, **n.numbers} for n in inner]
    [row] = await DB.fetch(
        _LINE,
        desk.tenant_id,
        new_id(),
        first.action,
        first.subject,
        desk.person,
        desk.client,
        json.dumps(numbers, default=str),
        desk.request_id,
        desk.now,
    )
    [head] = await DB.fetch(_HEAD, desk.tenant_id, row["hash"])
    if head["followed"]:
        real = datetime.now(UTC).timestamp()
        step = int(real // STEP) + 1
        await desk.later(FOLLOW, after=timedelta(seconds=step * STEP - real), once=f"{FOLLOW}:{step}")


async def followed(desk: "Desk", wanted: bool) -> int:
    """Say whether somebody follows the log: then each new line leaves a job. Give the number of the last line."""
    [head] = await DB.fetch(_FOLLOWED, desk.tenant_id, wanted)
    return int(head["seq"])


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log as one who follows it reads it: what was done, not by whom."""

    seq: int
    at: datetime
    notes: tuple["Note", ...]


async def lines_after(desk: "Desk", seq: int, *, most: int) -> list[Line]:
    """The next lines, oldest first: the head's lock gives their numbers in the order of their commits."""
    return [_line(row) for row in await desk.fetch(_AFTER, desk.tenant_id, seq, most)]


def _line(row: Any) -> Line:
    numbers = json.loads(row["numbers"])
    inner = [Note(each.pop("action"), _id(each.pop("subject")), each) for each in numbers.pop("with", [])]
    return Line(row["seq"], row["at"], (*inner, Note(row["action"], row["subject"], numbers)))


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


async def last_line(desk: "Desk", subject: UUID) -> Last | None:
    """What was done to a thing last; None where nothing was."""
    rows = await desk.fetch(_LAST, desk.tenant_id, subject)
    return Last(**{**rows[0], "numbers": json.loads(rows[0]["numbers"])}) if rows else None


async def broken_line(tenant_id: UUID) -> int | None:
    """The number of the first line of a site's chain that does not follow from those before it; None: it is whole.

    A line missing at the end shows as the number that the head expects.
    """
    rows = await DB.fetch(_BROKEN, tenant_id)
    if rows:
        return int(rows[0]["seq"])
    heads = await DB.fetch(_FITS, tenant_id)
    return None if all(head["fits"] for head in heads) else int(heads[0]["seq"])

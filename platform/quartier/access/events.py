"""The access log: who came, who was turned away and why, who gave which right. One chain of lines for each realm.

A line holds ids, states and reasons; no secret, name or address. Its hash covers the line and the hash before it, so a
line that was altered, added or taken out shows. The role that writes can never change one.
"""

import json
from datetime import UTC, datetime
from uuid import UUID

from quartier.access.queries import as_auth
from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.tenancy.desk import Desk
from quartier.tenancy.retention import AT_ONCE, CHAIN

# As the audit line of actions (tenancy/audit.py): the head's lock orders the lines, an array keeps empty columns apart.
_LINE = """
with head as (
  insert into auth.event_head as h (tenant_id, seq, hash) values ($1, 1, '\\x')
  on conflict (tenant_id) do update set seq = h.seq + 1
  returning h.tenant_id, h.seq, h.hash
), line as (
  insert into auth.event (tenant_id, id, seq, kind, reason, person, client, request_id, created_at, detail, hash)
  select tenant_id, $2::uuid, seq, $3::text, $4::text, $5::uuid, $6::uuid, $7::text, $8::timestamptz, $9::jsonb,
         sha256(hash || convert_to(jsonb_build_array(seq, $2::uuid, $3::text, $4::text, $5::uuid, $6::uuid, $7::text,
                                                     extract(epoch from $8::timestamptz), $9::jsonb)::text, 'UTF8'))
  from head where tenant_id = $1
  returning hash
)
select hash from line"""
_HEAD = "update auth.event_head set hash = $2 where tenant_id = $1"
_BROKEN = """
select seq from (
  select e.seq, e.hash, lag(e.seq, 1, h.gone_seq) over w as before,
    sha256(lag(e.hash, 1, h.gone_hash) over w || convert_to(
      jsonb_build_array(e.seq, id, kind, reason, person, client, request_id, extract(epoch from created_at),
                        detail)::text, 'UTF8')) as wanted
  from auth.event e join auth.event_head h using (tenant_id)
  where tenant_id = $1 and e.seq is not null window w as (order by e.seq)) line
where hash <> wanted or seq <> before + 1 order by seq limit 1"""
_FITS = """
select h.seq, h.seq = coalesce(max(e.seq), h.gone_seq)
  and h.hash = coalesce((array_agg(e.hash order by e.seq desc))[1], h.gone_hash) as fits
from auth.event_head h left join auth.event e on e.tenant_id = h.tenant_id and e.seq is not null
where h.tenant_id = $1 group by h.tenant_id, h.seq, h.hash, h.gone_seq, h.gone_hash"""
_FORGET = (
    CHAIN.format(log="auth.event", forget="auth.forget_events", head="auth.event_head")
    + """, counted as (
  insert into auth.event_count as c (tenant_id, month, kind, reason, n)
  select $1, date_trunc('month', created_at at time zone 'UTC')::date, kind, coalesce(reason, ''), count(*)
  from gone group by 2, 3, 4
  on conflict (tenant_id, month, kind, reason) do update set n = c.n + excluded.n
)
select count(*)::int as n from gone"""
)


def machine_now() -> datetime:
    """The machine's clock: what guards a door never runs on the clock of the demo."""
    return datetime.now(UTC)


async def leave_event(
    desk: Desk,
    kind: str,
    *,
    reason: str | None = None,
    person: UUID | None = None,
    client: UUID | None = None,
    **detail: object,
) -> None:
    """Leave one line of the access log in the open transaction of auth; it is written last, before the commit.

    `person` and `client` are whom it is about; when somebody else did it, `by` in the detail says who.
    """
    if desk.person is not None and person not in {None, desk.person}:
        detail["by"] = desk.person
    about = (kind, reason, person or desk.person, client or desk.client, desk.request_id, machine_now())
    line = (desk.tenant_id, new_id(), *about, json.dumps(detail, default=str))

    async def write() -> None:
        [row] = await DB.fetch(_LINE, *line)
        await DB.fetch(_HEAD, desk.tenant_id, row["hash"])

    running = DB.open_transaction
    if running is None:
        raise RuntimeError("a line of the access log is left inside a transaction")
    running.endings.append(write)


async def forget_events(desk: Desk) -> int:
    """Count and delete the lines that are three years old, and leave one that says so; give how many."""
    with as_auth(desk):
        async with DB.work():
            [row] = await DB.fetch(_FORGET, desk.tenant_id, AT_ONCE)
            if row["n"]:
                await leave_event(desk, "log.forgotten", lines=row["n"])
    return int(row["n"])


async def broken_line(desk: Desk) -> int | None:
    """The number of the first line that does not follow from those before it; None where the chain is whole.

    A line missing at the end shows as the number that the head expects.
    """
    with as_auth(desk):
        rows = await DB.fetch(_BROKEN, desk.tenant_id)
        if rows:
            return int(rows[0]["seq"])
        heads = await DB.fetch(_FITS, desk.tenant_id)
    return None if all(head["fits"] for head in heads) else int(heads[0]["seq"])

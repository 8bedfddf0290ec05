"""The audit chain: one line per action, one order per site, and no line can be altered, added or taken out unseen."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from world import Site

from quartier.kit.ids import new_id

# What a stranger needs to check a chain: the lines alone. `audit.py` says how a hash is made.
WALK = """
select seq from (
  select seq, hash, lag(seq, 1, 0::bigint) over w as before, sha256(lag(hash, 1, '\\x'::bytea) over w || convert_to(
    jsonb_build_array(seq, id, action, subject, person, client, numbers, request_id,
                      extract(epoch from created_at))::text, 'UTF8')) as wanted
  from app.audit_entry where tenant_id = $1 window w as (order by seq)) line
where hash <> wanted or seq <> before + 1 order by seq"""
HEAD = """
select h.seq = max(e.seq) and h.hash = (array_agg(e.hash order by e.seq desc))[1] as fits
from app.audit_head h left join app.audit_entry e using (tenant_id) where h.tenant_id = $1 group by h.seq, h.hash"""


async def broken(site: Site) -> list[int]:
    """The numbers of the lines that do not follow from the ones before; -1 when the end is not the head's."""
    found = [row["seq"] for row in await site.sql(WALK, site.id)]
    heads = [row["fits"] for row in await site.sql(HEAD, site.id)]
    return found if heads in ([], [True]) else [*found, -1]


async def act(
    site: Site, n: int, *, person: UUID | None = None, subject: UUID | None = None, fails: bool = False
) -> None:
    """An action with an audit line; a failed one leaves none."""
    with site.speaking():
        async with site.desk(person=person).transaction() as ledger:
            await asyncio.sleep(0)
            if fails:
                raise ZeroDivisionError
            ledger.note("test.done", subject, number=n)


async def test_the_chains_of_two_sites_grow_apart_in_one_order_each(west: Site, east: Site) -> None:
    acts = [act(site, n, person=uuid4(), subject=new_id()) for n in range(15) for site in (west, east)]
    fails = [act(west, n, fails=True) for n in range(5)]
    told = await asyncio.gather(*acts, *fails, return_exceptions=True)
    assert [kind for kind in map(type, told) if kind is not type(None)] == [ZeroDivisionError] * 5
    for site in (west, east):
        assert await broken(site) == []
        seqs = [row["seq"] for row in await site.sql("select seq from app.audit_entry where tenant_id = $1", site.id)]
        assert sorted(seqs) == list(range(1, 16))


TAMPERINGS = {
    "another number": "update app.audit_entry set numbers = '{\"number\": 9}' where seq = 3 and tenant_id = $1",
    "another person": "update app.audit_entry set person = gen_random_uuid() where seq = 3 and tenant_id = $1",
    "nobody": "update app.audit_entry set person = null where seq = 3 and tenant_id = $1",
    "the person as the subject": "update app.audit_entry set subject = person, person = subject"
    " where seq = 3 and tenant_id = $1",
    "a machine in her place": "update app.audit_entry set client = person, person = null"
    " where seq = 3 and tenant_id = $1",
    "another action": "update app.audit_entry set action = 'test.undone' where seq = 3 and tenant_id = $1",
    "another time": "update app.audit_entry set created_at = created_at - interval '1 microsecond'"
    " where seq = 3 and tenant_id = $1",
    "another request": "update app.audit_entry set request_id = 'other' where seq = 3 and tenant_id = $1",
    "a line taken out": "delete from app.audit_entry where seq = 3 and tenant_id = $1",
    "two lines exchanged": "update app.audit_entry set seq = -seq where seq in (3, 4) and tenant_id = $1;"
    " update app.audit_entry set seq = seq + 7 where seq < 0 and tenant_id = $1",
    "a line put in": "insert into app.audit_entry (tenant_id, id, seq, action, numbers, request_id, created_at, hash)"
    " values ($1, gen_random_uuid(), 6, 'test.done', '{}', '-', now(), sha256('x'))",
    "the end cut off": "delete from app.audit_entry where seq = 5 and tenant_id = $1",
    "the head turned back": "update app.audit_head set seq = 4 where tenant_id = $1",
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
async def test_whoever_changes_the_rows_is_seen(west: Site, tampering: str) -> None:
    """As the database's owner, who can do everything but find a second text with the same hash."""
    for n in range(5):
        await act(west, n, person=uuid4())
    assert await broken(west) == []
    for sql in TAMPERINGS[tampering].split(";"):
        await west.sql(sql, west.id)
    assert await broken(west) != []


async def test_no_power_of_ours_changes_a_line(west: Site) -> None:
    await act(west, 1)
    rights: list[Any] = await west.sql(
        "select r from unnest(array['quartier_app', 'quartier_worker', 'quartier_auth', 'quartier_operator']) r"
        " cross join unnest(array['UPDATE', 'DELETE', 'TRUNCATE']) p"
        " where has_table_privilege(r, 'app.audit_entry', p)"
    )
    assert rights == []

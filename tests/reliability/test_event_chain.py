"""The chain of the access log: one order for each realm, and no line can be altered, added or taken out unseen."""

import asyncio
import contextlib

import pytest
from world import Site

from quartier.access.events import broken_line, leave_event
from quartier.access.queries import as_auth
from quartier.database.engine import DB, TenantEngine
from quartier.kit.ids import new_id
from quartier.tenancy.audit import broken_line as broken_act


async def leave(site: Site, n: int, *, fails: bool = False, inner: bool = False) -> None:
    with as_auth(site.desk()):
        async with DB.work():
            await leave_event(site.desk(), "test.done", reason=str(n), number=n)
            if inner:
                with contextlib.suppress(ZeroDivisionError):
                    async with DB.work():
                        await leave_event(site.desk(), "test.undone")
                        raise ZeroDivisionError
            if fails:
                raise ZeroDivisionError


async def test_the_lines_of_two_realms_grow_apart_in_one_order_each(
    engine: TenantEngine, west: Site, east: Site
) -> None:
    acts = [leave(site, n, inner=n % 3 == 0) for n in range(12) for site in (west, east)]
    fails = [leave(west, n, fails=True) for n in range(4)]
    told = await asyncio.gather(*acts, *fails, return_exceptions=True)
    assert [type(each) for each in told if each is not None] == [ZeroDivisionError] * 4
    for site in (west, east):
        assert await broken_line(site.desk()) is None
        rows = await site.sql("select seq, kind from auth.event where tenant_id = $1 order by seq", site.id)
        assert [(row["seq"], row["kind"]) for row in rows] == [(n, "test.done") for n in range(1, 13)]


TAMPERINGS = {
    "another reason": ("update auth.event set reason = '9' where seq = 3 and tenant_id = $1", 3),
    "another person": ("update auth.event set person = gen_random_uuid() where seq = 3 and tenant_id = $1", 3),
    "another detail": ("update auth.event set detail = '{}' where seq = 3 and tenant_id = $1", 3),
    "another time": (
        "update auth.event set created_at = created_at + interval '1 s' where seq = 3 and tenant_id = $1",
        3,
    ),
    "a line less": ("delete from auth.event where seq = 3 and tenant_id = $1", 4),
    "the last line less": ("delete from auth.event where seq = 5 and tenant_id = $1", 5),
    "two in another order": (
        "update auth.event set seq = case seq when 2 then 93 when 3 then 92 end where seq in (2, 3) and tenant_id = $1",
        4,
    ),
}


@pytest.mark.parametrize("how", TAMPERINGS)
async def test_whatever_is_done_to_a_line_shows(engine: TenantEngine, west: Site, how: str) -> None:
    for n in range(5):
        await leave(west, n)
    statement, line = TAMPERINGS[how]
    await west.sql(statement, west.id)
    assert await broken_line(west.desk()) == line


async def test_what_was_done_is_walked_in_the_same_way(engine: TenantEngine, west: Site) -> None:
    for _ in range(3):
        with west.speaking():
            async with west.desk().transaction() as ledger:
                ledger.note("test.done", new_id())
    with west.speaking():
        assert await broken_act(west.id) is None
    await west.sql("update app.audit_entry set subject = null where seq = 2 and tenant_id = $1", west.id)
    with west.speaking():
        assert await broken_act(west.id) == 2


async def test_a_line_outside_of_a_transaction_is_refused(engine: TenantEngine, west: Site) -> None:
    with pytest.raises(RuntimeError):
        await leave_event(west.desk(), "test.done")

"""Logs are kept for three years: younger lines stay whatever is asked, older ones become counts, the chain holds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from world import Site

from quartier.access import events
from quartier.access.events import broken_line as broken_event
from quartier.access.events import forget_events, leave_event
from quartier.access.looks import Looks
from quartier.access.queries import as_auth
from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.tenancy import retention
from quartier.tenancy.audit import broken_line as broken_act
from quartier.tenancy.desk import Desk
from quartier.tenancy.retention import forget_acts

OLD = datetime.now(UTC).replace(day=1) - timedelta(days=3 * 366)
LATELY = datetime.now(UTC) - timedelta(days=3 * 365 - 2)


async def act(desk: Desk, at: datetime, action: str = "space.booked") -> None:
    async with desk.at(at).transaction() as ledger:
        ledger.note(action, new_id())


async def came(desk: Desk, at: datetime, monkeypatch: pytest.MonkeyPatch, kind: str = "sign_in", **more: Any) -> None:
    with monkeypatch.context() as clock, as_auth(desk):
        clock.setattr(events, "machine_now", lambda: at)
        async with DB.work():
            await leave_event(desk, kind, **more)


async def counts(site: Site, table: str) -> list[tuple[Any, ...]]:
    rows = await site.sql(f"select * from {table} where tenant_id = $1 order by kind, n", site.id)
    return [tuple(row.values())[1:] for row in rows]


async def test_what_was_done_three_years_ago_becomes_a_count_and_the_chain_holds(west: Site) -> None:
    desk = west.desk("manager", person=await west.person("Mara"))
    with west.speaking():
        for _ in range(3):
            await act(desk, OLD)
        await act(desk, OLD, "space.cancelled")
        await act(desk, LATELY)
        await act(desk, datetime.now(UTC))
    assert await forgotten(west) == 4
    rows = await west.sql("select seq, action from app.audit_entry where tenant_id = $1 order by seq", west.id)
    assert [tuple(row) for row in rows] == [(5, "space.booked"), (6, "space.booked"), (7, "log.forgotten")]
    month = OLD.date().replace(day=1)
    assert await counts(west, "app.log_count") == [
        ("acts", month, "space.booked", 3), ("acts", month, "space.cancelled", 1),
    ]  # fmt: skip
    assert await whole(west)
    await west.sql("update app.audit_entry set action = 'x' where tenant_id = $1 and seq = 5", west.id)
    assert not await whole(west)


async def forgotten(site: Site) -> int:
    with site.speaking("worker"):
        return await forget_acts(site.desk())


async def whole(site: Site) -> bool:
    with site.speaking():
        return await broken_act(site.id) is None


async def test_an_old_line_after_a_young_one_waits_for_it_and_the_same_month_is_added_up(west: Site) -> None:
    desk = west.desk()
    with west.speaking():
        for at in (OLD, LATELY, OLD):
            await act(desk, at)
    assert await forgotten(west) == 1
    await west.sql("update app.audit_entry set created_at = $2 where tenant_id = $1 and seq = 2", west.id, OLD)
    assert await forgotten(west) == 2
    assert [line[-1] for line in await counts(west, "app.log_count")] == [3]


async def test_a_long_log_goes_in_parts_and_a_chain_that_is_empty_goes_on(
    west: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    desk = west.desk()
    with west.speaking():
        for _ in range(3):
            await act(desk, OLD)
    assert [await forgotten(west) for _ in range(3)] == [2, 1, 0]
    assert await whole(west)
    await west.sql("delete from app.audit_entry where tenant_id = $1", west.id)
    assert not await whole(west)  # what was said of the forgetting is missing, and shows


async def test_who_came_and_who_looked_are_kept_as_long(west: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, looks = west.desk("manager", person=await west.person("Mara")), Looks()
    for at in (OLD, OLD, LATELY):
        await came(desk, at, monkeypatch)
    await came(desk, datetime.now(UTC), monkeypatch, "refused", reason="bad_state")
    for at in (OLD, LATELY):
        looks.take(desk.at(at), "memberPage", ("Person.name",), [new_id()])
        await looks.write()
    assert await forget_events(west.desk()) == 2
    assert await forgotten(west) == 1
    month = OLD.date().replace(day=1)
    assert await counts(west, "auth.event_count") == [(month, "sign_in", "", 2)]
    assert await counts(west, "app.log_count") == [("looks", month, "memberPage", 1)]
    assert await west.count("app.look_entry") == 1
    rows = await west.sql("select seq, kind from auth.event where tenant_id = $1 order by seq", west.id)
    assert [tuple(row) for row in rows] == [(3, "sign_in"), (4, "refused"), (5, "log.forgotten")]
    assert await broken_event(west.desk()) is None
    await west.sql("delete from auth.event where tenant_id = $1 and seq = 3", west.id)
    assert await broken_event(west.desk()) == 4


FORGET = {
    "app.audit_entry": "select count(*) from app.forget_acts(9, 9) where tenant_id = $1",
    "app.look_entry": "select count(*) from app.forget_looks(9) where tenant_id = $1",
    "auth.event": "select count(*) from auth.forget_events(9, 9) where tenant_id = $1",
}


@pytest.mark.parametrize("log", list(FORGET))
async def test_a_young_line_cannot_be_forgotten_nor_a_neighbour_s(
    west: Site, east: Site, log: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = Looks()
    for site, at in ((west, LATELY), (east, OLD)):
        desk = site.desk("manager", person=await site.person("Mara"))
        with site.speaking():
            await act(desk, at)
        await came(desk, at, monkeypatch)
        looks.take(desk.at(at), "memberPage", ("Person.name",), [new_id()])
        await looks.write()
    with DB.speaking(west.id, "auth" if log == "auth.event" else "worker"):
        async with DB.work():
            assert [row["count"] for row in await DB.fetch(FORGET[log], west.id)] == [0]
    assert (await west.count(log), await east.count(log)) == (1, 1)

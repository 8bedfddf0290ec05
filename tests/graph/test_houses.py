"""Closing, letting, briefing and calendars through the schema: what a client is told, and what it is told once."""

from datetime import date
from uuid import uuid4

import pytest
import pytest_asyncio
from conftest import Cluster
from graph.asking import Ask
from graph.both import Both
from spaces.house import House, at, furnish
from world import Site

from quartier.database.lanes import Lanes
from quartier.settings import home
from quartier.tenancy.blueprint import read_site
from quartier_graph.site import site


@pytest.fixture
def ask(app_lanes: Lanes, postgres: Cluster) -> Ask:
    return Ask(Both(site(), app_lanes, postgres.keyring.cursor))


@pytest_asyncio.fixture
async def house(west: Site) -> House:
    return await furnish(west, read_site(home("tenants") / "leipzig-west"))


def times(day: int, start: int, end: int) -> dict[str, str]:
    return {"startsAt": at(day, start).isoformat(), "endsAt": at(day, end).isoformat()}


async def test_a_closure_is_refused_by_number_then_takes_the_bookings_away(ask: Ask, house: House) -> None:
    space = f"spc_{house.rooms['studio']}"
    made = await ask.do(
        house.front_desk, "bookSpace", {"space": space, **times(26, 9, 11), "kind": "GUEST"}, "booking { id number }"
    )
    closing = {**times(26, 0, 23), "kind": "REPAIR", "reason": "Heizung"}
    told = await ask.do(house.manager, "addClosure", closing, "closure { id } cancelled")
    assert told == {"refusals": ["BOOKINGS_IN_THE_WAY"], "closure": None, "cancelled": []}
    trial = {**closing, "cancelBookings": True, "dryRun": True}
    told = await ask.do(house.manager, "addClosure", trial, "closure { id } cancelled")
    assert told == {"refusals": [], "closure": None, "cancelled": [made["booking"]["id"]]}
    told = await ask.do(house.manager, "addClosure", {**closing, "cancelBookings": True}, "closure { id } cancelled")
    assert told["cancelled"] == [made["booking"]["id"]]
    seen = await ask.read(
        house.front_desk, "query ($id: ID!) { booking(id: $id) { state reason } }", id=made["booking"]["id"]
    )
    assert seen == {"booking": {"state": "CANCELLED_BY_SITE", "reason": "Heizung"}}
    lifted = await ask.do(house.manager, "liftClosure", {"closure": told["closure"]["id"]})
    assert lifted == {"refusals": []}
    assert await house.site.count("app.closure", "reason_de = 'Heizung'") == 0


async def test_a_day_of_its_own_hours_and_a_blocking_are_read_back(ask: Ask, house: House) -> None:
    wish = {"day": "2026-11-22", "hours": [{"startMinute": 600, "endMinute": 840}], "reason": "Offenes Haus"}
    assert (await ask.do(house.manager, "setOpeningDay", wish, "cancelled"))["refusals"] == []
    fields = "day startMinute endMinute reasonDe space { key }"
    query = f'{{ openingDays(filter: {{fromDay: "2026-11-01"}}) {{ nodes {{ {fields} }} }} }}'
    assert await ask.read(house.member, query) == {
        "openingDays": {
            "nodes": [
                {"day": "2026-11-22", "startMinute": 600, "endMinute": 840, "reasonDe": "Offenes Haus", "space": None}
            ]
        }
    }
    block = {"space": f"spc_{house.rooms['studio']}", **times(26, 9, 18), "reason": "Licht"}
    made = await ask.do(house.front_desk, "blockSpace", block, "booking { id kind caption version } cancelled")
    assert (made["booking"]["kind"], made["booking"]["caption"], made["cancelled"]) == ("BLOCKING", "Licht", [])
    lifted = await ask.do(
        house.front_desk, "liftBlocking", {"booking": made["booking"]["id"], "version": 1}, "booking { state }"
    )
    assert lifted == {"refusals": [], "booking": {"state": "CANCELLED"}}


async def test_a_lease_is_read_by_its_tenant_and_nobody_else(ask: Ask, house: House) -> None:
    wish = {
        "space": f"spc_{house.rooms['buero-3']}", "organisation": f"org_{house.kitchen}", "startsOn": "2026-12-01",
        "rentMonth": 40000,
    }  # fmt: skip
    made = await ask.do(house.manager, "openLease", wish, "lease { id version state endsOn }")
    assert made["lease"]["state"] == "AGREED"
    query = "{ leases { nodes { rentMonth listRentMonth unitNo organisation { name } space { key } } } }"
    [lease] = (await ask.read(house.member, query))["leases"]["nodes"]
    assert lease == {
        "rentMonth": 40000, "listRentMonth": 46000, "unitNo": 1, "organisation": {"name": "Löffelweise e. V."},
        "space": {"key": "buero-3"},
    }  # fmt: skip
    stranger = house.site.desk("member", person=await house.site.person("Kim Adler"))
    assert (await ask.read(stranger, query))["leases"]["nodes"] == []
    end = {"lease": made["lease"]["id"], "version": 1, "endsOn": "2026-12-31", "reason": "zieht aus"}
    assert (await ask.do(house.manager, "endLease", end))["refusals"] == ["LEASE_NOTICE"]
    ended = await ask.do(house.manager, "endLease", {**end, "byAgreement": True}, "lease { state endsOn version }")
    assert ended["lease"] == {"state": "NOTICE", "endsOn": "2026-12-31", "version": 2}


async def test_a_briefing_is_written_down_and_read_by_whom_it_is_about(ask: Ask, house: House) -> None:
    wish = {"person": f"prs_{house.lena}", "key": "kueche", "on": "2026-11-19"}
    told = await ask.do(house.front_desk, "recordBriefing", wish, "validUntil")
    assert told == {"refusals": [], "validUntil": "2028-11-18"}
    query = "{ qualifications { nodes { key validFrom validUntil } } briefings { nodes { key nameDe months } } }"
    seen = await ask.read(house.member, query)
    assert seen["qualifications"]["nodes"] == [
        {"key": "kueche", "validFrom": "2026-11-19", "validUntil": date(2028, 11, 18).isoformat()}
    ]
    assert [each["key"] for each in seen["briefings"]["nodes"]] == ["kueche", "maschinen"]
    stranger = house.site.desk("member", person=await house.site.person("Kim Adler"))
    assert (await ask.read(stranger, query))["qualifications"]["nodes"] == []


async def test_a_link_is_told_once_and_never_by_its_key_again(ask: Ask, house: House) -> None:
    wish = {"scope": "MINE", "idempotencyKey": str(uuid4())}
    trial = await ask.do(house.member, "makeCalendarFeed", {**wish, "dryRun": True}, "feed { id } link")
    assert trial == {"refusals": [], "feed": None, "link": None}
    first = await ask.do(house.member, "makeCalendarFeed", wish, "feed { id scope } link")
    assert first["link"].startswith("/kalender/")
    assert first["link"].endswith(".ics")
    again = await ask.do(house.member, "makeCalendarFeed", wish, "feed { id scope } link")
    assert again == {**first, "link": None}
    kept = await house.site.sql("select answer::text from app.idempotency where tenant_id = $1", house.site.id)
    assert [row["answer"] for row in kept if first["link"][10:-4] in row["answer"]] == []
    assert await house.site.count("app.calendar_feed") == 1
    gone = await ask.do(house.member, "revokeCalendarFeed", {"feed": first["feed"]["id"]}, "feed { revokedAt }")
    assert gone["feed"]["revokedAt"] is not None


async def test_an_outside_calendar_shows_its_host_and_never_its_address(ask: Ask, house: House) -> None:
    wish = {"space": f"spc_{house.rooms['studio']}", "name": "Verein", "url": "https://kalender.example/geheim.ics"}
    made = await ask.do(house.manager, "addOutsideCalendar", wish, "calendar { id version }")
    query = "{ outsideCalendars { nodes { name host active error errorDe missed space { key } } } }"
    assert (await ask.read(house.front_desk, query))["outsideCalendars"]["nodes"] == [
        {
            "name": "Verein", "host": "kalender.example", "active": True, "error": None, "errorDe": None, "missed": 0,
            "space": {"key": "studio"},
        }
    ]  # fmt: skip
    assert await ask.told(house.member, query) == ["FORBIDDEN"]
    gone = await ask.do(
        house.manager,
        "removeOutsideCalendar",
        {"calendar": made["calendar"]["id"], "version": 1},
        "calendar { active }",
    )
    assert gone["calendar"] == {"active": False}

"""The day at the front desk: what is taken is called so, who came is said, and who was slower reads why."""

import re
from datetime import UTC, datetime, timedelta

from console.conftest import Town
from console.reader import words

from quartier.console.visitor import Data
from quartier.console.wholes import elsewhere


def held(where: str, starts: str, ends: str, state: str = "CONFIRMED") -> Data:
    return {"space": {"id": where}, "startsAt": starts, "endsAt": ends, "state": state}


PARTS = {"hall": {"north", "south"}, "studio": set[str]()}


def test_a_hall_is_taken_while_one_of_its_halves_is_and_a_half_while_the_hall_is() -> None:
    day = [held("north", "08:00", "12:00"), held("south", "11:00", "13:00"), held("hall", "18:00", "20:00")]
    assert elsewhere("hall", PARTS, day) == [{"startsAt": "08:00", "endsAt": "13:00", "by": {"north", "south"}}]
    assert elsewhere("north", PARTS, day) == [{"startsAt": "18:00", "endsAt": "20:00", "by": {"hall"}}]
    assert elsewhere("studio", PARTS, day) == []


def test_who_only_asks_or_never_came_keeps_nobody_out_of_the_hall() -> None:
    day = [held("north", "08:00", "12:00", "REQUESTED"), held("south", "11:00", "13:00", "NO_SHOW")]
    assert elsewhere("hall", PARTS, day) == []


async def test_the_calendar_calls_no_hall_free_whose_half_is_held(town: Town) -> None:
    [pair] = await town.west.site.sql(
        "select p.whole_id, p.part_id from app.space_part p"
        " join app.space w on w.tenant_id = p.tenant_id and w.id = p.whole_id and w.state = 'open' and not w.lease_only"
        " join app.space s on s.tenant_id = p.tenant_id and s.id = p.part_id and s.state = 'open' and not s.lease_only"
        " where p.tenant_id = $1 order by p.id limit 1",
        town.west.site.id,
    )
    desk = await town.reader("front_desk")
    free = f'href="/raeume/buchen?raum=spc_{pair["whole_id"]}&amp;tag=2027-02-23"'
    assert free in (await desk.get("/raeume?tag=2027-02-23")).text
    wish = {"tag": "2027-02-23", "von": "10:00", "bis": "11:00", "titel": "Halbe Halle", "trotzdem": "1"}
    made = await desk.post("/raeume/buchen", wish | {"raum": f"spc_{pair['part_id']}", "key": "half"})
    assert made.status_code == 303, words(made)
    assert free not in (await desk.get("/raeume?tag=2027-02-23")).text
    day = await desk.get("/heute?tag=2027-02-23")
    assert 'class="bk shut' in day.text
    assert "vergeben 10:00–11:00" in words(day)


async def test_who_came_is_said_and_who_was_slower_reads_why(town: Town) -> None:
    desk = await town.reader("front_desk")
    await town.west.site.sql("update app.space set checkin_opens = 30 where tenant_id = $1", town.west.site.id)
    now = datetime.now(UTC) + town.app.house.settings.clock_ahead  # the house's clock goes on while others test
    start = now + timedelta(minutes=15 - now.minute % 15)
    span = [f"{each.astimezone(town.west.site.realm.zone):%H:%M}" for each in (start, start + timedelta(minutes=30))]
    soon = {"tag": "2026-11-19", "von": span[0], "bis": span[1], "titel": "Gleich da", "trotzdem": "1"}
    made = [await desk.post("/raeume/buchen", soon | {"raum": at, "key": at}) for at in town.west.ids("spc")[:3]]
    booking = next(each.headers["location"] for each in made if each.status_code == 303).split("?")[0].split("/")[2]
    page = (await desk.get("/heute")).text
    [version] = re.findall(rf'action="/buchungen/{booking}/da">.*?name="version" value="(\d+)"', page)
    form = {"version": version, "zurueck": "/heute"}
    done = await desk.post(f"/buchungen/{booking}/da", form)
    assert (done.status_code, done.headers["location"]) == (303, f"/heute?da={booking}")
    assert "Angekommen: Gleich da" in words(await desk.get(done.headers["location"]))
    slower = await desk.post(f"/buchungen/{booking}/da", form | {"key": "the colleague's"})
    assert slower.status_code == 409
    assert "Das ging nicht" in words(slower)

"""The sign at a door: for everybody, about one room and one day, and never about a person."""

from console.conftest import Town
from console.reader import words

from quartier.kit.ids import new_id

DAY = "2026-12-16"


async def door_of(town: Town, title: str, start: str, end: str) -> str:
    """The door of a room that somebody has booked on the day; its page."""
    [row] = await town.west.site.sql(
        "select id from app.space where tenant_id = $1 and state = 'open' and not lease_only and units = 1"
        " order by position, id limit 1",
        town.west.site.id,
    )
    desk = await town.reader("front_desk")
    wish = {"raum": f"spc_{row['id']}", "tag": DAY, "von": start, "bis": end, "titel": title, "trotzdem": "1"}
    made = await desk.post("/raeume/buchen", wish | {"key": str(new_id())})
    assert made.status_code == 303, words(made)
    return f"/tuer/spc_{row['id']}"


async def test_a_stranger_reads_when_a_room_is_held_and_never_by_whom(town: Town) -> None:
    door = await door_of(town, "Probe der Trennung", "10:00", "11:00")
    answer = await town.stranger().get(f"{door}?tag={DAY}")
    told = words(answer)
    assert answer.status_code == 200
    assert "10:00–11:00" in told
    assert "belegt" in told
    assert "Trennung" not in answer.text
    assert "Trennung" not in words(await (await town.reader("front_desk")).get(f"{door}?tag={DAY}"))


async def test_a_door_of_another_house_of_another_time_or_of_nothing_is_not_there(town: Town) -> None:
    stranger = town.stranger()
    door = await door_of(town, "", "12:00", "13:00")
    for path in ("/tuer/spc_nichts", "/tuer/" + town.west.ids("bkg")[0], f"{door}?tag=2020-01-01",
                 f"{door}?tag=2199-12-31"):  # fmt: skip
        assert (await stranger.get(path)).status_code == 404, path
    for tag in (DAY, "Montag", ""):
        assert (await stranger.get(f"{door}?tag={tag}")).status_code == 200, tag
    east = await town.east.site.sql(
        "select id from app.space where tenant_id = $1 and state = 'open' limit 1", town.east.site.id
    )
    assert (await stranger.get(f"/tuer/spc_{east[0]['id']}")).status_code == 404


async def test_the_screen_in_the_hall_says_of_each_room_whether_it_is_free(town: Town) -> None:
    answer = await town.stranger().get("/tuer")
    rows = await town.west.site.sql(
        "select id from app.space where tenant_id = $1 and state = 'open' and not lease_only", town.west.site.id
    )
    assert len(rows) > 0
    assert answer.text.count('class="verdict ') == len(rows)
    assert all(f"/tuer/spc_{row['id']}" in answer.text for row in rows)

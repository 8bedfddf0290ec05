"""A site opens with the rooms, hours and closures of its blueprint, and drift finds what was changed by hand."""

from datetime import date

from spaces.house import House, at, span
from world import NOW

from quartier.spaces import actions, opening, queries
from quartier.spaces.words import Use
from quartier.tenancy.blueprint import SiteBlueprint
from quartier.tenancy.drift import Difference


async def test_a_site_opens_furnished_and_does_not_drift(at_west: House, blueprint: SiteBlueprint) -> None:
    site = at_west.site
    rows = await site.sql("select key from app.space where tenant_id = $1 order by position", site.id)
    assert [row["key"] for row in rows] == list(blueprint.spaces)
    assert await site.count("app.space_part") == 2
    assert await site.count("app.opening", "kind = 'open'") == 6
    hall = await queries.space(site.desk(), at_west.rooms["werkhalle"])
    assert (hall.before.seconds, hall.cancel_until.days, hall.approval, hall.divided) == (1800, 3, True, True)
    assert {atom.space for atom in hall.atoms} == {at_west.rooms["werkhalle-nord"], at_west.rooms["werkhalle-sued"]}
    assert await opening.drift(site.desk(), blueprint) == []


async def test_saxon_holidays_are_closures_for_the_years_to_come(at_west: House) -> None:
    rows = await at_west.site.sql(
        "select lower(during) as a, upper(during) as b, reason_de from app.closure"
        " where tenant_id = $1 and kind = 'holiday' order by 1",
        at_west.site.id,
    )
    days = {row["reason_de"]: (row["a"], row["b"]) for row in rows if row["a"].year == 2026}
    assert days["Buß- und Bettag"] == (at(18, 0), at(19, 0))
    assert days["Reformationstag"] == (at(31, 0, month=10), at(1, 0))
    assert "Fronleichnam" not in days
    assert {row["b"].year for row in rows} == {2025, 2026, 2027, 2028}


async def test_drift_names_what_was_changed_by_hand(at_west: House, blueprint: SiteBlueprint) -> None:
    site = at_west.site
    await site.sql(
        "update app.space set persons = 30, equipment = '{Beamer}' where id = $1", at_west.rooms["denkwerkstatt"]
    )
    await site.sql("update app.space set state = 'retired' where id = $1", at_west.rooms["studio"])
    await site.sql("delete from app.opening where tenant_id = $1 and kind = 'open' and weekday = 6", site.id)
    await site.sql("delete from app.closure where tenant_id = $1 and reason_de = 'Inventur'", site.id)
    found = {each.what: each for each in await opening.drift(site.desk(), blueprint)}
    assert set(found) == {
        "spaces.denkwerkstatt.persons",
        "spaces.denkwerkstatt.equipment",
        "spaces.studio",
        "hours.open.6",
        "closures.2026-08-14..2026-08-14",
    }
    assert found["spaces.denkwerkstatt.persons"] == Difference("spaces.denkwerkstatt.persons", 24, 30)
    assert found["hours.open.6"].in_blueprint == [(600, 1080)]


async def test_drift_tells_when_the_holidays_of_a_year_are_missing(at_west: House, blueprint: SiteBlueprint) -> None:
    a_year_later = at_west.site.desk(now=NOW.replace(year=2027))
    found = await opening.drift(a_year_later, blueprint)
    assert "closures.2029-01-01..2029-01-01" in {each.what for each in found}
    assert {each.in_rows for each in found} == {None}


async def test_use_counts_minutes_within_hours_of_rooms_that_are_let(at_west: House) -> None:
    site, desk = at_west.site, at_west.front_desk
    day = date(2026, 11, 20)
    open_minutes = 13 * 60
    await actions.book_space(desk, at_west.rooms["denkwerkstatt"], span(20, 9, 11), kind="guest")
    await actions.book_space(desk, at_west.rooms["denkwerkstatt"], span(20, 19, 23), kind="guest", override=True)
    await actions.book_space(at_west.manager, at_west.rooms["werkhalle"], span(20, 9, 12), kind="guest")
    await actions.book_space(desk, at_west.rooms["arbeitsplaetze"], span(20, 9, 12), kind="guest", units=2)
    gone = await actions.book_space(desk, at_west.rooms["studio"], span(20, 9, 12), kind="guest")
    await actions.cancel_booking(desk, gone.id, 1, reason="Technik")
    found = {use.kind: use for use in await queries.use_of(site.desk(), day, day)}
    assert found == {
        "think_room": Use("think_room", 120 + 120, open_minutes),  # the evening counts until 21:00
        "hall": Use("hall", 2 * 180, 2 * open_minutes),  # its two parts, and the whole never twice
        "desk": Use("desk", 2 * 180, 12 * open_minutes),
        "consulting": Use("consulting", 0, 2 * open_minutes),
        "kitchen": Use("kitchen", 0, open_minutes),
        "studio": Use("studio", 0, open_minutes),
    }
    week = {use.kind: use for use in await queries.use_of(site.desk(), date(2026, 11, 16), date(2026, 11, 22))}
    # Monday to Friday without Buß- und Bettag, and eight hours on Saturday.
    assert week["think_room"] == Use("think_room", 240, 4 * open_minutes + 480)


async def test_what_blocks_is_not_use(at_west: House) -> None:
    made = await actions.book_space(at_west.front_desk, at_west.rooms["studio"], span(20, 9, 12))
    await at_west.site.sql("update app.booking set kind = 'blocking' where id = $1", made.id)
    day = date(2026, 11, 20)
    found = {use.kind: use.booked_minutes for use in await queries.use_of(at_west.site.desk(), day, day)}
    assert found["studio"] == 0

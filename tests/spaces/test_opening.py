"""A site opens with the rooms, hours and closures of its blueprint, and drift finds what was changed by hand."""

from spaces.house import House, at
from world import NOW

from quartier.spaces import opening, queries
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

"""A third site opens from a copied folder: no code, seconds, and all of it or nothing."""

from datetime import date

import pytest
from tenancy.town import Town, slug_of
from world import NOW

from quartier.acts import opening
from quartier.database.engine import DB
from quartier.tenancy.blueprint import SiteBlueprint, read_city
from quartier.tenancy.drift import Difference
from quartier.tenancy.opening import HostTaken, NotFurnished, SiteExists, SiteUnknown


async def test_both_sites_open_with_the_rows_of_their_own_blueprints(town: Town) -> None:
    west, east = await town.open("leipzig-west"), await town.open("leipzig-east")
    assert west.state == east.state == "open"
    assert west.city_id == east.city_id
    assert [await town.count("app.space", site) for site in (west, east)] == [15, 4]
    assert [await town.count("app.plan", site) for site in (west, east)] == [6, 5]
    assert [await town.count("app.term", site) for site in (west, east)] == [3, 2]
    assert [await town.count("app.guideline", site) for site in (west, east)] == [2, 2]
    lines = "select sum(allocated)::int from app.budget_line where tenant_id = $1 and year = 2026"
    assert [await town.sql.fetchval(lines, site.id) for site in (west, east)] == [7_500_000, 1_800_000]
    anchor = await town.sql.fetchrow("select * from app.site where tenant_id = $1", east.id)
    assert anchor is not None
    assert (anchor["name_de"], anchor["number_prefix"], anchor["opened_on"]) == (
        "Zentrum Leipzig Ost",
        "LO",
        date(2026, 11, 3),
    )


async def test_the_city_opens_with_its_first_site_and_only_once(town: Town) -> None:
    west = await town.open("leipzig-west")
    city, new = await opening.open_city(town.administrator, read_city(town.root / "city.toml"), now=NOW, demo=True)
    assert (city.kind, city.id != west.id, city.city_id, city.state, new) == ("city", True, west.city_id, "open", False)
    assert await town.count("app.site", city) == 1
    keys = "select count(*) from sec.city_key where city_id = $1"
    locks = "select count(*) from city.aid_lock where city_id = $1"
    assert [await town.sql.fetchval(sql, west.city_id) for sql in (keys, locks)] == [1, 1]


async def test_a_third_site_opens_from_a_copied_folder(town: Town) -> None:
    await town.open("leipzig-west")
    town.copy("leipzig-west", "gruenau", slug="gruenau")
    third = await town.open("gruenau")
    assert (third.slug, third.host) == ("gruenau", "gruenau.localhost")
    assert await town.count("app.space", third) == 15
    assert await town.drift("gruenau") == []
    assert await town.drift("leipzig-west") == []


async def test_every_statement_of_an_opening_leaves_one_audit_line_in_the_sites_own_chain(town: Town) -> None:
    west = await town.open("leipzig-west")
    lines = await town.sql.fetch("select seq, action, subject from app.audit_entry where tenant_id = $1", west.id)
    assert [tuple(line) for line in lines] == [(1, "site.opened", west.id)]


async def test_opening_a_site_again_is_refused_and_says_drift(town: Town) -> None:
    west = await town.open("leipzig-west")
    before = await town.sql.fetchval("select changed_at from app.site where tenant_id = $1", west.id)
    with pytest.raises(SiteExists, match=f"./quartier site drift {west.slug}"):
        await town.open("leipzig-west")
    assert await town.count("app.space", west) == 15
    assert await town.sql.fetchval("select changed_at from app.site where tenant_id = $1", west.id) == before


async def test_an_opening_that_was_cut_off_leaves_a_closed_door_and_goes_on(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Cut:
        async def furnish(self, desk: object, blueprint: SiteBlueprint) -> None:
            raise ConnectionResetError

        async def drift(self, desk: object, blueprint: SiteBlueprint) -> list[Difference]:
            return []

    folder = town.root / "leipzig-west"
    with pytest.raises(ConnectionResetError):
        await opening.open_site(town.administrator, folder, now=NOW, demo=True, above=[Cut()])
    [half] = [
        realm
        for realm in await opening.list_sites(town.administrator)
        if realm.host.startswith("leipzig-west-o") and realm.slug == slug_of((folder / "site.toml").read_text())
    ]
    assert half.state == "suspended"
    assert [await town.count(table, half) for table in ("app.site", "app.space", "app.posting")] == [0, 0, 0]
    with pytest.raises(NotFurnished):
        await opening.resume(town.administrator, half.slug, now=NOW)
    whole = await town.open("leipzig-west")
    assert (whole.id, whole.state) == (half.id, "open")
    assert await town.count("app.space", whole) == 15


async def test_a_host_that_leads_elsewhere_is_refused(town: Town) -> None:
    await town.open("leipzig-west")
    town.copy("leipzig-west", "gruenau", slug="gruenau-zwei")
    file = town.root / "gruenau" / "site.toml"
    west = (town.root / "leipzig-west" / "site.toml").read_text("utf-8")
    host = next(line for line in west.splitlines() if line.startswith("demo = "))
    file.write_text(file.read_text("utf-8").replace('demo = "gruenau-zwei.localhost"', host), "utf-8")
    with pytest.raises(HostTaken):
        await town.open("gruenau")
    assert "gruenau-zwei" not in {realm.slug for realm in await opening.list_sites(town.administrator)}


async def test_drift_shows_what_was_changed_after_the_opening(town: Town) -> None:
    west = await town.open("leipzig-west")
    await town.sql.execute("update app.plan set price = 1700 where tenant_id = $1 and key = 'verein'", west.id)
    await town.sql.execute(
        "update app.setting set value = value || '{\"accent\": \"#000000\"}' where tenant_id = $1 and key = 'brand'",
        west.id,
    )
    await town.sql.execute("update app.site set short_de = 'Weste' where tenant_id = $1", west.id)
    (town.root / "leipzig-west" / "texts" / "impressum.de.md").write_text("# Neu\n", "utf-8")
    found = {each.what: each for each in await town.drift("leipzig-west")}
    assert set(found) == {
        "site.anchor.short_de",
        "settings.brand.accent",
        "legal.texts.impressum",
        "plans.verein.price",
    }
    assert found["plans.verein.price"] == Difference("plans.verein.price", 1500, 1700)
    assert found["settings.brand.accent"].in_blueprint == "#a8321e"


async def test_a_suspended_site_is_closed_for_everybody_and_opens_again(town: Town) -> None:
    west = await town.open("leipzig-west")
    closed = await opening.suspend(town.administrator, west.slug, now=NOW)
    assert closed.state == "suspended"
    assert {row["state"] for row in await DB.directory() if row["id"] == west.id} == {"suspended"}
    opened = await opening.resume(town.administrator, west.slug, now=NOW)
    assert opened.state == "open"
    lines = await town.sql.fetch("select action from app.audit_entry where tenant_id = $1 order by seq", west.id)
    assert [line["action"] for line in lines] == ["site.opened", "site.suspended", "site.resumed"]


async def test_an_unknown_site_is_told_with_the_known_ones(town: Town) -> None:
    west = await town.open("leipzig-west")
    with pytest.raises(SiteUnknown, match=west.slug):
        await opening.suspend(town.administrator, "leipzig-nord", now=NOW)

"""The two sites and the city that are shipped, as their files say."""

import ast
import re
import shutil
from datetime import date
from pathlib import Path

import msgspec
import pytest

from quartier.access.permissions import CITY_ROLES, EVERY, ROLES
from quartier.settings import CHECKOUT, home
from quartier.tenancy.blueprint import (
    SiteBlueprint,
    as_data,
    legal_texts,
    read_city,
    read_site,
    read_tenants,
)
from quartier.tenancy.blueprint.shape.access import Role

TENANTS = home("tenants")
SITES = sorted(file.parent.name for file in TENANTS.glob("*/site.toml"))


@pytest.fixture(scope="module")
def west() -> SiteBlueprint:
    return read_site(TENANTS / "leipzig-west")


@pytest.fixture(scope="module")
def east() -> SiteBlueprint:
    return read_site(TENANTS / "leipzig-east")


def test_the_city_and_its_two_sites_are_read_together() -> None:
    tenants = read_tenants(TENANTS)
    assert (tenants.city.slug, tenants.city.hosts.demo) == ("leipzig", "stadt.localhost")
    assert {name: site.site.hosts.demo for name, site in tenants.sites.items()} == {
        "leipzig-east": "leipzig-east.localhost",
        "leipzig-west": "leipzig-west.localhost",
    }


def test_west_shows_its_fifteen_spaces_in_the_order_of_the_file(west: SiteBlueprint) -> None:
    spaces = list(west.spaces_resolved())
    assert [space.position for space in spaces] == list(range(1, 16))
    assert [space.key for space in spaces[:4]] == [
        "werkhalle", "werkhalle-nord", "werkhalle-sued", "denkwerkstatt"
    ]  # fmt: skip
    assert list(west.space_parts()) == [("werkhalle", "werkhalle-nord"), ("werkhalle", "werkhalle-sued")]


def test_a_space_inherits_what_it_does_not_say_itself(west: SiteBlueprint) -> None:
    spaces = {space.key: space for space in west.spaces_resolved()}
    hall, think = spaces["werkhalle"], spaces["denkwerkstatt"]
    assert (hall.approval, hall.max_minutes, hall.buffer_before_minutes, hall.cancel_until_minutes) == (
        True, 720, 30, 4320
    )  # fmt: skip
    assert (think.approval, think.max_minutes, think.buffer_before_minutes, think.cancel_until_minutes) == (
        False, 480, 0, 1440
    )  # fmt: skip
    assert (hall.grid_minutes, hall.who, hall.checkin) == (15, "members", "required")
    assert (spaces["buero-1"].list_price_hour_cents, spaces["buero-1"].list_rent_month_cents) == (0, 32000)


def test_a_buffer_of_zero_is_said_and_not_inherited(west: SiteBlueprint) -> None:
    advice = next(space for space in west.spaces_resolved() if space.key == "beratung-1")
    assert (west.booking.buffer_after_minutes, advice.buffer_after_minutes) == (15, 0)


def test_weekly_hours_are_minutes_of_wall_time(west: SiteBlueprint) -> None:
    rows = [(kind, day, span.start_minute, span.end_minute) for kind, day, span in west.hours.rows()]
    assert len(rows) == 18
    assert ("open", 1, 480, 1260) in rows
    assert ("staffed", 4, 540, 1200) in rows
    assert [row for row in rows if row[1] == 7] == []


def test_buss_und_bettag_closes_the_house_in_saxony(west: SiteBlueprint) -> None:
    closed = west.holidays.closed_days(date(2026, 11, 1), date(2026, 12, 31))
    assert list(closed) == [date(2026, 11, 18), date(2026, 12, 25), date(2026, 12, 26)]
    assert closed[date(2026, 11, 18)] == "Buß- und Bettag"


def test_the_fund_of_west_holds_what_its_lines_say(west: SiteBlueprint) -> None:
    lines = west.funds["quartiersfonds"].lines
    totals = {year: sum(line.allocated_cents for line in lines if line.year == year) for year in (2025, 2026)}
    assert totals == {2025: 2_200_000, 2026: 7_500_000}


def test_finance_never_sits_with_those_who_plan(west: SiteBlueprint) -> None:
    exclusions = west.exclusions()
    for role in ("manager", "front_desk", "advisor", "grants_officer", "site_admin", "jury"):
        assert frozenset(("finance", role)) in exclusions
    assert frozenset(("mentor", "jury")) not in exclusions


def test_east_takes_the_plans_of_west_with_its_own_price(east: SiteBlueprint, west: SiteBlueprint) -> None:
    assert list(east.plans) == [key for key in west.plans if key != "buero"]
    assert (west.plans["startplatz"].price_cents, east.plans["startplatz"].price_cents) == (9000, 6000)
    assert east.plans["startplatz"].allowances == west.plans["startplatz"].allowances


def test_east_has_its_own_spaces_and_none_of_west(east: SiteBlueprint) -> None:
    assert list(east.spaces) == ["saal", "beratung", "arbeitsplaetze", "teekueche"]
    assert {space.horizon_days for space in east.spaces_resolved()} == {90}
    assert list(east.closures) == ["betriebsruhe-2026"]
    assert list(east.advice.offers) == ["erstberatung"]
    assert list(east.programme.terms) == ["auftakt-2026", "fruehjahr-2027"]


def test_east_knows_nobody_from_west(east: SiteBlueprint) -> None:
    assert list(east.partners) == ["ifl", "ihk", "hwk", "stadt"]
    assert [partner.oidc.demo_people for partner in east.partners.values() if partner.oidc] == [(), (), (), ()]
    ihk = east.partners["ihk"].oidc
    assert ihk
    assert (ihk.secret_env, ihk.state, ihk.client_id) == (
        "QUARTIER_IDP_IHK_OST", "draft", "quartier-leipzig-east"
    )  # fmt: skip


def test_nothing_is_confirmed_by_inheriting(east: SiteBlueprint, west: SiteBlueprint) -> None:
    assert east.unconfirmed == west.unconfirmed
    assert len(east.unconfirmed) == 26


@pytest.mark.parametrize("slug", SITES)
def test_the_privacy_page_names_the_terms_of_the_blueprint(slug: str) -> None:
    site = read_site(TENANTS / slug)
    page = legal_texts(site, TENANTS / slug)["datenschutz"]
    told = [re.sub(r"\D*: (\d+ (?:Tage|Jahre)).*", r"\1", line) for line in page.splitlines() if ": " in line]
    kept = [
        f"{each.days} Tage" if each.days else f"{each.years} Jahre"
        for key, each in site.retention.items()
    ]  # fmt: skip
    assert [line for line in told if re.fullmatch(r"\d+ (Tage|Jahre)", line)] == kept
    assert f"in {site.privacy.answer_days} Tagen" in page
    assert site.privacy.officer_mail in page


@pytest.mark.parametrize("slug", SITES)
def test_every_legal_page_names_the_site_itself(slug: str) -> None:
    site = read_site(TENANTS / slug)
    texts = legal_texts(site, TENANTS / slug)
    assert set(site.legal.required_to_open) <= set(texts)
    other = "Zentrum Leipzig Ost" if site.site.short_de == "West" else "Zentrum Leipzig West"
    for text in texts.values():
        assert text.startswith("# ")
        assert other not in text


def test_plain_data_reads_back_as_the_same_blueprint(west: SiteBlueprint) -> None:
    again = msgspec.convert(as_data(west), SiteBlueprint, str_keys=True, dec_hook=lambda kind, written: kind(written))
    assert again == west


def test_the_roles_of_a_blueprint_are_those_of_the_platform() -> None:
    assert set(Role.__args__) == set(ROLES) - CITY_ROLES  # type: ignore[attr-defined]


@pytest.mark.parametrize("slug", SITES)
def test_a_site_describes_every_role_and_grants_no_unknown_permission(slug: str) -> None:
    roles = read_site(TENANTS / slug).roles
    assert set(roles) == set(ROLES) - CITY_ROLES
    assert {word for role in roles.values() for word in role.may or ()} <= EVERY


def test_a_copied_folder_with_its_own_slug_and_hosts_is_a_third_site(tmp_path: Path) -> None:
    everything = tmp_path / "tenants"
    shutil.copytree(TENANTS, everything)
    for origin, name in (("leipzig-west", "grimma"), ("leipzig-east", "wurzen")):
        shutil.copytree(everything / origin, everything / name)
        file = everything / name / "site.toml"
        text = file.read_text().replace(f'slug = "{origin}"', f'slug = "{name}"')
        text = re.sub(r'(primary|demo) = ".*?(\.quartier\.example|\.localhost)"', rf'\1 = "{name}\2"', text)
        file.write_text(text)
    tenants = read_tenants(everything)
    assert sorted(tenants.sites) == ["grimma", "leipzig-east", "leipzig-west", "wurzen"]
    assert len(tenants.sites["grimma"].spaces) == 15
    assert tenants.sites["wurzen"].site.hosts.demo == "wurzen.localhost"


def test_no_code_names_a_site() -> None:
    folders = [CHECKOUT / root for root in ("platform", "graphql")]
    files = [
        file
        for folder in folders
        for file in folder.rglob("*")
        if file.suffix in {".py", ".sql", ".html", ".graphql", ".js", ".css", ".toml"}
        and "quartier_demo" not in file.parts
    ]
    assert len(files) > 30
    naming = [
        f"{file.relative_to(CHECKOUT)}: {slug}" for file in files for slug in SITES if slug in file.read_text("utf-8")
    ]
    assert naming == []


def test_no_code_names_the_city() -> None:
    city = read_city(TENANTS / "city.toml").slug
    naming = [
        f"{file.relative_to(CHECKOUT)}:{node.lineno}"
        for root in ("platform", "graphql")
        for file in (CHECKOUT / root).rglob("*.py")
        if "quartier_demo" not in file.parts
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value == city
    ]
    assert naming == []

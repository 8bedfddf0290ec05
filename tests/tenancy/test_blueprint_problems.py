"""A blueprint that is wrong tells where, what, and what is allowed; all of it at once."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from tenancy.blueprint_folder import Folder

from quartier.tenancy.blueprint import BlueprintInvalid, read_city, read_tenants

WEST = "leipzig-west"
SITE, SPACES, PROGRAMME, GRANTS, PARTNERS = (
    f"{WEST}/{name}.toml" for name in ("site", "spaces", "programme", "grants", "partners")
)
KINDS = "consulting | desk | hall | kitchen | locker | office | studio | think_room"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


class Slip(NamedTuple):
    """One slip of the hand, and what is told about it. `below`: lines between the change and the fault."""

    file: str
    after: str
    old: str
    new: str
    key: str
    allowed: str
    de: str
    below: int = 0


SLIPS = {
    "a misspelt key": Slip(
        SPACES, "[booking]", "grid_minutes", "grid_minute", "booking.grid_minute",
        "grid_minutes", "„grid_minute“ gibt es hier nicht. Gemeint ist vielleicht „grid_minutes“.",
    ),
    "a kind of space nobody knows": Slip(
        SPACES, "[spaces.studio]", '"studio"', '"studios"', "spaces.studio.kind",
        KINDS, '"studios" passt hier nicht. Gemeint ist vielleicht „studio“.',
    ),
    "a number in quotes": Slip(
        SPACES, "[spaces.studio]", "persons = 6", 'persons = "6"', "spaces.studio.persons",
        "1 … 1_000_000_000", '"6" passt hier nicht.',
    ),
    "negative money": Slip(
        SPACES, "[plans.verein]", "price_cents = 1500", "price_cents = -1500", "plans.verein.price_cents",
        "0 … 1_000_000_000_000", "-1500 passt hier nicht.",
    ),
    "a word for yes": Slip(
        SITE, "[modules]", "members = true", 'members = "ja"', "modules.members",
        "true | false", '"ja" passt hier nicht.',
    ),
    "a date in quotes": Slip(
        SITE, "[site]", "opened_on = 2025-09-01", 'opened_on = "2025-09-01"', "site.opened_on",
        "2026-12-31", '"2025-09-01" passt hier nicht.',
    ),
    "a host with its port": Slip(
        SITE, "[site.hosts]", '"leipzig-west.localhost"', '"west.localhost:8000"', "site.hosts.demo",
        '"zentrum.example"', '"west.localhost:8000" passt hier nicht (klein geschrieben, ohne Port).',
    ),
    "a host in capitals": Slip(
        SITE, "[site.hosts]", '"west.quartier', '"West.quartier', "site.hosts.primary",
        '"zentrum.example"', '"West.quartier.example" passt hier nicht (klein geschrieben, ohne Port).',
    ),
    "a postcode without its nought": Slip(
        SITE, "[site.area]", '"04177"', "4177", "site.area.postcodes[0]",
        '"04229"', "4177 passt hier nicht (fünf Ziffern in Anführungszeichen).",
    ),
    "a language nobody speaks here": Slip(
        SITE, "[site]", '["de", "en"]', '["de", "sorbisch"]', "site.languages[1]",
        "de | en", '"sorbisch" passt hier nicht.',
    ),
    "a zone that does not exist": Slip(
        SITE, "[site]", '"Europe/Berlin"', '"Europe/Leipzig"', "site.zone",
        '"Europe/Berlin"', "„Europe/Leipzig“ ist keine Zeitzone.",
    ),
    "hours that end before they begin": Slip(
        SITE, "[hours.open]", '"08:00-21:00"', '"21:00-08:00"', "hours.open.mon[0]",
        '"08:00-21:00"', '"21:00-08:00" passt hier nicht.',
    ),
    "hours that overlap": Slip(
        SITE, "[hours.open]", '["10:00-18:00"]', '["14:00-18:00", "10:00-15:00"]', "hours.open.sat[0]",
        "10:00-15:00 | 14:00-18:00", "14:00-18:00 überschneidet sich mit 10:00-15:00.",
    ),
    "a closure that ends before it begins": Slip(
        SITE, "[closures.inventur-2026]", "to = 2026-08-14", "to = 2026-08-13", "closures.inventur-2026.to",
        "≥ 2026-08-14", "Der letzte Tag (2026-08-13) liegt vor dem ersten (2026-08-14).",
    ),
    "a part that is no space": Slip(
        SPACES, "[spaces.werkhalle]", '"werkhalle-sued"', '"werkhalle-ost"', "spaces.werkhalle.parts[1]",
        "werkhalle-nord | werkhalle-sued | denkwerkstatt | beratung-1 | beratung-2 | gemeinschaftskueche | studio"
        " | arbeitsplaetze | schliessfaecher | buero-1 | buero-2 | buero-3 | buero-4 | buero-5",
        "„werkhalle-ost“ ist hier kein anderer Raum. Gemeint ist vielleicht „werkhalle-sued“.",
    ),
    "a space that is part of itself": Slip(
        SPACES, "[spaces.buero-5]", "persons = 2", 'persons = 2\nparts = ["buero-5"]', "spaces.buero-5.parts[0]",
        "werkhalle | werkhalle-nord | werkhalle-sued | denkwerkstatt | beratung-1 | beratung-2"
        " | gemeinschaftskueche | studio | arbeitsplaetze | schliessfaecher | buero-1 | buero-2 | buero-3 | buero-4",
        "„buero-5“ ist hier kein anderer Raum. Gemeint ist vielleicht „buero-4“.", 1,
    ),
    "a briefing nobody gives": Slip(
        SPACES, "[spaces.gemeinschaftskueche]", '"kueche"', '"küche"', "spaces.gemeinschaftskueche.needs_qualification",
        '"halle-nord"', '"küche" passt hier nicht (Kleinbuchstaben, Ziffern, einzelne Bindestriche).',
    ),
    "a longest booking off the grid": Slip(
        SPACES, "[spaces.arbeitsplaetze]", "max_minutes = 780", "max_minutes = 775",
        "spaces.arbeitsplaetze.max_minutes",
        "30 | 60 | 90 | …", "775 Minuten liegen nicht im Raster von 30 Minuten.",
    ),
    "an allowance for a room that is no kind": Slip(
        SPACES, "[plans.startplatz]", '["desk"]', '["desks"]', "plans.startplatz.allowances[0].spaces[0]",
        KINDS, '"desks" passt hier nicht. Gemeint ist vielleicht „desk“.', 0,
    ),
    "an advice room that is no space": Slip(
        PROGRAMME, "[advice.offers.verein]", '"beratung-2"', '"beratung-3"', "advice.offers.verein.space",
        "werkhalle | werkhalle-nord | werkhalle-sued | denkwerkstatt | beratung-1 | beratung-2 | gemeinschaftskueche"
        " | studio | arbeitsplaetze | schliessfaecher | buero-1 | buero-2 | buero-3 | buero-4 | buero-5",
        "„beratung-3“ ist hier kein Raum. Gemeint ist vielleicht „beratung-2“.",
    ),
    "a guideline without its fund": Slip(
        GRANTS, "[guidelines.prototyp-werbung]", '"quartiersfonds"', '"quartierfonds"',
        "guidelines.prototyp-werbung.fund",
        "quartiersfonds", "„quartierfonds“ ist hier kein Fördertopf. Gemeint ist vielleicht „quartiersfonds“.",
    ),
    "weights that do not add up": Slip(
        GRANTS, "rubric.umwelt]", "weight_permille = 100", "weight_permille = 150",
        "guidelines.kleine-investitionen.rubric",
        "1000", "Die Anteile ergeben zusammen 1050 von 1000.", -18,
    ),
    "a budget line twice": Slip(
        GRANTS, "[funds.quartiersfonds]", 'year = 2025, purpose = "prototype"', 'year = 2025, purpose = "investment"',
        "funds.quartiersfonds.lines[1]", "", "„2025 investment“ steht hier zweimal.",
    ),
    "a rule above the ceiling": Slip(
        PARTNERS, "[partners.hwk.oidc]", 'role = "jury"', 'role = "mentor"', "partners.hwk.oidc.rules[0].role",
        "jury", "„mentor“ ist hier über der Obergrenze dieses Partners.",
    ),
    "a role a partner may not give": Slip(
        PARTNERS, "[partners.ihk]", '["jury"]\n[', '["finance"]\n[', "partners.ihk.ceiling[0]",
        "award_authority | jury | mentor | observer",
        "„finance“ ist hier keine Rolle, die ein Partner geben darf.",
    ),
    "a role the platform does not have": Slip(
        PARTNERS, "[partners.ihk]", '["jury"]\n[', '["juror"]\n[', "partners.ihk.ceiling[0]",
        "advisor | award_authority | data_protection | finance | front_desk | grants_officer | jury | manager"
        " | member | member_admin | mentor | observer | site_admin",
        '"juror" passt hier nicht. Gemeint ist vielleicht „jury“.',
    ),
    "an issuer in the clear": Slip(
        PARTNERS, "[partners.stadt.oidc]", '"$DEMO_IDP/stadt"', '"http://login.stadt.example"',
        "partners.stadt.oidc.issuer",
        '"https://login.partner.example/"', '"http://login.stadt.example" passt hier nicht.',
    ),
    "a text outside the folder": Slip(
        SITE, "[legal.pages.impressum]", '"texts/impressum.de.md"', '"../leipzig-east/texts/impressum.de.md"',
        "legal.pages.impressum.text", '"texts/impressum.de.md"',
        '"../leipzig-east/texts/impressum.de.md" passt hier nicht (eine Datei im Ordner des Standorts).',
    ),
    "a text that is not there": Slip(
        SITE, "[legal.pages.impressum]", '"texts/impressum.de.md"', '"texts/impressum.md"',
        "legal.pages.impressum.text", "leipzig-west/texts/impressum.md",
        "Im Ordner leipzig-west fehlt die Datei texts/impressum.md.",
    ),
    "an accent too pale to read": Slip(
        SITE, "[brand]", '"#a8321e"', '"#f0b0a0"', "brand.accent",
        "≥ 4.5", "Schrift in #ffffff ist auf #f0b0a0 schlecht zu lesen (Kontrast 1.8).",
    ),
    "a term in days and in years": Slip(
        SITE, "[retention.notice]", "days = 180", "days = 180\nyears = 1", "retention.notice",
        "days | years", "Eine Frist steht in Tagen oder in Jahren, eines von beiden.", -1,
    ),
    "a target nobody measures": Slip(
        SITE, "[targets]", "room_use", "room_used", "targets.room_used",
        "active_organisations | advice_cases | applications | attendance | award_rate | first_time | introductions"
        " | jobs_kept | lasting | memberships | no_show_rate | own_share | rco101 | rco75 | rcr03 | rcr04 | rcr17"
        " | rcr18 | rcr19 | register_late | reports_overdue | room_subsidy | room_use | seats | sessions"
        " | survival_12 | waitlist_served",
        "„room_used“ gibt es hier nicht. Gemeint ist vielleicht „room_use“.",
    ),
    "a value to confirm that is none": Slip(
        SITE, "unconfirmed", '"privacy.answer_days"', '"privacy.answer_day"', "unconfirmed[21]",
        "privacy.controller_de | privacy.officer_mail | privacy.answer_days | privacy.log_looks_at",
        "„privacy.answer_day“ ist hier kein Wert dieses Bauplans. Gemeint ist vielleicht „privacy.answer_days“.",
    ),
    "a postcode listed twice": Slip(
        SITE, "[site.area]", '"04177", "04179"', '"04177", "04177"', "site.area.postcodes[1]",
        "", "„04177“ steht hier zweimal.",
    ),
    "a table instead of a number": Slip(
        SPACES, "[booking]", "horizon_days = 180", "horizon_days = { west = 180 }", "booking.horizon_days",
        "1 … 1_000_000_000", "{ … } passt hier nicht.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_is_told_with_its_place(folder: Folder, name: str) -> None:
    slip = SLIPS[name]
    line = folder.write(slip.file, slip.old, slip.new, after=slip.after) + slip.below
    problem = folder.only_problem(WEST)
    assert (problem.file, problem.line, problem.key) == (slip.file, line, slip.key)
    assert (problem.message_de, problem.allowed) == (slip.de, slip.allowed)
    assert problem.message_en
    assert problem.told("de").startswith(f"{slip.file}:{line}: {slip.key}: {slip.de}")


def test_all_slips_of_a_folder_are_told_at_once_in_the_order_of_the_lines(folder: Folder) -> None:
    names = ["a kind of space nobody knows", "negative money", "weights that do not add up",
             "a host with its port", "an accent too pale to read", "a rule above the ceiling"]  # fmt: skip
    lines = {}
    for name in names:
        slip = SLIPS[name]
        lines[slip.file, folder.write(slip.file, slip.old, slip.new, after=slip.after) + slip.below] = slip.key
    told = {(problem.file, problem.line): problem.key for problem in folder.problems(WEST)}
    assert told == lines
    assert list(told) == sorted(lines)


def test_a_key_that_is_missing_is_told_at_the_head_of_its_table(folder: Folder) -> None:
    folder.write(SPACES, "step_free = false\n", "", after="[spaces.studio]")
    head = (folder.root / SPACES).read_text().splitlines().index("[spaces.studio]") + 1
    problem = folder.only_problem(WEST)
    assert (problem.file, problem.line, problem.key) == (SPACES, head, "spaces.studio.step_free")
    assert (problem.message_de, problem.allowed) == ("Hier fehlt „step_free“.", "true | false")
    assert problem.message_en == "“step_free” is missing here."


def test_a_table_that_is_missing_is_told_of_the_first_file(folder: Folder) -> None:
    text = (folder.root / SITE).read_text()
    (folder.root / SITE).write_text(text.replace("[modules]", "[modul]"))
    problem = folder.only_problem(WEST)
    assert (problem.key, problem.file) == ("modul", SITE)
    assert problem.message_en == "“modul” does not exist here. Perhaps “modules” is meant."


def test_what_is_no_toml_is_told_with_its_line(folder: Folder) -> None:
    line = folder.write(SPACES, "persons = 6", "persons = sechs", after="[spaces.studio]")
    problem = folder.only_problem(WEST)
    assert (problem.file, problem.line) == (SPACES, line)
    assert problem.message_de == "Das ist kein TOML (Invalid value)."


def test_a_key_written_twice_in_one_file_is_told_with_its_line(folder: Folder) -> None:
    line = folder.write(SITE, 'short_de = "West"', 'short_de = "West"\nshort_de = "W"')
    problem = folder.only_problem(WEST)
    assert (problem.file, problem.line) == (SITE, line + 1)


def test_a_key_in_two_files_is_told_with_both_places(folder: Folder) -> None:
    first = (folder.root / SITE).read_text().splitlines().index("from = 2026-07-27") + 1
    path = folder.root / GRANTS
    path.write_text(path.read_text() + "\n[closures.hallenboden-2026]\nfrom = 2026-07-27\n")
    problem = folder.only_problem(WEST)
    assert (problem.file, problem.key) == (GRANTS, "closures.hallenboden-2026.from")
    assert problem.line == path.read_text().count("\n")
    assert problem.message_de == f"Dieser Schlüssel steht schon in site.toml:{first}."


def test_a_file_under_a_wrong_name_is_not_overlooked(folder: Folder) -> None:
    (folder.root / SPACES).rename(folder.root / WEST / "space.toml")
    problem = folder.problems(WEST)[0]
    assert (problem.file, problem.line) == (f"{WEST}/space.toml", 0)
    assert problem.told() == (
        "leipzig-west/space.toml: Diese Datei gehört zu keinem Bauplan. Gemeint ist vielleicht „spaces.toml“."
        " Erlaubt: site.toml | spaces.toml | programme.toml | grants.toml | partners.toml"
    )


def test_a_folder_without_a_blueprint_says_so(folder: Folder) -> None:
    problem = folder.only_problem("nirgendwo")
    assert problem.told("en") == ("nirgendwo/site.toml: This file is missing: the blueprint of a site begins with it.")


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        (b'schema = 1\nslug = "\xff"\n', 2, "Die Datei ist nicht als UTF-8 gespeichert."),
        (b"a = " + b"[" * 5000, 0, "Die Datei ist zu tief geschachtelt."),
        (b"a = [", 1, "Das ist kein TOML (Invalid value)."),
    ],
    ids=["latin-1", "a tower of brackets", "cut off"],
)
def test_a_damaged_file_is_told_and_never_a_crash(folder: Folder, content: bytes, line: int, told: str) -> None:
    (folder.root / SITE).write_bytes(content)
    problem = folder.only_problem(WEST)
    assert (problem.file, problem.line, problem.message_de) == (SITE, line, told)


def test_an_editor_of_windows_does_no_harm(folder: Folder) -> None:
    path = folder.root / SITE
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    line = folder.write(SITE, "residents = 58_000", "residents = 0")
    problem = folder.only_problem(WEST)
    assert (problem.key, problem.line) == ("site.area.residents", line)


def test_a_character_the_database_cannot_keep_is_refused(folder: Folder) -> None:
    line = folder.write(SITE, 'short_de = "West"', 'short_de = "We\\u0000st"')
    problem = folder.only_problem(WEST)
    assert (problem.key, problem.line, problem.message_en) == (
        "site.short_de", line, "This holds a NUL character."
    )  # fmt: skip


def test_the_practice_provider_is_refused_outside_the_demo(folder: Folder) -> None:
    problems = folder.problems(WEST, demo=False)
    assert [problem.key for problem in problems] == [
        f"partners.{key}.oidc.issuer" for key in ("ifl", "sil", "ihk", "hwk", "stadt")
    ]
    assert {problem.message_de for problem in problems} == {"$DEMO_IDP gibt es nur in der Demo."}


def test_two_sites_never_share_a_slug_or_a_host(folder: Folder) -> None:
    shutil.copytree(folder.root / WEST, folder.root / "zweites")
    with pytest.raises(BlueprintInvalid) as caught:
        read_tenants(folder.root)
    lines = (folder.root / SITE).read_text().splitlines()
    assert [(problem.file, problem.line, problem.key) for problem in caught.value.problems] == [
        ("zweites/site.toml", lines.index('slug = "leipzig-west"') + 1, "slug"),
        ("zweites/site.toml", lines.index('primary = "west.quartier.example"') + 1, "site.hosts.primary"),
        ("zweites/site.toml", lines.index('demo = "leipzig-west.localhost"') + 1, "site.hosts.demo"),
    ]


def test_a_city_is_read_as_strictly_as_a_site(folder: Folder) -> None:
    zone = folder.write("city.toml", "zone =", "zona =")
    accent = folder.write("city.toml", '"#3d4a6b"', '"blau"')
    with pytest.raises(BlueprintInvalid) as caught:
        read_city(folder.root / "city.toml")
    assert [(problem.file, problem.line, problem.key) for problem in caught.value.problems] == [
        ("tenants/city.toml", zone, "zona"),
        ("tenants/city.toml", accent, "brand.accent"),
    ]

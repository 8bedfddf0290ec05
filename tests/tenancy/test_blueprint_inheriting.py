"""A site that extends another one: what it takes over, what never, and who is named when it fails."""

from pathlib import Path

import pytest
from tenancy.blueprint_folder import Folder

from quartier.tenancy.blueprint import SiteBlueprint, read_site

WEST, EAST = "leipzig-west", "leipzig-east"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def east(folder: Folder) -> SiteBlueprint:
    return read_site(folder.root / EAST)


def test_tables_merge_key_by_key_and_lists_are_replaced(folder: Folder) -> None:
    folder.write(f"{EAST}/site.toml", "[erdf]\n", '[erdf]\nincubation_spaces = ["desk"]\n')
    site = east(folder)
    assert site.erdf.incubation_spaces == ("desk",)
    assert site.erdf.support_threshold_minutes == 60
    assert str(site.erdf.programme_from) == "2026-11-01"


def test_a_new_key_of_a_merged_table_comes_last_on_screen(folder: Folder) -> None:
    folder.write(
        f"{EAST}/site.toml", "[programme.formats.offenes-haus]",
        '[programme.formats.fest]\nkind = "open_house"\nname_de = "Fest"\nseats = 80\nmin_seats = 0\n'
        "certificate = false\n\n[programme.formats.offenes-haus]",
    )  # fmt: skip
    assert list(east(folder).programme.formats)[-2:] == ["offenes-haus", "fest"]


def test_a_change_in_the_west_reaches_the_east_unless_it_says_otherwise(folder: Folder) -> None:
    folder.write(f"{WEST}/spaces.toml", "hold_minutes = 15", "hold_minutes = 25", after="[booking]")
    folder.write(f"{WEST}/spaces.toml", "horizon_days = 180", "horizon_days = 200", after="[booking]")
    site = east(folder)
    assert (site.booking.hold_minutes, site.booking.horizon_days) == (25, 90)


def test_without_replace_the_spaces_of_the_west_would_come_along(folder: Folder) -> None:
    folder.write(f"{EAST}/site.toml", '"site", "spaces", ', '"site", ')
    site = east(folder)
    assert len(site.spaces) == 18
    assert site.spaces["arbeitsplaetze"].units == 6
    assert site.spaces["arbeitsplaetze"].access == ()


def test_a_replaced_table_that_is_not_written_is_empty(folder: Folder) -> None:
    folder.write(f"{EAST}/site.toml", '"targets"]', '"targets", "forms"]')
    assert east(folder).forms == {}


def test_a_removed_key_is_gone_and_leaves_no_value_to_confirm(folder: Folder) -> None:
    folder.write(f"{EAST}/site.toml", "remove = [", 'remove = ["guidelines.prototyp-werbung", "erdf.statement_de", ')
    folder.write(f"{EAST}/site.toml", "[guidelines.prototyp-werbung]\nvalid_from = 2026-11-01\n", "")
    folder.write(f"{EAST}/site.toml", "[erdf]\n", '[erdf]\nstatement_de = "Mit Mitteln der EU"\n')
    site = east(folder)
    assert list(site.guidelines) == ["kleine-investitionen"]
    assert not [name for name in site.unconfirmed if name.startswith("guidelines.prototyp")]
    assert "erdf.statement_de" in site.unconfirmed


def test_a_fault_of_the_inherited_file_names_that_file(folder: Folder) -> None:
    line = folder.write(f"{WEST}/grants.toml", "rate_permille = 350", "rate_permille = 3500")
    problem = folder.only_problem(EAST)
    assert (problem.file, problem.line, problem.key) == (
        f"{WEST}/grants.toml", line, "guidelines.kleine-investitionen.rate_permille"
    )  # fmt: skip
    assert problem.allowed == "0 … 1_000"


def test_a_fault_of_ones_own_file_names_that_file(folder: Folder) -> None:
    line = folder.write(f"{EAST}/site.toml", "price_cents = 6000", 'price_cents = "60 €"')
    problem = folder.only_problem(EAST)
    assert (problem.file, problem.line, problem.key) == (f"{EAST}/site.toml", line, "plans.startplatz.price_cents")
    assert folder.root.joinpath(WEST).is_dir()
    assert read_site(folder.root / WEST).plans["startplatz"].price_cents == 9000


def test_a_key_missing_in_an_inherited_table_is_missing_there(folder: Folder) -> None:
    folder.write(f"{WEST}/spaces.toml", "term_months = 12\n", "", after="[plans.startplatz]")
    lines = (folder.root / WEST / "spaces.toml").read_text().splitlines()
    problem = folder.only_problem(EAST)
    assert (problem.file, problem.line, problem.key) == (
        f"{WEST}/spaces.toml", lines.index("[plans.startplatz]") + 1, "plans.startplatz.term_months"
    )  # fmt: skip


def test_a_key_missing_in_a_replaced_table_is_missing_in_ones_own(folder: Folder) -> None:
    folder.write(f"{EAST}/site.toml", "persons = 40\n", "", after="[spaces.saal]")
    lines = (folder.root / EAST / "site.toml").read_text().splitlines()
    problem = folder.only_problem(EAST)
    assert (problem.file, problem.line, problem.key) == (
        f"{EAST}/site.toml", lines.index("[spaces.saal]") + 1, "spaces.saal.persons"
    )  # fmt: skip


def test_a_name_that_leads_into_a_table_not_inherited_leads_nowhere(folder: Folder) -> None:
    line = folder.write(f"{EAST}/site.toml", 'space = "beratung"', 'space = "beratung-1"')
    problem = folder.only_problem(EAST)
    assert (problem.file, problem.line, problem.key) == (
        f"{EAST}/site.toml", line, "advice.offers.erstberatung.space"
    )  # fmt: skip
    assert problem.allowed == "saal | beratung | arbeitsplaetze | teekueche"


@pytest.mark.parametrize(
    ("written", "key", "head"),
    [
        ('smtp_env = "QUARTIER_SMTP_OST"\n', "mail.smtp_env", "[mail]"),
        ('secret_env = "QUARTIER_IDP_IHK_OST"\n', "partners.ihk.oidc.secret_env", "[partners.ihk.oidc]"),
        ('slug = "leipzig-east"\n', "slug", 'extends = "leipzig-west"'),
    ],
)
def test_no_site_lives_on_the_secrets_or_the_name_of_another(folder: Folder, written: str, key: str, head: str) -> None:
    folder.write(f"{EAST}/site.toml", written, "")
    lines = (folder.root / EAST / "site.toml").read_text().splitlines()
    problem = folder.only_problem(EAST)
    assert (problem.file, problem.line, problem.key) == (f"{EAST}/site.toml", lines.index(head) + 1, key)


def test_a_legal_text_is_never_the_text_of_another_site(folder: Folder) -> None:
    (folder.root / EAST / "texts" / "impressum.de.md").unlink()
    problem = folder.only_problem(EAST)
    assert (problem.file, problem.key) == (f"{WEST}/site.toml", "legal.pages.impressum.text")
    assert problem.message_de == "Im Ordner leipzig-east fehlt die Datei texts/impressum.de.md."


@pytest.mark.parametrize(
    ("old", "new", "key", "told"),
    [
        ('"partners.sil"', '"partners.sill"', "remove[1]",
         "„partners.sill“ ist hier nicht vererbt. Gemeint ist vielleicht „partners.sil“."),
        ('"programme.terms"', '"programm.terms"', "replace[3]",
         "„programm.terms“ ist hier nicht vererbt. Gemeint ist vielleicht „programme“."),
        ('extends = "leipzig-west"', 'extends = "leipzig-wets"', "extends",
         "„leipzig-wets“ ist hier kein anderer Standort. Gemeint ist vielleicht „leipzig-west“."),
        ('extends = "leipzig-west"', 'extends = "leipzig-east"', "extends",
         "„leipzig-east“ ist hier kein anderer Standort. Gemeint ist vielleicht „leipzig-west“."),
        ('extends = "leipzig-west"', 'extends = "../leipzig-west"', "extends",
         "„../leipzig-west“ ist hier kein anderer Standort. Gemeint ist vielleicht „leipzig-west“."),
        ('extends = "leipzig-west"', "extends = 1", "extends", "Hier steht kein Standort."),
        ('remove = ["plans.buero", "partners.sil"]', 'remove = "plans.buero"', "remove",
         "Hier stehen keine Schlüssel."),
    ],
)  # fmt: skip
def test_a_slip_in_the_head_is_told_with_its_line(folder: Folder, old: str, new: str, key: str, told: str) -> None:
    line = folder.write(f"{EAST}/site.toml", old, new)
    told_of_key = [problem for problem in folder.problems(EAST) if problem.key == key]
    assert [(problem.file, problem.line, problem.message_de) for problem in told_of_key] == [
        (f"{EAST}/site.toml", line, told)
    ]


def test_inheriting_goes_one_step_deep(folder: Folder) -> None:
    third = folder.root / "drittes"
    third.mkdir()
    (third / "site.toml").write_text('schema = 1\nslug = "drittes"\nextends = "leipzig-east"\n')
    problem = folder.only_problem("drittes")
    assert (problem.file, problem.line, problem.key) == ("drittes/site.toml", 3, "extends")
    assert problem.message_en == "“leipzig-east” itself extends a site; this goes one step deep only."


def test_a_site_that_extends_nothing_replaces_nothing(folder: Folder) -> None:
    line = folder.write(f"{WEST}/site.toml", 'slug = "leipzig-west"\n', 'slug = "leipzig-west"\nremove = ["plans"]\n')
    problem = folder.only_problem(WEST)
    assert (problem.line, problem.key, problem.message_de) == (
        line + 1, "remove", "„remove“ gilt nur mit „extends“."
    )  # fmt: skip

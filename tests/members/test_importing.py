"""A list of members from elsewhere: looked at line by line, taken in when somebody says so, and only once."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from refusing import refusals
from world import NOW, Site

from quartier.kit.ids import new_id
from quartier.members import actions as members
from quartier.members import opening
from quartier.members.importing import taking
from quartier.members.importing.actions import confirm_import, drop_import
from quartier.members.importing.checking import check_import
from quartier.members.words import Profile
from quartier.settings import home
from quartier.tenancy.blueprint import read_site
from quartier.tenancy.desk import Desk

HEAD = "Name;Art;Gemeinnützig;Register;Ansprechperson;E-Mail;Rolle;Tarif;Mitglied seit"
GOOD = (
    "Stadtgarten e. V.;Verein;ja;VR 4711 Leipzig;Lena Voss;lena@garten.example;Leitung;verein;1.10.2025",
    "Stadtgarten e. V.;Verein;ja;VR 4711 Leipzig;Tom Baum;tom@garten.example;Mitglied;;",
    "Lichtfang GmbH;Unternehmen;;HRB 12 Leipzig;Ida Licht;;Inhaberin;;",
    "Ada Kern;Person;;;;ada@kern.example;;;",
)


@dataclass(frozen=True)
class Scene:
    """Leipzig West with its plans; Mara, its manager, has a list."""

    site: Site
    mara: UUID

    @property
    def desk(self) -> Desk:
        return self.site.desk("manager", person=self.mara)

    async def check(self, *lines: str, head: str = HEAD) -> Any:
        made = await check_import(self.desk, "liste.csv", [head, *lines])
        return await self.run(made)

    async def run(self, made: UUID) -> Any:
        [row] = await self.site.sql("select * from app.import_run where tenant_id = $1 and id = $2", self.site.id, made)
        return row

    async def faults(self, made: UUID) -> list[tuple[int, str, str, str]]:
        rows = await self.site.sql(
            "select line, heading, written, code from app.import_fault where tenant_id = $1 and run_id = $2"
            " order by line, position",
            self.site.id,
            made,
        )
        return [tuple(row) for row in rows]

    async def states(self, made: UUID) -> list[str]:
        rows = await self.site.sql(
            "select state from app.import_row where tenant_id = $1 and run_id = $2 order by line", self.site.id, made
        )
        return [row["state"] for row in rows]

    async def take(self, made: UUID, *, most: int = 200) -> int:
        """Work as the queue does, until nothing is left; give how many turns it took."""
        house = replace(self.site.desk(), person=None)
        for turn in range(1, most):
            with self.site.speaking("worker"):
                await taking.go_on(house, made)
            if (await self.run(made))["state"] == "done":
                return turn
        raise AssertionError("it never ends")

    async def counts(self) -> tuple[int, ...]:
        tables = ("organisation", "person", "affiliation", "membership", "membership_term", "organisation_identifier")
        return tuple([await self.site.count(f"app.{table}") for table in tables])


@pytest_asyncio.fixture
async def scene(west: Site) -> Any:
    blueprint = read_site(home("tenants") / "leipzig-west")
    mara = await west.person("Mara Manager")
    await west.sql("update app.person set email = 'mara@haus.example' where id = $1", mara)
    with west.speaking("worker"):
        desk = west.desk()
        async with desk.transaction():
            await opening.furnish(desk, blueprint)
    with west.speaking():
        yield Scene(west, mara)


async def test_a_list_is_looked_at_and_nothing_changes_until_somebody_confirms(scene: Scene) -> None:
    before = await scene.counts()
    run = await scene.check(*GOOD)
    told = (run["state"], run["total"], run["faulty"], run["organisations"], run["people"], run["memberships"])
    assert told == ("checked", 4, 0, 2, 4, 1)
    assert await scene.states(run["id"]) == ["ready"] * 4
    assert await scene.counts() == before
    await confirm_import(scene.desk, run["id"], 1)
    assert await scene.counts() == before  # the job does it
    assert await scene.take(run["id"]) == 1
    assert [now - then for now, then in zip(await scene.counts(), before, strict=True)] == [2, 4, 3, 1, 1, 2]
    rows = await scene.site.sql(
        "select o.name, p.name as person, p.email, a.role, m.number, m.starts_on, m.decided_by"
        " from app.affiliation a join app.organisation o on o.id = a.organisation_id join app.person p"
        " on p.id = a.person_id left join app.membership m on m.organisation_id = o.id where a.tenant_id = $1"
        " order by o.name, p.name",
        scene.site.id,
    )
    day = date(2025, 10, 1)
    assert [tuple(row) for row in rows] == [
        ("Lichtfang GmbH", "Ida Licht", None, "owner", None, None, None),
        ("Stadtgarten e. V.", "Lena Voss", "lena@garten.example", "admin", "LW-M-2026-0001", day, scene.mara),
        ("Stadtgarten e. V.", "Tom Baum", "tom@garten.example", "member", "LW-M-2026-0001", day, scene.mara),
    ]
    done = await scene.run(run["id"])
    assert (done["done"], done["failed"], done["organisations"], done["people"], done["memberships"]) == (4, 0, 2, 4, 1)
    assert done["finished_at"] == NOW


async def test_the_same_list_again_has_nothing_new(scene: Scene) -> None:
    first = await scene.check(*GOOD)
    await confirm_import(scene.desk, first["id"], 1)
    await scene.take(first["id"])
    again = await scene.check(*GOOD)
    assert await scene.states(again["id"]) == ["known"] * 4
    assert list(await refusals(confirm_import(scene.desk, again["id"], 1))) == ["NOTHING_NEW"]


async def test_each_fault_is_named_by_its_line_and_column_all_at_once(scene: Scene) -> None:
    run = await scene.check(
        "A e. V.;Klub;;VR ohne;Lena;lena;Chefin;Gold;31.2.2026",
        ";Verein;;;;;;;",
        "",
        "Ada Kern;Person;;HRB 1 Leipzig;;;;;",
        "B e. V.;Verein;;;;b@b.example;;;",
        "C e. V.;Verein;;;;;;;;zu viel",
        '"D\nMehrzeilig";Verein;;;;;;;',
        "E GmbH;Unternehmen;;;;;;verein;1.1.2020",
    )
    assert await scene.faults(run["id"]) == [
        (2, "Art", "Klub", "FIELD_INVALID"),
        (2, "Register", "VR ohne", "FIELD_INVALID"),
        (2, "E-Mail", "lena", "FIELD_INVALID"),
        (2, "Rolle", "Chefin", "FIELD_INVALID"),
        (2, "Tarif", "Gold", "PLAN_UNKNOWN"),
        (2, "Mitglied seit", "31.2.2026", "FIELD_INVALID"),
        (3, "Name", "", "FIELD_INVALID"),
        (5, "Register", "HRB 1 Leipzig", "FIELD_INVALID"),
        (5, "E-Mail", "", "FIELD_INVALID"),
        (6, "Ansprechperson", "", "FIELD_INVALID"),
        (7, "", "zu viel", "CELLS_LEFT_OVER"),
        (8, "Name", "D\nMehrzeilig", "FIELD_INVALID"),
        (10, "Tarif", "verein", "PLAN_DOES_NOT_FIT"),
        (10, "Mitglied seit", "1.1.2020", "PLAN_NOT_OFFERED"),
    ]
    assert (run["total"], run["faulty"], run["organisations"]) == (7, 7, 0)


async def test_faulty_lines_are_left_out_on_purpose_only(scene: Scene) -> None:
    run = await scene.check(GOOD[0], "X;Klub;;;;;;;")
    found = await refusals(confirm_import(scene.desk, run["id"], 1))
    assert found["ROW_INVALID"].numbers == {"faulty": 1}
    await confirm_import(scene.desk, run["id"], 1, leave_out_faulty=True)
    await scene.take(run["id"])
    assert await scene.states(run["id"]) == ["done", "faulty"]
    assert list(await refusals(confirm_import(scene.desk, run["id"], 3))) == ["STEP_NOT_POSSIBLE"]


async def test_lines_that_contradict_each_other_or_the_house_are_told(scene: Scene) -> None:
    await members.register_organisation(
        scene.site.desk(), Profile("Altes Haus", "association", True, False, identifiers={"register": "VR 9 Leipzig"})
    )
    for _ in range(2):
        await members.register_organisation(scene.site.desk(), Profile("Doppelt", "association", True, False))
    run = await scene.check(
        GOOD[0],
        "Anders e. V.;Verein;;VR 4711 Leipzig;;;;;",
        "Neues Haus;Verein;;VR 9 Leipzig;;;;;",
        "Doppelt;Verein;;;;;;;",
        "F e. V.;Verein;;;Lena Anders;lena@garten.example;;;",
        "G e. V.;Verein;ja;;Mara Manager;mara@haus.example;Leitung;verein;",
    )
    assert await scene.faults(run["id"]) == [
        (3, "Register", "VR 4711 Leipzig", "NUMBER_TWICE"),
        (4, "Register", "VR 9 Leipzig", "IDENTIFIER_TAKEN"),
        (5, "Name", "Doppelt", "SEVERAL_CALLED_SO"),
        (6, "E-Mail", "lena@garten.example", "ADDRESS_OF_ANOTHER"),
        (7, "Tarif", "verein", "OWN_CASE"),
    ]


async def test_who_is_there_already_is_found_by_number_name_and_address(scene: Scene) -> None:
    old = await members.register_organisation(
        scene.site.desk(), Profile("Lichtfang GmbH", "company", False, True, identifiers={"register": "HRB 12 Leipzig"})
    )
    lena = await scene.site.person("Lena Voss")
    await scene.site.sql("update app.person set email = 'Lena@garten.example' where id = $1", lena)
    run = await scene.check(*GOOD)
    assert (run["organisations"], run["people"]) == (1, 3)
    await confirm_import(scene.desk, run["id"], 1)
    await scene.take(run["id"])
    rows = await scene.site.sql(
        "select organisation_id from app.affiliation where tenant_id = $1 and (person_id = $2 or organisation_id = $3)",
        scene.site.id,
        lena,
        old.id,
    )
    assert len(rows) == 2
    assert await scene.site.count("app.organisation", "name = 'Lichtfang GmbH'") == 1


async def test_what_became_wrong_since_is_told_and_the_others_go_on(scene: Scene) -> None:
    run = await scene.check(*GOOD)
    await confirm_import(scene.desk, run["id"], 1)
    await members.register_organisation(
        scene.site.desk(), Profile("Schneller GmbH", "company", False, True, identifiers={"register": "HRB 12 Leipzig"})
    )
    await scene.take(run["id"])
    assert await scene.states(run["id"]) == ["done", "done", "failed", "done"]
    assert await scene.faults(run["id"]) == [(4, "Register", "HRB 12 Leipzig", "IDENTIFIER_TAKEN")]
    done = await scene.run(run["id"])
    assert (done["done"], done["failed"], done["organisations"]) == (4, 1, 1)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([HEAD], "FILE_EMPTY"),
        ([], "FILE_EMPTY"),
        ([HEAD, 'A;"Verein'], "FILE_UNREADABLE"),
        (["Name;Art;Haarfarbe", "A;Verein;rot"], "HEADING_UNKNOWN"),
        (["Name;Rechtsform", "A;e. V."], "HEADING_MISSING"),
        (["Name;Art;Firma", "A;Verein;B"], "HEADING_TWICE"),
        ([HEAD, *["A;Verein;;;;;;;"] * 5001], "TOO_MANY_LINES"),
    ],
)
async def test_a_file_that_is_no_list_of_members_is_refused_whole(scene: Scene, lines: list[str], code: str) -> None:
    assert code in await refusals(check_import(scene.desk, "liste.csv", lines))
    assert await scene.site.count("app.import_run") == 0


async def test_columns_may_be_in_english_in_any_order_with_any_separator(scene: Scene) -> None:
    run = await scene.check("association\tGarden\tyes\t2020-05-01", head="\ufeffKIND\tname\tNonprofit\tFounded on")
    assert (run["faulty"], run["organisations"]) == (0, 1)


async def test_a_list_is_thrown_away_and_old_ones_are_forgotten(scene: Scene) -> None:
    gone, old, kept = [await scene.check(*GOOD) for _ in range(3)]
    await drop_import(scene.desk, gone["id"], 1)
    assert await scene.states(gone["id"]) == []
    assert list(await refusals(drop_import(scene.desk, gone["id"], 2))) == ["STEP_NOT_POSSIBLE"]
    await scene.site.sql("update app.import_run set created_at = $2 where id = $1", old["id"], NOW - timedelta(days=8))
    with scene.site.speaking("worker"):
        await taking.tidy_imports(scene.site.desk())
    assert (await scene.run(old["id"]))["state"] == "dropped"
    assert await scene.states(old["id"]) == []
    assert await scene.states(kept["id"]) == ["ready"] * 4


async def test_who_may_not_or_looks_at_an_old_page_is_refused(scene: Scene, east: Site) -> None:
    assert list(await refusals(check_import(scene.site.desk("front_desk"), "x", [HEAD, *GOOD]))) == ["NOT_ALLOWED"]
    assert list(await refusals(check_import(scene.desk, "\n", [HEAD, *GOOD]))) == ["FIELD_INVALID"]
    run = await scene.check(*GOOD)
    assert list(await refusals(confirm_import(scene.desk, run["id"], 7))) == ["STALE_VERSION"]
    assert list(await refusals(confirm_import(scene.desk, new_id(), 1))) == ["NOT_FOUND"]
    with east.speaking():
        assert list(await refusals(confirm_import(east.desk("manager"), run["id"], 1))) == ["NOT_FOUND"]


async def test_a_long_list_comes_in_by_turns_and_one_can_see_how_far_it_is(scene: Scene) -> None:
    lines = [f"Verein {i} e. V.;Verein;;VR {i} Leipzig;Person {i};p{i}@v.example;Leitung;;" for i in range(1, 151)]
    run = await scene.check(*lines)
    await confirm_import(scene.desk, run["id"], 1)
    with scene.site.speaking("worker"):
        await taking.go_on(replace(scene.site.desk(), person=None), run["id"])
    part = await scene.run(run["id"])
    assert (part["state"], part["done"], part["organisations"]) == ("running", 50, 50)
    assert await scene.take(run["id"]) == 2
    assert await scene.site.count("app.organisation") == 150


async def test_each_of_200_faults_in_5000_lines_is_named_and_nothing_changes(scene: Scene) -> None:
    def line(i: int) -> str:
        kind, address = ("Klub", f"p{i}@v.example") if i % 50 == 0 else ("Verein", f"p{i}@v.example")
        return f"Verein {i} e. V.;{kind};;VR {i} Leipzig;Person {i};{address if i % 50 != 25 else 'falsch'};Leitung;;"

    before = await scene.counts()
    run = await scene.check(*map(line, range(1, 5001)))
    assert (run["total"], run["faulty"]) == (5000, 200)
    found = [(number, heading, written) for number, heading, written, _ in await scene.faults(run["id"])]
    wanted = {(i + 1, "Art", "Klub") for i in range(50, 5001, 50)} | {
        (i + 1, "E-Mail", "falsch") for i in range(25, 5001, 50)
    }
    assert (len(found), set(found)) == (200, wanted)
    assert await scene.counts() == before


async def test_what_a_faulty_line_would_have_made_is_counted_with_the_next_good_one(scene: Scene) -> None:
    run = await scene.check(GOOD[0] + ";zu viel", GOOD[1])
    assert (run["faulty"], run["organisations"], run["people"]) == (1, 1, 1)
    await confirm_import(scene.desk, run["id"], 1, leave_out_faulty=True)
    await scene.take(run["id"])
    assert await scene.states(run["id"]) == ["faulty", "done"]

"""The logs by page: of some days, one person, one kind; and a file of them, which is a line of the log itself."""

import csv
import io
from datetime import timedelta

import pytest
from console.conftest import Town
from console.reader import signed_in, words
from refusing import refusals
from world import NOW

from quartier.access.log import Wanted, act_lines, exported
from quartier.kit.ids import new_id

HERE = "/verwaltung/protokoll"


async def written(town: Town, name: str, action: str, *, days: int) -> str:
    """Somebody who did something so many days ago."""
    site = town.west.site
    who = await site.person(name)
    await site.sql(
        "insert into app.audit_entry (tenant_id, id, seq, action, person, numbers, request_id, created_at, hash)"
        " select $1, $2, coalesce(max(seq), 0) + 100000, $3, $4, '{}', 'test', $5, sha256('x') from app.audit_entry"
        " where tenant_id = $1",
        site.id, new_id(), action, who, NOW - timedelta(days=days),
    )  # fmt: skip
    return f"prs_{who}"


async def test_lines_of_some_days_of_one_person_and_one_kind(town: Town) -> None:
    await written(town, "Ida Gestern", "=test.moved", days=40)
    await written(town, "Olaf Vorgestern", "test.other", days=41)
    admin = await town.reader("site_admin")
    day, before = (f"{NOW - timedelta(days=n):%Y-%m-%d}" for n in (40, 41))
    told = words(await admin.get(f"{HERE}?ab={day}&bis={day}"))
    assert ("Ida Gestern" in told, "Olaf Vorgestern" in told) == (True, False)
    told = words(await admin.get(f"{HERE}?ab={before}&bis={day}&art=test.other"))
    assert ("Ida Gestern" in told, "Olaf Vorgestern" in told) == (False, True)
    named = await admin.get(f"{HERE}?wer=Ida+Gestern")
    assert ("=test.moved" in words(named), "test.other" in words(named).partition("Was getan wurde")[2]) == (
        True,
        False,
    )
    unknown = await admin.get(f"{HERE}?wer=Wer+ist+das")
    assert (unknown.status_code, 'id="e-wer"' in unknown.text) == (422, True)
    turned = await admin.get(f"{HERE}?ab={day}&bis={before}")
    assert (turned.status_code, 'id="e-bis"' in turned.text) == (422, True)
    assert (await admin.get(f"{HERE}?ab=quatsch")).status_code == 422
    assert "Keine Zeile mit diesen Angaben." in words(await admin.get(f"{HERE}?ab={day}&bis={day}&art=gibt.es.nicht"))


async def test_a_file_holds_what_the_page_shows_no_formula_and_its_taking_is_a_line(town: Town) -> None:
    await written(town, "Fritz Formel", "=test.file", days=50)
    admin = await town.reader("site_admin")
    page = await admin.get(f"{HERE}?wer=Fritz+Formel")
    assert f"{HERE}.csv?" in page.text
    before = await town.west.site.count("auth.event", "kind = 'audit.exported'")
    file = await admin.get(f"{HERE}.csv?welches=taten&wer=Fritz+Formel")
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="protokoll-taten-' in file.headers["content-disposition"]
    lines = file.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Nummer;Wann;Was;Grund;")
    assert len(lines) == 2
    assert "'=test.file" in lines[1]
    assert "Fritz Formel" in lines[1]
    assert await town.west.site.count("auth.event", "kind = 'audit.exported'") == before + 1
    assert (await admin.get(f"{HERE}.csv?welches=alles")).status_code == 422
    for role in ("manager", "front_desk", "observer"):
        assert (await (await town.reader(role)).get(f"{HERE}.csv?welches=taten")).status_code == 403, role
    assert await town.west.site.count("auth.event", "kind = 'audit.exported'") == before + 1


@pytest.mark.parametrize(
    "name",
    ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", '"=1', "＝1", "＋1", "－1", "＠1"],
)
async def test_55_nothing_in_a_file_of_the_log_is_read_as_a_formula(town: Town, name: str) -> None:
    await written(town, name, f"test.{new_id()}", days=70)
    admin, day = await town.reader("site_admin"), f"{NOW - timedelta(days=70):%Y-%m-%d}"
    file = await admin.get(f"{HERE}.csv?welches=taten&ab={day}&bis={day}")
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert f"'{name}" in {row[5] for row in rows}
    assert name not in {cell for row in rows for cell in row}


async def test_the_neighbour_s_lines_and_those_past_the_right_stay_away(town: Town) -> None:
    await written(town, "Wilma West", "test.west", days=60)
    east = await signed_in(town.app, town.east.site, "site_admin")
    assert "test.west" not in words(await east.get(f"{HERE}?art=test.west")).partition("Was getan wurde")[2]
    desk = town.east.site.desk("site_admin")
    assert await exported(desk, "acts", Wanted(kinds=["test.west"])) == []
    assert list(await refusals(exported(town.west.site.desk("manager"), "acts", Wanted()))) == ["NOT_ALLOWED"]
    mine = await act_lines(town.west.site.desk("site_admin"), Wanted(kinds=["test.west"]), before=None, first=5)
    assert [line.kind for line in mine] == ["test.west"]

"""A list of members at the console: a real file in a real form, and what must never come in by it."""

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx2
from console.conftest import Town
from console.reader import Reader, words

from quartier.access.cookies import form_word
from quartier.kit.ids import new_id
from quartier.members.importing import taking
from quartier.members.importing.sheet import HEADINGS

HERE = "/mitglieder/import"
HEAD = "Name;Art;Ansprechperson;E-Mail"


async def hand_in(reader: Reader, body: bytes, *, name: str = "liste.csv", **more: Any) -> httpx2.Response:
    form = {"_csrf": form_word(reader.session or ""), "key": str(new_id())} | more.pop("form", {})
    files = {"datei": (name, body, "text/csv")}
    headers = reader.headers | more.pop("headers", {})
    return await reader.http.post(more.pop("path", HERE), data=form, files=files, headers=headers)


async def counts(town: Town) -> tuple[int, int]:
    return await town.west.site.count("app.organisation"), await town.west.site.count("app.person")


async def test_a_file_is_handed_in_shown_line_by_line_and_taken_in(town: Town) -> None:
    manager = await town.reader("manager")
    pattern = await manager.get(f"{HERE}/vorlage.csv")
    assert "attachment" in pattern.headers["content-disposition"]
    columns = pattern.content.decode("utf-8-sig").strip().split(";")
    assert columns == [known[0] for known in HEADINGS.values()]
    row = dict.fromkeys(columns, "") | {"Name": "Bäckerei Grün", "Art": "Unternehmen", "Ansprechperson": "Uta Grün"}
    bad = row | {"Name": "<script>x</script>", "Art": "Klub"}
    before = await counts(town)
    lines = [";".join(columns), ";".join(row.values()), ";".join(bad.values())]
    sent = await hand_in(manager, "\r\n".join(lines).encode("cp1252"), name="C:\\Liste <1>.csv")
    assert sent.status_code == 303, words(sent)
    path = sent.headers["location"]
    shown = await manager.get(path)
    assert "Liste &lt;1&gt;.csv" in shown.text
    assert "&lt;script&gt;x&lt;/script&gt;" in shown.text
    assert "Bäckerei Grün, Unternehmen Uta Grün" in words(shown)
    assert re.search(r"3 Art Klub Diese Angabe passt nicht", words(shown))
    assert await counts(town) == before
    whole = await manager.post(f"{path}/uebernehmen", {"version": "1", "key": str(new_id())})
    assert whole.status_code == 422
    assert "1 Zeilen haben Fehler" in words(whole)
    done = await manager.post(f"{path}/uebernehmen", {"version": "1", "ohne": "1", "key": str(new_id())})
    assert (done.status_code, done.headers["location"]) == (303, path)
    assert '<progress id="weit" max="1" value="0">' in (await manager.get(path)).text
    with town.west.site.speaking("worker"):
        await taking.go_on(replace(town.west.site.desk(), person=None), UUID(path.rpartition("imp_")[2]))
    after = words(await manager.get(path))
    assert "übernommen" in after
    assert await counts(town) == (before[0] + 1, before[1] + 1)


async def test_a_list_of_5000_lines_is_looked_at_in_one_go(town: Town) -> None:
    manager = await town.reader("manager")
    rows = [f"Verein {i} mit einem recht langen Namen;Verein;Person {i};p{i}@verein.example" for i in range(5000)]
    sent = await hand_in(manager, "\n".join([HEAD, *rows]).encode())
    assert sent.status_code == 303, words(sent)
    path = sent.headers["location"]
    assert "Zeilen 5000" in words(await manager.get(path))
    away = await manager.post(f"{path}/verwerfen", {"version": "1", "key": str(new_id())})
    assert (away.status_code, away.headers["location"]) == (303, HERE)


async def test_what_is_no_list_is_told_in_words(town: Town) -> None:
    manager = await town.reader("manager")
    for body, said in (
        (b"", "Bitte eine Datei wählen."),
        (b"PK\x03\x04\x00\x00", "Das ist keine CSV-Datei."),
        (b"\n" * 20_001 + b"x", "Das ist keine CSV-Datei."),
        (b"Name;Haare\nA;rot", "Die Spalte „Haare“ kennen wir nicht."),
        (b"Name;Art\nA\x07;Verein", "Steuerzeichen"),
    ):
        answer = await hand_in(manager, body)
        assert answer.status_code == 422, body[:20]
        assert said in words(answer), body[:20]


async def test_no_file_comes_in_by_another_page_another_person_or_a_larger_door(town: Town) -> None:
    manager, desk = await town.reader("manager"), await town.reader("front_desk")
    body = f"{HEAD}\nA;Verein;;".encode()
    before = await town.west.site.count("app.import_run")
    assert (await hand_in(manager, body, form={"_csrf": "x"})).status_code == 403
    assert (await hand_in(manager, body, headers={"origin": "https://evil.example"})).status_code == 403
    assert (await hand_in(desk, body)).status_code == 403
    assert (await hand_in(manager, body, path="/raeume/buchen")).status_code == 403
    broken = {"content-type": "multipart/form-data; boundary=x"}
    assert (await manager.http.post(HERE, content=b"--y\r\n", headers=manager.headers | broken)).status_code == 422
    assert (await hand_in(desk, b"x" * 101 * 1024)).status_code == 413
    assert (await hand_in(town.stranger(), b"x" * 101 * 1024)).status_code == 413
    assert (await hand_in(manager, b"x" * (2 * 1024 * 1024 + 1))).status_code == 413
    assert await town.west.site.count("app.import_run") == before


async def test_the_neighbour_s_list_is_not_there(town: Town) -> None:
    manager = await town.reader("manager")
    [row] = await town.east.site.sql(
        "select id from app.import_run where tenant_id = $1 and state = 'checked' limit 1", town.east.site.id
    )
    assert (await manager.get(f"{HERE}/imp_{row['id']}")).status_code == 404
    answer = await manager.post(f"{HERE}/imp_{row['id']}/verwerfen", {"version": "1", "key": str(new_id())})
    assert answer.status_code == 404

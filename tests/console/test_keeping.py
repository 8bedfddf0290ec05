"""How the house keeps its rooms: closing, days of their own, letting, calendars and prices, by page."""

import re
from datetime import date

from console.conftest import Town
from console.reader import Reader, words

from quartier.kit.ids import new_id

CLOSE, LET, LINKS, PRICES = "/raeume/schliessungen", "/raeume/vermietung", "/raeume/kalender", "/raeume/preise"


def key() -> dict[str, str]:
    return {"key": str(new_id())}


async def booked(town: Town, day: str, title: str) -> str:
    """Somebody's booking at the first room on that day from ten to eleven; its page."""
    desk = await town.reader("front_desk")
    wish = {"raum": town.west.ids("spc")[0], "tag": day, "von": "10:00", "bis": "11:00", "titel": title}
    made = await desk.post("/raeume/buchen", wish | key() | {"trotzdem": "1"})
    assert made.status_code == 303, words(made)
    return made.headers["location"].partition("?")[0]


async def state(town: Town, path: str) -> str:
    [row] = await town.west.site.sql(
        "select state from app.booking where tenant_id = $1 and id = $2::text::uuid",
        town.west.site.id, path.rpartition("_")[2],
    )  # fmt: skip
    return str(row["state"])


def button(page: str, path: str) -> str:
    found = re.findall(rf'action="({path}/[^"/]+/[^"/]+)"', page)
    assert found, page
    return str(found[-1])


async def test_what_is_booked_is_shown_before_the_house_closes_and_goes_by_a_second_button(town: Town) -> None:
    manager = await town.reader("manager")
    there = await booked(town, "2026-12-21", "Chorprobe vor der Pause")
    wish = {"raum": "", "art": "COMPANY_BREAK", "tag": "2026-12-21", "letzter": "2026-12-22", "grund": "Winterpause"}
    looked = await manager.post(CLOSE, wish | key() | {"nur": "pruefen"})
    assert looked.status_code == 422
    assert "Chorprobe vor der Pause" in words(looked)
    assert "Diese 1 Buchung absagen und schließen" in words(looked)
    assert 'value="Winterpause"' in looked.text
    refused = await manager.post(CLOSE, wish | key())
    assert (refused.status_code, await state(town, there)) == (422, "confirmed")
    done = await manager.post(CLOSE, wish | key() | {"absagen": "ja"})
    assert (done.status_code, done.headers["location"]) == (303, f"{CLOSE}?getan=geschlossen")
    assert await state(town, there) == "cancelled_by_site"
    page = await manager.get(CLOSE)
    assert "Winterpause" in words(page)
    assert "Betriebspause · Mo., 21.12.2026 – Di., 22.12.2026" in words(page)
    assert (await manager.post(button(page.text, CLOSE), key())).status_code in {303, 409, 422}


async def test_a_free_time_is_said_to_be_free_and_nothing_is_closed_by_looking(town: Town) -> None:
    manager = await town.reader("manager")
    wish = {"raum": town.west.ids("spc")[1], "art": "REPAIR", "tag": "2026-12-28", "ab": "08:00", "bis": "09:00"}
    looked = await manager.post(CLOSE, wish | key() | {"nur": "pruefen", "grund": "Neue Leuchten"})
    assert looked.status_code == 200
    assert "Dann ist nichts gebucht" in words(looked)
    assert "Neue Leuchten" not in words(await manager.get(CLOSE))
    bare = await manager.post(CLOSE, wish | key() | {"tag": "", "grund": "Neue Leuchten"})
    assert bare.status_code == 422
    assert 'id="e-startsAt"' in bare.text
    wordless = await manager.post(CLOSE, wish | key())
    assert (wordless.status_code, "Das ging nicht" in words(wordless)) == (422, True)


async def test_the_front_desk_takes_a_room_out_of_use_and_back_but_closes_nothing(town: Town) -> None:
    desk = await town.reader("front_desk")
    page = await desk.get(CLOSE)
    assert '<option value="HOLIDAY"' not in page.text
    wish = {"raum": town.west.ids("spc")[1], "art": "SPERREN", "tag": "2026-12-29", "grund": "Wasserschaden"}
    roomless = await desk.post(CLOSE, wish | key() | {"raum": ""})
    assert (roomless.status_code, 'id="e-space"' in roomless.text) == (422, True)
    assert (await desk.post(CLOSE, wish | key())).status_code == 303
    page = await desk.get(CLOSE)
    assert "Wasserschaden" in words(page)
    version = re.findall(r'/freigeben">.*?name="version" value="(\d+)"', page.text)[-1]
    lifted = await desk.post(button(page.text, CLOSE), key() | {"version": version})
    assert lifted.status_code == 303, words(lifted)
    forbidden = await desk.post(CLOSE, wish | key() | {"art": "HOLIDAY"})
    assert forbidden.status_code == 403


async def test_a_day_gets_hours_of_its_own_and_those_of_every_week_again(town: Town) -> None:
    manager = await town.reader("manager")
    wish = {
        "raum": town.west.ids("spc")[2],
        "tag": "2027-01-17",
        "ab": "12:00",
        "bis": "24:00",
        "grund": "Neujahrsfest",
    }
    assert (await manager.post(f"{CLOSE}/tage", wish | key())).status_code == 303
    page = await manager.get(CLOSE)
    assert "12:00–24:00 · Neujahrsfest" in words(page)
    half = await manager.post(f"{CLOSE}/tage", wish | key() | {"ab": ""})
    assert (half.status_code, 'id="e-t-hours"' in half.text) == (422, True)
    back = {"raum": wish["raum"], "tag": wish["tag"], "wie_immer": "ja"}
    assert (await manager.post(f"{CLOSE}/tage", back | key())).status_code == 303
    assert "Neujahrsfest" not in words(await manager.get(CLOSE))


async def office(town: Town) -> str:
    """An undivided room, made one of the kind that is let; only this test has it."""
    [row] = await town.west.site.sql(
        "select id from app.space s where tenant_id = $1 and state = 'open' and not exists ("
        "  select from app.space_part p where p.tenant_id = $1 and p.whole_id = s.id) order by id limit 1",
        town.west.site.id,
    )
    space = f"spc_{row['id']}"
    await town.west.site.sql(
        "update app.space set kind = 'office', lease_only = true, list_rent_month = 30000"
        " where tenant_id = $1 and id = $2::text::uuid",
        town.west.site.id, space.partition("_")[2],
    )  # fmt: skip
    return space


async def undone(town: Town, space: str) -> None:
    await town.west.site.sql(
        "update app.space set kind = 'hall', lease_only = false where tenant_id = $1 and id = $2::text::uuid",
        town.west.site.id, space.partition("_")[2],
    )  # fmt: skip


async def test_a_place_is_let_to_who_is_found_by_name_and_notice_is_given(town: Town) -> None:
    manager, space = await town.reader("manager"), await office(town)
    try:
        [row] = await town.west.site.sql(
            "select name from app.organisation where tenant_id = $1 and name = 'Kontor Süd' limit 1", town.west.site.id
        )
        wish = {"raum": space, "wer": row["name"], "ab": "2029-02-01", "miete": "250,00", "frist": "30", "name": "Büro"}
        nobody = await manager.post(LET, wish | key() | {"wer": "Gibt es nicht", "miete": "viel"})
        assert nobody.status_code == 422
        assert ('id="e-organisation"' in nobody.text, 'id="e-rentMonth"' in nobody.text) == (True, True)
        done = await manager.post(LET, wish | key())
        assert (done.status_code, done.headers.get("location")) == (303, LET + "?getan=vermietet"), words(done)
        page = await manager.get(LET)
        assert "250,00 € im Monat (Liste 300,00 €)" in words(page).replace(" ", " ")
        [lease] = await town.west.site.sql(
            "select id, version from app.lease where tenant_id = $1 and starts_on = $2",
            town.west.site.id, date(2029, 2, 1),
        )  # fmt: skip
        end = {"version": str(lease["version"]), "letzter": "2029-02-20", "grund": "zieht um"}
        path = f"{LET}/lse_{lease['id']}/beenden"
        early = await manager.post(path, end | key() | {"letzter": "2029-01-01"})
        assert early.status_code == 422
        assert 'value="zieht um"' in early.text
        assert (await manager.post(path, end | key() | {"einig": "ja"})).status_code == 303
        page = await manager.get(LET)
        assert "bis einschließlich 20.02.2029 · zieht um" in words(page)
        assert (await (await town.reader("front_desk")).post(path, end | key())).status_code == 403
    finally:
        await undone(town, space)


async def test_a_calendar_link_is_shown_once_works_and_is_taken_back(town: Town) -> None:
    desk: Reader = await town.reader("front_desk")
    made = await desk.post(LINKS, key() | {"was": "SITE"})
    assert made.status_code == 200
    [link] = re.findall(r'readonly value="https?://[^/"]+(/kalender/[^"]+\.ics)"', made.text)
    assert (await town.stranger().get(link)).status_code == 200
    page = await desk.get(LINKS)
    assert link not in page.text
    assert "das ganze Haus" in words(page)
    [path] = re.findall(rf'action="({LINKS}/cfd_[^"]+/zurueck)"', page.text)[:1]
    assert (await desk.post(path, key())).status_code == 303
    assert (await town.stranger().get(link)).status_code == 404
    advisor = await town.reader("advisor")
    assert "Kalender von anderen" not in words(await advisor.get(LINKS))
    assert (await advisor.post(LINKS, key() | {"was": "SITE"})).status_code == 403


async def test_a_calendar_of_others_is_added_says_what_is_wrong_and_is_removed(town: Town) -> None:
    manager = await town.reader("manager")
    wish = {"raum": town.west.ids("spc")[0], "name": "Schule am Park", "adresse": "https://schule.example/frei.ics"}
    inside = await manager.post(f"{LINKS}/fremde", wish | key() | {"adresse": "http://127.0.0.1/x"})
    assert inside.status_code == 422
    assert ('id="e-url"' in inside.text, "127.0.0.1" in inside.text) == (True, False)
    done = await manager.post(f"{LINKS}/fremde", wish | key())
    assert done.status_code == 303, words(done)
    assert "schule.example · " not in words(await manager.get(LINKS))
    await town.west.site.sql(
        "update app.outside_calendar set error = 'not_there', tried_at = now() where tenant_id = $1 and name = $2",
        town.west.site.id, wish["name"],
    )  # fmt: skip
    page = await manager.get(LINKS)
    assert "Unter der Adresse liegt kein Kalender mehr." in words(page)
    assert "frei.ics" not in page.text
    [row] = await town.west.site.sql(
        "select id, version from app.outside_calendar where tenant_id = $1 and name = $2",
        town.west.site.id, wish["name"],
    )  # fmt: skip
    gone = await manager.post(f"{LINKS}/ocl_{row['id']}/entfernen", key() | {"version": str(row["version"])})
    assert gone.status_code == 303
    assert "Schule am Park" not in words(await manager.get(LINKS))


async def test_a_price_is_set_from_a_day_on(town: Town) -> None:
    manager = await town.reader("manager")
    wish = {"art": "HALL", "wer": "NONPROFIT", "preis": "7,50", "ab": "2027-03-01"}
    wrong = await manager.post(PRICES, wish | key() | {"preis": "wenig", "ab": ""})
    assert wrong.status_code == 422
    assert ('id="e-priceHour"' in wrong.text, 'id="e-validFrom"' in wrong.text) == (True, True)
    over = await manager.post(PRICES, wish | key() | {"ab": "2020-01-01"})
    assert (over.status_code, 'id="e-validFrom"' in over.text) == (422, True)
    done = await manager.post(PRICES, wish | key())
    assert (done.status_code, done.headers["location"]) == (303, f"{PRICES}?getan=preis")
    told = words(await manager.get(PRICES)).replace(" ", " ")
    assert "Was sich ändern wird" in told
    assert "ab 01.03.2027" in told
    assert "7,50 €" in told
    desk = await town.reader("front_desk")
    assert "Preis ändern" not in words(await desk.get(PRICES))
    assert (await desk.post(PRICES, wish | key())).status_code == 403

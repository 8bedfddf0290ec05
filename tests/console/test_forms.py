"""Forms: what they do, what they refuse and how, and what must never do anything."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from console.applicants import applicant_of, open_call
from console.conftest import Town
from console.reader import Reader, signed_in, words

from quartier.access.cookies import form_word
from quartier.kit.ids import new_id


async def desk_of(town: Town) -> tuple[Reader, str]:
    """The front desk and a space that is free on the Monday of the test."""
    return await town.reader("front_desk"), town.west.ids("spc")[3]


def wish(space: str, **more: str) -> dict[str, str]:
    day = {"tag": "2026-12-01", "von": "10:00", "bis": "12:00"}
    return {"raum": space, "titel": "Probe", "key": str(new_id())} | day | more


async def booked(town: Town, space: str) -> list[Any]:
    return list(
        await town.west.site.sql(
            "select state, title, lower(during) as starts from app.booking where tenant_id = $1 and space_id = $2"
            " and title like 'Probe%' order by created_at",
            town.west.site.id,
            space.partition("_")[2],
        )
    )


async def test_a_booking_is_made_once_however_often_the_form_is_sent(town: Town) -> None:
    desk, space = await desk_of(town)
    form = wish(space, titel="Probe einmal")
    first = await desk.post("/raeume/buchen", form)
    again = await desk.post("/raeume/buchen", form)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["location"] == again.headers["location"]
    rows = [row for row in await booked(town, space) if row["title"] == "Probe einmal"]
    assert [(row["state"], row["starts"].isoformat()) for row in rows] == [("confirmed", "2026-12-01T09:00:00+00:00")]
    page = await desk.get(first.headers["location"])
    assert "Gebucht." in words(page)


async def test_a_taken_space_is_told_with_ways_out_and_one_of_them_books(town: Town) -> None:
    desk, space = await desk_of(town)
    assert (await desk.post("/raeume/buchen", wish(space, von="14:00", bis="15:00"))).status_code == 303
    taken = await desk.post("/raeume/buchen", wish(space, von="14:00", bis="15:00", titel="Probe zwei"))
    assert taken.status_code == 409
    assert "schon vergeben" in words(taken)
    assert 'value="Probe zwei"' in taken.text
    ways = re.findall(r'name="weg" value="([^"]+)"', taken.text)
    assert len(ways) >= 3
    done = await desk.post("/raeume/buchen", wish(space, titel="Probe zwei", weg=ways[-1]))
    assert done.status_code == 303


async def test_what_cannot_be_read_is_told_at_its_field_and_nothing_is_lost(town: Town) -> None:
    desk, space = await desk_of(town)
    form = wish(space, tag="", personen="viele", fuer="Niemand & Söhne", titel="Probe <i>drei</i>")
    answer = await desk.post("/raeume/buchen", form)
    assert answer.status_code == 422
    for field in ("tag", "personen", "fuer"):
        assert f'id="e-{field}"' in answer.text, field
    assert "Probe &lt;i&gt;drei&lt;/i&gt;" in answer.text
    assert "Niemand &amp; Söhne" in answer.text


async def test_typing_is_answered_before_anything_is_booked(town: Town) -> None:
    desk, space = await desk_of(town)
    form = wish(space, tag="2026-12-02", titel="Probe nur gefragt", nur="pruefen")
    answer = await desk.post("/raeume/buchen", form, headers={"hx-request": "true"})
    assert answer.status_code == 200
    assert "Frei. So kann gebucht werden." in words(answer)
    assert "Probe nur gefragt" not in {row["title"] for row in await booked(town, space)}


async def test_hours_that_the_clock_skips_are_refused_with_the_next_ones(town: Town) -> None:
    desk, space = await desk_of(town)
    answer = await desk.post("/raeume/buchen", wish(space, tag="2027-03-28", von="02:30", bis="04:00"))
    assert answer.status_code == 422
    assert "Diese Uhrzeit gibt es am Tag der Zeitumstellung nicht" in words(answer)


async def test_a_guest_is_checked_in_and_leaves_only_once(town: Town) -> None:
    desk, space = await desk_of(town)
    await town.west.site.sql(
        "update app.space set checkin_opens = 30 where tenant_id = $1 and id = $2",
        town.west.site.id,
        space.partition("_")[2],
    )
    now = datetime.now(UTC) + town.app.house.settings.clock_ahead  # the house's clock goes on while others test
    start = now + timedelta(minutes=15 - now.minute % 15)
    von, bis = (f"{each.astimezone(town.west.site.realm.zone):%H:%M}" for each in (start, start + timedelta(hours=1)))
    made = await desk.post("/raeume/buchen", wish(space, tag="2026-11-19", von=von, bis=bis, trotzdem="1"))
    assert made.status_code == 303, words(made)
    path = made.headers["location"].partition("?")[0]
    version = re.search(r'name="version" value="(\d+)"', (await desk.get(path)).text)
    assert version
    there = await desk.post(f"{path}/da", {"version": version[1], "zurueck": "/heute"})
    assert there.status_code == 303, words(there)
    assert there.headers["location"] == f"/heute?da={path.rpartition('/')[2]}"
    stale = await desk.post(f"{path}/absagen", {"version": version[1]})
    assert stale.status_code == 409
    assert "eingecheckt" in words(await desk.get(path))


@pytest.mark.parametrize("step", ["da", "absagen", "verschieben", "quatsch"])
async def test_no_form_does_anything_without_its_word(town: Town, step: str) -> None:
    desk = await town.reader("front_desk")
    path = f"/buchungen/{town.west.ids('bkg')[1]}/{step}"
    before = await town.west.site.sql(
        "select version from app.booking where tenant_id = $1 order by id", town.west.site.id
    )
    assert (await desk.post(path, {"version": "1"}, word=False)).status_code == 403
    foreign = await desk.post(path, {"version": "1"}, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert (await town.stranger().post(path, {"version": "1"})).status_code == 401
    assert (
        await town.west.site.sql("select version from app.booking where tenant_id = $1 order by id", town.west.site.id)
        == before
    )


async def test_a_form_of_another_kind_is_not_read(town: Town) -> None:
    desk = await town.reader("front_desk")
    for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x"):
        answer = await desk.http.post("/raeume/buchen", content=b"{}", headers=desk.headers | {"content-type": kind})
        assert answer.status_code in {403, 422}, kind


async def test_a_member_is_told_that_it_is_full_waits_and_gives_the_place_back(town: Town) -> None:
    [row] = await town.west.site.sql(
        "select w.id, p.id as person from app.workshop w, app.affiliation p_of, app.person p where w.tenant_id = $1"
        " and w.state = 'published' and w.visibility = 'public' and p_of.tenant_id = $1 and p_of.role <> 'former'"
        " and p.tenant_id = $1 and p.id = p_of.person_id and not exists (select from app.registration r"
        " where r.tenant_id = $1 and r.workshop_id = w.id and r.person_id = p.id) order by p.created_at limit 1",
        town.west.site.id,
    )
    member = await signed_in(town.app, town.west.site, person=row["person"])
    path = f"/programm/wsp_{row['id']}"
    full = await member.post(f"{path}/anmelden", {"plaetze": "1", "key": str(new_id())})
    assert full.status_code == 409
    assert "Auf der Warteliste wären Sie auf Platz 2." in words(full)
    done = await member.post(f"{path}/anmelden", {"plaetze": "1", "warteliste": "1", "key": str(new_id())})
    assert (done.status_code, done.headers["location"]) == (303, f"{path}?neu=waitlisted")
    page = await member.get(path)
    assert "Sie stehen auf der Warteliste, Platz 2." in words(page)
    back = re.search(rf'action="({path}/abmelden/[^"]+)".*?name="version" value="(\d+)"', page.text, re.DOTALL)
    assert back
    gone = await member.post(back[1], {"version": back[2], "key": str(new_id())})
    assert gone.status_code == 303
    assert gone.headers["location"] == f"{path}?abgemeldet={back[1].rpartition('/')[2]}"
    left = await member.get(gone.headers["location"])
    assert "Sie stehen auf der Warteliste, Platz" not in words(left)
    assert "Abgemeldet. Eine Minute lang lässt sich das zurücknehmen." in words(left)
    undo = re.search(rf'action="({path}/zuruecknehmen/[^"]+)".*?name="version" value="(\d+)"', left.text, re.DOTALL)
    assert undo
    undone = await member.post(undo[1], {"version": undo[2], "key": str(new_id())})
    assert (undone.status_code, undone.headers["location"]) == (303, f"{path}?getan=platz")
    again = await member.get(gone.headers["location"])
    assert "Platz zurückgeben" in words(again)  # the line of this house had room, so it may have moved up meanwhile
    assert "lässt sich das zurücknehmen" not in words(again)


async def test_money_asks_for_a_fresh_sign_in_and_keeps_what_was_typed(town: Town) -> None:
    authority = await town.reader("award_authority")
    [row] = await town.west.site.sql(
        "select id from app.application where tenant_id = $1 and state = 'submitted' order by number limit 1",
        town.west.site.id,
    )
    path = f"/foerderung/antraege/apl_{row['id']}"
    await town.west.site.sql(
        "update auth.session set auth_at = auth_at - interval '6 minutes' where tenant_id = $1",
        town.west.site.id,
    )
    town.app.house.speakers.forget(None)
    typed = {"grund": "passt", "version": "1", "key": str(new_id())}
    answer = await authority.post(f"{path}/bewilligen", typed | {"betrag": "8,50"})
    assert answer.status_code == 401, words(answer)
    assert "/auth/again?next=" in answer.text
    assert 'value="8,50"' in answer.text
    unread = await authority.post(f"{path}/bewilligen", typed | {"betrag": "acht"})
    assert unread.status_code == 422
    assert 'id="e-amount"' in unread.text


async def test_an_application_is_reckoned_refused_with_every_reason_and_handed_in(town: Town) -> None:
    site = town.west.site
    call, organisation = await open_call(site), town.west.ids("org")[0]
    member = await applicant_of(town.app, site, organisation)
    path = f"/foerderaufrufe/cll_{call}/antrag"
    assert f'href="{path}"' in (await member.get("/foerderaufrufe")).text
    empty = await member.get(path)
    assert empty.status_code == 200
    assert f'<option value="{organisation}" selected>' in empty.text  # her only one is chosen already
    form = {"organisation": organisation, "zweck": "PROTOTYPE", "titel": "Probe <b>Lastenrad</b>", "key": str(new_id())}
    form |= {"art0": "prototype", "was0": "Rahmen", "betrag0": "1.000,00", "quelle0": "GRANT", "summe0": "600"}
    unread = await member.post(path, form | {"betrag0": "tausend", "stellen": "ein paar"})
    assert unread.status_code == 422
    assert ('id="e-kosten"' in unread.text, 'id="e-stellen"' in unread.text) == (True, True)
    assert 'value="tausend"' in unread.text
    short = await member.post(path, form)
    assert short.status_code == 422
    assert "Probe &lt;b&gt;Lastenrad&lt;/b&gt;" in short.text
    assert 'id="e-quellen"' in short.text
    full = form | {"quelle1": "OWN", "summe1": "400"}
    checked = await member.post(path, full | {"nur": "pruefen"})
    assert (checked.status_code, "So kann der Antrag eingereicht werden." in words(checked)) == (200, True)
    assert await site.sql("select from app.application where tenant_id = $1 and title like 'Probe%'", site.id) == []
    done = await member.post(path, full)
    again = await member.post(path, full)
    assert (done.status_code, again.status_code) == (303, 303), words(done)
    [row] = await site.sql(
        "select id, requested, total_cost from app.application where tenant_id = $1 and title like 'Probe%'", site.id
    )
    assert (row["requested"], row["total_cost"]) == (60_000, 100_000)
    page = await member.get(done.headers["location"])
    assert ("Eingereicht. Der Beleg steht unten." in words(page), "Eingangsbeleg" in words(page)) == (True, True)


async def test_a_colleague_fills_in_and_checks_and_reads_who_hands_in(town: Town) -> None:
    site = town.west.site
    call, organisation = await open_call(site), town.west.ids("org")[1]
    await applicant_of(town.app, site, organisation, name="Leonie Leitung")
    colleague = await applicant_of(town.app, site, organisation, name="Kim Kollegin", role="member")
    path = f"/foerderaufrufe/cll_{call}/antrag"
    page = await colleague.get(path)
    assert re.search("Einreichen kann, wer die Organisation leitet: .*Leonie Leitung", words(page))
    assert (">Einreichen</button>" in page.text, ">Nur prüfen</button>" in page.text) == (False, True)
    form = {"organisation": organisation, "zweck": "PROTOTYPE", "titel": "Probe Kim", "key": str(new_id())}
    form |= {"art0": "prototype", "was0": "Rahmen", "betrag0": "1.000,00", "quelle0": "GRANT", "summe0": "600"}
    form |= {"quelle1": "OWN", "summe1": "400"}
    for only in ({"nur": "pruefen"}, {}):
        told = await colleague.post(path, form | only)
        assert "können nur die, die Ihre Organisation leiten" in words(told)
        assert 'value="Probe Kim"' in told.text
    assert await site.sql("select from app.application where tenant_id = $1 and title = 'Probe Kim'", site.id) == []


async def test_who_stands_for_nobody_is_told_so_and_strangers_sign_in_first(town: Town) -> None:
    call = await open_call(town.west.site)
    path = f"/foerderaufrufe/cll_{call}/antrag"
    alone = await signed_in(town.app, town.west.site, person=await town.west.site.person("Allein"))
    assert (await alone.get(path)).status_code == 403
    stranger = await town.stranger().get(path)
    assert (stranger.status_code, "/auth/login" in stranger.headers["location"]) == (303, True)
    assert f"/auth/login?next={path}" in (await town.stranger().get("/foerderaufrufe")).text


async def test_a_membership_is_asked_for_asked_about_answered_and_approved(town: Town) -> None:
    site, organisation = town.west.site, town.west.ids("org")[2]
    member, manager = await applicant_of(town.app, site, organisation), await town.reader("manager")
    await site.sql("update app.plan set public = true, holder = 'organisation', kinds = '{}', nonprofit = null,"
                   " family = 'antrag' where tenant_id = $1", site.id)  # fmt: skip
    page = await member.get("/mein")
    plan = re.search(r'<select id="f-tarif".*?value="(pln_[^"]+)"', page.text, re.DOTALL)
    assert plan
    form = {"tarif": plan[1], "fuer": organisation, "text": "Wir <b>sind</b> drei.", "key": str(new_id())}
    unread = await member.post("/mein/mitgliedschaft", form | {"ab": "morgen"})
    assert (unread.status_code, 'id="e-ab"' in unread.text) == (422, True)
    assert "Wir &lt;b&gt;sind&lt;/b&gt; drei." in unread.text  # nothing was lost
    assert (await member.post("/mein/mitgliedschaft", form)).status_code == 303
    twice = await member.post("/mein/mitgliedschaft", form | {"key": str(new_id())})
    assert (twice.status_code, "liegt schon ein Antrag" in words(twice)) == (422, True)
    here = await manager.get("/mitglieder/antraege")
    assert "Wir &lt;b&gt;sind&lt;/b&gt; drei." in here.text
    path = re.search(r'drei\..*?action="(/mitglieder/antraege/mbr_[^/"]+)/fragen"', here.text, re.DOTALL)
    assert path
    assert (await member.get("/mitglieder/antraege")).status_code == 403
    empty = await manager.post(f"{path[1]}/fragen", {"version": "1", "frage": " ", "key": str(new_id())})
    assert empty.status_code == 422
    asked = {"version": "1", "frage": "Seit wann?", "key": str(new_id())}
    assert (await manager.post(f"{path[1]}/fragen", asked)).status_code == 303
    stale = await manager.post(f"{path[1]}/annehmen", {"version": "1", "key": str(new_id())})
    assert stale.status_code == 409
    assert re.search(r"Jana Fried war am .* Uhr schneller: beim Antrag nachgefragt", words(stale))
    mine = await member.get("/mein")
    assert "Seit wann?" in words(mine)
    own = path[1].replace("/mitglieder/antraege/", "/mein/mitgliedschaft/")
    answer = {"version": "2", "antwort": "Seit Mai.", "key": str(new_id())}
    late = await member.post(f"{own}/antworten", answer | {"version": "1", "key": str(new_id())})
    assert (late.status_code, ">Seit Mai.</textarea>" in late.text) == (409, True)  # what was typed stands there
    assert (await member.post(f"{own}/antworten", answer)).status_code == 303
    assert "Seit Mai." in words(await manager.get("/mitglieder/antraege"))
    number = {"register": "TAX_NO", "nummer": "232/123/45678", "key": str(new_id())}  # it acts on a market
    assert (await manager.post(f"/mitglieder/antraege/kennung/{organisation}", number)).status_code == 303
    done = await manager.post(f"{path[1]}/annehmen", {"version": "3", "key": str(new_id())})
    assert done.status_code == 303, words(done)
    [row] = await site.sql("select state from app.membership where tenant_id = $1 and statement like 'Wir%'", site.id)
    assert row["state"] == "active"
    declined = {"version": "3", "grund": "Leider kein Platz.", "key": str(new_id())}
    beaten = await manager.post(f"{path[1]}/ablehnen", declined)  # it is off the list, but not what was written
    assert beaten.status_code == 409
    assert "Leider kein Platz." in words(beaten)
    assert (await member.post(f"{own}/zurueckziehen", {"version": "4", "key": str(new_id())})).status_code == 409
    assert (await manager.post(f"{path[1]}/quatsch", {"version": "4"})).status_code == 404


async def test_who_comes_too_late_is_told_who_was_faster_when_and_with_what(town: Town) -> None:
    site = town.west.site
    anna = await signed_in(town.app, site, person=await site.person("Anna Roth", "front_desk"))
    other, space = await desk_of(town)
    made = await other.post("/raeume/buchen", wish(space, tag="2026-12-07", titel="Probe zu spät"))
    path = made.headers["location"].partition("?")[0]
    moved = {"raum": space, "tag": "2026-12-07", "von": "13:00", "bis": "14:00", "version": "1", "key": str(new_id())}
    moved |= {"trotzdem": "1"}
    assert (await anna.post(f"{path}/verschieben", moved)).status_code == 303
    late = await other.post(f"{path}/verschieben", moved | {"von": "15:00", "bis": "16:00", "key": str(new_id())})
    assert late.status_code == 409
    assert re.search(r"Anna Roth war am \d\d\.\d\d\. um \d\d:\d\d Uhr schneller: Zeit geändert", words(late))
    assert re.search(r"Von Jetzt: 13:00 .* Bis Jetzt: 14:00", words(late))
    assert "Raum Jetzt:" not in words(late)
    assert f'href="{path}">Den jetzigen Stand übernehmen' in late.text
    assert "Den jetzigen Stand" not in (await other.get(path)).text
    assert re.search(r"<option[^>]*selected[^>]*>15:00", late.text)  # what was typed stands there
    english = await signed_in(town.app, site, "front_desk", language="en")
    told = words(await english.post(f"{path}/absagen", {"version": "1"}))
    assert "Anna Roth was faster on" in told
    member = await signed_in(town.app, site, person=await site.person("Nur Mitglied"))
    asked = {
        "query": "query($of: ID!) { lastChange(of: $of) { personName } }",
        "variables": {"of": path.split("/")[-1]},
    }
    answer = await member.http.post(
        "/graphql", json=asked, headers=member.headers | {"x-csrf-token": form_word(member.session or "")}
    )
    assert "Anna Roth" not in answer.text


async def test_a_cancellation_is_taken_back_with_one_button(town: Town) -> None:
    desk, space = await desk_of(town)
    made = await desk.post("/raeume/buchen", wish(space, tag="2026-12-08", titel="Probe zurück"))
    path = made.headers["location"].partition("?")[0]
    gone = await desk.post(f"{path}/absagen", {"version": "1"})
    assert gone.headers["location"] == f"{path}?abgesagt=1"
    page = await desk.get(gone.headers["location"])
    assert "Eine Minute lang lässt sich das zurücknehmen." in words(page)
    back = await desk.post(f"{path}/zuruecknehmen", {"version": "2"})
    assert back.status_code == 303, words(back)
    assert "lässt sich das zurücknehmen" not in words(await desk.get(f"{path}?abgesagt=1"))
    [row] = [row for row in await booked(town, space) if row["title"] == "Probe zurück"]
    assert row["state"] == "confirmed"


async def test_a_series_is_booked_with_what_works_and_its_rest_is_cancelled_from_one_of_its_dates(town: Town) -> None:
    desk, space = await desk_of(town)
    rule = {"wiederholen": "WEEKLY", "jede": "1", "ende": "2027-02-16"}
    form = wish(space, tag="2027-01-19", von="08:00", bis="09:00", titel="Reihe", trotzdem="1", **rule)
    made = await desk.post("/raeume/buchen", form)
    assert made.status_code == 303, words(made)
    path = made.headers["location"].partition("?")[0]
    page = await desk.get(path)
    dates = re.findall(r'href="(/buchungen/bkg_[0-9a-f-]+)"', page.text)
    assert len(dates) == 5
    third = await desk.get(dates[2])
    version = re.search(r'name="version" value="(\d+)"', third.text)
    assert version
    gone = await desk.post(f"{dates[2]}/absagen", {"version": version[1], "umfang": "FOLLOWING", "grund": "Umzug"})
    assert (gone.status_code, gone.headers["location"]) == (303, f"{path}?abgesagt=3")
    assert "3 Termine sind abgesagt." in words(await desk.get(gone.headers["location"]))
    states = [row["state"] for row in await _named(town, "Reihe")]
    assert states == ["confirmed"] * 2 + ["cancelled_by_site"] * 3 or states == ["confirmed"] * 2 + ["cancelled"] * 3


async def _named(town: Town, title: str) -> list[Any]:
    return list(
        await town.west.site.sql(
            "select state from app.booking where tenant_id = $1 and title = $2 order by lower(during)",
            town.west.site.id,
            title,
        )
    )


async def test_the_desk_books_for_a_person_by_name_and_for_a_guest(town: Town) -> None:
    desk, space = await desk_of(town)
    form = wish(space, tag="2027-01-20", von="08:00", bis="09:00", trotzdem="1")
    nobody = await desk.post("/raeume/buchen", form | {"wen": "Niemand Da", "titel": "Probe Name"})
    assert nobody.status_code == 422
    assert "So heißt hier niemand." in words(nobody)
    assert 'value="Niemand Da"' in nobody.text
    guest = await desk.post("/raeume/buchen", form | {"als": "GUEST", "titel": "Gast Weber", "key": str(new_id())})
    assert guest.status_code == 303, words(guest)
    [row] = await town.west.site.sql(
        "select kind, for_person from app.booking where tenant_id = $1 and title = 'Gast Weber'", town.west.site.id
    )
    assert (row["kind"], row["for_person"]) == ("guest", None)


async def test_a_move_that_clashes_offers_ways_out_and_one_click_moves(town: Town) -> None:
    desk, space = await desk_of(town)
    day = {"tag": "2027-01-12", "trotzdem": "1"}
    assert (await desk.post("/raeume/buchen", wish(space, von="08:00", bis="09:00", **day))).status_code == 303
    other = await desk.post("/raeume/buchen", wish(space, von="12:00", bis="13:00", titel="Probe rückt", **day))
    assert other.status_code == 303, words(other)
    path = other.headers["location"].partition("?")[0]
    version = re.search(r'name="version" value="(\d+)"', (await desk.get(path)).text)
    assert version
    move = {"raum": space, "tag": "2027-01-12", "von": "08:00", "bis": "09:00", "version": version[1]}
    clash = await desk.post(f"{path}/verschieben", move | {"key": str(new_id())})
    assert clash.status_code == 409
    assert 'href="#f-von"' in clash.text
    assert 'id="f-von"' in clash.text
    ways = re.findall(r'name="weg" value="([^"]+)"', clash.text)
    assert ways
    done = await desk.post(f"{path}/verschieben", move | {"weg": ways[-1], "key": str(new_id())})
    assert done.status_code == 303, words(done)
    assert done.headers["location"] == f"{path}?getan=verschieben"
    assert "Verschoben." in words(await desk.get(done.headers["location"]))

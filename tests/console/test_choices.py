"""The page of notifications, and the link at a letter's foot: only a post acts, and it needs no sign-in."""

from console.conftest import Town
from console.reader import words

from quartier.kit.ids import new_id
from quartier.notices.choices.links import way_out

HERE = "/mein/benachrichtigungen"


async def off(town: Town, person: object) -> list[str]:
    rows = await town.west.site.sql(
        "select kind from app.notice_choice where tenant_id = $1 and person_id = $2 and channel = 'off'",
        town.west.site.id, person,
    )  # fmt: skip
    return [row["kind"] for row in rows]


async def test_a_kind_is_switched_off_and_on_and_the_page_says_why_others_stay(town: Town) -> None:
    member = await town.reader("manager")
    first = words(await member.get(HERE))
    assert "Erinnerungen an Buchungen per E-Mail" in first
    assert "Entscheidungen Über Anfragen und Mitgliedschaft wird entschieden" in first
    wish = {"key": str(new_id()), "art": "BOOKING_REMINDERS", "weg": "OFF"}
    assert (await member.post(HERE, wish)).status_code == 303
    assert "Erinnerungen an Buchungen abbestellt" in words(await member.get(HERE))
    assert (await member.post(HERE, wish | {"key": str(new_id()), "weg": "MAIL"})).status_code == 303
    assert "Erinnerungen an Buchungen per E-Mail" in words(await member.get(HERE))
    assert (await member.post(HERE, wish | {"art": "DECISIONS"})).status_code == 404
    assert (await member.post(HERE, wish, word=False)).status_code == 403


async def test_the_page_is_in_english_too(town: Town) -> None:
    said = words(await (await town.reader("manager", language="en")).get(HERE))
    assert "Reminders of bookings by mail" in said
    assert "What comes in any case" in said


async def test_following_the_link_changes_nothing_and_the_button_ends_it(town: Town) -> None:
    site = town.west.site
    lena = await site.person("Lena Wegner")
    path, stranger = way_out(site.desk(), lena, "session_reminders"), town.stranger()
    shown = await stranger.get(path)
    assert (shown.status_code, "Lena" in shown.text, "Erinnerungen an Veranstaltungen" in shown.text) == (
        200, False, True,
    )  # fmt: skip
    assert (await stranger.http.head(path, headers=stranger.headers)).status_code in {200, 405}
    assert await off(town, lena) == []
    assert (shown.headers["referrer-policy"], shown.headers["x-robots-tag"]) == ("no-referrer", "noindex")
    assert "set-cookie" not in shown.headers
    assert "Abbestellt" in words(await stranger.post(path, {"List-Unsubscribe": "One-Click"}))
    assert await off(town, lena) == ["session_reminders"]


async def test_a_mail_program_ends_it_with_one_post_without_cookie_origin_or_word(town: Town) -> None:
    site = town.west.site
    lena = await site.person("Lena Wegner")
    path, http = way_out(site.desk(), lena, "own_acts"), town.stranger().http
    for _ in range(2):
        done = await http.post(path, content="List-Unsubscribe=One-Click", headers={
            "content-type": "application/x-www-form-urlencoded",
        })  # fmt: skip
        assert done.status_code == 200
    assert await off(town, lena) == ["own_acts"]
    [line] = await site.sql(
        "select person, numbers from app.audit_entry where tenant_id = $1 and action = 'notice.chosen'"
        " order by seq desc limit 1",
        site.id,
    )
    assert (line["person"], '"by": "letter"' in line["numbers"]) == (None, True)


async def test_it_is_no_sign_in_and_ends_nothing_of_who_is_signed_in_here(town: Town) -> None:
    site = town.west.site
    lena = await site.person("Lena Wegner")
    other = await town.reader("member")
    done = await other.post(way_out(site.desk(), lena, "own_acts"), {"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    assert await off(town, lena) == ["own_acts"]
    said = words(await other.get(HERE))
    assert "abbestellt" not in said.split("Das kommt in jedem Fall")[0]
    assert "session" not in str(done.headers.get("set-cookie", ""))


async def test_another_host_an_altered_word_and_none_are_alike(town: Town) -> None:
    lena = await town.west.site.person("Lena Wegner")
    path = way_out(town.west.site.desk(), lena, "own_acts")
    wrong = path[:-10] + ("A" if path[-10] != "A" else "B") + path[-9:]
    answers = [
        await town.stranger(town.east.site).get(path),
        await town.stranger(town.city).get(path),
        await town.stranger().get(wrong),
        await town.stranger().get("/abbestellen/nichts"),
        await town.stranger(town.east.site).post(path),
        await town.stranger().post(wrong),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert await off(town, lena) == []

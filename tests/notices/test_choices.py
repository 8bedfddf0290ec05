"""A person chooses what she is told; what the house owes her comes in any case, and each letter shows its way out."""

from datetime import timedelta

import pytest
from notices.office import MINUTE, Office, office
from refusing import refusals
from rows import seat, workshop
from spaces.conftest import blueprint, house, house_east
from spaces.house import House
from world import NOW, Site

from quartier.acts.reminding import remind
from quartier.notices.choices.actions import choose, unsubscribe
from quartier.notices.choices.links import PLACE, opened, way_out
from quartier.notices.choices.queries import choices
from quartier.notices.choices.words import Channel
from quartier.spaces import actions
from quartier.tenancy.desk import Desk

__all__ = ["blueprint", "house", "house_east", "office"]


async def chosen(office: Office, kind: str, channel: Channel = "off") -> None:
    with office.site.speaking():
        await choose(office.house.member, kind, channel)


async def lines(site: Site) -> list[str]:
    rows = await site.sql("select action from app.audit_entry where tenant_id = $1 order by seq", site.id)
    return [row["action"] for row in rows if row["action"].startswith("notice.")]


async def reminded(office: Office) -> list[str]:
    """Of a workshop in three days, in which Lena has a seat."""
    starts = NOW + timedelta(days=3)
    await seat(office.site, await workshop(office.site, starts), office.house.lena)
    with office.site.speaking("worker"):
        await remind(office.site.desk(now=NOW + MINUTE))
    return await office.send(NOW + 2 * MINUTE)


async def test_without_a_word_everything_comes_and_duties_cannot_be_chosen(office: Office) -> None:
    with office.site.speaking():
        found = await choices(office.house.member, office.house.lena)
        assert {each.channel for each in found} == {"mail"}
        assert [each.kind for each in found if not each.fixed] == ["booking_reminders", "session_reminders", "own_acts"]
        for duty in ("decisions", "house_changes", "seat_offers", "sign_in", "everything"):
            assert list(await refusals(choose(office.house.member, duty, "off"))) == ["FIELD_INVALID"]
        program = office.site.desk("member", person=None)
        assert list(await refusals(choose(program, "own_acts", "off"))) == ["NOT_FOUND"]


async def test_who_wants_no_reminders_gets_none_until_she_wants_them_again(office: Office) -> None:
    await chosen(office, "session_reminders")
    assert await reminded(office) == []
    assert ("session_reminder", "stopped", "not wanted") in await office.states()
    await chosen(office, "session_reminders", "mail")
    assert [each for each in await reminded(office) if each.startswith("Erinnerung")] != []
    assert await lines(office.site) == ["notice.chosen", "notice.chosen"]


async def test_what_the_house_does_is_told_to_who_wants_no_word_of_her_own_acts(office: Office) -> None:
    await chosen(office, "own_acts")
    made = await office.book()
    assert await office.send() == []
    with office.site.speaking():
        await actions.cancel_booking(office.house.front_desk.at(NOW + MINUTE), made.id, 1, reason="Rohrbruch")
    assert await office.send(NOW + 2 * MINUTE) == [f"Abgesagt: Buchung {made.number}, Denkwerkstatt"]
    assert (office.server.letters[-1]["List-Unsubscribe"], "abbestellen" in office.text()) == (None, False)


async def test_a_letter_one_can_do_without_has_a_button_for_mail_programs_and_a_line_for_people(office: Office) -> None:
    await office.book()
    await office.send()
    letter = office.server.letters[-1]
    link = letter["List-Unsubscribe"].removeprefix("<").removesuffix(">")
    origin = f"https://{office.site.realm.host}"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link.startswith(origin + PLACE)
    assert office.text().endswith(f"\nNachrichten dieser Art abbestellen:\n{link}\n")
    assert b"=?utf-8?" not in dict(letter.raw_items())["List-Unsubscribe"].encode()  # a program reads it as it is
    assert opened(office.site.desk(), link.removeprefix(origin + PLACE)) == (office.house.lena, "own_acts")


async def test_the_word_of_a_letter_ends_its_kind_for_its_person_alone_and_twice_is_once(office: Office) -> None:
    found = opened(office.site.desk(), way_out(office.site.desk(), office.house.lena, "own_acts")[len(PLACE) :])
    assert found is not None
    uwe = await office.site.person("Uwe Strobel")
    with office.site.speaking():
        for _ in range(2):
            await unsubscribe(office.site.desk(), *found)
        assert [
            each.kind for each in await choices(office.house.member, office.house.lena) if each.channel == "off"
        ] == ["own_acts"]
        assert {each.channel for each in await choices(office.house.member, uwe)} == {"mail"}
    assert await lines(office.site) == ["notice.chosen"]


async def test_a_word_says_nothing_and_one_of_elsewhere_or_altered_opens_nothing(
    house: House, house_east: House
) -> None:
    west, east = house.site.desk(), house_east.site.desk()
    word = way_out(west, house.lena, "own_acts")[len(PLACE) :]
    assert str(house.lena) not in word
    assert way_out(west, house.lena, "own_acts")[len(PLACE) :] != word  # not even that two are the same
    assert opened(east, word) is None
    middle = len(word) // 2
    changed = word[:middle] + ("A" if word[middle] != "A" else "B") + word[middle + 1 :]
    for wrong in (changed, word[:-4], word + "=", "", "ä", "x" * 5000, "gAAAAA", str(house.lena)):
        assert opened(west, wrong) is None, wrong


@pytest.mark.parametrize("said", ["{t} {p} own_acts", "other {t} {p} own_acts", "unsubscribe {t} {p} decisions"])
async def test_what_was_sealed_for_something_else_is_no_way_out(house: House, said: str) -> None:
    from quartier.database.sealing import SEAL

    desk: Desk = house.site.desk()
    sealed = SEAL.close(said.format(t=desk.tenant_id, p=house.lena)).decode()
    assert opened(desk, sealed) is None


async def test_a_choice_at_one_site_is_none_at_the_other(office: Office, house_east: House) -> None:
    await chosen(office, "own_acts")
    with house_east.site.speaking():
        assert {each.channel for each in await choices(house_east.member, office.house.lena)} == {"mail"}
    assert await house_east.site.count("app.notice_choice") == 0

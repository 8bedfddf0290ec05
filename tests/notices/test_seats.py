"""Who has a seat is told when it is gone, with the entry that takes it out of the calendar."""

from datetime import timedelta
from uuid import UUID

import pytest
from notices.office import MINUTE, Office, office
from rows import seat, session, workshop
from spaces.conftest import blueprint, house, house_east
from world import NOW

from quartier.programme.seats.actions import cancel_registration, register
from quartier.programme.seats.undoing import undo_cancel_registration
from quartier.programme.words import Registration
from quartier.tenancy.desk import Desk

__all__ = ["blueprint", "house", "house_east", "office"]
STARTS = NOW + timedelta(days=7)
LATER = NOW + timedelta(hours=1)


def lena(office: Office) -> Desk:
    return office.site.desk("member", person=office.house.lena)


async def mira(office: Office) -> Desk:
    return office.site.desk("manager", person=await office.site.person("Mira Lindner"))


async def registered(office: Office, of: UUID) -> Registration:
    with office.site.speaking():
        return await register(lena(office), of)


async def test_a_seat_comes_with_its_entry_and_what_staff_cancels_takes_it_out(office: Office) -> None:
    made = await registered(office, await workshop(office.site, STARTS))
    assert await office.send() == ["Angemeldet: Reparatur-Café"]
    method, event = office.entry()
    assert (method, event["STATUS"], event["SEQUENCE"], event["SUMMARY"]) == (
        "REQUEST", "CONFIRMED", 0, "Reparatur-Café",
    )  # fmt: skip
    assert (event["DTSTART"].dt, str(event["LOCATION"])) == (STARTS, f"Werkhalle, {office.site.realm.name}")
    with office.site.speaking():
        gone = await cancel_registration((await mira(office)).at(LATER), made.id, reason="Kurs nur für Mitglieder")
    assert gone.state == "cancelled_by_site"
    assert await office.send(LATER + MINUTE) == ["Abgesagt: Anmeldung zu Reparatur-Café"]
    assert "Grund: Kurs nur für Mitglieder" in office.text()
    method, again = office.entry()
    assert (method, again["UID"], again["STATUS"], again["SEQUENCE"]) == ("CANCEL", event["UID"], "CANCELLED", 1)


async def test_a_course_of_several_sessions_is_one_calendar(office: Office) -> None:
    course = await workshop(office.site, STARTS)
    await session(office.site, course, STARTS + timedelta(days=7), no=2)
    made = await registered(office, course)
    await office.send()
    method, events = office.calendar()
    assert (method, len({str(event["UID"]) for event in events})) == ("PUBLISH", 2)
    with office.site.speaking():
        await cancel_registration(await mira(office), made.id, reason="Doppelt")
    await office.send(LATER)
    method, after = office.calendar()
    assert (method, [str(each["UID"]) for each in after]) == ("PUBLISH", [str(each["UID"]) for each in events])
    assert {(each["STATUS"], each["SEQUENCE"]) for each in after} == {("CANCELLED", 1)}


async def test_who_registers_anew_has_an_entry_of_its_own(office: Office) -> None:
    """A calendar takes nothing back that was cancelled."""
    cafe = await workshop(office.site, STARTS)
    made = await registered(office, cafe)
    await office.send()
    with office.site.speaking():
        await cancel_registration(lena(office).at(LATER), made.id)
    assert await office.send(LATER + MINUTE) == ["Abgesagt: Anmeldung zu Reparatur-Café"]
    assert "Grund: keiner genannt" in office.text()
    await registered(office, cafe)
    await office.send(LATER + MINUTE)
    uids = [str(office.entry(number)[1]["UID"]) for number in (0, 1, 2)]
    assert uids[0] == uids[1] != uids[2]


async def test_what_she_undoes_within_the_minute_is_never_told_but_what_staff_takes_is(office: Office) -> None:
    cafe = await workshop(office.site, STARTS)
    made = await registered(office, cafe)
    with office.site.speaking():
        await cancel_registration(lena(office), made.id)
    assert await office.send() == []
    again = await registered(office, cafe)
    with office.site.speaking():
        await cancel_registration(await mira(office), again.id, reason="Doppelt")
    assert await office.send() == ["Abgesagt: Anmeldung zu Reparatur-Café"]


async def test_staff_that_takes_it_back_within_the_minute_leaves_one_letter_of_the_seat(office: Office) -> None:
    made = await registered(office, await workshop(office.site, STARTS))
    desk = await mira(office)
    with office.site.speaking():
        gone = await cancel_registration(desk, made.id, reason="Doppelt")
        await undo_cancel_registration(desk, made.id, gone.version)
    assert await office.send() == ["Angemeldet: Reparatur-Café"]


@pytest.mark.parametrize("state", ["waitlisted", "offered"])
async def test_a_place_in_the_line_that_staff_takes_is_told_and_stands_in_no_calendar(
    office: Office, state: str
) -> None:
    cafe = await workshop(office.site, STARTS)
    made = await seat(office.site, cafe, office.house.lena, "waitlisted")
    if state == "offered":
        await office.site.sql(
            "update app.registration set state = 'offered', offered_until = $2 where tenant_id = $1",
            office.site.id,
            STARTS - timedelta(days=1),
        )
        await office.site.sql("update app.seat_pool set taken = 1 where tenant_id = $1", office.site.id)
    with office.site.speaking():
        gone = await cancel_registration(await mira(office), made, reason="Kurs nur für Mitglieder")
    assert gone.state == "cancelled_by_site"
    assert await office.send() == ["Abgesagt: Anmeldung zu Reparatur-Café"]
    assert list(office.server.letters[-1].iter_attachments()) == []

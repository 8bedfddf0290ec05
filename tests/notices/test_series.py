"""A series is told by one letter: all its dates, those that did not fit, and one calendar under the feeds' UIDs."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest
from notices.office import MINUTE, Office, office
from spaces.conftest import blueprint, house, house_east
from spaces.house import span
from world import NOW

from quartier.database.engine import DB
from quartier.notices import outbox
from quartier.spaces import actions
from quartier.spaces.deciding import approve_booking
from quartier.spaces.series import actions as series
from quartier.spaces.series import changing
from quartier.spaces.series.words import Outcome, Rule, Times, What
from quartier.spaces.undoing import undo_cancel

__all__ = ["blueprint", "house", "house_east", "office"]
EVENING = Times(datetime(2026, 11, 24, 18), timedelta(hours=2))  # noqa: DTZ001  (wall time has no zone)
LATER = NOW + timedelta(hours=1)


async def book(office: Office, count: int = 20) -> tuple[UUID, list[Outcome]]:
    """Tuesdays from the 24th of November on, of which somebody else has the second."""
    house = office.house
    with office.site.speaking():
        await actions.book_space(
            house.front_desk, house.rooms["denkwerkstatt"], span(1, 19, 21, month=12), kind="guest", override=True
        )
        return await series.book_series(
            house.member, house.rooms["denkwerkstatt"], Rule("weekly", weekdays=(2,), count=count), EVENING,
            What("Lesekreis"), organisation=house.kitchen, beyond=True,
        )  # fmt: skip


def held(outcomes: list[Outcome]) -> list[UUID]:
    return [each.booking for each in outcomes if each.booking is not None]


async def told(office: Office) -> list[str]:
    """The keys of what is about a series or its dates, without the guest's."""
    return [key for key, _, _ in await office.states() if key.startswith("series_")]


async def test_twenty_dates_are_one_letter_with_all_dates_the_missed_ones_and_one_calendar(office: Office) -> None:
    made, outcomes = await book(office)
    assert [subject for subject in await office.send() if "Serie" in subject] == [
        "Serie gebucht: Denkwerkstatt, 18 Termine"
    ]
    assert [to for to in office.server.to if to == "lena@mail.example"] == ["lena@mail.example"]
    text = office.text()
    assert "- Di, 24.11.2026, 18:00 bis 20:00 Uhr (LW-B-2026-0002)\n" in text
    assert text.count(" bis 20:00 Uhr (LW-B-") == 18
    assert (
        "gingen nicht:\n- Di, 01.12.2026: In dieser Zeit ist der Raum schon vergeben. Nächster freier Beginn: "
    ) in text
    assert text.count("- Di, ") == 20
    assert f"https://{office.site.realm.host}/serien/ser_{made}" in text
    method, events = office.calendar()
    assert method == "PUBLISH"
    assert [(str(event["UID"]), event["SEQUENCE"]) for event in events] == [
        (f"{booking}@{office.site.realm.host}", 0) for booking in held(outcomes)
    ]
    assert events[-1]["DTSTART"].dt.isoformat() == "2027-04-06T18:00:00+02:00"
    assert not [event for event in events if "ATTENDEE" in event]


async def test_who_reads_english_reads_the_series_and_its_reasons_in_english(office: Office) -> None:
    await office.site.sql("update app.person set language = 'en' where tenant_id = $1", office.site.id)
    await book(office, 3)
    assert "Series booked: Think room, 2 dates" in await office.send()
    assert "- Tue, 24 November 2026, 18:00 to 20:00 (LW-B-2026-0002)" in office.text()
    assert "These days did not fit:\n- Tue, 01 December 2026: The space is already taken" in office.text()


async def test_a_series_that_fits_whole_says_nothing_of_missed_days(office: Office) -> None:
    with office.site.speaking():
        await series.book_series(
            office.house.member, office.house.rooms["denkwerkstatt"], Rule("weekly", weekdays=(2,), count=1), EVENING,
            What("Lesekreis"), organisation=office.house.kitchen,
        )  # fmt: skip
    assert await office.send() == ["Serie gebucht: Denkwerkstatt, 1 Termin"]
    assert ("gingen nicht" in office.text(), "\n\n\n" in office.text()) == (False, False)


async def test_what_changes_within_the_minute_is_told_by_the_letter_that_waits(office: Office) -> None:
    _, outcomes = await book(office, 4)
    first, third, _ = held(outcomes)
    with office.site.speaking():
        await actions.cancel_booking(office.house.member, first, 1)
        await actions.move_booking(office.house.member, third, 1, span(8, 10, 12, month=12))
    assert await told(office) == ["series_booked"]
    assert "Serie gebucht: Denkwerkstatt, 2 Termine" in await office.send()
    assert [(event["DTSTART"].dt.hour, event["SEQUENCE"]) for event in office.calendar()[1]] == [(10, 1), (18, 0)]
    assert "24.11.2026" not in office.text()


async def test_a_series_cancelled_within_the_minute_is_never_told(office: Office) -> None:
    _, outcomes = await book(office, 4)
    with office.site.speaking():
        await changing.cancel_dates(office.house.member, held(outcomes)[0], 1, "all")
    assert not [subject for subject in await office.send() if "Serie" in subject]
    assert ("series_booked", "stopped", "over") in await office.states()
    assert await told(office) == ["series_booked"]


async def test_a_series_that_is_cancelled_later_is_one_letter_that_takes_every_date_out(office: Office) -> None:
    _, outcomes = await book(office)
    await office.send()
    with office.site.speaking():
        await changing.cancel_dates(
            office.house.front_desk.at(LATER), held(outcomes)[0], 1, "all", reason="Die Heizung fällt aus"
        )
    assert await office.send(LATER + MINUTE) == ["Serie abgesagt: Denkwerkstatt, 18 Termine"]
    assert "Grund: Die Heizung fällt aus" in office.text()
    method, events = office.calendar()
    assert (method, len(events), {(event["STATUS"], event["SEQUENCE"]) for event in events}) == (
        "PUBLISH", 18, {("CANCELLED", 1)},
    )  # fmt: skip
    assert [str(event["UID"]).split("@")[0] for event in events] == [str(booking) for booking in held(outcomes)]


async def test_what_the_house_takes_away_within_the_minute_is_told_all_the_same(office: Office) -> None:
    _, outcomes = await book(office, 4)
    with office.site.speaking():
        await changing.cancel_dates(office.house.front_desk, held(outcomes)[0], 1, "all", reason="Wasserschaden")
    assert "Serie abgesagt: Denkwerkstatt, 3 Termine" in await office.send()


async def test_a_date_that_is_taken_back_from_a_cancelled_series_is_not_told_as_gone(office: Office) -> None:
    _, outcomes = await book(office, 4)
    await office.send()
    first = held(outcomes)[0]
    with office.site.speaking():
        await changing.cancel_dates(office.house.member.at(LATER), first, 1, "all")
        await undo_cancel(office.house.member.at(LATER), first, 2)
    assert await office.send(LATER + MINUTE) == ["Serie abgesagt: Denkwerkstatt, 2 Termine"]
    assert str(first) not in str(office.calendar()[1])


async def test_a_series_that_moves_is_one_letter_with_the_days_that_stay_and_why(office: Office) -> None:
    _, outcomes = await book(office, 4)
    with office.site.speaking():
        await actions.book_space(
            office.house.front_desk, office.house.rooms["denkwerkstatt"], span(8, 15, 17, month=12), kind="guest",
            override=True,
        )  # fmt: skip
    await office.send()
    with office.site.speaking():
        desk = office.house.member.at(LATER)
        await changing.move_dates(desk, held(outcomes)[0], 1, "all", time(16), timedelta(hours=2), beyond=True)
        await changing.move_dates(desk, held(outcomes)[0], 2, "following", time(16), timedelta(hours=1), beyond=True)
    assert await office.send(LATER + MINUTE) == ["Serie verschoben: Denkwerkstatt, 2 Termine"]
    text = office.text()
    assert "- Di, 24.11.2026, 16:00 bis 17:00 Uhr (LW-B-2026-0002)" in text
    assert "bleiben, wie sie waren:\n- Di, 08.12.2026: In dieser Zeit ist der Raum schon vergeben." in text
    _, events = office.calendar()
    assert [(event["DTSTART"].dt.date(), event["SEQUENCE"]) for event in events] == [
        (date(2026, 11, 24), 2), (date(2026, 12, 15), 2),
    ]  # fmt: skip


async def test_a_single_date_that_changes_later_and_one_that_is_added_have_a_letter_of_their_own(
    office: Office,
) -> None:
    made, outcomes = await book(office, 4)
    await office.send()
    with office.site.speaking():
        await changing.cancel_dates(office.house.member.at(LATER), held(outcomes)[1], 1, "this")
        await series.add_series_date(
            office.house.member.at(LATER), made, date(2026, 12, 1), start=time(10), length=timedelta(hours=1)
        )
    assert [subject.split(":")[0] for subject in await office.send(LATER + MINUTE)] == [
        "Abgesagt", "Buchung LW-B-2026-0005",
    ]  # fmt: skip
    assert [office.entry(number)[0] for number in (-2, -1)] == ["CANCEL", "REQUEST"]


async def test_a_series_that_has_to_be_approved_is_told_as_a_request_and_each_decision_by_itself(
    office: Office,
) -> None:
    await office.site.sql("update app.space set approval = true where tenant_id = $1", office.site.id)
    _, outcomes = await book(office, 3)
    assert "Serie angefragt: Denkwerkstatt, 2 Termine" in await office.send()
    assert list(office.server.letters[-1].iter_attachments()) == []
    with office.site.speaking():
        await approve_booking(office.house.manager.at(LATER), held(outcomes)[0], 1)
    assert await office.send(LATER + MINUTE) == ["Buchung LW-B-2026-0002: Denkwerkstatt"]


async def test_what_is_on_its_way_is_not_counted_on(office: Office) -> None:
    """A letter that somebody sends just now may be written already: what changes meanwhile is told by itself."""
    _, outcomes = await book(office, 4)
    with office.site.speaking("worker"):
        async with DB.work():
            await outbox.claim(office.site.desk(now=NOW + MINUTE))
    with office.site.speaking():
        await changing.cancel_dates(office.house.member.at(NOW + MINUTE), held(outcomes)[0], 1, "all")
    assert await told(office) == ["series_booked", "series_cancelled"]


@pytest.mark.parametrize("scope", ["following", "all"])
async def test_requests_that_are_withdrawn_together_are_not_told(office: Office, scope: str) -> None:
    await office.site.sql("update app.space set approval = true where tenant_id = $1", office.site.id)
    _, outcomes = await book(office, 3)
    await office.send()
    with office.site.speaking():
        await changing.cancel_dates(office.house.member.at(LATER), held(outcomes)[0], 1, scope)  # type: ignore[arg-type]
    assert await office.send(LATER + MINUTE) == []

"""From the event to the mailbox: told once, of what is true when it is sent, and taken back when it was undone."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from notices.office import FACTS, MINUTE, Office, office
from notices.sink import Sink, sink
from rows import seat, workshop
from spaces.conftest import blueprint, house, house_east
from spaces.house import House, span
from world import NOW

from quartier.database.engine import DB
from quartier.notices import outbox
from quartier.notices.carrying import LONGEST_PAUSE, MOST_TRIES, send
from quartier.notices.words import Notice, Told
from quartier.spaces import actions
from quartier.spaces.deciding import approve_booking, decline_booking
from quartier.tenancy.desk import Desk

__all__ = ["blueprint", "house", "house_east", "office"]


@pytest.fixture
def other_server() -> Iterator[Sink]:
    with sink() as made:
        yield made


async def test_a_booking_is_told_after_a_minute_with_an_entry_for_the_calendar(office: Office) -> None:
    made = await office.book()
    assert await office.send(NOW + timedelta(seconds=59)) == []
    assert await office.send() == [f"Buchung {made.number}: Denkwerkstatt"]
    assert await office.send(NOW + timedelta(hours=1)) == []
    assert await office.states() == [("booking_confirmed", "sent", None)]
    letter = office.server.letters[0]
    body = letter.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "Guten Tag Lena Voss" in text
    assert "20.11.2026, 09:00 Uhr bis 20.11.2026, 11:00 Uhr" in text
    assert f"https://{office.site.realm.host}/buchungen/bkg_{made.id}" in text
    method, event = office.entry()
    assert (method, event["UID"], event["SEQUENCE"]) == ("REQUEST", f"{made.id}@{office.site.realm.host}", 0)
    assert event["ATTENDEE"] == "mailto:lena@mail.example"
    assert event["DTSTART"].dt.isoformat() == "2026-11-20T09:00:00+01:00"


async def test_who_reads_english_is_told_in_english(office: Office) -> None:
    await office.site.sql("update app.person set language = 'en' where tenant_id = $1", office.site.id)
    made = await office.book()
    [subject] = await office.send()
    assert subject.startswith(f"Booking {made.number}: ")
    body = office.server.letters[0].get_body(("plain",))
    assert body is not None
    assert "Hello Lena Voss" in body.get_content()


async def test_what_is_undone_within_the_minute_is_never_told(office: Office) -> None:
    made = await office.book()
    with office.site.speaking():
        await actions.cancel_booking(office.house.member.at(NOW + timedelta(seconds=30)), made.id, 1)
    assert await office.send(NOW + timedelta(hours=1)) == []
    assert await office.states() == [("booking_confirmed", "stopped", None)]


async def test_a_move_within_the_minute_is_told_as_the_booking_it_is_and_a_later_one_as_a_move(office: Office) -> None:
    made = await office.book(day=24)
    with office.site.speaking():
        moved = await actions.move_booking(office.house.member, made.id, 1, span(24, 13, 15))
    assert await office.send() == [f"Buchung {made.number}: Denkwerkstatt"]
    method, event = office.entry()
    assert (method, event["SEQUENCE"], event["DTSTART"].dt.hour) == ("REQUEST", 1, 13)
    later = NOW + timedelta(hours=1)
    with office.site.speaking():
        await actions.move_booking(office.house.member.at(later), made.id, moved.version, span(24, 15, 17))
    assert await office.send(later + MINUTE) == [f"Verschoben: Buchung {made.number}, Denkwerkstatt"]
    method, again = office.entry()
    assert (again["UID"], again["SEQUENCE"], again["DTSTART"].dt.hour) == (event["UID"], 2, 15)


async def test_a_cancellation_takes_the_entry_out_of_the_calendar(office: Office) -> None:
    made = await office.book()
    await office.send()
    later = NOW + timedelta(hours=1)
    with office.site.speaking():
        await actions.cancel_booking(office.house.front_desk.at(later), made.id, 1, reason="Wasserschaden")
    assert await office.send(later + MINUTE) == [f"Abgesagt: Buchung {made.number}, Denkwerkstatt"]
    body = office.server.letters[-1].get_body(("plain",))
    assert body is not None
    assert "Grund: Wasserschaden" in body.get_content()
    method, event = office.entry()
    assert (method, event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)


async def test_a_request_is_told_when_it_is_decided(office: Office) -> None:
    await office.site.sql("update app.space set approval = true where tenant_id = $1", office.site.id)
    granted, refused = await office.book(day=20), await office.book(day=23)
    assert granted.state == "requested"
    assert sorted(await office.send()) == sorted(f"Anfrage {each.number}: Denkwerkstatt" for each in (granted, refused))
    assert all(not list(letter.iter_attachments()) for letter in office.server.letters)
    with office.site.speaking():
        await approve_booking(office.house.manager, granted.id, granted.version)
        await decline_booking(office.house.manager, refused.id, refused.version, "Die Halle wird gestrichen")
    assert sorted(await office.send(NOW + 2 * MINUTE)) == [
        f"Buchung {granted.number}: Denkwerkstatt", f"Nicht möglich: Anfrage {refused.number}, Denkwerkstatt",
    ]  # fmt: skip
    [declined] = [letter for letter in office.server.letters if "Nicht möglich" in letter["Subject"]]
    assert list(declined.iter_attachments()) == []


async def test_what_is_not_true_any_more_is_not_told(office: Office) -> None:
    await office.book()
    await office.site.sql("update app.booking set state = 'cancelled' where tenant_id = $1", office.site.id)
    assert await office.send() == []
    assert await office.states() == [("booking_confirmed", "stopped", "over")]


async def test_what_is_over_is_not_told(office: Office) -> None:
    await office.book()
    assert await office.send(NOW + timedelta(days=9)) == []
    assert await office.states() == [("booking_confirmed", "stopped", "over")]


@pytest.mark.parametrize(("how", "why"), [("state = 'blocked'", "nobody"), ("email = null", "no address")])
async def test_who_is_blocked_or_has_no_address_gets_no_letter(office: Office, how: str, why: str) -> None:
    await office.book()
    await office.site.sql(f"update app.person set {how} where tenant_id = $1", office.site.id)
    assert await office.send() == []
    assert await office.states() == [("booking_confirmed", "stopped", why)]


async def test_a_refusal_for_now_is_tried_again_later_and_later_and_then_given_up(office: Office) -> None:
    await office.book(day=27)
    office.server.answers = ["451 later"] * MOST_TRIES
    at, tries = NOW + MINUTE, 0
    while (state := (await office.states())[0])[1] == "waiting":
        assert await office.send(at) == []
        tries += 1
        [row] = await office.site.sql("select send_after from app.notice where tenant_id = $1", office.site.id)
        assert (await office.states())[0][2] == "server 451"
        assert await office.send(row["send_after"] - timedelta(seconds=1)) == []
        at = row["send_after"]
    assert (state, tries) == (("booking_confirmed", "failed", "server 451"), MOST_TRIES)
    assert at - NOW > timedelta(hours=12)


async def test_one_that_nobody_can_write_holds_up_none_after_it_and_is_given_up_in_the_end(office: Office) -> None:
    made = [await office.book(day=day) for day in (23, 24, 25)]
    tried = 0

    async def facts(desk: Desk, notice: Notice, whom: outbox.Addressee) -> Told | None:
        nonlocal tried
        if notice.refs["booking"] == str(made[0].id):
            tried += 1
            raise ZeroDivisionError("Lena Voss")
        return await FACTS(desk, notice, whom)

    at = NOW + MINUTE
    await send(office.site.desk(now=at), facts, office.carrier)
    assert len(office.server.letters) == 2
    assert {state: error for _, state, error in await office.states()} == {"waiting": "fault", "sent": None}
    while any(state == "waiting" for _, state, _ in await office.states()):
        at += LONGEST_PAUSE
        await send(office.site.desk(now=at), facts, office.carrier)
    assert (tried, len(office.server.letters)) == (MOST_TRIES, 2)
    assert ("booking_confirmed", "failed", "fault") in await office.states()


async def test_a_mailbox_that_is_not_there_is_not_tried_again(office: Office) -> None:
    await office.book()
    await office.site.sql("update app.person set email = 'gone@mail.example' where tenant_id = $1", office.site.id)
    assert await office.send() == []
    assert await office.states() == [("booking_confirmed", "failed", "recipient 550")]


async def test_several_who_send_at_once_send_each_letter_once(office: Office) -> None:
    for day in (20, 23, 24, 25):
        await office.book(day=day)
    await asyncio.gather(*(send(office.site.desk(now=NOW + MINUTE), FACTS, office.carrier) for _ in range(4)))
    assert len(office.server.letters) == len({letter["Message-ID"] for letter in office.server.letters}) == 4


async def test_what_a_sender_that_died_had_begun_is_sent_after_its_lease(office: Office) -> None:
    await office.book()
    with office.site.speaking("worker"):
        async with DB.work():
            [taken] = await outbox.claim(office.site.desk(now=NOW + MINUTE))
    assert taken.attempts == 1
    assert await office.send(NOW + 2 * MINUTE) == []
    assert len(await office.send(NOW + MINUTE + outbox.LEASE)) == 1


async def test_what_is_on_its_way_is_not_taken_back_and_the_cancellation_is_told(office: Office) -> None:
    made = await office.book()
    with office.site.speaking("worker"):
        async with DB.work():
            await outbox.claim(office.site.desk(now=NOW + MINUTE))
    later = NOW + MINUTE
    with office.site.speaking():
        await actions.cancel_booking(office.house.member.at(later), made.id, 1)
    assert await office.send(later + MINUTE) == [f"Abgesagt: Buchung {made.number}, Denkwerkstatt"]


async def test_without_an_account_everything_waits(office: Office) -> None:
    await office.book()

    async def none(desk: Desk) -> None:
        return None

    await send(office.site.desk(now=NOW + MINUTE), FACTS, none)
    assert await office.states() == [("booking_confirmed", "waiting", None)]
    assert len(await office.send()) == 1


async def test_one_site_s_sender_never_sends_the_other_s(office: Office, house_east: House, other_server: Sink) -> None:
    await office.book()
    east = Office(house_east, other_server)
    assert await east.send() == []
    assert await office.states() == [("booking_confirmed", "waiting", None)]


async def test_the_job_that_sends_is_left_with_the_booking_and_one_serves_many(office: Office) -> None:
    await office.book()
    await office.book(day=23)
    jobs = await office.site.sql(
        "select entrypoint, dedupe_key, execute_after - created as waits from jobs.pgqueuer "
        "where entrypoint = 'notices.send' and convert_from(payload, 'utf8') like '%' || $1::text || '%'",
        str(office.site.id),
    )
    assert 1 <= len(jobs) <= 2  # the clock may have stepped on between the two
    assert all(MINUTE - timedelta(seconds=1) <= job["waits"] <= MINUTE + timedelta(seconds=20) for job in jobs)


# -- seats -------------------------------------------------------------------------------------------------------------
async def seated(office: Office, state: str, key: str, **refs: UUID) -> UUID:
    of = await workshop(office.site, NOW + timedelta(days=7))
    made = await seat(office.site, of, office.house.lena, "confirmed")
    if state == "offered":
        await office.site.sql(
            "update app.registration set state = 'offered', offered_until = $2 where tenant_id = $1",
            office.site.id,
            NOW + timedelta(hours=4),
        )
    desk = office.site.desk()
    with office.site.speaking():
        async with desk.transaction():
            await outbox.queue(desk, key, office.house.lena, once=f"{key}:1", registration=made, **refs)  # type: ignore[arg-type]
    return made


@pytest.mark.parametrize(
    ("state", "key", "subject"),
    [("confirmed", "registration_confirmed", "Angemeldet: "), ("offered", "waitlist_offer", "Ein Platz ist frei: ")],
)
async def test_a_seat_and_an_offer_are_told(office: Office, state: str, key: str, subject: str) -> None:
    await seated(office, state, key)
    [told] = await office.send()
    assert told.startswith(subject)


async def test_an_offer_that_ran_out_is_not_told(office: Office) -> None:
    await seated(office, "offered", "waitlist_offer")
    assert await office.send(NOW + timedelta(hours=5)) == []
    assert await office.states() == [("waitlist_offer", "stopped", "over")]

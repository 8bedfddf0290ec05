"""Outside calendars: what they are busy with is held, whatever they contain stays within bounds."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from refusing import refusals
from spaces.house import House, at, span
from world import BERLIN, NOW

from quartier.access.partners.network import Network
from quartier.database.sealing import SEAL
from quartier.kit.spans import Span
from quartier.spaces import actions
from quartier.spaces.outside import actions as outside
from quartier.spaces.outside.ics import busy, window_of
from quartier.spaces.outside.reading import read_calendars
from quartier.spaces.outside.words import Unreadable

WINDOW = window_of(NOW, BERLIN)
URL = "https://kalender.example/verein/geheim.ics"


def calendar(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\r\nUID:{n}@x\r\nDTSTAMP:20261101T000000Z\r\n{event}\r\nEND:VEVENT\r\n"
                   for n, event in enumerate(events))  # fmt: skip
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{body}END:VCALENDAR\r\n".encode()


def event(start: str, end: str, *more: str) -> str:
    return "\r\n".join([f"DTSTART{start}", f"DTEND{end}", *more])


# -- reading -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("events", "spans"),
    [
        ([event(":20261120T080000Z", ":20261120T090000Z")], [span(20, 9, 10)]),
        ([event(";TZID=Europe/London:20261120T080000", ";TZID=Europe/London:20261120T090000")], [span(20, 9, 10)]),
        ([event(":20261120T090000", ":20261120T100000")], [span(20, 9, 10)]),  # the site's wall time
        ([event(";VALUE=DATE:20261120", ";VALUE=DATE:20261122")], [Span(at(20, 0), at(22, 0))]),
        ([event(":20261120T080000Z", ":20261120T090000Z", "TRANSP:TRANSPARENT")], []),
        ([event(":20261120T080000Z", ":20261120T090000Z", "STATUS:CANCELLED")], []),
        ([event(":20200101T080000Z", ":20200101T090000Z")], []),
        (
            [event(":20261120T080000Z", ":20261120T090000Z"), event(":20261120T083000Z", ":20261120T100000Z")],
            [span(20, 9, 11)],
        ),
        (
            [event(";TZID=Europe/Berlin:20261022T180000", ";TZID=Europe/Berlin:20261022T190000",
                   "RRULE:FREQ=WEEKLY;COUNT=7", "EXDATE;TZID=Europe/Berlin:20261126T180000")],
            [span(19, 18, 19), span(3, 18, 19, month=12)],  # 18:00 on both sides of the clock change
        ),
    ],
)  # fmt: skip
def test_what_is_busy(events: list[str], spans: list[Span]) -> None:
    assert busy(calendar(*events), WINDOW, BERLIN) == spans


def test_half_a_year_is_looked_ahead_and_days_keep_their_hours() -> None:
    daily = event(":20260101T080000Z", ":20260101T090000Z", "RRULE:FREQ=DAILY")
    found = busy(calendar(daily), WINDOW, BERLIN)
    assert (len(found), found[0].start, found[-1].start) == (180, at(19, 9), datetime(2027, 5, 17, 8, tzinfo=UTC))
    assert window_of(NOW + timedelta(hours=9), BERLIN) == WINDOW


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"<html>", "no_calendar"),
        (b"", "no_calendar"),
        (b"\x00\xff" * 1000, "no_calendar"),
        (calendar("DTSTART:heute"), "no_calendar"),
        (calendar(event(":20261120T080000Z", ":20261120T090000Z")) * 2001, "too_many"),
        (calendar(event(":20261120T080000Z", ":20261120T080001Z", "RRULE:FREQ=SECONDLY")), "too_often"),
        (calendar(event(":20261120T080000Z", ":20261120T080001Z", "RRULE:FR\r\n EQ=minutely")), "too_often"),
    ],
)
def test_a_file_that_is_no_calendar_is_refused_with_its_fault(text: bytes, fault: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        busy(text, WINDOW, BERLIN)
    assert unreadable.value.fault == fault


# -- holding -------------------------------------------------------------------------------------------
Answer = Callable[[httpx2.Request], httpx2.Response]


def says(*events: str, etag: str = '"1"') -> Answer:
    def answer(request: httpx2.Request) -> httpx2.Response:
        assert str(request.url) == URL
        if request.headers.get("if-none-match") == etag:
            return httpx2.Response(304)
        return httpx2.Response(200, content=calendar(*events), headers={"etag": etag})

    return answer


async def read(house: House, answer: Answer, now: datetime = NOW) -> None:
    network = Network(transport=httpx2.MockTransport(answer))
    await read_calendars(house.site.desk(now=now), network=network)


async def told(house: House) -> tuple[object, ...]:
    [row] = await house.site.sql(
        "select error, missed, read_at, tried_at from app.outside_calendar where tenant_id = $1", house.site.id
    )
    return tuple(row)


TWO = [
    event(":20261120T080000Z", ":20261120T100000Z", "SUMMARY:Vorstand"),
    event(":20261123T080000Z", ":20261123T100000Z"),
]


async def test_what_others_are_busy_with_holds_the_space_and_gives_it_back(at_west: House) -> None:
    await outside.add_outside_calendar(at_west.manager, at_west.rooms["studio"], "Verein", URL)
    await read(at_west, says(*TWO))
    held = [("studio", 1, at(20, 9), at(20, 11)), ("studio", 1, at(23, 9), at(23, 11))]
    assert await at_west.occupied() == held
    rows = await at_west.site.sql(
        "select number, kind, title, visibility, state, price, list_price, payer from app.booking where tenant_id = $1"
        " order by number", at_west.site.id,
    )  # fmt: skip
    assert tuple(rows[0]) == ("LW-X-2026-0001", "outside", "Verein", "private", "confirmed", 0, 0, None)
    wish = actions.book_space(at_west.front_desk, at_west.rooms["studio"], span(20, 10, 12), kind="guest")
    assert list(await refusals(wish)) == ["SPACE_TAKEN"]
    assert await at_west.site.count("app.counter", "kind = 'B'") == 0
    await read(at_west, says(TWO[1], etag='"2"'))
    assert await at_west.occupied() == held[1:]
    lines = [line["action"] for line in await at_west.lines()]
    assert lines == ["space.outside_added", "space.outside_read", "space.outside_read"]


async def test_reading_again_changes_nothing_and_asks_only_for_what_is_new(at_west: House) -> None:
    await outside.add_outside_calendar(at_west.manager, at_west.rooms["studio"], "Verein", URL)
    asked: list[str | None] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.headers.get("if-none-match"))
        return says(*TWO)(request)

    for now in (NOW, NOW + timedelta(hours=1), NOW + timedelta(days=1)):
        await read(at_west, answer, now)
    assert asked == [None, '"1"', None]  # a new day looks a day further
    assert await at_west.site.count("app.booking") == 2
    assert await at_west.site.count("app.booking", "version = 1") == 2


async def test_what_is_booked_here_stays_booked_and_the_rest_is_held(at_west: House) -> None:
    room = at_west.rooms["studio"]
    mine = await actions.book_space(at_west.front_desk, room, Span(at(20, 9, 30), at(20, 10)), kind="guest")
    await outside.add_outside_calendar(at_west.manager, room, "Verein", URL)
    await read(at_west, says(*TWO))
    pieces = [
        ("studio", 1, at(20, 9), at(20, 9, 30)),
        ("studio", 1, at(20, 9, 30), at(20, 10)),
        ("studio", 1, at(20, 10), at(20, 11)),
        ("studio", 1, at(23, 9), at(23, 11)),
    ]
    assert await at_west.occupied() == pieces
    assert await told(at_west) == (None, 1, NOW, NOW)
    await actions.cancel_booking(at_west.front_desk, mine.id, 1, reason="x")
    await read(at_west, says(*TWO, etag='"2"'))
    assert [row[2:] for row in await at_west.occupied()] == [(at(20, 9), at(20, 11)), (at(23, 9), at(23, 11))]
    assert (await told(at_west))[1] == 0


async def test_a_whole_is_held_with_its_parts(at_west: House) -> None:
    await outside.add_outside_calendar(at_west.manager, at_west.rooms["werkhalle"], "Verein", URL)
    await read(at_west, says(TWO[0]))
    assert [row[0] for row in await at_west.occupied()] == ["werkhalle-nord", "werkhalle-sued"]


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (lambda _: httpx2.Response(404), "not_there"),
        (lambda _: httpx2.Response(302, headers={"location": "https://intern.example/"}), "not_there"),
        (lambda _: httpx2.Response(200, content=b"<html>"), "no_calendar"),
        (lambda _: httpx2.Response(200, content=b"x" * 300_000), "not_outside"),
    ],
)
async def test_a_calendar_that_fails_keeps_what_it_held_and_says_why(
    at_west: House, answer: Answer, fault: str
) -> None:
    await outside.add_outside_calendar(at_west.manager, at_west.rooms["studio"], "Verein", URL)
    await read(at_west, says(*TWO))
    later = NOW + timedelta(minutes=15)
    await read(at_west, answer, later)
    assert await told(at_west) == (fault, 0, NOW, later)
    assert len(await at_west.occupied()) == 2
    await read(at_west, says(*TWO), later)
    assert (await told(at_west))[0] is None


async def test_an_address_that_leads_into_a_private_network_is_never_asked(at_west: House) -> None:
    await outside.add_outside_calendar(at_west.manager, at_west.rooms["studio"], "Verein", URL)

    async def look(host: str, port: int) -> list[str]:
        assert (host, port) == ("kalender.example", 443)
        return ["10.0.0.7"]

    await read_calendars(at_west.site.desk(), network=Network(look=look))
    assert (await told(at_west))[0] == "not_outside"


async def test_one_calendar_that_fails_does_not_stop_the_others(at_west: House) -> None:
    for room in ("studio", "denkwerkstatt"):
        await outside.add_outside_calendar(at_west.manager, at_west.rooms[room], room, f"https://{room}.example/")

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "studio.example":
            raise httpx2.ConnectError("away")
        return httpx2.Response(200, content=calendar(*TWO))

    await read(at_west, answer)
    assert {row[0] for row in await at_west.occupied()} == {"denkwerkstatt"}
    assert await at_west.site.count("app.outside_calendar", "error = 'unreachable'") == 1


async def test_a_new_calendar_is_read_by_a_job_of_its_own(at_west: House) -> None:
    made = [
        await outside.add_outside_calendar(at_west.manager, at_west.rooms[room], room, f"https://{room}.example/")
        for room in ("studio", "denkwerkstatt")
    ]
    asked = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.host)
        return httpx2.Response(200, content=calendar(*TWO))

    network = Network(transport=httpx2.MockTransport(answer))
    await read_calendars(at_west.site.desk(), str(made[1]), network=network)
    assert asked == ["denkwerkstatt.example"]
    jobs = await at_west.site.sql("select payload from jobs.pgqueuer where entrypoint = 'spaces.read_calendars'")
    told = [bytes(row["payload"]).decode() for row in jobs]
    assert [sum(str(each) in text for text in told) for each in made] == [1, 1]


async def test_the_address_is_sealed_and_only_good_ones_are_taken(at_west: House, house_east: House) -> None:
    studio = at_west.rooms["studio"]
    await outside.add_outside_calendar(at_west.manager, studio, "Verein", "webcal://kalender.example/verein/geheim.ics")
    [row] = await at_west.site.sql(
        "select host, url_enc from app.outside_calendar where tenant_id = $1", at_west.site.id
    )
    assert row["host"] == "kalender.example"
    assert b"geheim" not in row["url_enc"]
    assert SEAL.open(row["url_enc"]) == URL
    for url in (
        "http://kalender.example/",
        "ftp://x",
        "https://a:b@x.example/",
        "file:///etc/passwd",
        "",
        "https://[x",
    ):
        refused = await refusals(outside.add_outside_calendar(at_west.manager, studio, "Verein", url))
        assert (list(refused), refused["FIELD_INVALID"].path) == (["FIELD_INVALID"], ("url",))
    desks = outside.add_outside_calendar(at_west.manager, at_west.rooms["arbeitsplaetze"], "Verein", URL)
    assert (await refusals(desks))["FIELD_INVALID"].path == ("space",)
    foreign = outside.add_outside_calendar(at_west.manager, house_east.rooms["studio"], "Verein", URL)
    assert list(await refusals(foreign)) == ["NOT_FOUND"]
    assert list(await refusals(outside.add_outside_calendar(at_west.front_desk, studio, "Verein", URL))) == [
        "NOT_ALLOWED"
    ]


async def test_a_calendar_taken_away_gives_back_what_it_held(at_west: House) -> None:
    made = await outside.add_outside_calendar(at_west.manager, at_west.rooms["studio"], "Verein", URL)
    await read(at_west, says(*TWO))
    assert list(await refusals(outside.remove_outside_calendar(at_west.manager, made, 7))) == ["STALE_VERSION"]
    await outside.remove_outside_calendar(at_west.manager, made, 1)
    assert await at_west.occupied() == []
    await read(at_west, says(*TWO))  # nobody asks any more
    assert await at_west.occupied() == []
    assert list(await refusals(outside.remove_outside_calendar(at_west.manager, made, 2))) == ["NOT_FOUND"]

"""What a booking has to keep to, without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from spaces.house import at, span
from world import BERLIN, NOW

from quartier.kit.refusal import Refusal
from quartier.kit.spans import Span
from quartier.kit.spoken import counts
from quartier.spaces import rules
from quartier.spaces.free import units_free
from quartier.spaces.words import (
    Atom,
    Booking,
    BookingKind,
    BookingState,
    Closed,
    Closure,
    Held,
    Opening,
    Situation,
    Space,
    Wish,
)

HALL, NORTH, SOUTH, DESKS, SOMEBODY = (UUID(int=n) for n in range(1, 6))
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WEEK = tuple(Opening(None, weekday, 480, 1260, date(2025, 9, 1), None) for weekday in range(1, 6))

ROOM = Space(
    id=HALL,
    key="halle",
    name_de="Halle",
    kind="hall",
    persons=24,
    units=1,
    grid=15 * MINUTE,
    min=30 * MINUTE,
    max=8 * HOUR,
    lead=30 * MINUTE,
    horizon=timedelta(days=180),
    before=timedelta(),
    after=15 * MINUTE,
    approval=False,
    request_blocks=False,
    cancel_until=24 * HOUR,
    who="members",
    lease_only=False,
    list_price_hour=2200,
    state="open",
    atoms=(Atom(HALL, 1),),
    around=frozenset({HALL}),
)
DIVIDED = replace(ROOM, atoms=(Atom(NORTH, 1), Atom(SOUTH, 1)), around=frozenset({HALL, NORTH, SOUTH}))
PLACES = replace(ROOM, id=DESKS, persons=1, units=3, after=timedelta(), atoms=(Atom(DESKS, 3),))
EMPTY = Situation(WEEK, (), ())


def held(when: Span, space: UUID = HALL, unit_no: int = 1, before: int = 0, after: int = 15) -> Held:
    return Held(SOMEBODY, space, unit_no, when, before * MINUTE, after * MINUTE)


def objections(
    wish: Wish | Span, space: Space = ROOM, situation: Situation = EMPTY, now: datetime = NOW
) -> list[Refusal]:
    wish = Wish(wish) if isinstance(wish, Span) else wish
    return list(rules.objections_to_booking(space, wish, situation, now=now, zone=BERLIN))


def codes(*args: object, **kwargs: object) -> list[str]:
    return [o.code for o in objections(*args, **kwargs)]  # type: ignore[arg-type]


def test_a_free_room_in_open_hours_is_booked() -> None:
    assert objections(span(20, 9, 11)) == []
    assert objections(Wish(span(20, 9, 11), persons=24)) == []


@pytest.mark.parametrize(
    ("wish", "code", "numbers"),
    [
        (Span(at(19, 9, 30), at(19, 11)), "SPAN_IN_PAST", {"earliest": at(19, 10, 15)}),
        (Span(at(19, 10), at(19, 11)), "TOO_SOON", {"lead": 30 * MINUTE, "earliest": at(19, 10, 15)}),
        (span(19, 9, 10, month=5, year=2027), "TOO_FAR", {"latest": date(2027, 5, 18)}),
        (Span(at(20, 9), at(20, 9, 15)), "SPAN_TOO_SHORT", {"shortest": 30 * MINUTE}),
        (span(20, 9, 18), "SPAN_TOO_LONG", {"longest": 8 * HOUR}),
        (
            Span(at(20, 9), at(20, 9, 40)),
            "OFF_GRID",
            {"grid": 15 * MINUTE, "earlier": at(20, 9, 30), "later": at(20, 9, 45)},
        ),
        (span(20, 20, 22), "OUT_OF_HOURS", {"opens_at": at(20, 8), "closes_at": at(20, 21)}),
        (span(20, 7, 9), "OUT_OF_HOURS", {"opens_at": at(20, 8), "closes_at": at(20, 21)}),
        (span(21, 9, 11), "OUT_OF_HOURS", {}),
    ],
)
def test_time_is_refused_with_its_numbers(wish: Span, code: str, numbers: dict[str, object]) -> None:
    [objection] = objections(wish)
    assert (objection.code, objection.numbers) == (code, numbers)


@pytest.mark.parametrize(
    "wish",
    [
        Span(at(19, 10, 15), at(19, 11)),  # exactly the lead
        span(18, 9, 10, month=5, year=2027),  # the last day of the horizon
        Span(at(20, 9), at(20, 9, 30)),
        span(20, 8, 16),
        span(20, 13, 21),
    ],
)
def test_the_limits_themselves_are_allowed(wish: Span) -> None:
    assert objections(wish) == []


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Span(at(20, 9), at(20, 9)), ["SPAN_TOO_SHORT"]),
        (Span(at(20, 11), at(20, 9)), ["SPAN_TOO_SHORT"]),
        (Span(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)), ["SPAN_IN_PAST", "SPAN_TOO_LONG"]),
        (Span(at(20, 9), datetime.max.replace(tzinfo=UTC)), ["SPAN_TOO_LONG"]),
        (Span(datetime.max.replace(tzinfo=UTC) - HOUR, datetime.max.replace(tzinfo=UTC)), ["TOO_FAR"]),
    ],
)
def test_spans_nobody_means_are_refused_and_break_nothing(wish: Span, expected: list[str]) -> None:
    assert codes(wish) == expected
    assert not rules.is_sane(wish, NOW)


@pytest.mark.parametrize(
    ("space", "units", "persons", "expected"),
    [
        (ROOM, 1, 25, [("TOO_MANY_PERSONS", {"most": 24, "asked": 25})]),
        (ROOM, 1, 0, [("FIELD_INVALID", {"allowed": counts(1, 24, ("Personen", "persons"))})]),
        (ROOM, 2, None, [("FIELD_INVALID", {"allowed": counts(1, 1)})]),
        (DIVIDED, 2, None, [("FIELD_INVALID", {"allowed": counts(1, 1)})]),
        (PLACES, 3, 3, []),
        (PLACES, 2, 3, [("TOO_MANY_PERSONS", {"most": 2, "asked": 3})]),
        (PLACES, 0, None, [("FIELD_INVALID", {"allowed": counts(1, 3)})]),
        (PLACES, 4, None, [("FIELD_INVALID", {"allowed": counts(1, 3)})]),
    ],
)
def test_places_and_persons_are_counted(
    space: Space, units: int, persons: int | None, expected: list[tuple[str, dict[str, object]]]
) -> None:
    found = objections(Wish(span(20, 9, 11), units, persons), space=space)
    assert [(o.code, o.numbers) for o in found] == expected


def test_every_reason_is_told_at_once() -> None:
    situation = Situation(WEEK, (Closure(None, span(19, 0, 12), "repair", "Boden"),), (held(span(19, 10, 11)),))
    wish = Wish(Span(at(19, 9, 50), at(19, 23, 10)), 1, 30)
    assert codes(wish, replace(ROOM, state="retired"), situation) == [
        "SPACE_NOT_OFFERED",
        "TOO_MANY_PERSONS",
        "TOO_SOON",
        "SPAN_TOO_LONG",
        "OFF_GRID",
        "OFF_GRID",
        "CLOSED",
        "OUT_OF_HOURS",
        "SPACE_TAKEN",
    ]


def test_a_leased_office_is_not_let_by_the_hour() -> None:
    [objection] = objections(span(20, 9, 11), replace(ROOM, lease_only=True))
    assert (objection.code, objection.numbers) == ("SPACE_NOT_OFFERED", {"reason": "lease_only"})


def test_a_closure_is_told_with_its_reason() -> None:
    situation = Situation(WEEK, (Closure(None, span(20, 10, 12), "repair", "Boden"),), ())
    [objection] = objections(span(20, 9, 11), situation=situation)
    assert objection.numbers == {
        "closed_from": at(20, 10),
        "closed_until": at(20, 12),
        "kind": "repair",
        "reason": "Boden",
    }
    assert codes(span(20, 8, 10), situation=situation) == []
    assert codes(span(20, 12, 13), situation=situation) == []


def test_taken_names_the_next_free_time_and_three_ways_out() -> None:
    situation = Situation(WEEK, (), (held(span(20, 9, 11)), held(span(20, 12, 14))))
    [objection] = objections(span(20, 10, 12), situation=situation)
    assert objection.code == "SPACE_TAKEN"
    assert objection.numbers == {"taken_from": at(20, 9), "taken_until": at(20, 11), "next_free": at(20, 14, 15)}
    assert objection.alternatives == (
        {"space": HALL, "starts_at": at(20, 14, 15), "ends_at": at(20, 16, 15)},
        {"space": HALL, "starts_at": at(20, 16, 15), "ends_at": at(20, 18, 15)},
        {"space": HALL, "starts_at": at(20, 18, 15), "ends_at": at(20, 20, 15)},
    )
    for hour in (14, 16, 18):
        assert codes(Span(at(20, hour, 15), at(20, hour + 2, 15)), situation=situation) == []


def test_ways_out_skip_weekend_and_closure_and_end_with_the_fortnight() -> None:
    monday_closed = Closure(None, Span(at(23, 0), at(24, 0)), "company_break", "Pause")
    friday = held(span(20, 8, 21))
    [objection] = objections(span(20, 10, 12), situation=Situation(WEEK, (monday_closed,), (friday,)))
    assert objection.numbers["next_free"] == at(24, 8)
    months = held(Span(at(20, 8), at(20, 21, month=12)))
    [objection] = objections(span(20, 10, 12), situation=Situation(WEEK, (), (months,)))
    assert "next_free" not in objection.numbers
    assert objection.alternatives == ()
    assert "–" in objection.message("de", BERLIN)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Span(at(20, 11), at(20, 12)), ["BUFFER_NEEDED"]),
        (Span(at(20, 11, 15), at(20, 12)), []),
        (Span(at(20, 8), at(20, 9)), ["BUFFER_NEEDED"]),
        (Span(at(20, 8), at(20, 8, 45)), []),
        (Span(at(20, 10, 45), at(20, 12)), ["SPACE_TAKEN"]),
    ],
)
def test_a_buffer_may_meet_a_buffer_but_never_a_booking(wish: Span, expected: list[str]) -> None:
    assert codes(wish, situation=Situation(WEEK, (), (held(span(20, 9, 11)),))) == expected


def test_of_two_buffers_the_longer_counts() -> None:
    generous = replace(ROOM, before=30 * MINUTE, after=30 * MINUTE)
    neighbours = (held(span(20, 9, 11), after=15), held(span(20, 13, 14), before=45))
    situation = Situation(WEEK, (), neighbours)
    [objection] = objections(Span(at(20, 11, 15), at(20, 12, 30)), generous, situation)
    assert (objection.code, objection.numbers) == (
        "BUFFER_NEEDED",
        {"free_from": at(20, 11, 30), "free_until": at(20, 12, 15)},
    )
    assert objections(Span(at(20, 11, 30), at(20, 12, 15)), generous, situation) == []


def test_a_whole_needs_both_parts_and_a_part_only_itself() -> None:
    north = replace(ROOM, id=NORTH, atoms=(Atom(NORTH, 1),))
    situation = Situation(WEEK, (), (held(span(20, 9, 11), SOUTH),))
    assert codes(span(20, 9, 11), DIVIDED, situation) == ["SPACE_TAKEN"]
    assert codes(span(20, 9, 11), north, situation) == []
    assert units_free(DIVIDED, Wish(span(20, 14, 15)), situation.held) == [(NORTH, 1), (SOUTH, 1)]


def test_like_places_are_taken_one_by_one_and_the_lowest_first() -> None:
    two_held = (held(span(20, 9, 11), DESKS, 1, after=0), held(span(20, 10, 12), DESKS, 3, after=0))
    situation = Situation(WEEK, (), two_held)
    assert units_free(PLACES, Wish(span(20, 9, 11), 1), two_held) == [(DESKS, 2)]
    assert units_free(PLACES, Wish(span(20, 9, 10), 2), two_held) == [(DESKS, 2), (DESKS, 3)]
    [objection] = objections(Wish(span(20, 9, 11), 2), PLACES, situation)
    assert (objection.code, objection.numbers) == (
        "UNITS_TAKEN",
        {"asked": 2, "left": 1, "units": 3, "next_free": at(20, 11)},
    )


def test_like_places_with_buffers_tell_the_ways_out() -> None:
    cleaned = replace(PLACES, units=1, atoms=(Atom(DESKS, 2),), after=15 * MINUTE)
    cleaned = replace(cleaned, units=2)
    both = tuple(held(span(20, 9, 11), DESKS, unit_no) for unit_no in (1, 2))
    [objection] = objections(span(20, 11, 12), cleaned, Situation(WEEK, (), both))
    assert (objection.code, objection.numbers) == ("BUFFER_NEEDED", {})
    assert objection.alternatives[0]["starts_at"] == at(20, 11, 15)


def booking(start: datetime, state: BookingState = "confirmed", kind: BookingKind = "member") -> Booking:
    when = Span(start, start + HOUR)
    return Booking(SOMEBODY, "LW-B-2026-0001", HALL, when, 1, None, kind, state, None, None, None, 0, False, 1)


@pytest.mark.parametrize(
    ("start", "state", "by_site", "becomes"),
    [
        (NOW + 24 * HOUR, "confirmed", False, "cancelled"),
        (NOW + 24 * HOUR - MINUTE, "confirmed", False, "cancelled_late"),
        (NOW + MINUTE, "confirmed", True, "cancelled_by_site"),
        (NOW + MINUTE, "requested", False, "withdrawn"),
        (NOW + MINUTE, "requested", True, "declined"),
    ],
)
def test_a_cancellation_keeps_the_deadline_inclusive(
    start: datetime, state: BookingState, by_site: bool, becomes: str
) -> None:
    assert rules.cancelled_as(booking(start, state), ROOM, now=NOW, by_site=by_site) == becomes


def test_what_has_begun_stays_and_a_session_is_changed_with_its_room() -> None:
    assert [o.code for o in rules.objections_to_change(booking(NOW + MINUTE), now=NOW)] == []
    assert [o.code for o in rules.objections_to_change(booking(NOW), now=NOW)] == ["ALREADY_STARTED"]
    of_a_session = booking(NOW, kind="session")
    assert [o.code for o in rules.objections_to_change(of_a_session, now=NOW)] == [
        "BELONGS_ELSEWHERE",
        "ALREADY_STARTED",
    ]


def test_titles_and_reasons_are_one_line() -> None:
    assert [o.code for t in ("", "Chorprobe", "x" * 200) for o in rules.objections_to_title(t)] == []
    assert [o.code for t in ("a\nb", "a\x00", "x" * 201) for o in rules.objections_to_title(t)] == ["FIELD_INVALID"] * 3
    assert list(rules.objections_to_reason(None, wanted=False)) == []
    assert [o.code for r in (None, " ", "x" * 501) for o in rules.objections_to_reason(r, wanted=True)] == [
        "FIELD_INVALID"
    ] * 3


def test_the_list_price_counts_minutes_and_places() -> None:
    assert rules.list_price(ROOM, Wish(Span(at(20, 9), at(20, 10, 45)))) == 3850
    assert rules.list_price(replace(PLACES, list_price_hour=250), Wish(Span(at(20, 9), at(20, 9, 30)), 3)) == 375
    assert rules.list_price(replace(ROOM, list_price_hour=1), Wish(Span(at(20, 9), at(20, 9, 45)))) == 0


def test_a_closure_of_whole_days_is_told_without_hours_and_with_its_last_day() -> None:
    zone = BERLIN
    break_ = Closed(
        closed_from=datetime(2026, 12, 24, tzinfo=zone), closed_until=datetime(2027, 1, 1, tzinfo=zone), reason="Pause"
    )
    day = Closed(
        closed_from=datetime(2026, 12, 25, tzinfo=zone), closed_until=datetime(2026, 12, 26, tzinfo=zone), reason="Fest"
    )
    hours = Closed(
        closed_from=datetime(2026, 12, 25, 9, tzinfo=zone), closed_until=datetime(2026, 12, 26, tzinfo=zone), reason="X"
    )
    assert break_.message("de", zone) == "Geschlossen vom 24.12.2026 bis 31.12.2026: Pause."
    assert day.message("de", zone) == "Geschlossen am 25.12.2026: Fest."
    assert day.message("en", zone) == "Closed on 25 December 2026: Fest."
    assert hours.message("de", zone) == "Geschlossen vom 25.12.2026, 09:00 Uhr bis 26.12.2026, 00:00 Uhr: X."

"""Weekly hours as instants, also on the two days a year when the clocks change."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from spaces.house import at, span
from world import BERLIN

from quartier.kit.spans import Span
from quartier.spaces.hours import (
    ceiling,
    days_of,
    floor,
    instant,
    is_on_grid,
    joined,
    open_spans,
    without,
)
from quartier.spaces.words import Opening

HALL, STUDIO = UUID(int=1), UUID(int=2)
QUARTER = timedelta(minutes=15)


def weekly(weekday: int, start: int, end: int, space: UUID | None = None) -> Opening:
    return Opening(space, weekday, start * 60, end * 60, date(2026, 1, 1), date(2027, 1, 1))


def test_hours_hold_on_their_weekday_while_they_are_valid() -> None:
    hours = [weekly(4, 8, 21), weekly(5, 10, 18)]
    thursday, saturday = date(2026, 11, 19), date(2026, 11, 21)
    assert open_spans(hours, HALL, thursday, saturday, BERLIN) == [span(19, 8, 21), span(20, 10, 18)]
    assert open_spans(hours, HALL, date(2026, 12, 31), date(2027, 1, 1), BERLIN) == [span(31, 8, 21, month=12)]
    assert open_spans(hours, HALL, date(2025, 12, 31), date(2026, 1, 1), BERLIN) == [span(1, 8, 21, month=1)]


def test_a_space_with_hours_of_its_own_forgets_the_houses() -> None:
    hours = [weekly(4, 8, 21), weekly(4, 12, 14, STUDIO)]
    day = date(2026, 11, 19)
    assert open_spans(hours, STUDIO, day, day, BERLIN) == [span(19, 12, 14)]
    assert open_spans(hours, HALL, day, day, BERLIN) == [span(19, 8, 21)]


def test_hours_over_midnight_are_one_span() -> None:
    hours = [weekly(5, 20, 24), weekly(6, 0, 2)]
    assert open_spans(hours, HALL, date(2026, 11, 20), date(2026, 11, 21), BERLIN) == [Span(at(20, 20), at(21, 2))]


def test_eight_in_the_morning_is_eight_on_both_sides_of_the_clock_change() -> None:
    assert instant(date(2026, 10, 24), 480, BERLIN) == datetime(2026, 10, 24, 6, tzinfo=UTC)
    assert instant(date(2026, 10, 25), 480, BERLIN) == datetime(2026, 10, 25, 7, tzinfo=UTC)
    assert instant(date(2026, 3, 29), 480, BERLIN) == datetime(2026, 3, 29, 6, tzinfo=UTC)


def test_a_night_of_opening_has_an_hour_less_in_march_and_one_more_in_october() -> None:
    hours = [weekly(7, 0, 6)]
    [march] = open_spans(hours, HALL, date(2026, 3, 29), date(2026, 3, 29), BERLIN)
    [october] = open_spans(hours, HALL, date(2026, 10, 25), date(2026, 10, 25), BERLIN)
    assert (march.length, october.length) == (timedelta(hours=5), timedelta(hours=7))


def test_hours_inside_the_skipped_hour_are_none() -> None:
    assert open_spans([weekly(7, 2, 3)], HALL, date(2026, 3, 29), date(2026, 3, 29), BERLIN) == []


@pytest.mark.parametrize(
    ("moment", "down", "up"),
    [
        (at(19, 9, 45), at(19, 9, 45), at(19, 9, 45)),
        (at(19, 9, 46), at(19, 9, 45), at(19, 10)),
        (at(19, 23, 59), at(19, 23, 45), at(20, 0)),
        (
            datetime(2026, 10, 25, 0, 50, tzinfo=UTC),
            datetime(2026, 10, 25, 0, 45, tzinfo=UTC),
            datetime(2026, 10, 25, 1, tzinfo=UTC),
        ),
        (
            datetime(2026, 3, 29, 0, 50, tzinfo=UTC),
            datetime(2026, 3, 29, 0, 45, tzinfo=UTC),
            datetime(2026, 3, 29, 1, tzinfo=UTC),
        ),
    ],
)
def test_the_grid_goes_on_through_the_night(moment: datetime, down: datetime, up: datetime) -> None:
    assert (floor(moment, QUARTER, BERLIN), ceiling(moment, QUARTER, BERLIN)) == (down, up)
    assert is_on_grid(moment, QUARTER, BERLIN) == (down == up)


def test_a_wide_grid_begins_anew_at_midnight() -> None:
    seven = timedelta(hours=7)
    assert floor(at(19, 6), seven, BERLIN) == at(19, 0)
    assert ceiling(at(19, 22), seven, BERLIN) == at(20, 0)


def test_an_end_at_midnight_does_not_touch_the_next_day() -> None:
    assert days_of(Span(at(19, 20), at(20, 0)), BERLIN) == (date(2026, 11, 19), date(2026, 11, 19))
    assert days_of(Span(at(19, 20), at(20, 0, 1)), BERLIN) == (date(2026, 11, 19), date(2026, 11, 20))


def test_spans_are_joined_and_cut() -> None:
    assert joined([span(19, 12, 14), span(19, 8, 10), span(19, 10, 12), Span(at(19, 20), at(19, 20))]) == [
        span(19, 8, 14)
    ]
    assert without([span(19, 8, 20)], [span(19, 6, 9), span(19, 12, 13), span(19, 19, 22)]) == [
        span(19, 9, 12),
        span(19, 13, 19),
    ]
    assert without([span(19, 8, 10)], [span(19, 7, 11)]) == []
    assert without([span(19, 8, 10)], [span(19, 10, 11), span(19, 6, 8)]) == [span(19, 8, 10)]

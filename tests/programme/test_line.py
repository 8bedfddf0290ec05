"""The order of the line, as pure rules."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from quartier.programme.seats import rules
from quartier.programme.words import PassedOver, SeatPool, Waiting

NINE = datetime(2026, 11, 19, 9, tzinfo=UTC)


def waiting(no: int, party: int = 1, *, priority: int = 0, pool: str = "open", minutes: int | None = None) -> Waiting:
    joined = NINE + timedelta(minutes=no if minutes is None else minutes)
    return Waiting(UUID(int=no), pool, party, priority, joined)


def moved(*line: Waiting, free: dict[str, int], fill: str = "strict", in_time: bool = True) -> list[int]:
    found = rules.promotions(line, free, fill=fill, in_time=in_time)  # type: ignore[arg-type]
    return [one.id.int for one in found.moved]


def passed(*line: Waiting, free: dict[str, int], fill: str = "strict", in_time: bool = True) -> list[tuple[int, str]]:
    found = rules.promotions(line, free, fill=fill, in_time=in_time)  # type: ignore[arg-type]
    return [(one.registration_id.int, one.reason) for one in found.passed]


def test_who_joined_first_moves_up_first() -> None:
    assert moved(waiting(3), waiting(1), waiting(2), free={"open": 2}) == [1, 2]


def test_priority_comes_before_the_hour_of_joining() -> None:
    assert moved(waiting(1), waiting(2, priority=1), free={"open": 1}) == [2]


def test_the_id_decides_between_two_of_the_same_moment() -> None:
    assert moved(waiting(8, minutes=0), waiting(7, minutes=0), free={"open": 1}) == [7]


def test_a_party_that_does_not_fit_holds_a_strict_line() -> None:
    line = (waiting(1, party=3), waiting(2))
    assert moved(*line, free={"open": 2}) == []
    found = rules.promotions(line, {"open": 2}, fill="strict", in_time=True)
    assert found.passed == (PassedOver(UUID(int=1), "party_too_large", party=3, free=2),)


def test_a_gap_is_filled_by_the_next_that_fits_where_the_house_says_so() -> None:
    line = (waiting(1, party=3), waiting(2), waiting(3, party=2), waiting(4))
    assert moved(*line, free={"open": 2}, fill="fill_gaps") == [2, 4]
    assert passed(*line, free={"open": 2}, fill="fill_gaps") == [(1, "party_too_large"), (3, "party_too_large")]


def test_a_pool_without_a_seat_passes_nobody_over() -> None:
    assert passed(waiting(1), waiting(2), free={"open": 0}) == []


def test_somebody_is_told_that_another_pool_had_seats() -> None:
    line = (waiting(1), waiting(2, pool="initiativen"), waiting(3))
    assert moved(*line, free={"open": 0, "initiativen": 1}) == [2]
    assert passed(*line, free={"open": 0, "initiativen": 1}) == [(1, "pool_full")]


def test_shortly_before_the_start_nobody_is_asked_any_more() -> None:
    assert moved(waiting(1), waiting(2), free={"open": 2}, in_time=False) == []
    assert passed(waiting(1), waiting(2), free={"open": 2}, in_time=False) == [(1, "too_late")]


@pytest.mark.parametrize(
    ("line", "fill", "seated"),
    [
        ((), "strict", True),
        ((waiting(1, party=3),), "strict", False),  # the party of three holds the line
        ((waiting(1, party=3),), "fill_gaps", True),
        ((waiting(1, party=2),), "fill_gaps", False),  # would fit, so nobody passes it
        ((waiting(1, pool="initiativen"),), "strict", True),  # another pool is another line
    ],
)
def test_a_newcomer_passes_nobody(line: tuple[Waiting, ...], fill: str, seated: bool) -> None:
    pool = SeatPool(UUID(int=9), "open", seats=20, taken=18)
    newcomer = waiting(5)
    assert rules.is_seated_at_once(newcomer, line, pool, fill=fill) is seated  # type: ignore[arg-type]


def test_a_newcomer_with_priority_goes_before_those_without() -> None:
    pool = SeatPool(UUID(int=9), "open", seats=20, taken=18)
    assert rules.is_seated_at_once(waiting(5, priority=2), [waiting(1, party=3)], pool, fill="strict")
    assert rules.place_of(waiting(5, priority=2), [waiting(1), waiting(2, priority=2)]) == 2

"""Small groups stay hidden, whatever is published around them. Attack 20."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartier.insight.rules import gives_away, has_to_wait, published
from quartier.insight.words import ALL, Cell

LEAST = 5


def cells(*numbers: int, prefix: str = "kind") -> list[Cell]:
    return [Cell(f"{prefix}:{at}", n, n) for at, n in enumerate(numbers)]


def shown(whole: int, *groups: Sequence[Cell], least: int = LEAST) -> list[int | None]:
    found = published(Cell(ALL, whole, whole), groups, least=least, least_slice=LEAST)
    assert all((cell.n is None) == (cell.num is None) for cell in found)
    return [cell.n for cell in found]


def told(*numbers: int) -> list[int | None]:
    return shown(sum(numbers), cells(*numbers))


@pytest.mark.parametrize(
    ("numbers", "published_numbers"),
    [
        ((20, 8, 0), [28, 20, 8, 0]),  # nothing is small, and nobody is nobody
        ((20, 8, 3), [31, 20, None, None]),  # the smallest other one goes with it, else 3 = 31 − 28
        ((20, 8, 5, 1), [34, 20, None, None, None]),  # 5 + 1 would leave 1 to 5 for each: too narrow
        ((9, 3), [12, None, None]),
        ((3, 4), [7, None, None]),  # each lies between 1 and 6
        ((2, 3), [None, None, None]),  # each would lie between 1 and 4, so the whole goes too
        ((4, 0), [None, None, None]),  # the whole itself is small
        ((3, 3, 3, 0), [9, None, None, None, 0]),
        ((0, 0), [0, 0, 0]),
        ((6, 0), [6, 6, 0]),
    ],
)
def test_a_small_slice_is_hidden_together_with_what_would_give_it_away(
    numbers: tuple[int, ...], published_numbers: list[int | None]
) -> None:
    assert told(*numbers) == published_numbers


def test_a_whole_that_is_hidden_takes_every_group_with_it() -> None:
    assert shown(6, cells(5, 1), cells(6, prefix="payer")) == [None] * 4


def test_an_unguarded_whole_stays_when_its_slices_are_hidden() -> None:
    assert shown(3, cells(2, 1), least=1) == [3, None, None]


@given(st.lists(st.lists(st.integers(0, 14), min_size=1, max_size=6), min_size=1, max_size=2))
def test_20_no_hidden_slice_can_be_bounded_within_the_smallest_cell(split: list[list[int]]) -> None:
    """Everything that adds up to a published number is solved for the lowest and highest value of each unknown."""
    whole = sum(split[0])
    groups = [numbers if sum(numbers) == whole else [whole] for numbers in split]
    found = shown(whole, *(cells(*numbers, prefix=str(at)) for at, numbers in enumerate(groups)))
    total, rest = found[0], found[1:]
    for numbers in groups:
        seen, rest = rest[: len(numbers)], rest[len(numbers) :]
        assert all(n is None or n == 0 or n >= LEAST for n in seen)
        assert all(n is None or n == true for n, true in zip(seen, numbers, strict=True))
        if total is None:
            assert seen == [None] * len(seen)
            continue
        hidden = seen.count(None)
        if hidden:
            unknown = total - sum(n for n in seen if n is not None)
            lowest, highest = 1, unknown - (hidden - 1)  # a cell of nobody would be shown
            assert highest - lowest >= LEAST, (numbers, seen)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=6))
def test_nothing_is_hidden_where_nothing_is_small(numbers: list[int]) -> None:
    large = [n if n == 0 or n >= LEAST else n + LEAST for n in numbers]
    assert told(*large) == [sum(large), *large]


@pytest.mark.parametrize(
    ("whole", "parts", "hidden", "tells"),
    [
        (30, [20, 10], 0, False),
        (32, [20, 10], 0, True),  # two people came to a published month later
        (35, [20, 10], 0, False),
        (33, [20, 10], 1, True),  # the hidden month is 3
        (40, [20, 10], 1, True),  # and a single one is always the difference
        (36, [20, 10], 2, True),  # each of two lies between 1 and 5
        (37, [20, 10], 2, False),  # between 1 and 6
        (30, [20, 10], 1, False),  # what was never published was nobody
        (0, [], 3, False),
    ],
)
def test_a_quarter_does_not_tell_about_its_hidden_months(
    whole: int, parts: list[int], hidden: int, tells: bool
) -> None:
    assert gives_away(whole, parts, hidden, least=LEAST) is tells


@given(st.lists(st.tuples(st.integers(0, 14), st.booleans()), min_size=1, max_size=12))
def test_20_no_hidden_month_can_be_bounded_from_its_quarter(months: list[tuple[int, bool]]) -> None:
    """Months are hidden when small, and by chance for any other reason."""
    kept = [n for n, keep in months if keep and (n == 0 or n >= LEAST)]
    hidden = [n for n, keep in months if not (keep and (n == 0 or n >= LEAST)) and n > 0]
    whole = sum(n for n, _ in months)
    if hidden and not gives_away(whole, kept, len(hidden), least=LEAST):
        unknown = whole - sum(kept)
        assert len(hidden) > 1
        assert unknown - (len(hidden) - 1) - 1 >= LEAST


@pytest.mark.parametrize(
    ("before", "after", "waits"),
    [
        ((20, 12, 8), (20, 12, 8), False),
        ((20, 12, 8), (21, 13, 8), True),  # one neighbour joined: the difference would be that one
        ((20, 12, 8), (25, 17, 8), False),
        ((20, 12, 8), (26, 17, 9), True),
        ((20, 12, 8), (15, 12, None), False),
        ((20, None, None), (24, None, None), True),
        ((None, None, None), (6, 6, 0), False),
    ],
)
def test_20_a_difference_of_a_few_people_waits(
    before: tuple[int | None, ...], after: tuple[int | None, ...], waits: bool
) -> None:
    def written(numbers: tuple[int | None, ...]) -> list[Cell]:
        return [Cell(str(at), n, n) for at, n in enumerate(numbers)]

    assert has_to_wait(written(before), written(after), least=LEAST) is waits


def test_one_mark_that_is_corrected_waits_too() -> None:
    before, after = [Cell(ALL, 12, 11, 14)], [Cell(ALL, 12, 12, 14)]
    assert has_to_wait(before, after, least=LEAST)

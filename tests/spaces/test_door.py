"""What hangs at a door: whether one may go in, until when, and never who is in there."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from refusing import refusals
from spaces.house import House, at, span

from quartier.spaces import actions
from quartier.spaces.door import Door, doors
from quartier.spaces.words import Visibility
from quartier.tenancy.desk import Desk

NINE = at(24, 9)  # a Tuesday; the house is open from 8 to 21


def stranger(house: House, now: datetime = NINE) -> Desk:
    return replace(house.site.desk(), now=now)


async def door(house: House, key: str, now: datetime = NINE, day: date | None = None) -> Door:
    [found] = await doors(stranger(house, now), spaces=[house.rooms[key]], day=day)
    return found


async def test_a_free_room_is_free_until_what_comes_next_is_prepared(at_west: House) -> None:
    await actions.book_space(
        at_west.front_desk, at_west.rooms["denkwerkstatt"], span(24, 10, 12), kind="guest", title="Vorstand"
    )
    found = await door(at_west, "denkwerkstatt")
    assert (found.state, found.until) == ("free", at(24, 9, 45))  # a quarter of an hour to set up
    [held] = found.sign.held
    assert (held.start, held.end, held.places, held.caption) == (at(24, 10), at(24, 12), 1, None)


async def test_what_for_stands_there_when_it_is_public_and_never_otherwise(at_west: House) -> None:
    room = at_west.rooms["denkwerkstatt"]
    visibilities: tuple[Visibility, ...] = ("public", "members", "private")
    for hour, seen in zip((10, 13, 16), visibilities, strict=True):
        await actions.book_space(
            at_west.front_desk, room, span(24, hour, hour + 1), kind="guest", title=f"{seen} Runde", visibility=seen
        )
    captions = [each.caption for each in (await door(at_west, "denkwerkstatt")).sign.held]
    assert captions == ["public Runde", None, None]


@pytest.mark.parametrize(
    ("hour", "minute", "state", "until"),
    [
        (7, 0, "shut", at(24, 8)),
        (9, 50, "shut", at(24, 12, 15)),  # being set up for ten
        (10, 0, "taken", at(24, 12, 15)),
        (11, 59, "taken", at(24, 12, 15)),
        (12, 15, "free", at(24, 21)),
        (21, 30, "shut", None),
    ],
)
async def test_the_state_follows_the_clock(at_west: House, hour: int, minute: int, state: str, until: object) -> None:
    await actions.book_space(at_west.front_desk, at_west.rooms["denkwerkstatt"], span(24, 10, 12), kind="guest")
    found = await door(at_west, "denkwerkstatt", at(24, hour, minute))
    assert (found.state, found.until) == (state, until)


async def test_a_whole_and_its_parts_tell_of_each_other(at_west: House) -> None:
    rooms = at_west.rooms
    await actions.book_space(at_west.front_desk, rooms["werkhalle-nord"], span(24, 9, 11), kind="guest")
    await actions.book_space(at_west.front_desk, rooms["werkhalle"], span(24, 14, 16), kind="guest")
    told = {
        key: [(each.start, each.space) for each in (await door(at_west, key)).sign.held]
        for key in ("werkhalle", "werkhalle-nord", "werkhalle-sued")
    }
    nord, whole = (at(24, 9), rooms["werkhalle-nord"]), (at(24, 14), rooms["werkhalle"])
    assert told == {"werkhalle": [nord, whole], "werkhalle-nord": [nord, whole], "werkhalle-sued": [whole]}
    assert (await door(at_west, "werkhalle")).state == "taken"
    assert (await door(at_west, "werkhalle-sued")).state == "free"


async def test_like_places_are_counted_and_free_while_one_is(at_west: House) -> None:
    await actions.book_space(
        at_west.front_desk, at_west.rooms["arbeitsplaetze"], span(24, 9, 11), kind="guest", units=3
    )
    found = await door(at_west, "arbeitsplaetze")
    assert (found.state, [each.places for each in found.sign.held]) == ("free", [3])
    assert found.sign.places > 3


async def test_the_days_ahead_have_no_state_and_what_was_is_not_told(at_west: House) -> None:
    await actions.book_space(at_west.front_desk, at_west.rooms["denkwerkstatt"], span(25, 10, 12), kind="guest")
    found = await door(at_west, "denkwerkstatt", day=date(2026, 11, 25))
    assert (found.state, found.until, len(found.sign.held)) == (None, None, 1)
    for day in (date(2026, 11, 23), NINE.date() + timedelta(days=32), date.min, date.max):
        assert [*await refusals(doors(stranger(at_west), day=day))] == ["FIELD_INVALID"]


async def test_a_door_is_there_for_what_is_booked_by_the_hour_here(at_west: House, house_east: House) -> None:
    found = {each.sign.key for each in await doors(stranger(at_west))}
    assert "denkwerkstatt" in found
    assert "buero-1" not in found  # let to somebody, not booked
    assert await doors(stranger(at_west), spaces=[house_east.rooms["denkwerkstatt"]]) == []

"""A session takes its room: when the workshop is published, and all rooms or none."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from programme.courses import Programme, plan
from refusing import refusals
from spaces.house import House, furnish, span

from quartier.acts.session import plan_workshop, publish_workshop
from quartier.kit.ids import new_id
from quartier.programme import actions as programme_actions
from quartier.programme import queries
from quartier.programme.words import SessionPlan, Workshop
from quartier.settings import home
from quartier.spaces.actions import book_session
from quartier.tenancy.blueprint import read_site

pytestmark = pytest.mark.usefixtures("at_west")


@pytest_asyncio.fixture
async def house(programme: Programme) -> House:
    return await furnish(programme.site, read_site(home("tenants") / "leipzig-west"))


async def wishing(programme: Programme, *rooms: UUID, **more: Any) -> Workshop:
    """A draft with one session in each room, on Thursdays at two."""
    thursdays = [span(26, 14, 17), span(3, 14, 17, month=12), span(10, 14, 17, month=12)]
    sessions = tuple(SessionPlan(during, space_id=room) for during, room in zip(thursdays, rooms, strict=False))
    closes = thursdays[0].start - timedelta(hours=1)
    return await programme.planned(sessions=sessions, closes_at=closes, **more)


async def test_publishing_books_the_rooms(programme: Programme, house: House) -> None:
    draft = await wishing(programme, house.rooms["denkwerkstatt"], house.rooms["werkhalle"])
    assert await house.occupied() == []

    assert (await publish_workshop(programme.manager, draft.id)).state == "published"

    held = await house.occupied()
    assert {(room, start.hour) for room, _, start, _ in held} == {
        ("denkwerkstatt", 13), ("werkhalle-nord", 13), ("werkhalle-sued", 13),
    }  # fmt: skip
    assert all(session.booking_id for session in await queries.sessions(programme.manager, draft.id))
    rows = await programme.site.sql(
        "select kind, title, state from app.booking where tenant_id = $1", programme.site.id
    )
    assert {tuple(row) for row in rows} == {("session", "Reparaturcafé", "confirmed")}


@pytest.mark.parametrize(
    ("workshop", "booking"), [("public", "public"), ("members", "members"), ("invited", "private")]
)
async def test_who_does_not_see_a_workshop_does_not_read_its_title_in_the_calendar(
    programme: Programme, house: House, workshop: str, booking: str
) -> None:
    draft = await wishing(programme, house.rooms["denkwerkstatt"], visibility=workshop)
    await publish_workshop(programme.manager, draft.id)
    rows = await programme.site.sql("select visibility from app.booking where tenant_id = $1", programme.site.id)
    assert [row["visibility"] for row in rows] == [booking]


async def test_one_room_that_is_taken_stops_all_and_says_which(programme: Programme, house: House) -> None:
    room = house.rooms["denkwerkstatt"]
    draft = await wishing(programme, house.rooms["werkhalle"], room)
    await book_session(programme.manager, room, span(3, 15, 16, month=12), "Andere")

    said = await refusals(publish_workshop(programme.manager, draft.id))

    assert list(said) == ["SPACE_TAKEN"]
    assert said["SPACE_TAKEN"].path[:2] == ("sessions", "2")
    assert [held[0] for held in await house.occupied()] == ["denkwerkstatt"]
    assert (await queries.workshop(programme.manager, draft.id)).state == "draft"


async def test_without_its_room_a_session_cannot_be_published(programme: Programme, house: House) -> None:
    draft = await wishing(programme, house.rooms["denkwerkstatt"])
    said = await refusals(programme_actions.publish_workshop(programme.manager, draft.id))
    assert said["ROOM_MISSING"].numbers == {"session": 1}


async def test_a_room_nobody_knows_is_refused_at_planning(programme: Programme, house: House) -> None:
    unknown = plan(sessions=(SessionPlan(span(26, 14, 17), space_id=new_id()),))
    assert list(await refusals(plan_workshop(programme.manager, unknown))) == ["NOT_FOUND"]
    known = plan(sessions=(SessionPlan(span(26, 14, 17), space_id=house.rooms["denkwerkstatt"]),))
    assert (await plan_workshop(programme.manager, known)).state == "draft"


async def test_what_is_published_is_not_booked_again(programme: Programme, house: House) -> None:
    draft = await wishing(programme, house.rooms["denkwerkstatt"])
    await publish_workshop(programme.manager, draft.id)
    assert list(await refusals(publish_workshop(programme.manager, draft.id))) == ["STEP_NOT_POSSIBLE"]
    assert await programme.site.count("app.booking") == 1

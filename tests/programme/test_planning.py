"""A workshop is drafted, published, attended."""

from datetime import timedelta

import pytest
from programme.courses import AFTERNOON, STARTS, Programme, plan
from refusing import refusals
from world import NOW, Site

from quartier.kit.refusal import Refused
from quartier.kit.spans import Span
from quartier.kit.spoken import counts
from quartier.programme import queries
from quartier.programme.actions import mark_attendance, plan_workshop, publish_workshop
from quartier.programme.seats.actions import register
from quartier.programme.words import PoolPlan, SessionPlan
from quartier.tenancy.setting import put_setting

pytestmark = pytest.mark.usefixtures("at_west")


async def test_a_draft_has_its_number_its_sessions_in_order_and_its_seats(programme: Programme) -> None:
    evening = SessionPlan(
        Span(STARTS + timedelta(days=1), STARTS + timedelta(days=1, hours=2)), online_url="https://x.example"
    )
    draft = await programme.planned(seats=12, sessions=(evening, AFTERNOON))

    assert (draft.number, draft.state, draft.starts_at) == ("LW-K-2026-0001", "draft", STARTS)
    assert [(s.no, s.place) for s in await queries.sessions(programme.manager, draft.id)] == [(1, "Hof"), (2, None)]
    rows = await programme.site.sql(
        "select local_start from app.session where tenant_id = $1 order by no", programme.site.id
    )
    assert rows[0]["local_start"].isoformat() == "2026-11-26T09:40:00"
    [pool] = await queries.seat_pools(programme.manager, draft.id)
    assert (pool.key, pool.seats, pool.taken) == ("open", 12, 0)


async def test_what_a_plan_leaves_out_the_house_decides(programme: Programme) -> None:
    house = {
        "cancel_until_hours": 48, "offer_hours": 12, "offer_stops_before_hours": 3, "fill": "fill_gaps",
        "after_expiry": "out",
    }  # fmt: skip
    desk = programme.manager
    async with desk.transaction():
        await put_setting(desk, "programme", house, valid_from=NOW.date())

    draft = await programme.planned(offer=timedelta(hours=1))

    assert draft.cancel_until == timedelta(hours=48)
    assert draft.offer == timedelta(hours=1)
    assert (draft.fill, draft.after_expiry) == ("fill_gaps", "out")


async def test_an_impossible_plan_is_refused_with_everything_that_is_wrong(programme: Programme) -> None:
    wrong = plan(
        title_de=" ",
        min_seats=-1,
        offer=timedelta(minutes=-1),
        closes_at=NOW - timedelta(days=2),
        pools=(),
        sessions=(
            SessionPlan(Span(STARTS, STARTS + timedelta(hours=3))),
            SessionPlan(Span(STARTS + timedelta(hours=2), STARTS + timedelta(hours=2)), place="Hof"),
        ),
    )
    try:
        await plan_workshop(programme.manager, wrong)
    except Exception as refused:
        found = [(r.code, r.path) for r in refused.refusals]  # type: ignore[attr-defined]
    assert found == [
        ("FIELD_INVALID", ("titleDe",)),
        ("FIELD_INVALID", ("closesAt",)),
        ("FIELD_INVALID", ("minSeats",)),
        ("FIELD_INVALID", ("offerMinutes",)),
        ("FIELD_INVALID", ("seats",)),
        ("ROOM_MISSING", ("sessions", "1")),
        ("FIELD_INVALID", ("sessions", "2", "endsAt")),
        ("FIELD_INVALID", ("sessions", "2", "startsAt")),
    ]
    assert await programme.site.count("app.workshop") == 0


@pytest.mark.parametrize("link", ["javascript:alert(1)", "kurs.example", "https://", "https://x.example/a\nb"])
async def test_a_session_links_to_a_page_and_never_to_a_script(programme: Programme, link: str) -> None:
    session = SessionPlan(Span(STARTS, STARTS + timedelta(hours=3)), online_url=link)
    with pytest.raises(Refused) as refused:
        await programme.planned(sessions=(session,))
    assert [(r.code, r.path) for r in refused.value.refusals] == [("FIELD_INVALID", ("sessions", "1", "onlineUrl"))]


async def test_a_workshop_is_published_with_a_session_and_enough_seats(programme: Programme) -> None:
    bare = await programme.planned(sessions=(), seats=4, min_seats=5)
    said = await refusals(publish_workshop(programme.manager, bare.id))
    assert list(said) == ["NO_SESSION", "SEATS_BELOW_MINIMUM"]

    draft = await programme.planned()
    assert (await publish_workshop(programme.manager, draft.id, version=1)).state == "published"
    assert list(await refusals(publish_workshop(programme.manager, draft.id))) == ["STEP_NOT_POSSIBLE"]


async def test_only_who_plans_may_plan(programme: Programme) -> None:
    [ayla] = await programme.people(1)
    assert list(await refusals(plan_workshop(programme.member(ayla), plan()))) == ["NOT_ALLOWED"]


async def test_two_pools_of_one_name_are_refused(programme: Programme) -> None:
    twice = plan(pools=(PoolPlan("open", "A", 1), PoolPlan("open", "B", 1)))
    assert list(await refusals(plan_workshop(programme.manager, twice))) == ["FIELD_INVALID"]


async def test_attendance_is_written_once_and_corrected(programme: Programme) -> None:
    cafe = await programme.published()
    ayla, ben = await programme.people(2)
    seat = await register(programme.member(ayla), cafe.id)
    [session] = await queries.sessions(programme.manager, cafe.id)

    early = await refusals(mark_attendance(programme.manager, session.id, seat.id, "present"))
    assert early["NOT_STARTED"].numbers == {"starts_at": STARTS}

    front = programme.site.desk("front_desk", person=ben, now=STARTS + timedelta(minutes=10))
    assert (await mark_attendance(front, session.id, seat.id, "present")).minutes == 180
    too_long = await refusals(mark_attendance(front, session.id, seat.id, "late", minutes=181))
    assert too_long["FIELD_INVALID"].numbers == {"allowed": counts(0, 180, ("Minuten", "minutes"))}
    await mark_attendance(front, session.id, seat.id, "late", minutes=120)

    rows = await programme.site.sql(
        "select state, minutes, version from app.attendance where tenant_id = $1", programme.site.id
    )
    assert [tuple(row) for row in rows] == [("late", 120, 2)]


async def test_nobody_without_a_seat_was_there(programme: Programme) -> None:
    cafe = await programme.published(seats=1)
    ayla, ben = await programme.people(2)
    await register(programme.member(ayla), cafe.id)
    waiting = await register(programme.member(ben), cafe.id, waitlist=True)
    [session] = await queries.sessions(programme.manager, cafe.id)
    front = programme.site.desk("front_desk", person=ayla, now=STARTS)
    assert list(await refusals(mark_attendance(front, session.id, waiting.id, "present"))) == ["STEP_NOT_POSSIBLE"]


async def test_the_same_draft_is_unknown_in_the_east(programme: Programme, east: Site) -> None:
    draft = await programme.planned()
    selma = await east.person("Selma Yıldız", "manager")
    with east.speaking():
        desk = east.desk("manager", person=selma)
        assert list(await refusals(publish_workshop(desk, draft.id))) == ["NOT_FOUND"]
        # The same wish at East is done, and takes East's first number.
        own = await plan_workshop(desk, plan())
    assert own.number == "LE-K-2026-0001"
    assert (await queries.workshop(programme.manager, draft.id)).state == "draft"

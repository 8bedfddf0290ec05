"""A membership rests and goes on, is suspended and freed, changes its plan: what that does to rights and allowance."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from refusing import refusals
from spaces.house import House, span
from spaces.test_allowances import book, left

from quartier.acts import leaving
from quartier.acts.handlers import KINDS
from quartier.acts.telling.facts import facts_at
from quartier.members import actions as members
from quartier.members import deciding, resting
from quartier.notices.outbox import Addressee
from quartier.notices.texts import filled, text
from quartier.notices.words import Notice
from quartier.spaces.leases import actions as leases
from quartier.spaces.leases.words import Terms

TODAY = date(2026, 11, 19)


async def membership(house: House) -> UUID:
    [row] = await house.site.sql("select id from app.membership where tenant_id = $1", house.site.id)
    found: UUID = row["id"]
    return found


async def terms(house: House) -> list[tuple[Any, ...]]:
    rows = await house.site.sql(
        "select t.kind, p.key, lower(t.during), upper(t.during), t.price from app.membership_term t"
        " join app.plan p on p.id = t.plan_id where t.tenant_id = $1 order by lower(t.during)",
        house.site.id,
    )
    return [tuple(row) for row in rows]


async def told(house: House) -> list[tuple[str, str]]:
    """Key and German text of the notices about the membership, as they would go out now."""
    rows = await house.site.sql(
        "select * from app.notice where tenant_id = $1 and key like 'membership_%' order by created_at, id",
        house.site.id,
    )
    found = []
    for row in rows:
        notice = Notice(row["id"], row["key"], row["person_id"], "de", {"membership": str(await membership(house))},
                        row["send_after"], row["unique_key"], 0, False, 0, "waiting")  # fmt: skip
        assert row["person_id"] == house.lena
        facts = await facts_at(lambda host: f"https://{host}")(
            house.site.desk(), notice, Addressee("Lena Voss", "lena@mail.example")
        )
        found.append((row["key"], filled(text(row["key"], "de"), facts.facts).body if facts else ""))
    return found


async def lines(house: House) -> list[str]:
    rows = await house.site.sql(
        "select action from app.audit_entry where tenant_id = $1 and action like 'membership.%' order by seq",
        house.site.id,
    )
    return [row["action"] for row in rows][1:]


async def plan(house: House, key: str) -> UUID:
    [row] = await house.site.sql("select id from app.plan where tenant_id = $1 and key = $2", house.site.id, key)
    found: UUID = row["id"]
    return found


async def night(house: House, day: datetime) -> None:
    with house.site.speaking("worker"):
        await KINDS["members.end"].work(house.site.desk(now=day))


async def test_who_leads_it_lets_it_rest_and_it_goes_on_by_itself(at_west: House) -> None:
    made = await book(at_west, span(1, 9, 11, month=12))
    key = await membership(at_west)
    now = await leaving.pause_membership(at_west.member, key, 1, date(2026, 12, 10))
    assert (now.state, now.version) == ("paused", 2)
    assert await terms(at_west) == [
        ("paused", "verein", TODAY, date(2026, 12, 11), 0),
        ("paid", "verein", date(2026, 12, 11), None, 1500),
    ]
    assert list(await refusals(book(at_west, span(20, 9, 11)))) == ["MEMBERSHIP_NOT_ACTIVE"]
    [(told_key, text)] = await told(at_west)
    assert (told_key, "ruht bis einschließlich 10.12.2026" in text) == ("membership_paused", True)
    await night(at_west, at_west.member.now + timedelta(days=21))
    assert list(await refusals(book(at_west, span(24, 9, 11)))) == ["MEMBERSHIP_NOT_ACTIVE"]  # the last day
    await night(at_west, at_west.member.now + timedelta(days=22))
    assert (await book(at_west, span(14, 9, 11, month=12))).id != made.id
    # 31 days of December, 10 of which it rested; two hours were taken before, two now
    assert await left(at_west, date(2026, 12, 11)) == (240, 1440 * 21 // 31)
    assert await lines(at_west) == ["membership.paused", "membership.resumed"]


async def test_it_goes_on_earlier_by_hand(at_west: House) -> None:
    key = await membership(at_west)
    await leaving.pause_membership(at_west.manager, key, 1, date(2026, 12, 10))
    later = at_west.member.at(at_west.member.now + timedelta(days=4))
    now = await resting.resume_membership(later, key, 2)
    assert (now.state, now.version) == ("active", 3)
    assert await terms(at_west) == [
        ("paused", "verein", TODAY, date(2026, 11, 23), 0),
        ("paid", "verein", date(2026, 11, 23), None, 1500),
    ]
    assert (await book(at_west, span(25, 9, 11))).price == 0
    assert await left(at_west, date(2026, 11, 25)) == (120, 1440 * 8 // 12)  # a member for 12 days of it, 4 rested
    assert [key for key, text in await told(at_west) if text] == ["membership_resumed"]
    assert list(await refusals(resting.resume_membership(at_west.member, key, 3))) == ["STEP_NOT_POSSIBLE"]


async def test_a_pause_is_as_long_as_the_plan_lets_it_be_in_a_year(at_west: House) -> None:
    key = await membership(at_west)
    refused = (await refusals(leaving.pause_membership(at_west.member, key, 1, date(2027, 5, 19))))["PAUSE_TOO_LONG"]
    assert refused.numbers == {"months": 6, "latest": date(2027, 5, 18)}
    assert list(await refusals(leaving.pause_membership(at_west.member, key, 1, date(2026, 11, 18)))) == [
        "FIELD_INVALID"
    ]
    await leaving.pause_membership(at_west.member, key, 1, date(2026, 12, 18))  # 30 days
    after = at_west.member.at(at_west.member.now + timedelta(days=30))
    await night(at_west, after.now)
    refused = (await refusals(leaving.pause_membership(after, key, 3, date(2027, 6, 1))))["PAUSE_TOO_LONG"]
    assert refused.numbers["latest"] == date(2027, 6, 18) - timedelta(days=30)
    await at_west.site.sql("update app.plan set pause_months = 0 where tenant_id = $1", at_west.site.id)
    refused = (await refusals(leaving.pause_membership(after, key, 3, after.now.date())))["PAUSE_TOO_LONG"]
    assert refused.numbers == {"months": 0}


async def test_with_a_lease_nothing_rests(at_west: House) -> None:
    office = at_west.rooms["buero-5"]
    await leases.open_lease(at_west.manager, office, at_west.kitchen, Terms(TODAY, date(2027, 5, 31)))
    key = await membership(at_west)
    refused = (await refusals(leaving.pause_membership(at_west.member, key, 1, date(2026, 12, 10))))["LEASE_RUNNING"]
    assert refused.numbers["until"] == date(2027, 5, 31)
    assert (await terms(at_west), await told(at_west)) == ([("paid", "verein", TODAY, None, 1500)], [])


async def test_whoever_does_not_lead_it_has_no_say(at_west: House) -> None:
    key = await membership(at_west)
    await at_west.site.sql("update app.affiliation set role = 'member' where tenant_id = $1", at_west.site.id)
    wish = leaving.pause_membership(at_west.member, key, 1, date(2026, 12, 10))
    assert list(await refusals(wish)) == ["NOT_FOUND"]
    for forbidden in (
        deciding.suspend_membership(at_west.member, key, 1, "x"),
        deciding.lift_suspension(at_west.member, key, 1),
        deciding.change_plan(at_west.member, key, 1, await plan(at_west, "buero")),
    ):
        assert list(await refusals(forbidden)) == ["NOT_ALLOWED"]


async def test_a_suspension_takes_the_rights_says_why_and_is_lifted(at_west: House) -> None:
    key = await membership(at_west)
    made = await book(at_west, span(20, 9, 11))
    now = await deciding.suspend_membership(at_west.manager, key, 1, "Hausordnung, zweite Mahnung")
    assert (now.state, made.state) == ("suspended", "confirmed")
    assert list(await refusals(book(at_west, span(23, 9, 11)))) == ["MEMBERSHIP_NOT_ACTIVE"]
    [(told_key, text)] = await told(at_west)
    assert (told_key, "Grund: Hausordnung, zweite Mahnung" in text) == ("membership_suspended", True)
    assert list(await refusals(members.close_membership(at_west.member, key, 2))) == ["STEP_NOT_POSSIBLE"]
    now = await deciding.lift_suspension(at_west.manager, key, 2)
    assert (now.state, (await book(at_west, span(23, 9, 11))).state) == ("active", "confirmed")
    assert [told_key for told_key, text in await told(at_west) if text] == ["membership_lifted"]
    assert await lines(at_west) == ["membership.suspended", "membership.lifted"]


async def test_the_team_ends_what_is_suspended_today(at_west: House) -> None:
    key = await membership(at_west)
    await deciding.suspend_membership(at_west.manager, key, 1, "Hausordnung")
    ended = await members.close_membership(at_west.manager, key, 2, reason="Hausverbot")
    assert (ended.state, ended.ends_on) == ("ended", TODAY)


async def test_notice_given_while_it_rests_gives_no_rights_before_the_pause_is_over(at_west: House) -> None:
    key = await membership(at_west)
    await leaving.pause_membership(at_west.member, key, 1, date(2026, 11, 30))
    await leaving.close_membership(at_west.member, key, 2)  # until 19 December
    assert list(await refusals(book(at_west, span(30, 9, 11)))) == ["MEMBERSHIP_NOT_ACTIVE"]
    assert (await book(at_west, span(1, 9, 11, month=12))).state == "confirmed"


async def test_a_suspension_wants_a_reason_and_nobody_decides_about_her_own(at_west: House) -> None:
    key = await membership(at_west)
    assert list(await refusals(deciding.suspend_membership(at_west.manager, key, 1, " "))) == ["FIELD_INVALID"]
    own = at_west.site.desk("manager", person=at_west.lena, own=frozenset({at_west.kitchen}))
    buero = await plan(at_west, "buero")
    assert list(await refusals(deciding.suspend_membership(own, key, 1, "x"))) == ["OWN_CASE"]
    assert list(await refusals(deciding.change_plan(own, key, 1, buero))) == ["OWN_CASE"]
    await deciding.suspend_membership(at_west.manager, key, 1, "x")
    assert list(await refusals(deciding.lift_suspension(own, key, 2))) == ["OWN_CASE"]
    assert list(await refusals(deciding.suspend_membership(at_west.manager, key, 1, "x"))) == ["STALE_VERSION"]
    assert await at_west.site.count("app.notice", "key = 'membership_suspended'") == 1


async def test_another_plan_holds_from_the_next_month_with_its_own_allowance(at_west: House) -> None:
    key = await membership(at_west)
    await book(at_west, span(20, 9, 11))
    _, first = await deciding.change_plan(at_west.manager, key, 1, await plan(at_west, "buero"))
    assert first == date(2026, 12, 1)
    assert await terms(at_west) == [
        ("paid", "verein", TODAY, date(2026, 12, 1), 1500),
        ("paid", "buero", date(2026, 12, 1), None, 2500),
    ]
    assert await left(at_west) == (120, 1440)
    assert (await book(at_west, span(1, 9, 11, month=12))).price == 0
    assert await left(at_west, date(2026, 12, 1)) == (120, 900)
    [(told_key, text)] = await told(at_west)
    assert (told_key, "gilt ab 01.12.2026 der Tarif „Büro“" in text) == ("membership_changed", True)
    await deciding.change_plan(at_west.manager, key, 2, await plan(at_west, "verein"))  # a change of mind
    assert [each[:3] for each in await terms(at_west)] == [
        ("paid", "verein", TODAY), ("paid", "verein", date(2026, 12, 1)),
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["quartierspass", "initiative"])
async def test_a_plan_for_others_is_none(at_west: House, key: str) -> None:
    wish = deciding.change_plan(at_west.manager, await membership(at_west), 1, await plan(at_west, key))
    assert "PLAN_DOES_NOT_FIT" in await refusals(wish)


async def test_other_sites_see_no_such_membership(at_west: House, house_east: House) -> None:
    key = await membership(at_west)
    with house_east.site.speaking():
        for wish in (
            leaving.pause_membership(house_east.manager, key, 1, date(2026, 12, 10)),
            resting.resume_membership(house_east.manager, key, 1),
            deciding.suspend_membership(house_east.manager, key, 1, "x"),
            deciding.lift_suspension(house_east.manager, key, 1),
            deciding.change_plan(house_east.manager, key, 1, await plan(house_east, "buero")),
        ):
            assert list(await refusals(wish)) == ["NOT_FOUND"]

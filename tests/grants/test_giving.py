"""From the fund to the account: what is written, to the cent, and who may write it."""

import hashlib
import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from grants.neighbours import Grants, machine
from refusing import refusals
from world import NOW, Site

from quartier.grants import rules
from quartier.grants.actions import open_fund, publish_call, submit_application
from quartier.grants.award.actions import award_application
from quartier.grants.ledger.actions import post
from quartier.grants.ledger.rules import replay
from quartier.grants.payout.actions import (
    approve_instalment,
    check_instalment,
    pay_instalment,
    request_instalment,
)
from quartier.grants.words import CallPlan, FinanceItem, FundPlan, LinePlan, Sums
from quartier.kit.ids import new_id
from quartier.kit.refusal import Refused

pytestmark = pytest.mark.usefixtures("at_west")


# -- funds and calls -----------------------------------------------------------------------------------
async def test_a_fund_is_opened_with_postings(grants: Grants) -> None:
    line = await grants.fund(4_500_000)
    assert await grants.sums(line) == Sums(allocated=4_500_000)
    assert await grants.postings(line) == [("allocate", 4_500_000)]


async def test_a_fund_is_opened_once_by_finance_only(grants: Grants) -> None:
    await grants.fund()
    plan = FundPlan(
        key="quartiersfonds", name_de="Noch einer", source="city", valid_from=NOW.date(), valid_to=NOW.date(),
        lines=(LinePlan(1999, "any", 1), LinePlan(1999, "any", 2)),
    )  # fmt: skip
    assert list(await refusals(open_fund(grants.desk("finance"), plan))) == [
        "FIELD_INVALID",
        "LINE_TWICE",
        "FUND_EXISTS",
    ]
    assert list(await refusals(open_fund(grants.desk("grants_officer"), plan))) == ["NOT_ALLOWED"]


async def test_a_call_promises_no_more_than_the_lines_have_left(grants: Grants) -> None:
    await grants.fund(2_000_000)
    call = await grants.call(2_000_000)
    assert (call.number, call.state, call.left) == ("LW-A-2026-01", "published", 2_000_000)
    try:
        await grants.call(2_000_001)
    except Refused as refused:
        [said] = refused.refusals
    assert (said.code, said.numbers) == ("BUDGET_SPENT", {"left_cents": 2_000_000, "asked_cents": 2_000_001})


async def test_a_fund_has_readable_names_and_days_of_this_age(grants: Grants) -> None:
    plan = FundPlan(
        key=" ", name_de="n" * 201, name_en="Fund\n", source="city", valid_from=date(1999, 12, 31),
        valid_to=date(9999, 12, 31), lines=(),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        await open_fund(grants.desk("finance"), plan)
    assert [(r.code, r.path) for r in refused.value.refusals] == [
        ("FIELD_INVALID", (field,)) for field in ("key", "nameDe", "nameEn", "validFrom", "validTo")
    ]
    assert await grants.site.count("app.fund") == 0


async def test_a_call_is_told_everything_even_where_no_guideline_is_in_force(grants: Grants) -> None:
    plan = CallPlan(guideline="klein", title_de=" ", purposes=(), opens_at=NOW, closes_at=NOW, budget=0)
    with pytest.raises(Refused) as refused:
        await publish_call(grants.desk("grants_officer"), plan, finance=1)
    assert [(r.code, r.path) for r in refused.value.refusals] == [
        ("GUIDELINE_NOT_IN_FORCE", ("guideline",)),
        ("FINANCE_MISSING", ()),
        ("FIELD_INVALID", ("titleDe",)),
        ("FIELD_INVALID", ("closesAt",)),
        ("FIELD_INVALID", ("budget",)),
    ]


async def test_a_call_needs_a_guideline_in_force_and_a_whole_rubric(grants: Grants) -> None:
    line = await grants.fund()
    plan = CallPlan(
        guideline="gross", title_de="Große", purposes=("investment",), opens_at=NOW, closes_at=NOW + timedelta(days=1),
        budget=1,
    )  # fmt: skip
    assert list(await refusals(publish_call(grants.desk("grants_officer"), plan, finance=2))) == [
        "GUIDELINE_NOT_IN_FORCE"
    ]
    await grants.site.sql(
        "update app.guideline set rules = jsonb_set(rules, '{rubric,arbeit,weight_permille}', '399') "
        "where tenant_id = $1",
        grants.site.id,
    )
    said = await refusals(grants.call())
    assert said["WEIGHTS_INCOMPLETE"].numbers == {"permille": 999}
    assert await grants.sums(line) == Sums(allocated=4_500_000)


# -- applications --------------------------------------------------------------------------------------
async def test_what_was_handed_in_is_frozen_and_proven_by_its_hash(grants: Grants) -> None:
    await grants.fund()
    call, lichtfang = await grants.call(), await grants.organisation()

    submission = await grants.submitted(call, lichtfang)

    assert submission.number == "LW-F-2026-001"
    [row] = await grants.site.sql(
        "select payload, sha256, receipt from app.submission where tenant_id = $1", grants.site.id
    )
    frozen = rules.frozen(json.loads(row["payload"]))
    assert hashlib.sha256(frozen).digest() == row["sha256"] == submission.sha256
    assert row["receipt"] == submission.receipt == f"LW-F-2026-001/1 {row['sha256'].hex()[:16]}"
    assert json.loads(row["payload"])["finance"][0] == {"source": "grant", "text": "Zuwendung", "amount": 350_000}
    [file] = await grants.site.sql(
        "select state, requested, total_cost, eligible from app.application where tenant_id = $1", grants.site.id
    )
    assert tuple(file) == ("submitted", 350_000, 1_000_000, 1_000_000)
    assert await grants.site.count("app.file_event", "verb = 'submitted'") == 1


@pytest.mark.parametrize("table", ["submission", "posting", "file_event", "decision"])
async def test_nobody_rewrites_what_was_handed_in_or_posted(grants: Grants, table: str) -> None:
    await grants.fund()
    desk = grants.desk("finance")
    for sql in (f"update app.{table} set created_at = created_at", f"delete from app.{table}"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with desk.transaction():
                await desk.fetch(f"{sql} where tenant_id = $1", desk.tenant_id)


async def test_one_applies_for_own_organisations_only(grants: Grants) -> None:
    await grants.fund()
    call, lichtfang, other = await grants.call(), await grants.organisation(), await grants.organisation("Andere")
    plan = machine(call.id, lichtfang)
    assert list(await refusals(submit_application(grants.applicant(other), plan))) == ["NOT_FOUND"]
    assert list(await refusals(submit_application(grants.applicant(other), machine(call.id, new_id())))) == [
        "NOT_FOUND"
    ]
    assert await grants.site.count("app.application") == 0


async def test_a_colleague_learns_who_hands_in_beside_every_other_reason(grants: Grants) -> None:
    await grants.fund()
    call, lichtfang, other = await grants.call(), await grants.organisation(), await grants.organisation("Andere")
    plan, poor = machine(call.id, lichtfang), machine(call.id, lichtfang, title=" ")
    assert list(await refusals(submit_application(grants.colleague(lichtfang), plan))) == ["LEAD_MISSING"]
    assert list(await refusals(submit_application(grants.colleague(lichtfang), poor))) == [
        "LEAD_MISSING", "FIELD_INVALID"
    ]  # fmt: skip
    lead_of_another = grants.site.desk(
        "member_admin", person=grants.people["member"], own=frozenset({lichtfang, other}), leads=frozenset({other})
    )
    assert list(await refusals(submit_application(lead_of_another, plan))) == ["LEAD_MISSING"]
    assert await grants.site.count("app.application") == 0
    await submit_application(grants.applicant(lichtfang), plan)


async def test_every_reason_is_told_and_nothing_is_written(grants: Grants) -> None:
    await grants.fund()
    call = await grants.call(opens_at=NOW + timedelta(hours=1))
    far = await grants.organisation(kind="initiative", economic=False, postcode="04109", nace="01.1")
    wrong = machine(call.id, far, 299_999, 105_000, starts_on=NOW.date(), title=" ")

    said = await refusals(submit_application(grants.applicant(far), wrong))

    assert list(said) == [
        "CALL_NOT_OPEN", "NOT_ELIGIBLE", "NOT_ECONOMIC", "SEAT_OUTSIDE_AREA", "BRANCH_EXCLUDED", "CARRIER_MISSING",
        "MEASURE_STARTED", "FIELD_INVALID", "COSTS_TOO_LOW", "PLAN_DOES_NOT_BALANCE",
    ]  # fmt: skip
    assert said["COSTS_TOO_LOW"].numbers == {"eligible_cents": 299_999, "least_cents": 300_000}
    assert await grants.site.count("app.counter", "kind = 'F'") == 0


# -- awards --------------------------------------------------------------------------------------------
async def test_an_award_commits_the_money_and_plans_its_parts(grants: Grants) -> None:
    line = await grants.fund()
    call, lichtfang = await grants.call(), await grants.organisation()

    award = await grants.awarded(call, lichtfang)

    assert (award.number, award.amount, award.state) == ("LW-F-2026-001", 350_000, "noticed")
    assert await grants.sums(line) == Sums(allocated=4_500_000, committed=350_000)
    assert await grants.postings(line) == [("allocate", 4_500_000), ("reserve", 350_000), ("commit", 350_000)]
    rows = await grants.site.sql(
        "select no, amount, trigger, state from app.instalment where tenant_id = $1 order by no", grants.site.id
    )
    assert [tuple(row) for row in rows] == [
        (1, 175_000, "call_for_funds", "planned"),
        (2, 122_500, "call_for_funds", "planned"),
        (3, 52_500, "final_report", "planned"),
    ]
    [decision] = await grants.site.sql(
        "select outcome, amount, money_left from app.decision where tenant_id = $1", grants.site.id
    )
    assert tuple(decision) == ("approved", 350_000, 4_150_000)
    assert await grants.site.count("app.call", "approved = 350000") == 1


async def test_an_award_is_refused_with_the_money_that_is_left(grants: Grants) -> None:
    line = await grants.fund(600_000)
    call, lichtfang = await grants.call(600_000), await grants.organisation()
    await grants.awarded(call, lichtfang)
    second = await grants.submitted(call, lichtfang)

    said = await refusals(award_application(grants.desk("award_authority"), second.application_id))

    assert {code: refusal.numbers for code, refusal in said.items()} == {
        "CALL_BUDGET_SPENT": {"left_cents": 250_000, "asked_cents": 350_000},
        "BUDGET_SPENT": {"left_cents": 250_000, "asked_cents": 350_000},
    }
    part = await award_application(grants.desk("award_authority"), second.application_id, amount=250_000)
    assert part.amount == 250_000
    assert await grants.sums(line) == Sums(allocated=600_000, committed=600_000)


async def test_an_application_is_awarded_once_and_never_above_the_guideline(grants: Grants) -> None:
    await grants.fund()
    call, lichtfang = await grants.call(), await grants.organisation()
    submission = await grants.submitted(call, lichtfang, cost=1_000_000, grant=350_000)
    authority = grants.desk("award_authority")

    said = await refusals(award_application(authority, submission.application_id, amount=350_001))
    assert said["AWARD_TOO_HIGH"].numbers == {"grant_cents": 350_000}
    assert list(await refusals(award_application(authority, submission.application_id, version=9))) == ["STALE_VERSION"]
    await award_application(authority, submission.application_id, version=1)
    assert list(await refusals(award_application(authority, submission.application_id))) == ["STEP_NOT_POSSIBLE"]


async def test_without_a_line_for_the_year_nothing_is_awarded(grants: Grants) -> None:
    await grants.fund()
    call, lichtfang = await grants.call(), await grants.organisation()
    submission = await grants.submitted(call, lichtfang)
    next_year = grants.desk("award_authority").at(NOW + timedelta(days=60))
    said = await refusals(award_application(next_year, submission.application_id))
    assert said["NO_BUDGET_LINE"].numbers == {"year": 2027, "purpose": "investment"}


# -- payments ------------------------------------------------------------------------------------------
async def test_an_instalment_is_paid_by_four_eyes_and_its_posting(grants: Grants) -> None:
    line = await grants.fund()
    call, lichtfang = await grants.call(), await grants.organisation()
    award = await grants.awarded(call, lichtfang)
    first, *_ = await grants.instalments(award)

    await grants.approved(first, lichtfang)
    paid = await pay_instalment(grants.desk("finance"), first)

    assert (paid.state, paid.award.paid, paid.award.state) == ("paid", 175_000, "accepted")
    assert await grants.sums(line) == Sums(allocated=4_500_000, committed=350_000, paid=175_000)
    assert replay(await grants.postings(line)) == await grants.sums(line)
    assert list(await refusals(pay_instalment(grants.desk("finance"), first))) == ["STEP_NOT_POSSIBLE"]


async def test_the_steps_have_an_order_and_their_people(grants: Grants) -> None:
    await grants.fund()
    call, lichtfang = await grants.call(), await grants.organisation()
    award = await grants.awarded(call, lichtfang)
    first, _, last = await grants.instalments(award)
    officer, finance, member = grants.desk("grants_officer"), grants.desk("finance"), grants.applicant(lichtfang)

    assert list(await refusals(check_instalment(officer, first))) == ["STEP_NOT_POSSIBLE"]
    assert list(await refusals(request_instalment(grants.applicant(), first))) == ["NOT_FOUND"]
    assert list(await refusals(request_instalment(member, last))) == ["INSTALMENT_NOT_DUE"]
    colleague = grants.colleague(lichtfang)
    assert list(await refusals(request_instalment(colleague, first))) == ["LEAD_MISSING"]
    assert list(await refusals(request_instalment(colleague, last))) == ["LEAD_MISSING", "INSTALMENT_NOT_DUE"]
    await request_instalment(member, first)
    await check_instalment(officer, first)
    assert list(await refusals(pay_instalment(finance, first))) == ["STEP_NOT_POSSIBLE"]
    assert list(await refusals(approve_instalment(officer, first))) == ["NOT_ALLOWED"]


async def test_nobody_approves_what_she_checked_or_asked_for(grants: Grants) -> None:
    await grants.fund()
    call, lichtfang = await grants.call(), await grants.organisation()
    first, *_ = await grants.instalments(await grants.awarded(call, lichtfang))
    await request_instalment(grants.applicant(lichtfang), first)
    await check_instalment(grants.desk("grants_officer"), first)

    for who in ("grants_officer", "member"):
        both = grants.site.desk("finance", person=grants.people[who])
        said = await refusals(approve_instalment(both, first))
        assert list(said) == ["SAME_PERSON"]
    nobody = grants.site.desk("finance")
    assert list(await refusals(approve_instalment(nobody, first))) == ["FOUR_EYES"]
    assert list(await refusals(check_instalment(grants.site.desk("grants_officer"), first))) == [
        "STEP_NOT_POSSIBLE",
        "FOUR_EYES",
    ]
    assert await grants.site.count("app.instalment", "approved_by is not null") == 0


async def test_41_nobody_decides_about_money_of_an_organisation_she_stood_for(grants: Grants) -> None:
    await grants.fund()
    call, lichtfang = await grants.call(), await grants.organisation()
    submission = await grants.submitted(call, lichtfang)
    judges = ("award_authority", "grants_officer", "finance")
    for role in judges:  # over for years, and it counts
        await grants.site.sql(
            "insert into app.affiliation (tenant_id, id, person_id, organisation_id, role, during, created_at)"
            " values ($1, $2, $3, $4, 'member', '[2019-01-01,2020-01-01)', $5)",
            grants.site.id, new_id(), grants.people[role], lichtfang, NOW,
        )  # fmt: skip

    said = await refusals(award_application(grants.desk("award_authority"), submission.application_id))
    assert list(said) == ["CONFLICT_OF_INTEREST"]
    other = {role: grants.site.desk(role, person=await grants.site.person(f"other {role}")) for role in judges}
    award = await award_application(other["award_authority"], submission.application_id)
    first, *_ = await grants.instalments(award)
    await request_instalment(grants.applicant(lichtfang), first)
    for step, role in (
        (check_instalment, "grants_officer"), (approve_instalment, "finance"), (pay_instalment, "finance"),
    ):  # fmt: skip
        assert list(await refusals(step(grants.desk(role), first))) == ["CONFLICT_OF_INTEREST"]
        await step(other[role], first)
    assert await grants.site.count("app.instalment", "state = 'paid'") == 1


# -- raw SQL -------------------------------------------------------------------------------------------
RAW = {
    "budget_not_overspent": "update app.budget_line set committed = allocated + 1 where tenant_id = $1",
    "call_not_overspent": "update app.call set approved = budget + 1 where tenant_id = $1",
    "award_not_overpaid": "update app.award set paid = planned + 1 where tenant_id = $1",
    "instalment_four_eyes": "update app.instalment set checked_by = $2, approved_by = $2 where tenant_id = $1",
    "posting_once": "insert into app.posting (tenant_id, id, line_id, seq, kind, amount, cause, created_at) "
    "select tenant_id, $2, line_id, seq + 100, kind, amount, cause, created_at from app.posting where tenant_id = $1 "
    "limit 1",
}


@pytest.mark.parametrize("constraint", RAW)
async def test_raw_sql_cannot_overspend(grants: Grants, constraint: str) -> None:
    line = await grants.fund()
    call, lichtfang = await grants.call(), await grants.organisation()
    await grants.awarded(call, lichtfang)
    before = await grants.sums(line)
    desk, sql = grants.desk("finance"), RAW[constraint]
    args: tuple[Any, ...] = (grants.people["finance"],) if "$2" in sql else ()

    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as held:
        async with desk.transaction():
            await desk.fetch(sql, desk.tenant_id, *args)

    assert held.value.constraint_name == constraint
    assert await grants.sums(line) == before


async def test_a_posting_that_would_overspend_says_what_is_left(grants: Grants) -> None:
    line = await grants.fund(1_000)
    desk = grants.desk("finance")
    said = await refusals(post(desk, line, "reserve", 1_001, "test"))
    assert said["BUDGET_SPENT"].numbers == {"left_cents": 1_000, "asked_cents": 1_001}
    assert await grants.postings(line) == [("allocate", 1_000)]


@pytest.mark.parametrize(("returns", "allocated"), [(True, 1_000), (False, 700)])
async def test_recovered_money_returns_where_the_fund_says_so(grants: Grants, returns: bool, allocated: int) -> None:
    line = await grants.fund(1_000, returns=returns)
    desk = grants.desk("finance")
    for kind in ("reserve", "commit", "pay"):
        await post(desk, line, kind, 500, "test")
    await post(desk, line, "recover", 300, "test")
    assert await grants.sums(line) == Sums(allocated, 0, 200, 200)
    assert replay(await grants.postings(line), money_returns=returns) == await grants.sums(line)


# -- the other site ------------------------------------------------------------------------------------
async def test_the_same_file_is_unknown_in_the_east(grants: Grants, east: Site) -> None:
    await grants.fund()
    call, lichtfang = await grants.call(), await grants.organisation()
    submission = await grants.submitted(call, lichtfang)
    award = await grants.awarded(call, lichtfang)
    instalment: UUID = (await grants.instalments(award))[0]
    people = {role: await east.person(role, role) for role in grants.people}
    other = Grants(east, people)
    with east.speaking():
        own = await other.organisation("Kiezfunk Ost")
        for id_ in (submission.application_id, new_id()):
            assert list(await refusals(award_application(other.desk("award_authority"), id_))) == ["NOT_FOUND"]
        for id_ in (instalment, new_id()):
            assert list(await refusals(request_instalment(other.applicant(lichtfang), id_))) == ["NOT_FOUND"]
            assert list(await refusals(check_instalment(other.desk("grants_officer"), id_))) == ["NOT_FOUND"]
            assert list(await refusals(pay_instalment(other.desk("finance"), id_))) == ["NOT_FOUND"]
        assert list(await refusals(other.submitted(call, own))) == ["NOT_FOUND"]
        # The same wish at East, with East's own fund, is done.
        await other.fund()
        assert (await other.awarded(await other.call(), own)).number == "LO-F-2026-001".replace("LO", "LE")
    assert await grants.site.count("app.award") == 1


async def test_an_application_names_its_share_of_others(grants: Grants) -> None:
    """Third-party money and work count as sources beside the grant."""
    await grants.fund()
    call, lichtfang = await grants.call(), await grants.organisation()
    finance = (
        FinanceItem("grant", "", 350_000), FinanceItem("own", "", 400_000), FinanceItem("third", "", 200_000),
        FinanceItem("in_kind", "", 50_000),
    )  # fmt: skip
    assert (await grants.submitted(call, lichtfang, finance=finance)).number == "LW-F-2026-001"

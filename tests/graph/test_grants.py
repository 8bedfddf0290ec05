"""The grants through the schema: from the fund to the account, and who sees what on the way."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from conftest import Cluster
from grants.neighbours import Grants
from graph.asking import Ask
from graph.both import Both
from world import NOW, Site

from quartier.database.lanes import Lanes
from quartier_graph.site import site

ROLES = ("member", "grants_officer", "award_authority", "finance")


PAID = "instalment { state paidOn } award { open paid }"


@pytest.fixture
def ask(app_lanes: Lanes, postgres: Cluster) -> Ask:
    return Ask(Both(site(), app_lanes, postgres.keyring.cursor))


@pytest_asyncio.fixture
async def grants(west: Site) -> Grants:
    await west.person("Zweite Zahlung", "finance")  # a call needs two who can pay
    return Grants(west, {role: await west.person(role.title(), role) for role in ROLES})


FUND: dict[str, Any] = {
    "key": "quartiersfonds",
    "nameDe": "Quartiersfonds",
    "source": "ERDF",
    "validFrom": "2025-09-01",
    "validTo": "2028-12-31",
    "lines": [{"year": 2026, "purpose": "INVESTMENT", "allocated": 4_500_000}],
}
CALL: dict[str, Any] = {
    "guideline": "klein",
    "titleDe": "Kleine Investitionen",
    "purposes": ["INVESTMENT"],
    "opensAt": NOW.isoformat(),
    "closesAt": (NOW + timedelta(days=10)).isoformat(),
    "budget": 2_000_000,
}


async def called(ask: Ask, grants: Grants) -> str:
    """A fund and a call, both opened through the schema."""
    fund = await ask.do(grants.desk("finance"), "openFund", FUND, "fund { id lines { nodes { moneyLeft } } }")
    assert fund["fund"]["lines"]["nodes"] == [{"moneyLeft": 4_500_000}]
    await grants.guideline(UUID(fund["fund"]["id"].removeprefix("fnd_")))
    call = await ask.do(grants.desk("grants_officer"), "publishCall", CALL, "call { id number isOpen moneyLeft }")
    assert call["call"] == {"id": call["call"]["id"], "number": "LW-A-2026-01", "isOpen": True, "moneyLeft": 2_000_000}
    return str(call["call"]["id"])


def wish(call: str, organisation: UUID) -> dict[str, Any]:
    return {
        "call": call,
        "organisation": f"org_{organisation}",
        "purpose": "INVESTMENT",
        "title": "Siebdruckmaschine",
        "costs": [{"kind": "equipment", "text": "Maschine", "amount": 1_000_000}],
        "finance": [
            {"source": "GRANT", "text": "Zuwendung", "amount": 350_000},
            {"source": "OWN", "text": "Rücklage", "amount": 650_000},
        ],
    }


async def awarded(ask: Ask, grants: Grants, organisation: UUID) -> tuple[str, str, list[str]]:
    """An award through the schema: ids of the application, the award and its instalments."""
    call = await called(ask, grants)
    sent = await ask.do(
        grants.applicant(organisation),
        "submitApplication",
        wish(call, organisation),
        "receipt application { id receipt }",
    )
    assert sent["receipt"].startswith("LW-F-2026-001/1 ")
    assert sent["application"]["receipt"] == sent["receipt"]
    given = await ask.do(
        grants.desk("award_authority"),
        "awardApplication",
        {"application": sent["application"]["id"], "reason": "Clearingrunde", "version": 1},
        "award { id amount instalments { nodes { id } } } application { state reason }",
    )
    assert given["refusals"] == []
    assert given["application"] == {"state": "APPROVED", "reason": "Clearingrunde"}
    award = given["award"]
    assert award["amount"] == 350_000
    return sent["application"]["id"], award["id"], [part["id"] for part in award["instalments"]["nodes"]]


async def test_from_the_fund_to_the_account(ask: Ask, grants: Grants) -> None:
    lichtfang = await grants.organisation()
    application, award, (first, *_) = await awarded(ask, grants, lichtfang)
    member, finance = grants.applicant(lichtfang), grants.desk("finance")

    fields = "instalment { state version award { state paid } }"
    asked = await ask.do(member, "requestInstalment", {"instalment": first, "version": 1}, fields)
    assert asked["instalment"] == {"state": "REQUESTED", "version": 2, "award": {"state": "ACCEPTED", "paid": 0}}
    early = await ask.do(finance, "approveInstalment", {"instalment": first})
    assert early["refusals"] == ["STEP_NOT_POSSIBLE"]
    await ask.do(grants.desk("grants_officer"), "checkInstalment", {"instalment": first})
    await ask.do(finance, "approveInstalment", {"instalment": first})
    paid = await ask.do(
        finance, "payInstalment", {"instalment": first}, "instalment { state paidOn } award { open paid }"
    )
    assert paid["instalment"] == {"state": "PAID", "paidOn": "2026-11-19"}
    assert paid["award"] == {"open": 175_000, "paid": 175_000}

    document = """{ budgetLines { nodes { year purpose allocated reserved committed paid moneyLeft
      postings { nodes { seq kind amount award { number } } } } } }"""
    [line] = (await ask.read(finance, document))["budgetLines"]["nodes"]
    assert (line["allocated"], line["reserved"], line["committed"], line["paid"]) == (4_500_000, 0, 350_000, 175_000)
    assert line["moneyLeft"] == 4_150_000
    assert [(p["seq"], p["kind"], p["amount"]) for p in line["postings"]["nodes"]] == [
        (1, "ALLOCATE", 4_500_000), (2, "RESERVE", 350_000), (3, "COMMIT", 350_000), (4, "PAY", 175_000),
    ]  # fmt: skip


async def test_no_call_goes_out_where_fewer_than_two_can_pay(ask: Ask, grants: Grants) -> None:
    await grants.site.sql(
        "delete from auth.role_grant where tenant_id = $1 and role = 'finance' and person_id <> $2",
        grants.site.id,
        grants.people["finance"],
    )
    told = await ask.do(grants.desk("grants_officer"), "publishCall", CALL)
    assert "FINANCE_MISSING" in told["refusals"]


async def test_members_see_the_files_of_their_own_organisations(ask: Ask, grants: Grants) -> None:
    lichtfang, other = await grants.organisation(), await grants.organisation("Andere")
    application, award, parts = await awarded(ask, grants, lichtfang)
    document = """{ applications { totalCount nodes { id title call { number approved } } }
      awards { nodes { id paid } } instalments(order: NO) { nodes { id state } } }"""

    own = await ask.read(grants.applicant(lichtfang), document)
    assert own["applications"]["totalCount"] == 1
    assert own["applications"]["nodes"][0]["call"] == {"number": "LW-A-2026-01", "approved": None}
    assert own["awards"]["nodes"] == [{"id": award, "paid": 0}]
    assert [part["id"] for part in own["instalments"]["nodes"]] == parts
    none = await ask.read(grants.applicant(other), document)
    assert none == {
        "applications": {"totalCount": 0, "nodes": []}, "awards": {"nodes": []}, "instalments": {"nodes": []},
    }  # fmt: skip
    one = "query ($id: ID!) { application(id: $id) { title } }"
    assert await ask.read(grants.applicant(other), one, id=application) == {"application": None}


async def test_finance_sees_the_money_and_not_what_was_asked(ask: Ask, grants: Grants) -> None:
    await awarded(ask, grants, await grants.organisation())
    finance = grants.desk("finance")
    money = await ask.read(
        finance, "{ awards { nodes { amount line { moneyLeft } instalments { nodes { state } } } } }"
    )
    assert money["awards"]["nodes"][0]["amount"] == 350_000
    assert await ask.told(finance, "{ applications { nodes { title } } }") == ["FORBIDDEN"]
    assert await ask.told(finance, "{ awards { nodes { application { title } } } }") == ["FORBIDDEN"]


@pytest.mark.parametrize("role", ["member", "grants_officer", "award_authority", "manager"])
async def test_postings_are_for_the_ledger_alone(ask: Ask, grants: Grants, role: str) -> None:
    assert await ask.told(grants.desk(role), "{ postings { nodes { amount } } }") == ["FORBIDDEN"]


async def test_every_reason_comes_with_its_code(ask: Ask, grants: Grants) -> None:
    lichtfang = await grants.organisation(postcode="04109")
    call = await called(ask, grants)
    wrong = {**wish(call, lichtfang), "costs": [{"kind": "equipment", "text": "", "amount": 200_000}]}
    said = await ask.do(grants.applicant(lichtfang), "submitApplication", wrong, "application { id }")
    assert said == {
        "refusals": ["NOT_ELIGIBLE", "SEAT_OUTSIDE_AREA", "COSTS_TOO_LOW", "PLAN_DOES_NOT_BALANCE"],
        "application": None,
    }


async def test_ids_of_the_west_are_unknown_in_the_east(ask: Ask, grants: Grants, east: Site) -> None:
    lichtfang = await grants.organisation()
    application, award, (first, *_) = await awarded(ask, grants, lichtfang)
    other = Grants(east, {role: await east.person(role, role) for role in (*ROLES, "finance")})
    applicant = other.applicant(await other.organisation("Kiezfunk Ost"), lichtfang)
    for id_ in (application, f"apl_{uuid4()}", award):
        assert (await ask.do(other.desk("award_authority"), "awardApplication", {"application": id_}))["refusals"] == [
            "NOT_FOUND"
        ]
    for id_ in (first, f"ins_{uuid4()}", award):
        for verb, desk in (
            ("requestInstalment", applicant),
            ("checkInstalment", other.desk("grants_officer")),
            ("approveInstalment", other.desk("finance")),
            ("payInstalment", other.desk("finance")),
        ):
            assert (await ask.do(desk, verb, {"instalment": id_}))["refusals"] == ["NOT_FOUND"]
    everything = (
        "{ applications { nodes { id } } awards { nodes { id } } instalments { nodes { id } } calls { nodes { id } } }"
    )
    told = await ask.read(other.desk("award_authority"), everything)
    assert all(found == {"nodes": []} for found in told.values())

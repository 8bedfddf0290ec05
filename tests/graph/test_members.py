"""Organisations, people and memberships through the schema."""

from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from conftest import Cluster
from graph.asking import Ask
from graph.both import Both
from spaces.house import House, furnish
from world import Site

from quartier.database.lanes import Lanes
from quartier.settings import home
from quartier.tenancy.blueprint import read_site
from quartier_graph.site import site


@pytest.fixture
def ask(app_lanes: Lanes, postgres: Cluster) -> Ask:
    return Ask(Both(site(), app_lanes, postgres.keyring.cursor))


@pytest_asyncio.fixture
async def house(west: Site) -> House:
    return await furnish(west, read_site(home("tenants") / "leipzig-west"))


COMPANY: dict[str, Any] = {
    "name": "Lichtfang Manufaktur GmbH",
    "kind": "COMPANY",
    "nonprofit": False,
    "economic": True,
    "foundedOn": "2024-02-01",
    "district": "Plagwitz",
    "identifiers": [{"kind": "VAT", "value": "DE 123 456 789"}, {"kind": "REGISTER", "value": "Leipzig HRB 4711"}],
}
WHOLE = """query ($id: ID!) { organisation(id: $id) {
  name kind nonprofit economic foundedOn district state version
  identifiers { nodes { kind value } }
  people { nodes { role since until person { name email } } }
  memberships { nodes { number state startsOn endsOn terms { nodes { price since until plan { key noticeDays } } } } }
  bookings { nodes { id } } registrations { nodes { id } } applications { nodes { id } }
} }"""


async def plan(ask: Ask, house: House, key: str) -> str:
    told = await ask.read(house.manager, "{ plans { nodes { id key } } }")
    return next(str(node["id"]) for node in told["plans"]["nodes"] if node["key"] == key)


async def test_an_organisation_becomes_a_member_and_leaves(ask: Ask, house: House) -> None:
    made = await ask.do(house.manager, "registerOrganisation", COMPANY, "organisation { id }")
    assert made["refusals"] == []
    company = made["organisation"]["id"]
    jette = await house.site.person("Jette Brandt")
    joined = {"person": f"prs_{jette}", "organisation": company, "role": "OWNER", "since": "2026-01-01"}
    assert (await ask.do(house.manager, "addAffiliation", joined, "affiliation { role }"))["affiliation"] == {
        "role": "OWNER"
    }
    start = {"plan": await plan(ask, house, "startplatz"), "organisation": company}
    opened = await ask.do(house.manager, "openMembership", start, "membership { id number version state }")
    membership = opened["membership"].pop("id")
    assert opened == {
        "refusals": [],
        "membership": {"number": "LW-M-2026-0002", "version": 1, "state": "ACTIVE"},
    }
    told = (await ask.read(house.manager, WHOLE, id=company))["organisation"]
    assert told == {
        "name": "Lichtfang Manufaktur GmbH",
        "kind": "COMPANY",
        "nonprofit": False,
        "economic": True,
        "foundedOn": "2024-02-01",
        "district": "Plagwitz",
        "state": "ACTIVE",
        "version": 1,
        "identifiers": {
            "nodes": [{"kind": "REGISTER", "value": "LEIPZIG HRB 4711"}, {"kind": "VAT", "value": "DE123456789"}]
        },
        "people": {
            "nodes": [
                {
                    "role": "OWNER",
                    "since": "2026-01-01",
                    "until": None,
                    "person": {"name": "Jette Brandt", "email": None},
                }
            ]
        },
        "memberships": {
            "nodes": [
                {
                    "number": "LW-M-2026-0002",
                    "state": "ACTIVE",
                    "startsOn": "2026-11-19",
                    "endsOn": None,
                    "terms": {
                        "nodes": [
                            {
                                "price": 9000,
                                "since": "2026-11-19",
                                "until": None,
                                "plan": {"key": "startplatz", "noticeDays": 60},
                            }
                        ]
                    },
                }
            ]
        },
        "bookings": {"nodes": []},
        "registrations": {"nodes": []},
        "applications": {"nodes": []},
    }
    early = {"membership": membership, "version": 1, "endsOn": "2026-12-31"}
    assert (await ask.do(house.manager, "closeMembership", early))["refusals"] == ["NOTICE_PERIOD"]
    closed = await ask.do(
        house.manager,
        "closeMembership",
        {"membership": membership, "version": 1},
        "membership { state endsOn version }",
    )
    assert closed["membership"] == {"state": "ENDING", "endsOn": "2027-01-18", "version": 2}
    stale = await ask.do(house.manager, "closeMembership", {"membership": membership, "version": 1})
    assert stale["refusals"] == ["STALE_VERSION"]


async def test_every_reason_comes_at_once_and_nothing_is_written(ask: Ask, house: House) -> None:
    wrong = {**COMPANY, "name": " ", "foundedOn": "2027-01-01", "identifiers": [{"kind": "W_ID", "value": "1"}]}
    assert (await ask.do(house.manager, "registerOrganisation", wrong))["refusals"] == ["FIELD_INVALID"] * 3
    assert await house.site.count("app.organisation") == 1
    kitchen = {"organisation": f"org_{house.kitchen}", "startsOn": "2025-01-01"}
    asked = {**kitchen, "plan": await plan(ask, house, "initiative")}
    refused = await ask.do(house.manager, "openMembership", asked, "membership { id }")
    assert refused == {"refusals": ["PLAN_NOT_OFFERED", "PLAN_DOES_NOT_FIT", "MEMBERSHIP_EXISTS"], "membership": None}
    assert await house.site.count("app.membership") == 1


async def test_members_see_their_own_organisation_and_colleagues_alone(ask: Ask, house: House) -> None:
    made = await ask.do(house.manager, "registerOrganisation", COMPANY, "organisation { id }")
    stranger = await house.site.person("Jette Brandt")
    document = """{ organisations { totalCount nodes { name people { nodes { person { name } } } } }
      persons { nodes { name } } memberships { nodes { number } } }"""
    told = await ask.read(house.member, document)
    assert told["organisations"] == {
        "totalCount": 1,
        "nodes": [{"name": "Löffelweise e. V.", "people": {"nodes": [{"person": {"name": "Lena Voss"}}]}}],
    }
    assert told["persons"] == {"nodes": [{"name": "Lena Voss"}]}
    assert told["memberships"] == {"nodes": [{"number": "LW-M-2026-0001"}]}
    for query, id_ in (("organisation", made["organisation"]["id"]), ("person", f"prs_{stranger}")):
        assert await ask.read(house.member, f"query ($id: ID!) {{ {query}(id: $id) {{ name }} }}", id=id_) == {
            query: None
        }
    nobody = house.site.desk("member", person=stranger)
    assert (await ask.read(nobody, document))["organisations"] == {"totalCount": 0, "nodes": []}
    assert await ask.told(house.member, "{ persons { nodes { email } } }") == ["FORBIDDEN"]


async def test_organisations_are_searched_and_counted(ask: Ask, house: House) -> None:
    await ask.do(house.manager, "registerOrganisation", COMPANY)
    document = """query ($filter: OrganisationFilter) { organisations(filter: $filter) { nodes { name } } }"""

    async def found(**filter_: Any) -> list[str]:
        told = await ask.read(house.manager, document, filter=filter_)
        return [node["name"] for node in told["organisations"]["nodes"]]

    assert await found() == ["Lichtfang Manufaktur GmbH", "Löffelweise e. V."]
    assert await found(search="löffel") == ["Löffelweise e. V."]
    assert await found(kinds=["COMPANY"], economic=True) == ["Lichtfang Manufaktur GmbH"]
    assert await found(memberOn="2026-11-19") == ["Löffelweise e. V."]
    assert await found(memberOn="2026-11-18") == []
    ordered = await ask.read(house.manager, "{ organisations(order: NAME_DESC, first: 1) { nodes { name } } }")
    assert ordered["organisations"]["nodes"] == [{"name": "Löffelweise e. V."}]


async def test_who_may_not_read_memberships_finds_none_by_a_filter(ask: Ask, house: House) -> None:
    document = (
        '{ organisations { totalCount } organisations_: organisations(filter: {memberOn: "2026-11-19"}) '
        "{ totalCount } }"
    )
    authority = house.site.desk("award_authority")
    for desk, known, members in ((house.manager, 1, 1), (house.member, 1, 1), (authority, 1, 0)):
        told = await ask.read(desk, document)
        assert [found["totalCount"] for found in told.values()] == [known, members]


async def test_plans_show_what_they_include(ask: Ask, house: House) -> None:
    document = """{ plans(filter: {holder: PERSON, on: "2026-11-19"}) { nodes {
      key price per allowances { nodes { kind amount per peak spaceKinds } } } } }"""
    told = await ask.read(house.member, document)
    assert told["plans"]["nodes"] == [
        {
            "key": "quartierspass",
            "price": 500,
            "per": "MONTH",
            "allowances": {
                "nodes": [
                    {"kind": "OPEN_BOOKINGS", "amount": 2, "per": "moment", "peak": "any", "spaceKinds": []},
                    {
                        "kind": "ROOM_MINUTES",
                        "amount": 600,
                        "per": "month",
                        "peak": "off_peak",
                        "spaceKinds": ["desk", "studio"],
                    },
                ]
            },
        }
    ]


async def test_ids_of_the_west_are_unknown_in_the_east(ask: Ask, house: House, east: Site) -> None:
    desk = east.desk("manager", person=await east.person("Selma Yıldız"))
    kitchen, unknown = f"org_{house.kitchen}", f"org_{uuid4()}"
    [row] = await house.site.sql("select id from app.membership where tenant_id = $1", house.site.id)
    verein = await plan(ask, house, "verein")
    for organisation in (kitchen, unknown):
        assert await ask.read(desk, WHOLE, id=organisation) == {"organisation": None}
        asked = {"plan": verein, "organisation": organisation}
        assert (await ask.do(desk, "openMembership", asked))["refusals"] == ["NOT_FOUND"]
        joined = {"person": f"prs_{house.lena}", "organisation": organisation, "role": "MEMBER"}
        assert (await ask.do(desk, "addAffiliation", joined))["refusals"] == ["NOT_FOUND"]
    closing = {"membership": f"mbr_{row['id']}", "version": 1}
    assert (await ask.do(desk, "closeMembership", closing))["refusals"] == ["NOT_FOUND"]
    told = await ask.read(
        desk, "{ organisations { nodes { id } } plans { nodes { id } } memberships { nodes { id } } }"
    )
    assert [page["nodes"] for page in told.values()] == [[], [], []]


async def test_a_membership_rests_goes_on_is_suspended_freed_and_changes_its_plan(ask: Ask, house: House) -> None:
    [row] = await house.site.sql("select id from app.membership where tenant_id = $1", house.site.id)
    wish, answer = {"membership": f"mbr_{row['id']}"}, "membership { state version suspendedBecause }"

    async def step(verb: str, version: int, more: str = "", **values: Any) -> Any:
        return await ask.do(house.manager, verb, wish | {"version": version} | values, answer + more)

    told = await step("pauseMembership", 1, until="2026-12-10")
    assert told == {
        "refusals": [], "membership": {"state": "PAUSED", "version": 2, "suspendedBecause": None},
    }  # fmt: skip
    assert (await step("resumeMembership", 2))["membership"]["state"] == "ACTIVE"
    assert (await step("suspendMembership", 3, reason="Hausordnung"))["membership"] == {
        "state": "SUSPENDED", "version": 4, "suspendedBecause": "Hausordnung",
    }  # fmt: skip
    assert (await step("changePlan", 4, plan=await plan(ask, house, "buero")))["refusals"] == ["STEP_NOT_POSSIBLE"]
    assert (await step("liftSuspension", 4))["membership"] == {
        "state": "ACTIVE", "version": 5, "suspendedBecause": None,
    }  # fmt: skip
    told = await step("changePlan", 5, " startsOn", plan=await plan(ask, house, "buero"))
    assert (told["startsOn"], told["membership"]["version"]) == ("2026-12-01", 6)


async def test_one_question_across_the_rooms(ask: Ask, house: House) -> None:
    """Organisations with their people, bookings, registrations and applications, in one statement."""
    document = """{ organisations(first: 5) { nodes { name
      people(first: 5, filter: {on: "2026-11-19"}) { nodes { role person { name } } }
      bookings(first: 5, filter: {coming: true}) { nodes { startsAt space { nameDe } } }
      over: bookings(first: 5, filter: {coming: false}) { nodes { startsAt } }
      registrations(first: 5) { nodes { state workshop { titleDe sessions(first: 3) { nodes { startsAt } } } } }
      applications(first: 5) { nodes { title state } } } } }"""
    asked = {
        "space": f"spc_{house.rooms['denkwerkstatt']}",
        "organisation": f"org_{house.kitchen}",
        "startsAt": "2026-11-20T08:00:00Z",
        "endsAt": "2026-11-20T09:00:00Z",
    }
    await ask.do(house.member, "bookSpace", asked)
    told = await ask.read(house.site.desk(), document)
    assert told["organisations"]["nodes"] == [
        {
            "name": "Löffelweise e. V.",
            "people": {"nodes": [{"role": "OWNER", "person": {"name": "Lena Voss"}}]},
            "bookings": {"nodes": [{"startsAt": "2026-11-20T08:00:00+00:00", "space": {"nameDe": "Denkwerkstatt"}}]},
            "over": {"nodes": []},
            "registrations": {"nodes": []},
            "applications": {"nodes": []},
        }
    ]

"""Organisations come to the desk, and people stand for them."""

import asyncio
from datetime import date

import pytest
from refusing import refusals
from world import NOW, Site

from quartier.kit.refusal import Refused
from quartier.members import actions, queries
from quartier.members.colleagues import end_affiliation
from quartier.members.words import Profile, Standing

KITCHEN = Profile(
    "  Löffelweise e. V. ",
    "association",
    nonprofit=True,
    economic=True,
    legal_form="e. V.",
    founded_on=date(2023, 3, 1),
    postcode="04229",
    town="Leipzig",
    identifiers={"register": "Amtsgericht Leipzig, VR 77 b", "vat": "DE 123456789"},
)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in refused.value.refusals]


async def test_an_organisation_is_written_down_with_its_numbers(at_west: Site) -> None:
    made = await actions.register_organisation(at_west.desk("manager"), KITCHEN)
    assert (made.name, made.kind, made.state, made.version) == ("Löffelweise e. V.", "association", "active", 1)
    [row] = await at_west.sql(
        "select sort_key, founded_on, created_at, tags from app.organisation where id = $1", made.id
    )
    assert tuple(row) == ("loffelweise e. v.", date(2023, 3, 1), NOW, [])
    numbers = await at_west.sql(
        "select kind, value from app.organisation_identifier where organisation_id = $1 order by kind", made.id
    )
    assert [tuple(n) for n in numbers] == [("register", "LEIPZIG VR 77B"), ("vat", "DE123456789")]
    [line] = await at_west.sql("select action, subject from app.audit_entry where tenant_id = $1", at_west.id)
    assert tuple(line) == ("organisation.registered", made.id)


async def test_a_register_number_belongs_to_one_organisation_of_a_site(at_west: Site, east: Site) -> None:
    first = await actions.register_organisation(at_west.desk("manager"), KITCHEN)
    twin = Profile("Löffel", "association", True, True, identifiers={"vat": "de123456789"})
    with pytest.raises(Refused) as refused:
        await actions.register_organisation(at_west.desk("manager"), twin)
    [refusal] = refused.value.refusals
    assert (refusal.code, refusal.path) == ("IDENTIFIER_TAKEN", ("identifiers",))
    assert refusal.numbers == {"kind": "vat", "organisation": first.id}
    assert await at_west.count("app.organisation") == 1
    assert await at_west.count("app.audit_entry") == 1
    with east.speaking():
        there = await actions.register_organisation(east.desk("manager"), twin)
    assert there.name == "Löffel"


async def test_the_front_desk_reads_and_does_not_register(at_west: Site) -> None:
    with pytest.raises(Refused) as refused:
        await actions.register_organisation(at_west.desk("front_desk"), KITCHEN)
    assert codes(refused) == ["NOT_ALLOWED"]
    assert await at_west.count("app.organisation") == 0


async def test_people_stand_for_an_organisation_once_at_a_time(at_west: Site) -> None:
    desk = at_west.desk("manager")
    kitchen = await actions.register_organisation(desk, KITCHEN)
    lena = await at_west.person("Lena Voss")
    joined = await actions.add_affiliation(desk, lena, kitchen.id, "owner", since=date(2026, 1, 1))
    assert await queries.affiliations(desk, lena) == (joined,)
    found = await queries.standing(desk, lena)
    assert found == Standing(frozenset({kitchen.id}), frozenset({"member", "member_admin"}), frozenset({kitchen.id}))
    with pytest.raises(Refused) as refused:
        await actions.add_affiliation(desk, lena, kitchen.id, "member")
    [refusal] = refused.value.refusals
    assert (refusal.code, refusal.numbers) == ("AFFILIATION_EXISTS", {"since": date(2026, 1, 1), "role": "owner"})
    with pytest.raises(Refused) as refused:  # she is not there yet today: the constraint speaks
        await actions.add_affiliation(desk, lena, kitchen.id, "member", since=date(2025, 1, 1))
    assert codes(refused) == ["AFFILIATION_EXISTS"]
    assert await at_west.count("app.affiliation") == 1


async def test_somebody_from_the_east_is_nobody_in_the_west(at_west: Site, east: Site) -> None:
    desk = at_west.desk("manager")
    kitchen = await actions.register_organisation(desk, KITCHEN)
    neighbour = await east.person("Selma Yıldız")
    with east.speaking():
        theirs = await actions.register_organisation(east.desk("manager"), KITCHEN)
    ours = await at_west.person("Lena Voss")
    for person, organisation in ((neighbour, kitchen.id), (ours, theirs.id)):
        with pytest.raises(Refused) as refused:
            await actions.add_affiliation(desk, person, organisation, "member")
        assert codes(refused) == ["NOT_FOUND"]
    assert await at_west.count("app.affiliation") == 0
    assert await east.count("app.affiliation") == 0


async def test_the_last_lead_stays_and_who_leaves_has_no_rights_at_once(at_west: Site) -> None:
    desk, house = at_west.desk("manager"), await at_west.person("Jana Fried")
    garden = await actions.register_organisation(desk, KITCHEN)
    lead = await actions.add_affiliation(desk, house, garden.id, "owner", since=date(2026, 1, 1))
    nele = await at_west.person("Nele Ost")
    colleague = await actions.add_affiliation(desk, nele, garden.id, "member", since=date(2026, 2, 1))
    hers = at_west.desk("member_admin", person=house, own=frozenset({garden.id}))
    assert list(await refusals(end_affiliation(hers, lead.id))) == ["LAST_ADMIN"]
    stranger = at_west.desk("member_admin", person=nele, own=frozenset())
    assert list(await refusals(end_affiliation(stranger, colleague.id))) == ["NOT_ALLOWED"]
    assert await end_affiliation(hers, colleague.id) == garden.id
    assert (await queries.standing(desk, nele)).own == frozenset()
    assert list(await refusals(end_affiliation(hers, colleague.id))) == ["NOT_FOUND"]
    [row] = await at_west.sql("select upper(during) as until from app.affiliation where id = $1", colleague.id)
    assert row["until"] == date(2026, 11, 19)
    again = await actions.add_affiliation(desk, nele, garden.id, "admin")  # today, and gone again today
    await end_affiliation(hers, again.id)
    assert await at_west.count("app.affiliation", f"id = '{again.id}'") == 0


async def test_two_leads_who_leave_at_once_leave_one(at_west: Site) -> None:
    desk = at_west.desk("manager")
    garden = await actions.register_organisation(desk, KITCHEN)
    leads = [
        await actions.add_affiliation(desk, await at_west.person(name), garden.id, "admin", since=date(2026, 1, 1))
        for name in ("Jana", "Nele", "Ralf")
    ]
    told = await asyncio.gather(*(refusals(end_affiliation(desk, each.id)) for each in leads))
    assert sorted(map(list, told)) == [[], [], ["LAST_ADMIN"]]

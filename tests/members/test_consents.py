"""The directory shows who agreed, as long as they agree, and to whom they agreed."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import rows
from refusing import refusals
from world import NOW, Site

from quartier.members.actions import add_affiliation
from quartier.members.consents.actions import give_consent, withdraw_consent
from quartier.members.consents.words import TEXTS
from quartier.tenancy.desk import Desk

VERSION = TEXTS["directory"].version


async def led(site: Site, name: str, role: Any = "owner") -> tuple[UUID, UUID, Desk]:
    """An organisation, who stands for it, and her desk."""
    body, person = await rows.organisation(site, name), await site.person("Lena Voss")
    await add_affiliation(site.desk(), person, body, role)
    return body, person, site.desk("member_admin", person=person, own=frozenset({body}))


async def standing(site: Site) -> list[tuple[Any, ...]]:
    found = await site.sql(
        "select audience, line, withdrawn_at is null from app.consent where tenant_id = $1 order by created_at, id",
        site.id,
    )
    return [tuple(row) for row in found]


async def test_a_consent_is_given_anew_and_withdrawn_and_all_of_it_is_kept(at_west: Site) -> None:
    body, _, desk = await led(at_west, "Kontor")
    await give_consent(desk, "directory", VERSION, organisation=body, audience="members", line=" Wir backen. ")
    second = await give_consent(desk, "directory", VERSION, organisation=body, audience="public")
    assert await standing(at_west) == [("members", "Wir backen.", False), ("public", "", True)]
    await withdraw_consent(desk, second)
    await withdraw_consent(desk, second)
    assert [row[2] for row in await standing(at_west)] == [False, False]
    lines = await at_west.sql(
        "select action from app.audit_entry where tenant_id = $1 and action like 'consent.%' order by seq", at_west.id
    )
    assert [line["action"] for line in lines] == ["consent.given", "consent.given", "consent.withdrawn"]


async def test_nobody_agrees_for_others(at_west: Site, east: Site) -> None:
    body, person, desk = await led(at_west, "Kontor")
    member = await at_west.person("Jan")
    await add_affiliation(at_west.desk(), member, body, "member")
    plain = at_west.desk("member", person=member, own=frozenset({body}))
    give: Any = {"audience": "public", "organisation": body}
    assert list(await refusals(give_consent(plain, "directory", VERSION, **give))) == ["NOT_ALLOWED"]
    program = replace(desk, person=None, client=uuid4())
    assert list(await refusals(give_consent(program, "directory", VERSION, audience="public"))) == ["NOT_FOUND"]
    stranger = at_west.desk("manager", person=await at_west.person("Mira"))
    assert list(await refusals(give_consent(stranger, "directory", VERSION, **give))) == ["NOT_FOUND"]
    theirs = await rows.organisation(east, "Dort")
    wish = give_consent(desk, "directory", VERSION, organisation=theirs, audience="public")
    assert list(await refusals(wish)) == ["NOT_FOUND"]
    old = give_consent(desk, "directory", "2020-01", audience="public", line="\x00" * 2)
    assert list(await refusals(old)) == ["CONSENT_TEXT_CHANGED", "FIELD_INVALID"]
    assert await standing(at_west) == []
    given = await give_consent(desk, "directory", VERSION, audience="public")
    assert list(await refusals(withdraw_consent(plain, given))) == ["NOT_FOUND"]
    mine = await give_consent(desk, "directory", VERSION, **give)
    assert list(await refusals(withdraw_consent(plain, mine))) == ["NOT_ALLOWED"]
    assert [row[2] for row in await standing(at_west)] == [True, True]
    await withdraw_consent(stranger, given)  # the team does it for whoever asks on the phone
    [row] = await at_west.sql("select withdrawn_at, withdrawn_by, person_id from app.consent where id = $1", given)
    assert tuple(row) == (NOW, stranger.person, person)

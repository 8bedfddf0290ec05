"""A site's own fields: each house its own, every answer in the spelling of its kind, and nothing lost."""

from uuid import UUID

import asyncpg
import pytest
from refusing import refusals
from rows import organisation
from world import Site

from quartier.kit.ids import new_id
from quartier.kit.refusal import Refused
from quartier.members.fields import actions, queries
from quartier.members.fields.rules import key_of, spelled
from quartier.members.fields.words import MOST


@pytest.fixture(autouse=True)
def at_west(west: Site):  # type: ignore[no-untyped-def]
    with west.speaking():
        yield


async def described(site: Site, kitchen: UUID, **given: str) -> dict[str, str]:
    """Write answers by the field's key, as the team; what stands there then, by key."""
    desk = site.desk("manager")
    fields = {each.key: each.id for each in await queries.fields(desk)}
    [row] = await site.sql("select version from app.organisation where tenant_id = $1 and id = $2", site.id, kitchen)
    await actions.answer_fields(desk, kitchen, row["version"], {fields[key]: text for key, text in given.items()})
    stands = await queries.answers(desk, kitchen)
    return {key: stands[id_] for key, id_ in fields.items() if id_ in stands}


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        ("text", "  Holz und Lehm ", "Holz und Lehm"), ("text", "a\nb", None), ("text", "x" * 501, None),
        ("number", "1.234,50", "1234.5"), ("number", "-0", "0"), ("number", "007", "7"), ("number", "12.5", "12.5"),
        ("number", "1e3", None), ("number", "½", None), ("number", "1,23456", None), ("number", "١٢", None),
        ("date", "1.2.2027", "2027-02-01"), ("date", "2027-02-01", "2027-02-01"), ("date", "30.02.2027", None),
        ("yes_no", "Ja", "yes"), ("yes_no", "no", "no"), ("yes_no", "vielleicht", None),
        ("choice", "Holz", "Holz"), ("choice", "holz", None),
    ],
)  # fmt: skip
def test_an_answer_is_kept_in_one_spelling_or_refused(kind: str, written: str, kept: str | None) -> None:
    assert spelled(kind, ("Holz", "Textil"), written) == kept  # type: ignore[arg-type]


async def test_fields_are_asked_answered_changed_and_emptied(west: Site) -> None:
    desk, kitchen = west.desk("manager"), await organisation(west, "Löffelweise")
    await actions.make_field(desk, "number", "Fläche (m²)", "Area", shared=True)
    await actions.make_field(desk, "choice", "Schwerpunkt", choices=["Holz", "Textil"], shared=False)
    stands = await described(west, kitchen, **{"flache-m2": "84,5", "schwerpunkt": "Holz"})
    assert stands == {"flache-m2": "84.5", "schwerpunkt": "Holz"}
    assert await described(west, kitchen, schwerpunkt="Textil") == {"flache-m2": "84.5", "schwerpunkt": "Textil"}
    assert await described(west, kitchen, **{"flache-m2": " "}) == {"schwerpunkt": "Textil"}
    lines = await west.sql("select action from app.audit_entry where tenant_id = $1 order by seq", west.id)
    assert [row["action"] for row in lines] == ["field.made"] * 2 + ["organisation.described"] * 3


async def test_all_that_is_wrong_is_told_at_once_and_nothing_is_written(west: Site) -> None:
    desk, kitchen = west.desk("manager"), await organisation(west, "Löffelweise")
    a = await actions.make_field(desk, "number", "Fläche", shared=True)
    b = await actions.make_field(desk, "date", "Seit", shared=True)
    c = await actions.make_field(desk, "text", "Motto", shared=True)
    with pytest.raises(Refused) as told:
        await actions.answer_fields(desk, kitchen, 1, {a: "viel", b: "bald", c: "Los"})
    assert [each.path for each in told.value.refusals] == [("own-flache",), ("own-seit",)]
    assert await queries.answers(desk, kitchen) == {}
    assert [*await refusals(actions.answer_fields(desk, kitchen, 7, {c: "Los"}))] == ["STALE_VERSION"]


async def test_who_leads_writes_what_is_shared_a_colleague_reads_and_a_stranger_finds_nothing(west: Site) -> None:
    manager, kitchen = west.desk("manager"), await organisation(west, "Löffelweise")
    lena = await west.person("Lena")
    shared = await actions.make_field(manager, "text", "Motto", shared=True)
    inner = await actions.make_field(manager, "text", "Eindruck", shared=False)
    own = frozenset({kitchen})
    lead = west.desk("member", person=lena, own=own, leads=own)
    colleague = west.desk("member", person=lena, own=own, leads=frozenset())
    await actions.answer_fields(lead, kitchen, 1, {shared: "Los"})
    assert await queries.answers(manager, kitchen) == {shared: "Los"}
    for desk, field, code in (
        (lead, inner, "NOT_FOUND"),
        (colleague, shared, "NOT_ALLOWED"),
        (west.desk("member", person=lena), shared, "NOT_FOUND"),
        (west.desk("front_desk"), shared, "NOT_ALLOWED"),
    ):
        assert [*await refusals(actions.answer_fields(desk, kitchen, 2, {field: "x"}))] == [code]
    assert await queries.answers(manager, kitchen) == {shared: "Los"}


async def test_a_retired_field_is_asked_for_no_more_and_keeps_what_stood_in_it(west: Site) -> None:
    desk, kitchen = west.desk("manager"), await organisation(west, "Löffelweise")
    motto = await actions.make_field(desk, "text", "Motto", shared=True)
    await actions.answer_fields(desk, kitchen, 1, {motto: "Los"})
    await actions.retire_field(desk, motto, 1)
    assert [*await refusals(actions.answer_fields(desk, kitchen, 2, {motto: "x"}))] == ["NOT_FOUND"]
    assert [*await refusals(actions.retire_field(desk, motto, 2))] == ["STEP_NOT_POSSIBLE"]
    assert [*await refusals(actions.make_field(desk, "text", "MOTTO", shared=True))] == ["FIELD_THERE"]
    await actions.retire_field(desk, motto, 2, retired=False)
    assert await queries.answers(desk, kitchen) == {motto: "Los"}


async def test_a_choice_that_somebody_has_stays_to_choose(west: Site) -> None:
    desk, kitchen = west.desk("manager"), await organisation(west, "Löffelweise")
    focus = await actions.make_field(desk, "choice", "Schwerpunkt", choices=["Holz", "Textil"], shared=False)
    await actions.answer_fields(desk, kitchen, 1, {focus: "Holz"})
    change = actions.change_field(desk, focus, 1, "Schwerpunkt", choices=["Textil", "Metall"], shared=False)
    told = await refusals(change)
    assert [*told] == ["CHOICE_IN_USE"]
    assert told["CHOICE_IN_USE"].numbers == {"choice": "Holz", "count": 1}
    await actions.change_field(desk, focus, 1, "Fokus", "Focus", choices=["Holz", "Metall"], shared=True)
    field = await queries.field(desk, focus)
    assert (field.key, field.label_de, field.choices, field.shared) == (
        "schwerpunkt",
        "Fokus",
        ("Holz", "Metall"),
        True,
    )


@pytest.mark.parametrize(
    ("kind", "label", "choices"),
    [("text", "", ()), ("text", "x" * 61, ()), ("text", "???", ()), ("choice", "A", ()), ("choice", "A", ("x",)),
     ("choice", "A", ("x", "X")), ("text", "A", ("x", "y")), ("choice", "A", tuple(map(str, range(31))))],
)  # fmt: skip
async def test_a_field_that_cannot_be_asked_is_refused(
    west: Site, kind: str, label: str, choices: tuple[str, ...]
) -> None:
    wish = actions.make_field(west.desk("manager"), kind, label, choices=choices, shared=True)  # type: ignore[arg-type]
    assert [*await refusals(wish)] == ["FIELD_INVALID"]


async def test_there_are_as_many_as_a_page_shows(west: Site) -> None:
    desk = west.desk("manager")
    made = [await actions.make_field(desk, "text", f"Feld {n}", shared=False) for n in range(MOST)]
    assert [*await refusals(actions.make_field(desk, "text", "Eins mehr", shared=False))] == ["TOO_MANY_FIELDS"]
    await actions.order_fields(desk, [made[-1], made[3]])
    assert [each.id for each in await queries.fields(desk)][:3] == [made[-1], made[3], made[0]]


async def test_the_database_keeps_each_answer_in_its_kind_and_its_house(west: Site, east: Site) -> None:
    kitchen, theirs = await organisation(west, "Löffelweise"), await organisation(east, "Bitacker")
    field = await actions.make_field(west.desk("manager"), "number", "Fläche", shared=True)
    put = """insert into app.own_value (tenant_id, id, field_id, kind, organisation_id, value, created_at, changed_at)
        values ($1, $2, $3, $4, $5, $6, now(), now())"""
    for kind, whose, value in (("number", kitchen, "viel"), ("text", kitchen, "viel"), ("number", theirs, "1")):
        with pytest.raises((asyncpg.CheckViolationError, asyncpg.ForeignKeyViolationError)):
            await west.administrator.execute(put, west.id, new_id(), field, kind, whose, value)
    with east.speaking():
        assert await queries.fields(east.desk("manager")) == []


def test_a_lasting_name_is_plain() -> None:
    assert key_of("Größe der Küche (m²)") == "grosse-der-kuche-m2"

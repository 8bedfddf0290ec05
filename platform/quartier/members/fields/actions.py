"""Fields are made, changed, retired and taken back; answers are written for one organisation at a time."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from quartier.kit.ids import new_id
from quartier.kit.refusal import NotAllowed, NotFound, Refusal, Refused, StaleVersion, StepNotPossible, refuse
from quartier.members.fields import queries, rules
from quartier.members.fields.words import MOST, ChoiceInUse, Field, FieldThere, Kind, TooManyFields
from quartier.members.queries import organisation as organisation_of
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

_MAKE = """
insert into app.own_field (tenant_id, id, key, label_de, label_en, kind, choices, shared, position, state, version,
  created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'active', 1, $10, $10)"""
_CHANGE = """
update app.own_field set label_de = $4, label_en = $5, choices = $6, shared = $7, version = version + 1, changed_at = $8
where tenant_id = $1 and id = $2 and version = $3 returning id"""
_STATE = """
update app.own_field set state = $4, version = version + 1, changed_at = $5
where tenant_id = $1 and id = $2 and version = $3 returning id"""
_ORDER = """
update app.own_field f set position = w.place, changed_at = $3
from unnest($2::uuid[]) with ordinality as w(id, place)
where f.tenant_id = $1 and f.id = w.id and f.position <> w.place"""
_WRITE = """
insert into app.own_value (tenant_id, id, field_id, kind, organisation_id, value, changed_by, created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
on conflict on constraint own_value_once
do update set value = excluded.value, changed_by = excluded.changed_by, changed_at = excluded.changed_at"""
_EMPTY = "delete from app.own_value where tenant_id = $1 and organisation_id = $2 and field_id = any($3)"
_TOUCH = """
update app.organisation set version = version + 1, changed_at = $4
where tenant_id = $1 and id = $2 and version = $3 returning id"""


@action("members:edit")
async def make_field(
    desk: Desk, kind: Kind, label_de: str, label_en: str | None = None, *, choices: Sequence[str] = (), shared: bool
) -> UUID:
    """Ask for something more of every organisation; last in the order.

    Refuses FIELD_INVALID (all at once), FIELD_THERE, TOO_MANY_FIELDS.
    """
    async with desk.transaction() as ledger:
        there = await queries.fields(desk)
        wanted = [each.strip() for each in choices]
        objections: list[Refusal] = [
            *rules.objections_to_labels(label_de, label_en),
            *rules.objections_to_choices(kind, wanted),
        ]
        key = rules.key_of(label_de)
        if key in {each.key for each in there}:
            objections.append(FieldThere(path=("labelDe",)))
        if sum(each.state == "active" for each in there) >= MOST:
            objections.append(TooManyFields(most=MOST))
        refuse(objections)
        made, place = new_id(), max((each.position for each in there), default=0) + 1
        called = (key, label_de.strip(), (label_en or "").strip() or None)
        await desk.fetch(_MAKE, desk.tenant_id, made, *called, kind, wanted, shared, place, desk.now)
        ledger.note("field.made", made, kind=kind, shared=shared)
        return made


@action("members:edit")
async def change_field(
    desk: Desk,
    id: UUID,  # noqa: A002
    version: int,
    label_de: str,
    label_en: str | None = None,
    *,
    choices: Sequence[str] = (),
    shared: bool,
) -> None:
    """Name a field anew, say who sees it, and what may be chosen; its kind and its lasting name stay.

    Refuses NOT_FOUND, STALE_VERSION, FIELD_INVALID, CHOICE_IN_USE.
    """
    async with desk.transaction() as ledger:
        seen = await _seen(desk, id, version)
        wanted = [each.strip() for each in choices]
        objections: list[Refusal] = [
            *rules.objections_to_labels(label_de, label_en),
            *rules.objections_to_choices(seen.kind, wanted),
        ]
        if dropped := set(seen.choices) - set(wanted):
            used = await queries.chosen(desk, id)
            objections += [
                ChoiceInUse(path=("choices",), choice=each, count=used[each]) for each in sorted(dropped & used.keys())
            ]
        refuse(objections)
        called = (label_de.strip(), (label_en or "").strip() or None)
        if not await desk.fetch(_CHANGE, desk.tenant_id, id, version, *called, wanted, shared, desk.now):
            raise Refused([StaleVersion(path=("version",), version=seen.version + 1, seen=version)])
        ledger.note("field.changed", id, shared=shared)


@action("members:edit")
async def retire_field(desk: Desk, id: UUID, version: int, *, retired: bool = True) -> None:  # noqa: A002
    """Ask for it no more, or again: what stands in it is kept. Refuses NOT_FOUND, STALE_VERSION, STEP_NOT_POSSIBLE,
    TOO_MANY_FIELDS.
    """
    async with desk.transaction() as ledger:
        seen = await _seen(desk, id, version)
        state, possible = ("retired", "active") if retired else ("active", "retired")
        if seen.state == state:
            raise Refused([StepNotPossible(state=seen.state, possible=possible)])
        if not retired and sum(each.state == "active" for each in await queries.fields(desk)) >= MOST:
            raise Refused([TooManyFields(most=MOST)])
        if not await desk.fetch(_STATE, desk.tenant_id, id, version, state, desk.now):
            raise Refused([StaleVersion(path=("version",), version=seen.version + 1, seen=version)])
        ledger.note("field.retired" if retired else "field.taken_back", id)


@action("members:edit")
async def order_fields(desk: Desk, fields: Sequence[UUID]) -> None:
    """Put fields in this order; those that are not named come after. Refuses NOT_FOUND."""
    async with desk.transaction() as ledger:
        there = [each.id for each in await queries.fields(desk, lock=True)]
        if not set(fields) <= set(there):
            raise Refused([NotFound(path=("fields",))])
        first = list(dict.fromkeys(fields))
        order = first + [each for each in there if each not in set(first)]
        await desk.fetch(_ORDER, desk.tenant_id, order, desk.now)
        ledger.note("field.ordered", None, fields=order)


@action("members:edit", "members:own")
async def answer_fields(desk: Desk, organisation: UUID, version: int, given: Mapping[UUID, str]) -> None:
    """Write what stands in fields of an organisation; an empty answer takes it out, a field that is not named stays.

    Who leads the organisation writes what is shared. Refuses NOT_FOUND (also: not yours, or a field that is not asked
    for), NOT_ALLOWED (somebody who does not lead), STALE_VERSION, FIELD_INVALID (all at once).
    """
    async with desk.transaction() as ledger:
        team = desk.may("members:edit")
        if not team and organisation not in desk.own:
            raise Refused([NotFound(path=("organisation",))])
        if not team and organisation not in desk.leads:
            raise Refused([NotAllowed(path=("organisation",), permission="members:invite")])
        seen = await organisation_of(desk, organisation, lock=True)
        if seen.version != version:
            raise Refused([StaleVersion(path=("version",), version=seen.version, seen=version)])
        asked = {
            each.id: each for each in await queries.fields(desk) if each.state == "active" and (team or each.shared)
        }
        if not given.keys() <= asked.keys():
            raise Refused([NotFound(path=("fields",))])
        kept = {id_: _spelled(asked[id_], text) for id_, text in given.items() if text.strip()}
        refuse(each for each in kept.values() if isinstance(each, Refusal))
        before = await queries.answers(desk, organisation)
        gone = [id_ for id_ in given if id_ not in kept and id_ in before]
        new = {id_: text for id_, text in kept.items() if isinstance(text, str) and before.get(id_) != text}
        if not gone and not new:
            return
        await desk.fetch(_EMPTY, desk.tenant_id, organisation, gone)
        for id_, text in new.items():
            what = (id_, asked[id_].kind, organisation, text, desk.person, desk.now)
            await desk.fetch(_WRITE, desk.tenant_id, new_id(), *what)
        await desk.fetch(_TOUCH, desk.tenant_id, organisation, version, desk.now)
        ledger.note("organisation.described", organisation, fields=[asked[id_].key for id_ in (*new, *gone)])


def _spelled(field: Field, text: str) -> str | Refusal:
    return rules.spelled(field.kind, field.choices, text) or rules.objection_to_answer(field, text)


async def _seen(desk: Desk, id: UUID, version: int) -> Field:  # noqa: A002
    seen = await queries.field(desk, id)
    if seen.version != version:
        raise Refused([StaleVersion(path=("version",), version=seen.version, seen=version)])
    return seen

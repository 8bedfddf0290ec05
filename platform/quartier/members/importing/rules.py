"""Whom a line is about, and whether it can be so beside what is there: pure, every objection at once."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from quartier.kit.text import sort_key
from quartier.members.importing.words import (
    AddressOfAnother,
    Body,
    Fault,
    Key,
    NumberTwice,
    Placed,
    SeveralCalledSo,
    Sheet,
    There,
    Wanted,
)
from quartier.members.rules import objections_to_membership
from quartier.members.words import IdentifierKind, IdentifierTaken, Organisation, PlanNotOffered, Profile


def placed_line(
    sheet: Sheet, wanted: Wanted, there: There, *, today: date, self_address: str | None
) -> Placed | list[Fault]:
    """Whom the line is about and what has to be made, or what speaks against it.

    What it makes is there for the lines after it, under its line. `self_address` is that of whoever imports: nobody
    makes herself a member.
    """
    faults: list[Fault] = []
    made = wanted.line.number
    organisation: Key | None = None
    if wanted.profile is not None:
        organisation = _organisation(sheet, wanted, there, faults)
    person = _person(sheet, wanted, there, organisation, faults)
    holder = organisation if wanted.profile is not None else person
    joins = organisation is not None and person is not None and (organisation, person) not in there.joined
    wants = wanted.plan is not None and (holder, wanted.plan.family) not in there.memberships
    if wanted.plan is not None and wants:
        body = None
        if wanted.profile is not None:
            known = there.bodies.get(organisation) if organisation is not None else None
            body = known.organisation if known else _new_body(wanted.profile).organisation
        objections = objections_to_membership(
            wanted.plan,
            body,
            starts_on=wanted.starts_on or today,
            today=today,
            own_case=wanted.email is not None and wanted.email == self_address,
        )
        for each in objections:
            dated = each.path == ("starts_on",) or isinstance(each, PlanNotOffered)
            faults.append(sheet.fault(wanted.line, "starts_on" if dated and wanted.starts_on else "plan", each))
    if faults:
        return faults
    result = Placed(wanted, organisation, person, organisation == made, person == made, joins, wants)
    _remember(result, there)
    return result


def all_placed(
    sheet: Sheet, several: Sequence[Wanted], there: There, *, today: date, self_address: str | None
) -> tuple[list[Placed], list[Fault]]:
    """Every line in its order, so that one finds what those before it make."""
    good: list[Placed] = []
    faults: list[Fault] = []
    for wanted in several:
        found = placed_line(sheet, wanted, there, today=today, self_address=self_address)
        if isinstance(found, Placed):
            good.append(found)
        else:
            faults += found
    return good, faults


def _organisation(sheet: Sheet, wanted: Wanted, there: There, faults: list[Fault]) -> Key:
    """The one that has its number; else the only one of its name that has no other number; else a new one."""
    assert wanted.profile is not None
    key = sort_key(wanted.profile.name)
    for kind, value in wanted.numbers.items():
        found = there.numbered.get((kind, value))
        if found is None:
            continue
        if there.bodies[found].key == key and there.bodies[found].organisation.state == "active":
            return found
        other = there.bodies[found].organisation
        taken = IdentifierTaken(kind=kind, organisation=other.id)
        told = NumberTwice(line=found, other=other.name) if isinstance(found, int) else taken
        faults.append(sheet.fault(wanted.line, kind, told))
    same = [one for one in there.named.get(key, ()) if not _differ(there.bodies[one].numbers, wanted.numbers)]
    if len(same) > 1:
        faults.append(sheet.fault(wanted.line, "name", SeveralCalledSo(count=len(same))))
    return same[0] if same else wanted.line.number


def _differ(one: Mapping[IdentifierKind, str], other: Mapping[IdentifierKind, str]) -> bool:
    return any(other[kind] != value for kind, value in one.items() if kind in other)


def _person(sheet: Sheet, wanted: Wanted, there: There, organisation: Key | None, faults: list[Fault]) -> Key | None:
    """Who has the address; without one, a colleague of that name; else somebody new."""
    if wanted.person is None:
        return None
    key = sort_key(wanted.person)
    if wanted.email is not None and wanted.email in there.addresses:
        known, name = there.addresses[wanted.email]
        if sort_key(name) != key:
            faults.append(sheet.fault(wanted.line, "email", AddressOfAnother(other=name)))
        return known
    if organisation is not None and wanted.email is None and (organisation, key) in there.colleagues:
        return there.colleagues[organisation, key]
    return wanted.line.number


def _new_body(profile: Profile) -> Body:
    made = Organisation(UUID(int=0), profile.name, profile.kind, profile.nonprofit, profile.economic, "active", 1)
    return Body(made, sort_key(profile.name), {})


def _remember(placed: Placed, there: There) -> None:
    wanted, number = placed.wanted, placed.wanted.line.number
    if placed.makes_organisation and wanted.profile is not None:
        body = _new_body(wanted.profile)
        there.bodies[number] = Body(body.organisation, body.key, wanted.numbers)
        there.named.setdefault(body.key, []).append(number)
        there.numbered |= {each: number for each in wanted.numbers.items()}
    if placed.person is not None and wanted.person is not None:
        if placed.makes_person and wanted.email is not None:
            there.addresses[wanted.email] = (number, wanted.person)
        if placed.organisation is not None:
            there.joined.add((placed.organisation, placed.person))
            there.colleagues[placed.organisation, sort_key(wanted.person)] = placed.person
    holder = placed.organisation or placed.person
    if placed.makes_membership and wanted.plan is not None and holder is not None:
        there.memberships.add((holder, wanted.plan.family))

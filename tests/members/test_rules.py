"""What members may, without a database."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from quartier.kit.refusal import FieldInvalid
from quartier.members.identifiers import normalised
from quartier.members.rules import (
    first_day_to_end,
    objections_to_close,
    objections_to_membership,
    objections_to_profile,
    objections_to_reason,
    standing,
)
from quartier.members.words import (
    Affiliation,
    AffiliationRole,
    IdentifierKind,
    Membership,
    Organisation,
    Plan,
    Profile,
)

TODAY = date(2026, 11, 19)
MIRA, KITCHEN, CHOIR = UUID(int=1), UUID(int=2), UUID(int=3)
ASSOCIATION = Organisation(KITCHEN, "Löffelweise e. V.", "association", True, True, "active", 1)
PLAN = Plan(
    UUID(int=9),
    "verein",
    "Verein",
    "use",
    "organisation",
    ("association", "company"),
    True,
    1500,
    30,
    6,
    ("registerauszug",),
    True,
    date(2025, 9, 1),
    date(2027, 1, 1),
)
ACTIVE = Membership(UUID(int=5), "LW-M-2026-0001", None, KITCHEN, "use", date(2026, 9, 1), None, "active", 1)


def test_a_profile_hears_every_objection_at_once() -> None:
    profile = Profile(
        " ",
        "company",
        False,
        True,
        founded_on=date(2026, 11, 20),
        nace="4",
        town="Leip\nzig",
        about_de="x" * 4001,
        identifiers={"vat": "DE12"},
    )
    found = list(objections_to_profile(profile, today=TODAY))
    assert [(type(o), o.path) for o in found] == [
        (FieldInvalid, ("name",)),
        (FieldInvalid, ("town",)),
        (FieldInvalid, ("about_de",)),
        (FieldInvalid, ("founded_on",)),
        (FieldInvalid, ("nace",)),
        (FieldInvalid, ("identifiers",)),
    ]


def test_a_profile_of_four_facts_is_enough() -> None:
    assert list(objections_to_profile(Profile("Hofgrün", "initiative", True, False), today=TODAY)) == []


@pytest.mark.parametrize(
    ("kind", "written", "one_spelling"),
    [
        ("w_id", "DE123456789", "DE123456789-00001"),
        ("w_id", "de123456789-00002", "DE123456789-00002"),
        ("w_id", "DE12345678", None),
        ("vat", "de 123.456.789", "DE123456789"),
        ("vat", "ATU12345678", "ATU12345678"),
        ("vat", "DE1234567890", None),
        ("register", "Leipzig HRB 012345", "LEIPZIG HRB 12345"),
        ("register", "Amtsgericht Leipzig, VR 77 b", "LEIPZIG VR 77B"),
        ("register", "HRB 12345", None),
        ("register", "Leipzig 12345", None),
        ("tax_no", "232/123/45678", "23212345678"),
        ("tax_no", "١٢٣٤٥٦٧٨٩٠", None),
    ],
)
def test_a_register_number_has_one_spelling(kind: IdentifierKind, written: str, one_spelling: str | None) -> None:
    assert normalised(kind, written) == one_spelling


@pytest.mark.parametrize(
    ("plan", "holder", "starts_on", "own_case", "codes"),
    [
        (PLAN, ASSOCIATION, TODAY, False, []),
        (PLAN, ASSOCIATION, date(2025, 8, 31), False, ["PLAN_NOT_OFFERED"]),
        (PLAN, ASSOCIATION, date(2027, 1, 1), False, ["PLAN_NOT_OFFERED"]),
        (PLAN, replace(ASSOCIATION, kind="initiative"), TODAY, False, ["PLAN_DOES_NOT_FIT"]),
        (PLAN, replace(ASSOCIATION, nonprofit=False), TODAY, False, ["PLAN_DOES_NOT_FIT"]),
        (PLAN, replace(ASSOCIATION, state="archived"), TODAY, False, ["PLAN_DOES_NOT_FIT"]),
        (PLAN, None, TODAY, False, ["PLAN_DOES_NOT_FIT"]),
        (replace(PLAN, holder="person", kinds=()), None, TODAY, False, []),
        (replace(PLAN, holder="person", kinds=()), ASSOCIATION, TODAY, False, ["PLAN_DOES_NOT_FIT"]),
        (replace(PLAN, kinds=(), nonprofit=None), ASSOCIATION, TODAY, False, []),
        (PLAN, None, date(2028, 1, 1), True, ["FIELD_INVALID", "PLAN_NOT_OFFERED", "PLAN_DOES_NOT_FIT", "OWN_CASE"]),
    ],
)
def test_a_plan_is_for_whom_it_names(
    plan: Plan, holder: Organisation | None, starts_on: date, own_case: bool, codes: list[str]
) -> None:
    found = objections_to_membership(plan, holder, starts_on=starts_on, today=TODAY, own_case=own_case)
    assert [objection.code for objection in found] == codes


def test_notice_counts_from_today_and_nothing_ends_before_it_began() -> None:
    assert first_day_to_end(ACTIVE, PLAN, today=TODAY) == date(2026, 12, 19)
    assert first_day_to_end(ACTIVE, replace(PLAN, notice_days=0), today=TODAY) == TODAY
    later = replace(ACTIVE, starts_on=date(2027, 2, 1))
    assert first_day_to_end(later, PLAN, today=TODAY) == date(2027, 2, 1)


def test_an_end_within_the_notice_names_the_first_possible_day() -> None:
    [objection] = objections_to_close(ACTIVE, PLAN, ends_on=date(2026, 12, 18), today=TODAY)
    assert (objection.code, objection.numbers) == (
        "NOTICE_PERIOD",
        {"first_day": date(2026, 12, 19), "notice_days": 30},
    )
    assert list(objections_to_close(ACTIVE, PLAN, ends_on=date(2026, 12, 19), today=TODAY)) == []
    [too_far] = objections_to_close(ACTIVE, PLAN, ends_on=date.max, today=TODAY)
    assert too_far.code == "FIELD_INVALID"


def test_a_reason_is_one_line_or_none() -> None:
    assert [o.code for reason in (None, "zu teuer") for o in objections_to_reason(reason)] == []
    assert [o.code for reason in ("", "a\x00b", "x" * 501) for o in objections_to_reason(reason)] == [
        "FIELD_INVALID",
        "FIELD_INVALID",
        "FIELD_INVALID",
    ]


@pytest.mark.parametrize(
    ("joined", "member", "own", "roles"),
    [
        ([], False, set(), set()),
        ([], True, set(), {"member"}),
        ([(KITCHEN, "former")], False, set(), set()),
        ([(KITCHEN, "former")], True, set(), {"member"}),
        ([(KITCHEN, "member")], False, {KITCHEN}, {"member"}),
        ([(KITCHEN, "admin"), (CHOIR, "member")], False, {KITCHEN, CHOIR}, {"member", "member_admin"}),
        ([(KITCHEN, "owner"), (CHOIR, "former")], True, {KITCHEN}, {"member", "member_admin"}),
    ],
)
def test_roles_follow_from_affiliations_and_a_membership(
    joined: list[tuple[UUID, AffiliationRole]], member: bool, own: set[UUID], roles: set[str]
) -> None:
    affiliations = [Affiliation(UUID(int=7), MIRA, who, role, TODAY, None) for who, role in joined]
    found = standing(affiliations, member=member)
    assert set(found.own) == own
    assert set[str](found.roles) == roles

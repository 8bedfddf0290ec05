"""What a line means: each cell read, and every one that cannot be read told. Pure."""

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Literal

from quartier.kit.refusal import FieldInvalid, Refusal
from quartier.kit.spoken import Words, letters
from quartier.kit.text import is_line
from quartier.members.identifiers import normalised
from quartier.members.importing.words import Fault, Field, Line, PlanUnknown, Sheet, Wanted
from quartier.members.rules import objections_to_profile
from quartier.members.words import AffiliationRole, IdentifierKind, OrganisationKind, Plan, Profile

KINDS: Mapping[str, OrganisationKind | Literal["person"]] = {
    "unternehmen": "company", "company": "company", "genossenschaft": "cooperative", "cooperative": "cooperative",
    "verein": "association", "association": "association", "stiftung": "foundation", "foundation": "foundation",
    "initiative": "initiative", "forschungseinrichtung": "research", "research": "research",
    "öffentliche einrichtung": "public_body", "public_body": "public_body", "person": "person",
}  # fmt: skip
ROLES: Mapping[str, AffiliationRole] = {
    "inhaber": "owner", "inhaberin": "owner", "owner": "owner", "leitung": "admin", "verwaltung": "admin",
    "admin": "admin", "mitglied": "member", "member": "member",
}  # fmt: skip
YES, NO = (
    frozenset({"ja", "j", "x", "1", "yes", "wahr", "true"}),
    frozenset({"nein", "n", "0", "no", "falsch", "false"}),
)
ON_A_MARKET = frozenset({"company", "cooperative"})  # where a list does not say so
KIND_WORDS = Words(
    "Unternehmen, Genossenschaft, Verein, Stiftung, Initiative, Forschungseinrichtung, öffentliche Einrichtung, Person",
    "company, cooperative, association, foundation, initiative, research, public_body, person",
)
ROLE_WORDS = Words("Inhaber, Leitung, Mitglied", "owner, admin, member")
DAY = Words("ein Tag wie 31.12.2026 oder 2026-12-31", "a day such as 31.12.2026 or 2026-12-31")
YES_OR_NO = Words("ja oder nein", "yes or no")
ADDRESS = Words("eine E-Mail-Adresse", "an e-mail address")
ONLY_A_PERSON = Words("leer, denn die Zeile handelt von einer Person", "empty, for this line is about a person alone")
_ADDRESS = re.compile(r"[^\s@\x00-\x1f]{1,64}@[^\s@\x00-\x1f]{3,189}")
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_NUMBERS: tuple[IdentifierKind, ...] = ("w_id", "vat", "register", "tax_no")
_OF_AN_ORGANISATION: tuple[Field, ...] = ("legal_form", "founded_on", "nace", "person", "role", *_NUMBERS)


def understood(sheet: Sheet, line: Line, *, plans: Collection[Plan], today: date) -> tuple[Wanted, list[Fault]]:
    """What the line asks for, as far as it can be read, and what of it cannot be."""
    cells, found = line.cells, []

    def wrong(field: Field, reason: Refusal) -> None:
        found.append(sheet.fault(line, field, reason))

    def yes(field: Field, otherwise: bool) -> bool:
        said = cells.get(field, "").lower()
        if said and said not in YES | NO:
            wrong(field, FieldInvalid(allowed=YES_OR_NO))
        return said in YES if said else otherwise

    def day(field: Field) -> date | None:
        made = _day(cells.get(field, ""))
        if made is None and field in cells:
            wrong(field, FieldInvalid(allowed=DAY))
        return made

    kind = KINDS.get(cells.get("kind", "").lower())
    if kind is None:
        wrong("kind", FieldInvalid(allowed=KIND_WORDS))
    email, person = cells.get("email", "").lower() or None, cells.get("person")
    profile = None
    if kind == "person":
        person = cells.get("name", "")
        for field in _OF_AN_ORGANISATION:
            if field in cells:
                wrong(field, FieldInvalid(allowed=ONLY_A_PERSON))
        if email is None:
            wrong("email", FieldInvalid(allowed=ADDRESS))
    else:
        profile = Profile(
            name=cells.get("name", ""),
            kind=kind or "company",
            nonprofit=yes("nonprofit", otherwise=False),
            economic=yes("economic", otherwise=kind in ON_A_MARKET),
            founded_on=day("founded_on"),
            **{name: cells.get(name) for name in ("legal_form", "nace", "street", "postcode", "town", "district")},
            website=cells.get("website"),
            about_de=cells.get("about_de", ""),
            identifiers={each: cells[each] for each in _NUMBERS if each in cells},
        )
        for objection in objections_to_profile(profile, today=today):
            wrong(objection.numbers["kind"] if objection.path == ("identifiers",) else objection.path[0], objection)  # type: ignore[arg-type]  # fields of a profile are fields of ours
    if email is not None and not _ADDRESS.fullmatch(email):
        wrong("email", FieldInvalid(allowed=ADDRESS))
    if person is None and (email is not None or "role" in cells):
        wrong("person", FieldInvalid(allowed=letters(1, 200)))
    if person is not None and not is_line(person, 200):
        wrong("name" if kind == "person" else "person", FieldInvalid(allowed=letters(1, 200)))
    role = ROLES.get(cells.get("role", "mitglied").lower())
    if role is None:
        wrong("role", FieldInvalid(allowed=ROLE_WORDS))
    plan = _plan(cells.get("plan", ""), plans)
    if plan is None and "plan" in cells:
        wrong("plan", PlanUnknown(allowed=", ".join(each.name_de for each in plans)))
    starts_on = day("starts_on")
    numbers = {kind: normalised(kind, cells[kind]) or "" for kind in _NUMBERS if kind in cells}
    return Wanted(line, profile, numbers, person, email, role or "member", plan, starts_on), found


def _day(text: str) -> date | None:
    """Read a day as people write it.

    >>> _day("1.9.2025"), _day("2025-09-01"), _day("31.2.2026"), _day("gestern")
    (datetime.date(2025, 9, 1), datetime.date(2025, 9, 1), None, None)
    """
    try:
        if found := _DAY.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _plan(said: str, plans: Collection[Plan]) -> Plan | None:
    """The plan by its name or key; of several editions the newest."""
    called = [plan for plan in plans if said.lower() in {plan.key.lower(), plan.name_de.lower()}]
    return max(called, key=lambda plan: plan.since) if called else None

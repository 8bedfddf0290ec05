"""What two organisations are compared by, and what both hold."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from quartier.kit.refusal import NotFound, Refused
from quartier.kit.text import sort_key
from quartier.members.merging import rules
from quartier.members.merging.moving import count
from quartier.members.merging.words import Held, Known, Likely, Lookalike, Pair, Running, Standing
from quartier.members.queries import today
from quartier.members.words import Organisation
from quartier.tenancy.desk import Desk

MOST = 100  # pairs of one answer: whoever has more begins with these
HELD = (
    Held("app.membership", "organisation_id", "memberships"),
    Held("app.support", "organisation_id", "support"),
    Held("app.consent", "organisation_id", "consents"),
    Held("app.own_value", "organisation_id", "answers"),
    Held("app.import_row", "organisation_id", "lines"),
    Held("app.organisation", "merged_into", "merged"),
)
FOLDED = (
    Held("app.affiliation", "organisation_id", "people"),
    Held("app.organisation_identifier", "organisation_id", "numbers"),
)

_LIVING = """
select id, name, sort_key, street, postcode, website from app.organisation
where tenant_id = $1 and state <> 'merged' order by created_at, id"""
# A Wirtschafts-ID begins with the VAT number of the same enterprise. Only what occurs twice can make a pair.
_NUMBERS = """
select organisation_id, value from (
  select organisation_id, left(value, 11) as value, count(*) over (partition by left(value, 11)) as times
  from app.organisation_identifier where tenant_id = $1 and kind in ('w_id', 'vat')) q
where times > 1"""
_LEADS = """
select organisation_id, person_id from (
  select organisation_id, person_id, count(*) over (partition by person_id) as times from app.affiliation
  where tenant_id = $1 and role in ('owner', 'admin') and during @> $2::date) q
where times > 1"""
_NEW_LINES = """
select line, cells ->> 'name' as name, organisation_id from app.import_row
where tenant_id = $1 and run_id = $2 and makes_organisation and state in ('ready', 'done')
  and cells ->> 'name' is not null
order by line"""
_BOTH = """
select id, name, kind, nonprofit, economic, state, version from app.organisation
where tenant_id = $1 and id = any($2) order by id"""
_NUMBERS_OF = """
select organisation_id, kind, value from app.organisation_identifier
where tenant_id = $1 and organisation_id = any($2) order by kind"""
_MEMBERSHIPS_OF = """
select id, organisation_id as organisation, number, family, starts_on as since, ends_on as until,
  state in ('invited', 'applied', 'in_review', 'more_info') as asked_for
from app.membership where tenant_id = $1 and organisation_id = any($2)
  and state in ('invited', 'applied', 'in_review', 'more_info', 'active', 'paused', 'suspended', 'ending')
order by number"""
_STANDINGS = """
select id, organisation_id as organisation, person_id as person, role, lower(during) as since, upper(during) as until
from app.affiliation where tenant_id = $1 and organisation_id = any($2) order by lower(during), id"""
_INTO = "select merged_into from app.organisation where tenant_id = $1 and id = $2"


async def likely_duplicates(desk: Desk, *, of: UUID | None = None) -> list[Likely]:
    """Pairs of organisations that may be one, those with more signs first; of one organisation, or of all."""
    numbers: dict[UUID, set[str]] = {}
    leads: dict[UUID, set[UUID]] = {}
    for row in await desk.fetch(_NUMBERS, desk.tenant_id):
        numbers.setdefault(row["organisation_id"], set()).add(row["value"])
    for row in await desk.fetch(_LEADS, desk.tenant_id, today(desk)):
        leads.setdefault(row["organisation_id"], set()).add(row["person_id"])
    known = [
        Known(
            row["id"],
            row["name"],
            row["sort_key"],
            sort_key(f"{row['postcode']} {row['street']}")
            if row["street"] and row["postcode"] and row["id"] in leads
            else "",
            _host(row["website"]),
            frozenset(numbers.get(row["id"], ())),
            frozenset(leads.get(row["id"], ())),
        )
        for row in await desk.fetch(_LIVING, desk.tenant_id)
    ]
    found = [pair for pair in rules.likely_pairs(known) if of in {None, pair.first.id, pair.second.id}]
    return sorted(found, key=lambda pair: -len(pair.signs))[:MOST]


def _host(website: str | None) -> str:
    return (website or "").lower().partition("://")[2].removeprefix("www.").rstrip("/")


async def lookalikes(desk: Desk, run: UUID) -> list[Lookalike]:
    """Lines of a list that make an organisation although one of that name, its legal form aside, is there."""
    lines = await desk.fetch(_NEW_LINES, desk.tenant_id, run)
    there: dict[str, tuple[UUID, str]] = {}
    made = {each["organisation_id"] for each in lines}  # once the list is taken in
    if lines:
        for row in await desk.fetch(_LIVING, desk.tenant_id):
            if row["id"] not in made:
                there.setdefault(rules.plain(row["sort_key"]), (row["id"], row["name"]))
    found = [(each, there.get(rules.plain_name(each["name"]))) for each in lines]
    return [Lookalike(each["line"], each["name"], *known) for each, known in found if known][:MOST]


async def pair(desk: Desk, kept: UUID, other: UUID, *, lock: bool = False) -> Pair:
    """Both organisations with what decides about a merge. Refuses NOT_FOUND.

    `lock` waits for whoever writes a row for one of them just now, and lets later ones wait: they find out then.
    """
    rows = await desk.fetch(_BOTH + (" for update" if lock else ""), desk.tenant_id, [kept, other])
    found = {row["id"]: Organisation(**row) for row in rows}
    missing = [NotFound(path=(name,)) for name, id in (("kept", kept), ("other", other)) if id not in found]
    if missing:
        raise Refused(missing)
    numbers: dict[UUID, dict[Any, str]] = {}
    for row in await desk.fetch(_NUMBERS_OF, desk.tenant_id, [kept, other]):
        numbers.setdefault(row["organisation_id"], {})[row["kind"]] = row["value"]
    memberships = await desk.fetch(_MEMBERSHIPS_OF, desk.tenant_id, [kept, other])
    return Pair(found[kept], found[other], numbers, tuple(Running(**row) for row in memberships))


async def standings(desk: Desk, kept: UUID, other: UUID) -> list[Standing]:
    """Who stands, stood or will stand for either."""
    return [Standing(**row) for row in await desk.fetch(_STANDINGS, desk.tenant_id, [kept, other])]


async def held(desk: Desk, organisation: UUID) -> Mapping[str, int]:
    """How many rows of this room belong to an organisation."""
    return await count(desk, (*FOLDED, *HELD), organisation)


async def living(desk: Desk, organisation: UUID) -> UUID:
    """The organisation, or the one it has become part of."""
    rows = await desk.fetch(_INTO, desk.tenant_id, organisation)
    into: UUID | None = rows[0]["merged_into"] if rows else None
    return into or organisation

"""Imports as they are kept, and what a list is compared with."""

import json
from collections.abc import Collection
from typing import Any
from uuid import UUID

from quartier.access.people import queries as people
from quartier.kit.refusal import NotFound, Refused
from quartier.kit.text import sort_key
from quartier.members import queries
from quartier.members.importing.words import Body, Key, Line, Run, There, Wanted
from quartier.members.words import Organisation, Plan
from quartier.tenancy.desk import Desk

_RUN = """
select id, made_by, total, faulty, done, state, version from app.import_run where tenant_id = $1 and id = $2"""
_READY = """
select line, cells from app.import_row where tenant_id = $1 and run_id = $2 and state = 'ready'
order by line limit $3"""
_COUNT = "select count(*)::int as n from app.import_row where tenant_id = $1 and run_id = $2 and state = 'ready'"
_PLANS = """
select id, key, name_de, family, holder, kinds, nonprofit, price, notice_days, pause_months, papers, public,
       lower(valid) as since, upper(valid) as until
from app.plan where tenant_id = $1 order by position, lower(valid)"""
_BODIES = """
select o.id, o.name, o.kind, o.nonprofit, o.economic, o.state, o.version, o.sort_key from app.organisation o
where o.tenant_id = $1 and (o.state = 'active' and o.sort_key = any($2) or exists (
  select 1 from app.organisation_identifier i where i.tenant_id = $1 and i.organisation_id = o.id
    and (i.kind, i.value) in (select * from unnest($3::text[], $4::text[]))))
order by o.created_at, o.id"""
_NUMBERS = """
select organisation_id, kind, value from app.organisation_identifier
where tenant_id = $1 and organisation_id = any($2)"""
_JOINED = """
select person_id, organisation_id from app.affiliation
where tenant_id = $1 and organisation_id = any($2) and during @> $3::date"""
_MEMBERSHIPS = """
select holder_id, family from app.membership where tenant_id = $1 and holder_id = any($2)
  and state in ('applied', 'in_review', 'more_info', 'active', 'paused', 'suspended', 'ending')"""


async def run(desk: Desk, id: UUID) -> Run:  # noqa: A002  (a noun's id)
    """One import. Refuses NOT_FOUND."""
    rows: list[Any] = await desk.fetch(_RUN, desk.tenant_id, id)
    if not rows:
        raise Refused([NotFound(path=("run",))])
    return Run(**rows[0])


async def waiting(desk: Desk, run: UUID, most: int) -> list[Line]:
    """The first lines that are good and not taken in yet."""
    rows = await desk.fetch(_READY, desk.tenant_id, run, most)
    return [Line(row["line"], json.loads(row["cells"])) for row in rows]


async def count_waiting(desk: Desk, run: UUID) -> int:
    [row] = await desk.fetch(_COUNT, desk.tenant_id, run)
    return int(row["n"])


async def plans(desk: Desk) -> list[Plan]:
    """All plans with all their editions, in the order of the site."""
    rows = await desk.fetch(_PLANS, desk.tenant_id)
    return [Plan(**{**row, "kinds": tuple(row["kinds"]), "papers": tuple(row["papers"])}) for row in rows]


async def there(desk: Desk, several: Collection[Wanted]) -> There:
    """Whatever of these lines is there already: a handful of statements, however many lines."""
    keys = {sort_key(each.profile.name) for each in several if each.profile}
    numbers = [pair for each in several for pair in each.numbers.items()]
    kinds, values = [kind for kind, _ in numbers], [value for _, value in numbers]
    found = There()
    rows = await desk.fetch(_BODIES, desk.tenant_id, list(keys), kinds, values)
    known = [row["id"] for row in rows]
    of: dict[UUID, dict[Any, str]] = {id: {} for id in known}
    for row in await desk.fetch(_NUMBERS, desk.tenant_id, known):
        of[row["organisation_id"]][row["kind"]] = row["value"]
        found.numbered[row["kind"], row["value"]] = row["organisation_id"]
    for row in rows:
        facts = {name: value for name, value in row.items() if name != "sort_key"}
        found.bodies[row["id"]] = Body(Organisation(**facts), row["sort_key"], of[row["id"]])
        if row["state"] == "active":
            found.named.setdefault(row["sort_key"], []).append(row["id"])
    addresses = {each.email for each in several if each.email}
    found.addresses |= await people.by_address(desk, addresses)
    await _colleagues(desk, found, known)
    holders: list[Key] = [*known, *(person for person, _ in found.addresses.values())]
    held = await desk.fetch(_MEMBERSHIPS, desk.tenant_id, holders)
    found.memberships |= {(row["holder_id"], row["family"]) for row in held}
    return found


async def _colleagues(desk: Desk, found: There, organisations: list[UUID]) -> None:
    joined = await desk.fetch(_JOINED, desk.tenant_id, organisations, queries.today(desk))
    keys = await people.sort_keys(desk, {row["person_id"] for row in joined})
    for row in joined:
        found.joined.add((row["organisation_id"], row["person_id"]))
        if row["person_id"] in keys:
            found.colleagues[row["organisation_id"], keys[row["person_id"]]] = row["person_id"]

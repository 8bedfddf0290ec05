"""Writing down anew what an organisation is: all of it by the team, how it shows itself by its leads too."""

from dataclasses import fields
from typing import Any
from uuid import UUID

from quartier.kit.refusal import NotAllowed, NotFound, Refused, StaleVersion, refuse
from quartier.kit.text import sort_key
from quartier.members import rules
from quartier.members.merging.words import OrganisationMerged
from quartier.members.queries import today
from quartier.members.words import Profile
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

SHOWN = frozenset({"website", "about_de", "about_en"})
"""What a lead writes herself. By kind, form and seat the house decides about plans and grants: they are the team's."""

COLUMNS = tuple(each.name for each in fields(Profile) if each.name != "identifiers")
_SEEN = f"""
select {", ".join(COLUMNS)}, state, version from app.organisation where tenant_id = $1 and id = $2 for no key update"""
_WRITE = f"""
update app.organisation set {", ".join(f"{name} = ${n}" for n, name in enumerate(COLUMNS, start=5))},
  sort_key = $3, version = version + 1, changed_at = $4
where tenant_id = $1 and id = $2"""


@action("members:edit", "members:invite")
async def edit_organisation(desk: Desk, organisation: UUID, version: int, wanted: Profile) -> None:
    """Write an organisation anew, but for its register numbers (`record_identifier`); same as it was changes nothing.

    Refuses NOT_FOUND (also: not yours), STALE_VERSION, ORGANISATION_MERGED, NOT_ALLOWED (a lead, for what is the
    team's; each field), FIELD_INVALID (all reasons).
    """
    async with desk.transaction() as ledger:
        rows: list[Any] = await desk.fetch(_SEEN, desk.tenant_id, organisation)
        team = desk.may("members:edit")
        if not rows or not (team or organisation in desk.leads):
            raise Refused([NotFound(path=("organisation",))])
        [seen] = rows
        if seen["state"] == "merged":
            raise Refused([OrganisationMerged(path=("organisation",))])
        if seen["version"] != version:
            raise Refused([StaleVersion(path=("version",), version=seen["version"], seen=version)])
        new = {name: _plain(getattr(wanted, name)) for name in COLUMNS}
        changed = [name for name in COLUMNS if new[name] != _plain(seen[name])]
        if not team:
            refuse(NotAllowed(path=(name,), permission="members:edit") for name in changed if name not in SHOWN)
        new |= {name: new[name] or "" for name in ("name", "about_de")}
        refuse(rules.objections_to_profile(Profile(**new), today=today(desk)))
        if changed:
            key = sort_key(new["name"])
            await desk.fetch(_WRITE, desk.tenant_id, organisation, key, desk.now, *(new[name] for name in COLUMNS))
            ledger.note("organisation.edited", organisation, fields=changed)


def _plain(value: object) -> Any:
    """A line without spaces around it; an empty one says nothing."""
    return (value.strip() or None) if isinstance(value, str) else value

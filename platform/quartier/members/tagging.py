"""Words the team finds organisations by: free, but one spelling each."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from quartier.kit.refusal import FieldInvalid, NotFound, Refusal, refuse
from quartier.kit.spoken import Words, letters
from quartier.kit.text import is_line, sort_key
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

LONGEST = 40
MOST = 30  # of one organisation
AT_ONCE = 100  # organisations
TOGETHER = Words(f"1 bis {AT_ONCE} Organisationen", f"1 to {AT_ONCE} organisations")
FEW = Words(f"bis {MOST} Schlagworte für eine Organisation", f"up to {MOST} tags for one organisation")
NO_COMMA = Words("ein Wort oder mehrere, ohne Komma", "a word or several, without a comma")

_SEEN = """
select id, tags from app.organisation where tenant_id = $1 and id = any($2) and state <> 'merged' order by id
for no key update"""
_IN_USE = """
select tag, count(*)::int as n from app.organisation o cross join unnest(o.tags) tag
where o.tenant_id = $1 and o.state <> 'merged' group by tag order by lower(tag), tag"""
_WRITE = """
update app.organisation set tags = $3, version = version + 1, changed_at = $4 where tenant_id = $1 and id = $2"""


@action("members:edit")
async def tag_organisations(
    desk: Desk, organisations: Collection[UUID], *, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> int:
    """Give these organisations tags and take others from them; how many of them changed.

    A tag that differs from one in use by upper case or umlauts alone is written as that one. Refuses NOT_FOUND,
    FIELD_INVALID (no organisation or too many, a tag that is too long, too many of one organisation).
    """
    wanted = [" ".join(tag.split()) for tag in add]
    objections: list[Refusal] = []
    if not 1 <= len(set(organisations)) <= AT_ONCE:
        objections.append(FieldInvalid(path=("organisations",), allowed=TOGETHER))
    for tag in wanted:
        if not is_line(tag, LONGEST):
            objections.append(FieldInvalid(path=("add",), allowed=letters(1, LONGEST)))
        elif "," in tag:
            objections.append(FieldInvalid(path=("add",), allowed=NO_COMMA))
    refuse(objections)
    async with desk.transaction() as ledger:
        rows: list[Any] = await desk.fetch(_SEEN, desk.tenant_id, list(organisations))
        if len(rows) < len(set(organisations)):
            refuse([NotFound(path=("organisations",))])
        spelled = {sort_key(tag): tag for tag, _ in await tags_in_use(desk)}
        new = {key: spelled.get(key, tag) for key, tag in ((sort_key(tag), tag) for tag in reversed(wanted))}
        gone = {sort_key(tag) for tag in remove} - new.keys()
        changed: list[UUID] = []
        for row in rows:
            kept = {sort_key(tag): tag for tag in row["tags"]}
            after = {key: tag for key, tag in (new | kept).items() if key not in gone}
            if len(after) > MOST:
                refuse([FieldInvalid(path=("add",), allowed=FEW)])
            if after.keys() != kept.keys():
                tags = [after[key] for key in sorted(after)]
                await desk.fetch(_WRITE, desk.tenant_id, row["id"], tags, desk.now)
                changed.append(row["id"])
        if changed:
            one = changed[0] if len(changed) == 1 else None
            about = {"organisations": changed, "added": len(new), "removed": len(gone), "fields": ["tags"]}
            ledger.note("organisation.tagged", one, **about)
        return len(changed)


async def tags_in_use(desk: Desk) -> list[tuple[str, int]]:
    """Every tag of the site with the number of organisations that have it, by name."""
    return [(row["tag"], row["n"]) for row in await desk.fetch(_IN_USE, desk.tenant_id)]

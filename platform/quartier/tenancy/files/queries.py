"""What is kept of files. Whether somebody may read one is asked of the room that uses it, before."""

import hashlib
from uuid import UUID

from quartier.kit.refusal import NotFound, Refusal, Refused
from quartier.tenancy.desk import Desk
from quartier.tenancy.files.words import Awaited, Content, FileForOther, Purpose, Variant

_BY_TOKEN = """
select id, purpose, name, told_bytes, expires_at from app.file
where tenant_id = $1 and token_hash = $2 and person_id = $3"""
# What was cut off on its way waits no longer than its address: whoever has a bad line is not shut out for a day.
_WAITING = """
select count(*) as n from app.file where tenant_id = $1 and person_id = $2
  and (state = 'taken' or state = 'awaited' and expires_at > $3)"""
# An address holds the room that was announced as long as it is good; else all who ask at once would get the last.
_BYTES = """
select coalesce(sum(case when state <> 'awaited' then bytes when expires_at > $2 then told_bytes end), 0)::bigint bytes
from app.file where tenant_id = $1"""
# The site's row, for it is always there; what refers to it (every insert does) is not held up.
_TURN = "select tenant_id from app.site where tenant_id = $1 for no key update"
_WAITS = """
select purpose from app.file where tenant_id = $1 and id = $2 and person_id = $3 and state = 'taken'"""
_CONTENT = """
select f.name, c.media, c.content
from app.file f join app.file_content c on c.tenant_id = f.tenant_id and c.file_id = f.id
where f.tenant_id = $1 and f.id = $2 and f.state = 'kept' and c.variant = $3"""


async def awaited(desk: Desk, token: str) -> Awaited:
    """What an address is for. Refuses NOT_FOUND: unknown, and somebody else's."""
    rows = await desk.fetch(_BY_TOKEN, desk.tenant_id, marked(token), desk.person)
    if not rows:
        raise Refused([NotFound()])
    return Awaited(**rows[0])


async def waiting(desk: Desk) -> int:
    """How many files of the person at the desk nothing uses yet, and how many may still come."""
    [row] = await desk.fetch(_WAITING, desk.tenant_id, desk.person, desk.now)
    return int(row["n"])


async def turn(desk: Desk) -> None:
    """Wait until nobody else counts this site's files, in the caller's transaction: who counts then counts all."""
    await desk.fetch(_TURN, desk.tenant_id)


async def bytes_held(desk: Desk) -> int:
    """What is kept, and what was announced and may still come."""
    [row] = await desk.fetch(_BYTES, desk.tenant_id, desk.now)
    return int(row["bytes"])


async def objections_to_use(desk: Desk, id: UUID, purpose: Purpose, path: tuple[str, ...]) -> list[Refusal]:  # noqa: A002
    """A file can be used that is one's own, came for this purpose, and is not used yet."""
    rows = await desk.fetch(_WAITS, desk.tenant_id, id, desk.person)
    if not rows:
        return [NotFound(path=path)]
    return [] if rows[0]["purpose"] == purpose else [FileForOther(path=path)]


async def content(desk: Desk, id: UUID, variant: Variant) -> Content | None:  # noqa: A002
    """One variant of a file that is in use."""
    rows = await desk.fetch(_CONTENT, desk.tenant_id, id, variant)
    return Content(**rows[0]) if rows else None


def marked(token: str) -> bytes:
    """What is kept of an address."""
    return hashlib.sha256(token.encode()).digest()

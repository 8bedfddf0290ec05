"""A file is announced, comes to its address once, is looked at, and then belongs to what it was handed in for."""

import asyncio
import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from quartier.kit.ids import new_id
from quartier.kit.refusal import NotFound, Refusal, Refused, refuse
from quartier.tenancy.action import action, demand
from quartier.tenancy.desk import Desk
from quartier.tenancy.files import queries
from quartier.tenancy.files.kinds import (
    kind_of,
    objections_to_ending,
    objections_to_kind,
    objections_to_name,
    objections_to_pdf,
)
from quartier.tenancy.files.pictures import redrawn
from quartier.tenancy.files.words import (
    GOOD_FOR,
    KEPT_UNUSED,
    MOST_BYTES,
    MOST_OF_A_SITE,
    MOST_WAITING,
    PERMISSIONS,
    Awaited,
    FileTooLarge,
    FileWithoutContent,
    Part,
    Purpose,
    SiteFull,
    TooManyUploads,
    UploadExpired,
    UploadNeedsPerson,
    UploadUsed,
)

ANY = tuple(PERMISSIONS.values())
_ONE = asyncio.Semaphore(1)  # a picture takes up to a third of a gigabyte while it is drawn
_ASK = """
insert into app.file (tenant_id, id, purpose, person_id, name, told_bytes, token_hash, expires_at, state, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, 'awaited', $9)"""
_BEGIN = """
update app.file set begun_at = $3 where tenant_id = $1 and id = $2 and begun_at is null returning id"""
_TAKE = """
update app.file set state = 'taken', media = $3, bytes = $4, sha256 = $5, taken_at = $6
where tenant_id = $1 and id = $2 and state = 'awaited' and begun_at is not null returning id"""
_PUT = """
insert into app.file_content (tenant_id, id, file_id, variant, media, width, height, content, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"""
_KEEP = """
update app.file set state = 'kept'
where tenant_id = $1 and id = $2 and purpose = $3 and person_id = $4 and state = 'taken' returning id"""
_DROP = "delete from app.file where tenant_id = $1 and id = any($2)"
_SWEEP = "delete from app.file where tenant_id = $1 and state <> 'kept' and created_at < $2 returning id"


@dataclass(frozen=True, slots=True)
class Announced:
    """`token` is the secret of the address: it is kept nowhere."""

    awaited: Awaited
    token: str


@action(*ANY)
async def request_upload(desk: Desk, purpose: Purpose, name: str, size: int) -> Announced:
    """Give the person at the desk an address for one file of `size` bytes, good once and for ten minutes.

    Refuses NOT_ALLOWED, UPLOAD_NEEDS_PERSON, FILE_NAME_UNFIT, FILE_WITHOUT_CONTENT, FILE_TOO_LARGE,
    TOO_MANY_UPLOADS, SITE_FULL.
    """
    demand(desk, [PERMISSIONS[purpose]])
    if desk.person is None:
        raise Refused([UploadNeedsPerson()])
    async with desk.transaction() as ledger:
        objections: list[Refusal] = list(objections_to_name(name))
        if size < 1:
            objections.append(FileWithoutContent(path=("bytes",)))
        if size > MOST_BYTES:
            objections.append(too_large(MOST_BYTES))
        await queries.turn(desk)
        if await queries.waiting(desk) >= MOST_WAITING:
            objections.append(TooManyUploads(most=MOST_WAITING))
        if await queries.bytes_held(desk) + max(size, 0) > MOST_OF_A_SITE:
            objections.append(site_full())
        refuse(objections)
        awaited = Awaited(new_id(), purpose, name.strip(), size, desk.now + GOOD_FOR)
        token = secrets.token_urlsafe(32)
        facts = (purpose, desk.person, awaited.name, size, queries.marked(token), awaited.expires_at, desk.now)
        await desk.fetch(_ASK, desk.tenant_id, awaited.id, *facts)
        ledger.note("file.announced", awaited.id, purpose=purpose, bytes=size)
        return Announced(awaited, token)


@action(*ANY)
async def begin(desk: Desk, token: str) -> Awaited:
    """Use an address up, before a byte is read. Refuses NOT_FOUND, NOT_ALLOWED, UPLOAD_USED, UPLOAD_EXPIRED."""
    async with desk.transaction():
        awaited = await queries.awaited(desk, token)
        demand(desk, [PERMISSIONS[awaited.purpose]])
        if awaited.expires_at <= desk.now:
            raise Refused([UploadExpired(ended_at=awaited.expires_at)])
        if not await desk.fetch(_BEGIN, desk.tenant_id, awaited.id, desk.now):
            raise Refused([UploadUsed()])
        return awaited


async def understood(awaited: Awaited, body: bytes) -> list[Part]:
    """Look at what came and give it as it is kept: pictures drawn anew, a PDF as it is. Outside of any transaction.

    Refuses FILE_WITHOUT_CONTENT, FILE_KIND_UNFIT, FILE_NAME_UNFIT, PDF_UNFIT, PICTURE_TOO_LARGE, PICTURE_BROKEN.
    """
    if not body:
        raise Refused([FileWithoutContent(path=("file",))])
    kind = kind_of(body)
    refuse(objections_to_kind(kind, awaited.purpose))
    assert kind is not None
    refuse(objections_to_ending(awaited.name, kind))
    if kind == "pdf":
        refuse(objections_to_pdf(body))
        return [Part("whole", "application/pdf", body)]
    async with _ONE:
        return await asyncio.to_thread(redrawn, body, kind, awaited.purpose)


@action(*ANY)
async def take(desk: Desk, awaited: Awaited, parts: Sequence[Part]) -> None:
    """Keep what came; it waits a day for what it was handed in for. Refuses UPLOAD_USED.

    Refuses SITE_FULL where what is kept is larger than what was announced (pictures are drawn anew), or came when its
    address had ended, and another has the room now.
    """
    async with desk.transaction() as ledger:
        whole = hashlib.sha256(b"".join(part.content for part in parts)).digest()
        size = sum(len(part.content) for part in parts)
        media = "application/pdf" if parts[0].media == "application/pdf" else "image/jpeg"
        if not await desk.fetch(_TAKE, desk.tenant_id, awaited.id, media, size, whole, desk.now):
            raise Refused([UploadUsed()])
        for part in parts:
            sizes = (part.width, part.height)
            facts = (awaited.id, part.variant, part.media, *sizes, part.content, desk.now)
            await desk.fetch(_PUT, desk.tenant_id, new_id(), *facts)
        await queries.turn(desk)  # after the bytes are there, so that nobody waits for them
        if await queries.bytes_held(desk) > MOST_OF_A_SITE:
            raise Refused([site_full()])
        ledger.note("file.taken", awaited.id, purpose=awaited.purpose, media=media, bytes=size)


async def keep(desk: Desk, id: UUID, purpose: Purpose, *, path: tuple[str, ...]) -> None:  # noqa: A002
    """Give a file of one's own that waits to what is made of it, in the caller's transaction.

    Refuses NOT_FOUND, FILE_FOR_OTHER.
    """
    refuse(await queries.objections_to_use(desk, id, purpose, path))
    if not await desk.fetch(_KEEP, desk.tenant_id, id, purpose, desk.person):
        raise Refused([NotFound(path=path)])


async def drop(desk: Desk, ids: Collection[UUID]) -> None:
    """Throw files away with their content, in the caller's transaction."""
    await desk.fetch(_DROP, desk.tenant_id, list(ids))


@action(*ANY)
async def sweep_files(desk: Desk) -> None:
    """Throw away what nobody has used for a day, and addresses to which nothing came; the calendar's."""
    async with desk.transaction() as ledger:
        rows = await desk.fetch(_SWEEP, desk.tenant_id, desk.now - KEPT_UNUSED)
        if rows:
            ledger.note("file.swept", None, files=len(rows))


def site_full() -> SiteFull:
    return SiteFull(most=MOST_OF_A_SITE // 1024**2)


def too_large(most: int) -> FileTooLarge:
    return FileTooLarge(path=("bytes",), most=max(1, most // 1024**2))

"""Photos are added with words for them, described anew, put in order, removed."""

from collections.abc import Sequence
from uuid import UUID

from quartier.kit.ids import new_id
from quartier.kit.refusal import Refused, StaleVersion, refuse
from quartier.spaces.photos import queries, rules
from quartier.spaces.photos.words import MOST, PURPOSE, Described, TooManyPhotos
from quartier.spaces.queries import space
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk
from quartier.tenancy.files import actions as files

_PUT = """
insert into app.space_photo (tenant_id, id, space_id, file_id, position, alt_de, alt_en, version, created_at,
  changed_at)
values ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8)"""
_DESCRIBE = """
update app.space_photo set alt_de = $4, alt_en = $5, version = version + 1, changed_at = $6
where tenant_id = $1 and id = $2 and version = $3 returning id"""
_ORDER = """
update app.space_photo p set position = w.place, version = version + 1, changed_at = $3
from unnest($2::uuid[]) with ordinality as w(id, place)
where p.tenant_id = $1 and p.id = w.id and p.position <> w.place"""
_DROP = "delete from app.space_photo where tenant_id = $1 and id = $2 returning id"


@action("spaces:configure")
async def add_photo(desk: Desk, space_id: UUID, file: UUID, said: Described) -> UUID:
    """Show a file that has come as the last photo of a space. Refuses NOT_FOUND, FIELD_INVALID, TOO_MANY_PHOTOS."""
    async with desk.transaction() as ledger:
        await space(desk, space_id, lock=True)
        there = await queries.photos(desk, space_id)
        refuse(
            [
                *rules.objections_to_words(said),
                *([TooManyPhotos(most=MOST)] if len(there) >= MOST else []),
            ]
        )
        await files.keep(desk, file, PURPOSE, path=("file",))
        made, place = new_id(), max((photo.position for photo in there), default=0) + 1
        words = (said.de.strip(), said.en.strip())
        await desk.fetch(_PUT, desk.tenant_id, made, space_id, file, place, *words, desk.now)
        ledger.note("space.photo_added", space_id, photo=made)
        return made


@action("spaces:configure")
async def describe_photo(desk: Desk, id: UUID, version: int, said: Described) -> None:  # noqa: A002
    """Say anew what is to be seen. Refuses NOT_FOUND, STALE_VERSION, FIELD_INVALID."""
    async with desk.transaction() as ledger:
        seen = await queries.photo(desk, id)
        refuse(rules.objections_to_words(said))
        words = (said.de.strip(), said.en.strip())
        if not await desk.fetch(_DESCRIBE, desk.tenant_id, id, version, *words, desk.now):
            raise Refused([StaleVersion(path=("version",), version=seen.version, seen=version)])
        ledger.note("space.photo_described", seen.space, photo=id)


@action("spaces:configure")
async def order_photos(desk: Desk, space_id: UUID, photos: Sequence[UUID]) -> None:
    """Put all photos of a space in this order; the first stands for the space. Refuses NOT_FOUND, FIELD_INVALID."""
    async with desk.transaction() as ledger:
        await space(desk, space_id, lock=True)
        refuse(rules.objections_to_order(photos, [photo.id for photo in await queries.photos(desk, space_id)]))
        await desk.fetch(_ORDER, desk.tenant_id, list(photos), desk.now)
        ledger.note("space.photos_ordered", space_id, photos=list(photos))


@action("spaces:configure")
async def remove_photo(desk: Desk, id: UUID) -> UUID:  # noqa: A002
    """Take a photo away for good, with its file; give the space. Refuses NOT_FOUND."""
    async with desk.transaction() as ledger:
        seen = await queries.photo(desk, id)
        await space(desk, seen.space, lock=True)
        await desk.fetch(_DROP, desk.tenant_id, id)
        await files.drop(desk, [seen.file])
        ledger.note("space.photo_removed", seen.space, photo=id)
        return seen.space

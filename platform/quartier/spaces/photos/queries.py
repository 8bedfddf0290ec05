"""Photos as they are kept, and which of them is shown to whom."""

from uuid import UUID

from quartier.kit.refusal import NotFound, Refused
from quartier.spaces.photos.words import Photo
from quartier.tenancy.desk import Desk

_PHOTOS = """
select id, space_id as space, file_id as file, position, version from app.space_photo where tenant_id = $1"""
_SHOWN = """
select p.file_id, s.state = 'open' as public
from app.space_photo p join app.space s on s.tenant_id = p.tenant_id and s.id = p.space_id
where p.tenant_id = $1 and p.id = $2 and (s.state = 'open' or $3)"""


async def photos(desk: Desk, space: UUID) -> list[Photo]:
    """Those of a space, in their order."""
    rows = await desk.fetch(_PHOTOS + " and space_id = $2 order by position, id", desk.tenant_id, space)
    return [Photo(**row) for row in rows]


async def photo(desk: Desk, id: UUID) -> Photo:  # noqa: A002  (a noun's id)
    """One photo. Refuses NOT_FOUND."""
    rows = await desk.fetch(_PHOTOS + " and id = $2", desk.tenant_id, id)
    if not rows:
        raise Refused([NotFound(path=("photo",))])
    return Photo(**rows[0])


async def shown(desk: Desk, id: UUID) -> tuple[UUID, bool] | None:  # noqa: A002
    """The file of a photo, and whether everybody may have it: of a space that is open; else who looks after it may."""
    rows = await desk.fetch(_SHOWN, desk.tenant_id, id, desk.may("spaces:configure"))
    return (rows[0]["file_id"], rows[0]["public"]) if rows else None

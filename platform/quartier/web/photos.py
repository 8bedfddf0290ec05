"""`GET /raumbilder/<photo>/<size>`: a photo of a space, for everybody while the space is open."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response, get

from quartier.access.arrival import arrived
from quartier.access.problem import Problem
from quartier.spaces.photos.queries import shown
from quartier.tenancy.files.queries import content
from quartier.tenancy.files.words import Variant
from quartier.web.papers import SEALED

_ID = re.compile(r"sph_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
SIZES: Mapping[str, Variant] = {
    "klein.webp": "small_webp",
    "klein.jpg": "small_jpeg",
    "gross.webp": "large_webp",
    "gross.jpg": "large_jpeg",
}
KEPT = "public, max-age=3600"  # what is taken away is gone from browsers within the hour


@get("/raumbilder/{name:str}/{size:str}")
async def photo(request: Request[Any, Any, Any], name: str, size: str) -> Response[bytes]:
    """Give one size of a photo, or 304 where the reader has it: a photo never changes, only its words do."""
    arrival = arrived(request.scope)
    found = _ID.fullmatch(name)
    if found is None or size not in SIZES or arrival.realm.kind != "site":
        raise Problem(404)
    allowed = await shown(arrival.desk, UUID(found[1]))
    if allowed is None:
        raise Problem(404)
    file, public = allowed
    headers = {**SEALED, "cache-control": KEPT if public else "no-store", "etag": f'"{file}-{size}"'}
    if request.headers.get("if-none-match", "").removeprefix("W/") == headers["etag"]:
        return Response(b"", status_code=304, headers=headers)
    kept = await content(arrival.desk, file, SIZES[size])
    if kept is None:
        raise Problem(404)
    headers["content-disposition"] = f'inline; filename="raum-{size}"'
    return Response(kept.content, headers=headers, media_type=kept.media)


PHOTOS = [photo]

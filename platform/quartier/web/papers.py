"""`GET /unterlagen/<paper>`: a paper of an application, to be saved. Each read asks who may, each look is on record."""

import re
from typing import Any
from uuid import UUID

from litestar import Request, Response, get

from quartier.access.arrival import arrived
from quartier.access.looks import looked
from quartier.access.problem import Problem
from quartier.members.papers.queries import readable
from quartier.tenancy.files.kinds import disposition
from quartier.tenancy.files.queries import content

_ID = re.compile(r"mpp_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
SEALED = {"content-security-policy": "default-src 'none'; sandbox", "x-content-type-options": "nosniff"}
"""What came from people is no page of ours, whatever a browser makes of it."""


@get("/unterlagen/{name:str}")
async def paper(request: Request[Any, Any, Any], name: str) -> Response[bytes]:
    """Give a paper to those who decide and to those whose it is. Unknown, not yours and not here are alike."""
    arrival = arrived(request.scope)
    found = _ID.fullmatch(name)
    if found is None or arrival.realm.kind != "site":
        raise Problem(404)
    desk = arrival.desk
    allowed = await readable(desk, UUID(found[1]))
    if allowed is None:
        raise Problem(404)
    file, giver = allowed
    kept = await content(desk, file, "whole")
    if kept is None:
        raise Problem(404)
    if giver != desk.person:
        await looked(desk, "paper", "MembershipPaper.content", giver)  # on record before a byte goes out
    headers = {**SEALED, "cache-control": "no-store", "content-disposition": disposition(kept.name, kept.media)}
    return Response(kept.content, headers=headers, media_type=kept.media)


PAPERS = [paper]

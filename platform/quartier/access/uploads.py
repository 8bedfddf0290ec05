"""`PUT /uploads/<token>`: where a file comes to for which a mutation gave the address; pages hand in here too."""

from collections.abc import AsyncIterator
from typing import Any

from litestar import Request, Response, put
from litestar.handlers import HTTPRouteHandler

from quartier.access.arrival import arrived
from quartier.access.problem import Problem
from quartier.access.scanner import Scanner
from quartier.kit.refusal import Refused
from quartier.tenancy.desk import Desk
from quartier.tenancy.files import actions
from quartier.tenancy.files.words import MOST_BYTES, PERMISSIONS, UploadDiffers

PLACE = "/uploads/"
MOST, MAY = MOST_BYTES, tuple(sorted(set(PERMISSIONS.values())))
STATUS = {
    "NOT_FOUND": 404,
    "NOT_ALLOWED": 403,
    "SIGN_IN_AGAIN": 401,
    "UPLOAD_USED": 409,
    "UPLOAD_EXPIRED": 410,
    "FILE_KIND_UNFIT": 415,
    "SCANNER_AWAY": 503,
}


@put(PLACE + "{token:str}", status_code=201, request_max_body_size=None)
async def upload(request: Request[Any, Any, Any], token: str) -> Response[Any]:
    """Take one file from whoever asked for the address. Refusals come as in the graph: all of them, by code."""
    arrival = arrived(request.scope)
    if arrival.realm.kind != "site":
        raise Problem(404)
    desk = arrival.desk
    if desk.person is None:
        raise Problem(401)
    try:
        await take_in(desk, token, request.stream(), arrival.scanner)
    except Refused as refused:
        told = [
            {"code": each.code, "message": each.message(desk.language, desk.zone), "path": list(each.path)}
            for each in refused.refusals
        ]
        # What still comes in is not read, so nothing else may come on this line.
        headers = {"cache-control": "no-store", "connection": "close"}
        status = STATUS.get(refused.refusals[0].code, 422)
        return Response({"refusals": told}, status_code=status, headers=headers)
    return Response(b"", status_code=201, headers={"cache-control": "no-store"}, media_type="text/plain")


async def take_in(desk: Desk, token: str, pieces: AsyncIterator[bytes], scanner: Scanner | None) -> None:
    """Read no more than was announced, look at it, keep it. Refuses as the files' actions, and UPLOAD_DIFFERS."""
    awaited = await actions.begin(desk, token)
    body = bytearray()
    async for piece in pieces:
        body += piece
        if len(body) > awaited.told_bytes:
            raise Refused([UploadDiffers(told=awaited.told_bytes, came=len(body))])
    if body and len(body) != awaited.told_bytes:
        raise Refused([UploadDiffers(told=awaited.told_bytes, came=len(body))])
    parts = await actions.understood(awaited, bytes(body))
    if scanner is not None:
        await scanner.look(bytes(body))
    await actions.take(desk, awaited, parts)


UPLOADS: list[HTTPRouteHandler] = [upload]

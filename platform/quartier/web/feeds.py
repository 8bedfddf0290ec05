"""`GET /kalender/<secret>.ics`: a calendar for programs that know no sign-in. Who has the link reads, nothing else."""

import hashlib
import re
from dataclasses import replace
from typing import Any

from litestar import Request, Response, get

from quartier.access.arrival import arrived
from quartier.access.problem import Problem
from quartier.spaces import queries as spaces
from quartier.spaces.feeds import queries
from quartier.spaces.feeds.ics import written
from quartier.tenancy.desk import Desk

_NAME = re.compile(r"([A-Za-z0-9_-]{43})\.ics")
KIND = "text/calendar"  # Litestar adds the charset


@get("/kalender/{name:str}")
async def calendar(request: Request[Any, Any, Any], name: str) -> Response[bytes]:
    """Answer the calendar, or 304 where the reader has it. An unknown link and one that was taken back are alike."""
    arrival = arrived(request.scope)
    found = _NAME.fullmatch(name)
    if found is None or arrival.realm.kind != "site":
        raise Problem(404)
    desk: Desk = replace(arrival.desk, person=None, permissions=frozenset(), own=frozenset())
    feed = await queries.feed_of(desk, found[1])
    if feed is None:
        raise Problem(404)
    place = None
    if feed.space is not None:
        place = (await spaces.space(desk, feed.space)).name_de
    entries = await queries.entries(desk, feed)
    realm = arrival.realm
    body = written(feed, entries, site=realm.name, host=realm.host, place=place, zone=realm.zone)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": "private, no-cache", "x-robots-tag": "noindex"}
    if _has(request.headers.get("if-none-match", ""), etag):
        return Response(b"", status_code=304, headers=headers, media_type=KIND)
    headers["content-disposition"] = 'inline; filename="quartier.ics"'
    return Response(body, headers=headers, media_type=KIND)


def _has(told: str, etag: str) -> bool:
    """Whether the reader has this very calendar; proxies mark a tag as weak when they have packed the body."""
    return told.strip() == "*" or etag in {each.strip().removeprefix("W/") for each in told.split(",")}


FEEDS = [calendar]

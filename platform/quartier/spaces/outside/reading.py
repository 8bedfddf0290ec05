"""Job: every outside calendar is read, outside of any transaction; then what it says is taken in."""

import asyncio

import structlog

from quartier.access.partners.network import Network
from quartier.access.partners.words import LoginFailed
from quartier.database.engine import DB
from quartier.database.sealing import SEAL, SealBroken
from quartier.spaces.hours import day_of
from quartier.spaces.outside.actions import active, note_fault, note_unchanged, take_in
from quartier.spaces.outside.ics import busy, window_of
from quartier.spaces.outside.words import Outside, Unreadable
from quartier.tenancy.desk import Desk

NETWORK = Network(deadline=10, largest=1_000_000)


async def read_calendars(desk: Desk, calendar: str | None = None, *, network: Network = NETWORK) -> None:
    """Read every calendar of the site, or that one; one that fails keeps what it held and does not stop the others.

    Doing it twice changes nothing, so the job needs no receipt.
    """
    with DB.speaking(desk.tenant_id, "worker"):
        calendars = [each for each in await active(desk) if calendar in {None, str(each.id)}]
    for each in calendars:
        try:
            await read_calendar(desk, each, network)
        except Unreadable as unreadable:
            structlog.get_logger().warning("calendar_unreadable", calendar=str(each.id), fault=unreadable.fault)
            with DB.speaking(desk.tenant_id, "worker"):
                await note_fault(desk, each, unreadable.fault)


async def read_calendar(desk: Desk, calendar: Outside, network: Network) -> None:
    """Fetch one calendar and take it in. Raises Unreadable."""
    import httpx2

    headers = {"accept": "text/calendar, text/plain;q=0.5"}
    today = day_of(desk.now, desk.zone)
    if calendar.etag and calendar.read_at and day_of(calendar.read_at, desk.zone) == today:
        headers["if-none-match"] = calendar.etag  # a new day looks a day further: then the whole is needed
    try:
        url = SEAL.open(calendar.sealed)
    except SealBroken as broken:  # sealed by another installation: somebody has to add it again
        raise Unreadable("unreachable") from broken
    try:
        answer = await network.send(httpx2.Request("GET", url, headers=headers))
    except LoginFailed as failed:  # the network's word: away, or an address or answer that is not allowed
        raise Unreadable("unreachable" if failed.away else "not_outside") from failed
    if answer.status_code == 304:
        with DB.speaking(desk.tenant_id, "worker"):
            await note_unchanged(desk, calendar)
        return
    if answer.status_code != 200:
        raise Unreadable("not_there")
    window = window_of(desk.now, desk.zone)
    spans = await asyncio.to_thread(busy, answer.content, window, desk.zone)
    with DB.speaking(desk.tenant_id, "worker"):
        await take_in(desk, calendar, spans, answer.headers.get("etag"))

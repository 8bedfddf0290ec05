"""From the site's log to deliveries: each line that a webhook wants becomes one, with ids and states only."""

import json
from collections.abc import Iterator
from datetime import timedelta

from quartier.access.hooks.words import EVENTS
from quartier.kit.ids import new_id
from quartier.tenancy.audit import Line, Note, lines_after
from quartier.tenancy.desk import Desk

AT_ONCE = 200  # lines of one transaction
KEPT = timedelta(days=30)  # of deliveries that came to an end

_HOOKS = """
select id, events, seen from app.webhook where tenant_id = $1 and state = 'active' order by id for no key update"""
_MAKE = """
insert into app.delivery (tenant_id, id, webhook_id, event, line, part, body, send_after, state, created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $8, $8)
on conflict (tenant_id, webhook_id, line, part) do nothing"""
_SEEN = "update app.webhook set seen = $3 where tenant_id = $1 and id = $2 and seen < $3"
_FORGET = "delete from app.delivery where tenant_id = $1 and state <> 'waiting' and changed_at < $2"


async def follow(desk: Desk) -> bool:
    """Read on in the log, in the open transaction; give whether there may be more to read."""
    hooks = await desk.fetch(_HOOKS, desk.tenant_id)
    if not hooks:
        return False
    lines = await lines_after(desk, min(hook["seen"] for hook in hooks), most=AT_ONCE)
    for hook in hooks:
        for line in lines:
            if line.seq > hook["seen"]:
                await _make(desk, hook, line)
        if lines:
            await desk.fetch(_SEEN, desk.tenant_id, hook["id"], lines[-1].seq)
    return len(lines) == AT_ONCE


async def forget_deliveries(desk: Desk) -> None:
    """Delete deliveries that came to an end a month ago."""
    async with desk.transaction():
        await desk.fetch(_FORGET, desk.tenant_id, desk.now - KEPT)


async def _make(desk: Desk, hook: dict[str, object], line: Line) -> None:
    wanted = hook["events"]
    assert isinstance(wanted, list)
    for part, event, body in bodies(line):
        if event in wanted:
            what = (hook["id"], event, line.seq, part, body, desk.now)
            await desk.fetch(_MAKE, desk.tenant_id, new_id(), *what)


def bodies(line: Line) -> Iterator[tuple[int, str, str]]:
    """What of a line is told outside: which part of it, the event, and the text to the byte.

    Of the line's numbers only the state goes out, and never who did it.
    """
    for part, note in enumerate(line.notes):
        if note.action in EVENTS and note.subject is not None:
            event, prefix = EVENTS[note.action]
            told = {"type": event, "timestamp": line.at.isoformat(), "data": _data(note, prefix)}
            yield part, event, json.dumps(told, separators=(",", ":"))


def _data(note: Note, prefix: str) -> dict[str, str]:
    state = note.numbers.get("state")
    return {"id": f"{prefix}_{note.subject}"} | ({"state": state} if isinstance(state, str) else {})

"""From a line of the outbox to a letter on its way: taken for oneself, looked at again, filled, handed over, settled.

A letter may go twice if a sender dies between handing it over and writing that down; its Message-ID is the same then.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import cast

import structlog

from quartier.database.engine import DB
from quartier.database.faults import Unavailable
from quartier.jobs.executor import place_of
from quartier.notices import outbox, smtp
from quartier.notices.choices.links import way_out
from quartier.notices.choices.queries import wants
from quartier.notices.choices.rules import kind_of
from quartier.notices.editions.queries import wording
from quartier.notices.outbox import Addressee
from quartier.notices.texts import Language, filled
from quartier.notices.words import Letter, Notice, NoticeState, NotNow, Told, Undeliverable
from quartier.tenancy.desk import Desk

Facts = Callable[[Desk, Notice, Addressee], Awaitable[Told | None]]
"""What a notice says now to somebody; None when what it tells is not true any more."""
Carry = Callable[[Letter], Awaitable[None]]
"""Hands a letter over. Raises Undeliverable, NotNow."""
Carrier = Callable[[Desk], Awaitable[Carry | None]]
"""How the desk's realm sends; None where it cannot: then everything waits."""

FOOT = {"de": "Nachrichten dieser Art abbestellen:", "en": "Unsubscribe from messages of this kind:"}
MOST_TRIES = 8
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)


async def by_smtp(desk: Desk) -> Carry | None:
    """The carrier of an installation: the site's own account, or the installation's."""
    account = await smtp.account(desk)
    if account is None:
        return None

    async def carry(letter: Letter) -> None:
        await smtp.deliver(account, letter)

    return carry


def pause(attempts: int) -> timedelta:
    """How long to wait after so many tries: 1, 4, 16 minutes and so on.

    >>> [pause(n) // timedelta(minutes=1) for n in (1, 2, 3, 4, 5, 8)]
    [1, 4, 16, 64, 256, 360]
    """
    return min(FIRST_PAUSE * int(4 ** (attempts - 1)), LONGEST_PAUSE)


async def send(desk: Desk, facts: Facts, carrier: Carrier) -> None:
    """Job, outside of any transaction: send all that is due. What cannot be sent now is tried again later."""
    with DB.speaking(desk.tenant_id, "worker"):
        carry = await carrier(desk)
        if carry is None:
            return
        while True:
            async with DB.work():
                mine = await outbox.claim(desk)
            if not mine:
                return
            for notice in mine:
                await _send(desk, notice, facts, carry)


async def _send(desk: Desk, notice: Notice, facts: Facts, carry: Carry) -> None:
    """Send one. What nobody foresaw is a reason to try this one later, and none to leave those after it."""
    state: NoticeState = "sent"
    again, error = None, None
    try:
        letter = await _letter(desk, notice, facts)
        if isinstance(letter, str):
            state, error = "stopped", letter
        else:
            await carry(letter)
    except Undeliverable as never:
        state, error = "failed", str(never)
    except NotNow as now:
        state, again, error = *_later(desk, notice), str(now)
    except Unavailable:
        raise  # there is nobody to write it down
    except Exception as fault:
        structlog.get_logger().error("notice_faulty", notice=str(notice.id), key=notice.key, error=place_of(fault))
        state, again, error = *_later(desk, notice), "fault"
    async with DB.work():
        await outbox.settle(desk, notice, state, again=again, error=error)


def _later(desk: Desk, notice: Notice) -> tuple[NoticeState, datetime | None]:
    if notice.attempts >= MOST_TRIES:
        return "failed", None
    return "waiting", desk.now + pause(notice.attempts)


async def _letter(desk: Desk, notice: Notice, facts: Facts) -> Letter | str:
    """The letter as it is true now, or why there is none."""
    whom = await outbox.addressee(desk, notice.person_id)
    if whom is None:
        return "nobody"
    if whom.address is None:
        return "no address"
    kind = kind_of(notice.key, own=notice.own)
    if kind is not None and not await wants(desk, notice.person_id, kind):
        return "not wanted"
    told = await facts(desk, notice, whom)
    if told is None:
        return "over"
    text = filled(await wording(desk, notice.key, cast("Language", notice.language)), told.facts)
    body, out = text.body, None
    if kind is not None:
        out = told.there + way_out(desk, notice.person_id, kind)
        body += f"\n{FOOT[notice.language]}\n{out}\n"
    return Letter(
        notice.id, desk.tenant_id, whom.address, text.subject, body, notice.language, desk.now, told.calendar, out
    )

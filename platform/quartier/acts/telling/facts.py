"""Which room's facts a notice tells: by what it refers to."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from quartier.acts.telling.bookings import booking
from quartier.acts.telling.memberships import membership
from quartier.acts.telling.saying import Origin
from quartier.acts.telling.seats import seat
from quartier.acts.telling.series import series
from quartier.acts.telling.webhooks import webhook
from quartier.notices.outbox import Addressee
from quartier.notices.words import Notice, Told
from quartier.tenancy.desk import Desk

Telling = Callable[[Desk, Notice, Addressee, str], Awaitable[Told | None]]
# The first of them that a notice refers to is what it is about.
ABOUT: tuple[tuple[str, Telling], ...] = (
    ("series", series), ("booking", booking), ("membership", membership), ("registration", seat), ("webhook", webhook),
)  # fmt: skip


def facts_at(origin: Origin) -> Callable[[Desk, Notice, Addressee], Awaitable[Told | None]]:
    """The facts of every text, with links at this origin."""

    async def facts(desk: Desk, notice: Notice, whom: Addressee) -> Told | None:
        there = origin(desk.realm.host)
        for name, telling in ABOUT:
            if name in notice.refs:
                told = await telling(desk, notice, whom, there)
                return told and replace(told, there=there)
        return None

    return facts

"""What access tells other processes: that rights changed. Nobody's name, only the realm's id."""

import contextlib
from collections.abc import Callable, Iterator

from quartier.tenancy.desk import Desk

CHANNEL = "quartier_access"
_HERE: list[Callable[[str | None], None]] = []


@contextlib.contextmanager
def heard_here(forget: Callable[[str | None], None]) -> Iterator[None]:
    """Let this process hear its own changes without the way through the database.

    Whoever signs out finds the door closed with her next request, however long the notice takes.
    """
    _HERE.append(forget)
    try:
        yield
    finally:
        _HERE.remove(forget)


async def rights_changed(desk: Desk) -> None:
    """Make every process forget what it knows of this realm's speakers, when the open transaction commits.

    Whatever ends a token, a role, an affiliation or a person calls it, in the same transaction. This process forgets
    now, and again at the notice: what it reads in between may still be of before.
    """
    await desk.fetch(f"select pg_notify('{CHANNEL}', $1) as tenant_id", str(desk.tenant_id))
    for forget in _HERE:
        forget(str(desk.tenant_id))

"""Invented people never stand in a house that is not a demo: their tokens were printed."""

from collections.abc import Sequence

from quartier.access.actions import machine_now
from quartier.access.queries import demo_sessions
from quartier.tenancy.desk import Desk
from quartier.tenancy.directory import Directory


class DemoLeft(RuntimeError):
    """Sessions of invented people stand in a database that is not a demo any more; `slugs` names the realms."""

    def __init__(self, slugs: Sequence[str]) -> None:
        self.slugs = tuple(slugs)
        super().__init__("demo sessions at " + ", ".join(slugs))


async def refuse_demo_sessions(directory: Directory) -> None:
    """Stop a start outside demo mode beside such a session. Raises DemoLeft."""
    left = []
    for realm in directory.realms:
        if await demo_sessions(Desk(realm=realm, now=machine_now())):
            left.append(realm.slug)
    if left:
        raise DemoLeft(left)

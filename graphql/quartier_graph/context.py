"""What a request carries through the graph: its desk, its loaders, nothing that outlives it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError

from quartier.tenancy.desk import Desk
from quartier_graph.loader import Loader, Running
from quartier_graph.statement import Env

Again = Callable[[], Awaitable[Desk | None]]


class Forbidden(GraphQLError):
    """A field that needs a permission the desk lacks."""

    def __init__(self, what: str, permissions: Sequence[str] | frozenset[str], **where: Any) -> None:
        wanted = sorted(permissions)
        super().__init__(
            f"{what} needs the permission {' or '.join(wanted)}.",
            extensions={"code": "FORBIDDEN", "permissions": wanted},
            **where,
        )


class SignedOut(GraphQLError):
    """The token or session of a socket is over."""

    def __init__(self) -> None:
        super().__init__("This sign-in is over.", extensions={"code": "UNAUTHENTICATED"})


@dataclass(slots=True)
class Context:
    """One operation. Loaders live here, so no row is shared between requests, let alone realms.

    `again` asks who is speaking once more; events of a subscription use it.
    """

    desk: Desk
    cursor_key: bytes
    again: Again | None = None
    loaders: dict[object, Loader[Any, Any]] = field(default_factory=dict)
    running: Running = field(default_factory=Running)

    @property
    def env(self) -> Env:
        return Env(self.desk, self.cursor_key)

    async def fetch(self, sql: str, *args: Any) -> list[Any]:
        """Run one statement of the realm; it is not cut off when the field that asked for it is given up."""
        return await self.running.end(self.desk.fetch(sql, *args))

    async def refresh(self) -> None:
        """Begin an event anew: rights as they are now, nothing remembered. Refuses SignedOut."""
        self.loaders.clear()
        desk = await self.again() if self.again else self.desk
        if desk is None:
            raise SignedOut
        self.desk = desk

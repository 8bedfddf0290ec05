"""What a request carries through the graph: its desk, its loaders, nothing that outlives it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError
from strawberry.dataloader import DataLoader

from quartier.tenancy.desk import Desk
from quartier_graph.statement import Env


class Forbidden(GraphQLError):
    """A field that needs a permission the desk lacks."""

    def __init__(self, what: str, permissions: Sequence[str] | frozenset[str], **where: Any) -> None:
        wanted = sorted(permissions)
        super().__init__(
            f"{what} needs the permission {' or '.join(wanted)}.",
            extensions={"code": "FORBIDDEN", "permissions": wanted},
            **where,
        )


@dataclass(slots=True)
class Context:
    """One operation. Loaders live here, so no row is shared between requests, let alone realms."""

    desk: Desk
    cursor_key: bytes
    loaders: dict[object, DataLoader[Any, Any]] = field(default_factory=dict)

    @property
    def env(self) -> Env:
        return Env(self.desk, self.cursor_key)

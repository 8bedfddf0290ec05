"""Two services over one graph: with its compiler, and with the kill switch thrown."""

import contextlib
import gc
import json
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from quartier.database.lanes import Lanes
from quartier.tenancy.desk import Desk
from quartier_graph.build import Graph
from quartier_graph.compile import Plan
from quartier_graph.service import Reply, Service


class Watched(Service):
    """Remembers whether the last answer came compiled, and by which plan."""

    compiled: bool = False
    used: Plan | None = None

    async def compiled_answer(self, desk: Desk, plan: Plan, variables: Mapping[str, Any]) -> Reply | None:
        reply = await super().compiled_answer(desk, plan, variables)
        self.compiled, self.used = reply is not None, plan
        return reply


@dataclass(frozen=True)
class Answers:
    """What both ways gave for one document."""

    compiled: bool
    first: Reply
    second: Reply

    @property
    def json(self) -> Any:
        return json.loads(self.first.body)


@contextlib.contextmanager
def given_up_fields() -> Iterator[None]:
    """graphql-core drops coroutines of fields that it cancels beside a failed one; Python warns when they are freed.

    They are freed here and not whenever: inside a named tuple's `__new__`, without builtins, Python cannot even warn.
    """
    gc.disable()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        try:
            yield
            gc.collect()
        finally:
            gc.enable()


class Both:
    def __init__(self, graph: Graph, lanes: Lanes, secret: bytes) -> None:
        self.graph = graph
        self.watched = Watched(graph, lanes, secret)
        self.plain = Service(graph, lanes, secret, compiles=False)

    async def run(self, desk: Desk, text: str, variables: Mapping[str, Any] | None = None) -> Answers:
        """Answer both ways; equality is the caller's to check."""
        self.watched.compiled, self.watched.used = False, None
        first = await self.watched.run(desk, text, variables or {}, None)
        compiled = self.watched.compiled
        second = await self.plain.run(desk, text, variables or {}, None)
        return Answers(compiled, first, second)

    async def answer(self, desk: Desk, text: str, variables: Mapping[str, Any] | None = None) -> Any:
        """Answer both ways, demand equal bytes, and give the JSON."""
        answers = await self.run(desk, text, variables)
        assert answers.first == answers.second, text
        return answers.json

    async def ids(self, desk: Desk) -> dict[str, list[str]]:
        """Ids of what the root lists show, by prefix."""
        found: dict[str, list[str]] = {}
        for (owner, name), listed in self.graph.lists.items():
            if owner == "Query" and listed.entity.prefix:
                text = f"{{ list: {name}(first: 12) {{ nodes {{ id }} }} }}"
                data = json.loads((await self.plain.run(desk, text, {}, None)).body)["data"]
                found[listed.entity.prefix] = [node["id"] for node in data["list"]["nodes"]]
        return found

    async def cursors(self, desk: Desk) -> dict[str, list[str]]:
        """Cursors of every root list in each of its orders, by `Type.order`."""
        found: dict[str, list[str]] = {}
        for (owner, name), listed in self.graph.lists.items():
            if owner != "Query":
                continue
            for order in listed.orders:
                chosen = f"order: {listed.order_type(order).name}, " if listed.order_type else ""
                text = f"{{ list: {name}({chosen}first: 20) {{ edges {{ cursor }} }} }}"
                reply = await self.plain.run(desk, text, {}, None)
                data = json.loads(reply.body)["data"]
                assert data, reply.body
                found[f"{listed.entity.name}.{order}"] = [edge["cursor"] for edge in data["list"]["edges"]]
        return found

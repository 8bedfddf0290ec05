"""Runs operations of one schema: compiled where possible, by ordinary execution where not."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from graphql import ExecutionResult, GraphQLError, OperationType, execute
from prometheus_client import Counter

from quartier.access.looks import Looks
from quartier.database.engine import DB, Speaking
from quartier.database.faults import TransactionAborted
from quartier.database.lanes import Lanes
from quartier.tenancy.desk import Desk
from quartier_graph import cursors, errors, personal
from quartier_graph.build import Graph
from quartier_graph.canary import Canary
from quartier_graph.compile import NotCompilable, Plan
from quartier_graph.context import Context
from quartier_graph.plans import Library, Operation, RequestRefused
from quartier_graph.statement import Env

DESCRIPTIONS = 4  # answers to questions about the schema that are kept; each has some 300 kB

OPERATIONS = Counter("quartier_graph_operations_total", "Operations answered.", ["schema", "kind", "path"])
FALLBACKS = Counter("quartier_graph_fallback_total", "Reads that could not be compiled, by field.", ["schema", "field"])


@dataclass(frozen=True, slots=True)
class Reply:
    """What the endpoint sends. `executed` is false when the request never reached execution."""

    body: bytes
    status: int = 200
    executed: bool = True


class Service:
    """One schema with its lanes. `compiles=False` is the kill switch: everything runs the ordinary way.

    `canary` is the share of compiled reads that are compared with it afterwards; `looks` is told who saw whom.
    """

    def __init__(
        self,
        graph: Graph,
        lanes: Lanes | None,
        cursor_secret: bytes,
        *,
        compiles: bool = True,
        canary: float = 0,
        looks: Looks | None = None,
    ) -> None:
        self.graph, self.lanes, self._secret = graph, lanes, cursor_secret
        self.library = Library(graph, compiles=compiles and lanes is not None)
        self.name = graph.declarations.realm
        self.canary = Canary(self, canary)
        self.looks = looks or Looks()
        self._compiled = OPERATIONS.labels(self.name, "query", "compiled")
        self._keys: dict[object, bytes] = {}
        self._descriptions: dict[tuple[str, str | None], bytes] = {}

    async def run(
        self, desk: Desk, text: str, given: Mapping[str, Any], name: str | None, *, safe: bool = False
    ) -> Reply:
        """Answer one operation, whatever happens: errors are part of the reply. `safe` allows queries alone."""
        try:
            operation = self.library.operation(text, name)
            variables = self.library.variables(operation, given)
            if safe and operation.kind is not OperationType.QUERY:
                raise RequestRefused([GraphQLError("Only queries may come by GET. Send a POST.")], status=405)
            if operation.kind is OperationType.SUBSCRIPTION:
                raise RequestRefused([GraphQLError("Subscriptions run over a WebSocket (graphql-transport-ws).")])
            plan = self.library.plan(operation, desk.permissions, variables)
        except RequestRefused as refused:
            return self.refusal(refused, desk)
        if operation.introspects:
            return await self.description(desk, operation, text)
        with self.speaking(desk):
            if plan is not None:
                body = await self.compiled_answer(desk, plan, variables)
                if body is not None:
                    self._compiled.inc()
                    if body.status == 200:
                        self.seen(desk, operation, body.body)
                        self.canary.sing(desk, operation, plan, variables, body.body)
                    return body
            if operation.kind is OperationType.QUERY and self.library.compiles:
                why = self.library.why_not(operation, desk.permissions, variables)
                FALLBACKS.labels(self.name, why or "value").inc()
            reply = await self.ordinary(desk, operation, given)
        if operation.kind is OperationType.QUERY:
            self.seen(desk, operation, reply.body)
        return reply

    def seen(self, desk: Desk, operation: Operation, body: bytes) -> None:
        """Note who was shown people by this answer; an action has its own line."""
        personal.note(self.looks, self.graph, desk, operation, body)

    async def description(self, desk: Desk, operation: Operation, text: str) -> Reply:
        """The schema as tools ask for it: 0.1 s of work, so the last few answers are kept. No row is read."""
        key = text, operation.node.name.value if operation.node.name else None
        known = self._descriptions.get(key)
        if known is None:
            result = await self._execute(Context(desk, b""), operation, {})
            answer: dict[str, Any] = {"data": result.data}
            if result.errors:
                answer["errors"] = errors.formatted(result.errors, desk, desk.request_id)
                return Reply(msgspec.json.encode(answer))
            known = self._descriptions[key] = msgspec.json.encode(answer)
            while len(self._descriptions) > DESCRIPTIONS:
                del self._descriptions[next(iter(self._descriptions))]
        return Reply(known)

    def refusal(self, refused: RequestRefused, desk: Desk) -> Reply:
        told = errors.formatted(refused.errors, desk, desk.request_id)
        return Reply(msgspec.json.encode({"errors": told}), refused.status, executed=False)

    def speaking(self, desk: Desk) -> Speaking:
        return DB.speaking(desk.realm.city_id, "city") if self.name == "city" else DB.speaking(desk.tenant_id, "app")

    def cursor_key(self, desk: Desk) -> bytes:
        key = self._keys.get(desk.tenant_id)
        if key is None:
            key = self._keys[desk.tenant_id] = cursors.key_for(self._secret, desk.tenant_id)
        return key

    async def compiled_answer(self, desk: Desk, plan: Plan, variables: Mapping[str, Any]) -> Reply | None:
        """The answer's text as PostgreSQL wrote it; None where a value turns out to need the reference."""
        try:
            values = plan.values(Env(desk, self.cursor_key(desk), variables))
        except NotCompilable:
            return None
        assert self.lanes is not None
        try:
            text = await self.lanes.run(plan, plan.sql, [*DB.signed(), *values])
        except Exception as error:
            failure = GraphQLError("failed", original_error=error)
            told = errors.formatted([failure], desk, desk.request_id)
            status = 503 if errors.is_unavailable([failure]) else 200
            return Reply(msgspec.json.encode({"data": None, "errors": told}), status)
        return Reply(text.encode())

    async def ordinary(self, desk: Desk, operation: Operation, given: Mapping[str, Any]) -> Reply:
        """graphql-core over our resolvers; a query sees one snapshot, a mutation's actions their own."""
        context = Context(desk, self.cursor_key(desk))
        OPERATIONS.labels(self.name, operation.kind.value, "ordinary").inc()
        result: ExecutionResult | None = None
        try:
            if operation.kind is OperationType.QUERY and not operation.apart:
                async with DB.tenant(isolation="REPEATABLE READ", readonly=True):
                    result = await self._execute(context, operation, given)
            else:
                result = await self._execute(context, operation, given)
        except errors.NOT_NOW as error:
            result = ExecutionResult(None, [GraphQLError("failed", original_error=error)])
        except TransactionAborted:  # a statement of a read failed: its field has told it already
            if result is None:
                raise
        answer: dict[str, Any] = {"data": result.data}
        status = 200
        if result.errors:
            answer["errors"] = errors.formatted(result.errors, desk, desk.request_id)
            status = 503 if errors.is_unavailable(result.errors) else 200
        return Reply(msgspec.json.encode(answer), status)

    async def _execute(self, context: Context, operation: Operation, given: Mapping[str, Any]) -> ExecutionResult:
        name = operation.node.name.value if operation.node.name else None
        result = execute(
            self.graph.schema._schema,
            operation.document,
            context_value=context,
            variable_values=dict(given),
            operation_name=name,
            hide_suggestions=True,
        )
        try:
            if inspect.isawaitable(result):
                result = await result
        finally:
            await context.running.settled()
        assert isinstance(result, ExecutionResult)
        return result

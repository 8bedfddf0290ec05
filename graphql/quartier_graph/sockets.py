"""graphql-transport-ws: subscriptions over one WebSocket, each within its tenant.

The protocol is that of the npm package graphql-ws; its close codes are used as they stand there.
"""

import asyncio
import contextlib
import inspect
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from graphql import ExecutionResult, GraphQLError, OperationType, subscribe

from quartier.database.faults import Unavailable
from quartier.tenancy.desk import Desk
from quartier_graph import errors
from quartier_graph.context import Context, SignedOut
from quartier_graph.limits import BODY
from quartier_graph.plans import RequestRefused
from quartier_graph.service import Service

PROTOCOL = "graphql-transport-ws"
PATIENCE = 10.0  # seconds until connection_init has to come
LOOK_AGAIN = 30.0  # seconds between two looks at an idle socket's sign-in
MOST = 20  # subscriptions of one socket
MOST_SOCKETS = 20  # of one caller in one process

_OPEN: Counter[tuple[UUID, str]] = Counter()
Admit = Callable[[str | None], Awaitable[Desk | None]]
Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Closed(Exception):
    """Close the socket with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        self.code, self.reason = code, reason


def same_origin(headers: Mapping[bytes, bytes]) -> bool:
    """Browsers always send Origin: it has to be ours. Programs send none."""
    origin = headers.get(b"origin")
    return origin is None or urlsplit(origin.decode("latin-1")).netloc == headers.get(b"host", b"").decode("latin-1")


class Socket:
    """One connection. `admit` turns an Authorization value into the desk of this host's realm, or None."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, service: Service, admit: Admit) -> None:
        self.scope, self._receive, self._send = scope, receive, send
        self.service, self.admit = service, admit
        self.headers = dict(scope["headers"])
        self.word: str | None = None
        self.desk: Desk | None = None
        self.counted: tuple[UUID, str] | None = None
        self.reference = str(scope.get("state", {}).get("request_id", "-"))
        self.running: dict[str, asyncio.Task[None]] = {}
        self.over = False

    async def run(self) -> None:
        await self._receive()  # websocket.connect
        if PROTOCOL not in self.scope.get("subprotocols", ()) or not same_origin(self.headers):
            await self._send({"type": "websocket.close", "code": 4406, "reason": "Subprotocol not acceptable"})
            return
        await self._send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        watch: asyncio.Task[None] | None = None
        try:
            await self._begin()
            watch = asyncio.create_task(self._watch())
            while (message := await self._message()) is not None:
                await self._handle(message)
        except Closed as closed:
            await self._close(closed.code, closed.reason)
        finally:
            self.over = True
            if self.counted:
                _OPEN[self.counted] -= 1
                if not _OPEN[self.counted]:
                    del _OPEN[self.counted]
            for task in [*self.running.values(), *([watch] if watch else [])]:
                task.cancel()

    async def _begin(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                message = await self._message()
        except TimeoutError:
            raise Closed(4408, "Connection initialisation timeout") from None
        if message is None:
            raise Closed(1000, "")
        if message.get("type") != "connection_init":
            raise Closed(4401, "Unauthorized")
        payload = message.get("payload")
        given = payload.get("authorization") if isinstance(payload, dict) else None
        header = self.headers.get(b"authorization")
        self.word = given if isinstance(given, str) else header.decode("latin-1") if header else None
        self.desk = await self.admit(self.word)
        if self.desk is None:
            raise Closed(4403, "Forbidden")
        caller = self.desk.tenant_id, self.desk.caller
        if _OPEN[caller] >= MOST_SOCKETS:
            raise Closed(4429, f"At most {MOST_SOCKETS} sockets")
        _OPEN[caller] += 1
        self.counted = caller
        await self._say({"type": "connection_ack"})

    async def _watch(self) -> None:
        """Close an idle socket whose sign-in has ended."""
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            try:
                signed_in = await self.admit(self.word) is not None
            except Unavailable:
                continue  # nobody can tell for the moment, and nothing can be read either
            if not signed_in:
                await self._close(4403, "Forbidden")
                return

    async def _close(self, code: int, reason: str) -> None:
        if not self.over:
            self.over = True
            with contextlib.suppress(Exception):  # the other side may be gone
                await self._send({"type": "websocket.close", "code": code, "reason": reason})

    async def _message(self) -> dict[str, Any] | None:
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            return None
        text = event.get("text")
        if text is None or len(text) > BODY:
            raise Closed(4400, "Send JSON text of at most 100 kB.")
        try:
            message = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            raise Closed(4400, "This is not JSON.") from None
        if not isinstance(message, dict):
            raise Closed(4400, "A message is an object.")
        return message

    async def _handle(self, message: dict[str, Any]) -> None:
        match message:
            case {"type": "ping"}:
                await self._say({"type": "pong"})
            case {"type": "pong"}:
                pass
            case {"type": "complete", "id": str(key)}:
                if task := self.running.pop(key, None):
                    task.cancel()
            case {"type": "subscribe", "id": str(key), "payload": {"query": str(query), **rest}} if key:
                if key in self.running:
                    raise Closed(4409, f"Subscriber for {key} already exists")
                if len(self.running) >= MOST:
                    raise Closed(4429, f"At most {MOST} subscriptions")
                variables, name = rest.get("variables"), rest.get("operationName")
                if not isinstance(variables, dict | None) or not isinstance(name, str | None):
                    raise Closed(4400, "variables is an object, operationName a text.")
                self.running[key] = asyncio.create_task(self._follow(key, query, variables or {}, name))
            case {"type": "connection_init"}:
                raise Closed(4429, "Too many initialisation requests")
            case _:
                raise Closed(4400, "Unknown message.")

    async def _follow(self, key: str, query: str, variables: dict[str, Any], name: str | None) -> None:
        try:
            async for result in self._results(query, variables, name):
                await self._say({"type": "next", "id": key, "payload": result})
            await self._say({"type": "complete", "id": key})
        except RequestRefused as refused:
            await self._fail(key, refused.errors)
        except GraphQLError as error:
            await self._fail(key, [error])
            if isinstance(error, SignedOut):
                await self._close(4403, "Forbidden")
        except Exception as error:
            await self._fail(key, [GraphQLError("failed", original_error=error)])
        finally:
            # The id may be another one's by now: who was told to end comes here after its successor began.
            if self.running.get(key) is asyncio.current_task():
                del self.running[key]

    async def _fail(self, key: str, found: list[GraphQLError]) -> None:
        told = errors.formatted(found, self.desk, self.desk.request_id if self.desk else self.reference)
        await self._say({"type": "error", "id": key, "payload": told})

    async def _results(self, query: str, variables: dict[str, Any], name: str | None) -> AsyncIterator[Any]:
        self.desk = await self.admit(self.word)  # rights as they are now, not as they were when the socket opened
        if self.desk is None:
            raise SignedOut
        operation = self.service.library.operation(query, name)
        if operation.kind is not OperationType.SUBSCRIPTION:
            reply = await self.service.run(self.desk, query, variables, name)
            yield msgspec.Raw(reply.body)
            return
        operation.cost.check(self.service.library.variables(operation, variables))
        context = Context(self.desk, self.service.cursor_key(self.desk), lambda: self.admit(self.word))
        with self.service.speaking(self.desk):
            stream = subscribe(
                self.service.graph.schema._schema,
                operation.document,
                context_value=context,
                variable_values=variables,
                operation_name=name,
                hide_suggestions=True,
            )
            if inspect.isawaitable(stream):
                stream = await stream
        if isinstance(stream, ExecutionResult):
            raise (stream.errors or [GraphQLError("This cannot be followed.")])[0]
        while True:
            # Each event speaks for itself: its reads end before the next one is waited for.
            with self.service.speaking(context.desk):
                try:
                    result = await anext(stream)
                except StopAsyncIteration:
                    return
                except GraphQLError as error:
                    raise error.original_error if isinstance(error.original_error, SignedOut) else error from None
            answer: dict[str, Any] = {"data": result.data}
            if result.errors:
                answer["errors"] = errors.formatted(result.errors, context.desk, context.desk.request_id)
            self.service.seen(context.desk, operation, msgspec.json.encode(answer))
            yield answer

    async def _say(self, message: dict[str, Any]) -> None:
        if not self.over:
            with contextlib.suppress(OSError):  # the other side is gone; the receiving end will say so
                await self._send({"type": "websocket.send", "text": msgspec.json.encode(message).decode()})

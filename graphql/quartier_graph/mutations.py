"""Mutations: one per verb, each in a transaction of its own, done once per idempotency key."""

import dataclasses
import enum
import re
import typing
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import msgspec
import strawberry

from quartier.kit.refusal import FieldInvalid, Refusal, Refused
from quartier.kit.spoken import Words, letters
from quartier.tenancy.action import demand
from quartier.tenancy.desk import Desk
from quartier.tenancy.once import Answer, ShownOnce, once, rehearse
from quartier_graph import ids, reading
from quartier_graph.context import Context
from quartier_graph.declare import Verb, camel, stripped
from quartier_graph.refusals import refusal_type
from quartier_graph.scalars import HIDDEN

if TYPE_CHECKING:
    from quartier_graph.build import Graph

Info = strawberry.Info[Any, Any]
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
LONGEST_KEY = 200
LONGEST_TEXT = 20_000
TEXT = Words(
    f"Text bis {LONGEST_TEXT} Zeichen, ohne Steuerzeichen außer Zeilenwechsel und Tabulator",
    f"text of at most {LONGEST_TEXT} characters, without control characters but line breaks and tabs",
)


def mutation(graph: "Graph") -> type | None:
    """The schema's mutation type: every verb that the rooms declared."""
    if not graph.declarations.verbs:
        return None
    refusal = refusal_type()
    space: dict[str, Any] = {"__module__": graph.module, "__annotations__": {}}
    for name, verb in graph.declarations.verbs.items():
        payload = _payload(graph, verb, refusal)
        space[name] = strawberry.field(
            resolver=_resolver(graph, verb, payload, refusal), description=verb.doc, name=name
        )
    made: type = strawberry.type(type("Mutation", (), space), description="What can be done, one verb each.")
    return made


def _payload(graph: "Graph", verb: Verb, refusal: type) -> type:
    space: dict[str, Any] = {"__module__": graph.module}
    annotations: dict[str, Any] = {"answer": HIDDEN}
    for name, declared in verb.changes.items():
        entity = graph.declarations.entity(declared)
        space[name] = strawberry.field(
            resolver=_changed(graph, name, entity.name), description="As it is now; null when refused or rehearsed."
        )
    for name, (kind, doc) in verb.values.items():
        inner, _ = stripped(kind)
        space[name] = strawberry.field(resolver=_value(name, inner), description=doc)
    annotations["refusals"] = list[refusal]  # type: ignore[valid-type]
    space["refusals"] = strawberry.field(description="Every reason why nothing was done; empty when it was.")
    annotations["dry_run"] = bool
    space["dry_run"] = strawberry.field(description="Whether this only says what would happen.")
    space["__annotations__"] = annotations
    name = verb.name[0].upper() + verb.name[1:] + "Payload"
    made: type = strawberry.type(type(name, (), space), description=f"What {verb.name} did, or why not.")
    return made


def _changed(graph: "Graph", name: str, entity_name: str) -> Callable[..., Any]:
    from quartier_graph.build import lazy

    async def resolve(self: Any, info: Info) -> Any:
        key = self.answer.get(name)
        if key is None or self.dry_run:
            return None
        entity = graph.declarations.entities[entity_name]
        return await reading.by_id(info.context, graph, entity, ids.write(str(entity.prefix), key))

    resolve.__annotations__ = {"info": Info, "return": lazy(graph, entity_name) | None}
    return resolve


def _value(name: str, kind: Any) -> Callable[..., Any]:
    listed = typing.get_args(kind)[0] if typing.get_origin(kind) is list else None

    def resolve(self: Any) -> Any:
        value = self.answer.get(name)
        if listed is not None:
            return [each if listed is strawberry.ID else listed.read(each) for each in value or ()]
        if isinstance(value, ShownOnce):
            return None if self.dry_run else value.text
        if isinstance(value, str) and kind in (datetime, date):
            return kind.fromisoformat(value)
        if value is not None and isinstance(kind, type) and issubclass(kind, enum.Enum):
            return kind(value)
        return value

    resolve.__annotations__ = {"return": kind if listed is not None else kind | None}
    return resolve


def _resolver(graph: "Graph", verb: Verb, payload: type, refusal: Any) -> Callable[..., Any]:
    async def resolve(info: Info, input: Any) -> Any:  # noqa: A002
        context: Context = info.context
        context.loaders.clear()  # what an earlier mutation of this request has loaded may be old by now
        desk = context.desk
        try:
            answer = await _done(desk, verb, input)
        except Refused as refused:
            reasons = [refusal.of(reason, desk) for reason in refused.refusals]
            return payload(answer={}, refusals=reasons, dry_run=input.dry_run)
        return payload(answer=answer, refusals=[], dry_run=input.dry_run)

    what = Annotated[verb.wish, strawberry.argument(description="What is wanted.")]  # type: ignore[name-defined]
    resolve.__annotations__ = {"info": Info, "input": what, "return": payload}
    return resolve


async def _done(desk: Desk, verb: Verb, wish: Any) -> Answer:
    objections: list[Refusal] = []
    try:
        demand(desk, verb.may)
    except Refused as refused:
        objections += refused.refusals
    if not 1 <= len(wish.idempotency_key) <= LONGEST_KEY:
        objections.append(FieldInvalid(path=("idempotencyKey",), allowed=letters(1, LONGEST_KEY)))
    for field in dataclasses.fields(wish):
        if not _is_written(getattr(wish, field.name)):
            objections.append(FieldInvalid(path=(camel(field.name),), allowed=TEXT))
    if objections:
        raise Refused(objections)

    found = await verb.before(desk, wish) if verb.before is not None else None
    secret: Answer = {}

    async def work() -> Answer:
        done = dict(await (verb.work(desk, wish) if verb.before is None else verb.work(desk, wish, found)))
        secret.update({name: done.pop(name) for name in verb.once_only & done.keys()})
        return {name: str(v) if isinstance(v, UUID) else v for name, v in done.items()}

    if wish.dry_run:
        return await rehearse(desk, work, power=verb.power)
    answer = await once(desk, wish.idempotency_key, _payload_bytes(verb, wish), work, power=verb.power)
    if verb.after is not None:
        await verb.after(desk, wish, answer | secret)
    return answer | secret  # a repeated key answers without it: it is kept nowhere


def _is_written(value: Any) -> bool:
    """Whether every text in a wish is one that people write; rooms know what else each has to be.

    A zero byte is what PostgreSQL's text cannot hold; the other controls would end in mails and files.
    """
    if dataclasses.is_dataclass(value):
        value = [getattr(value, field.name) for field in dataclasses.fields(value)]
    if isinstance(value, list):
        return all(map(_is_written, value))
    if not isinstance(value, str):
        return True
    return len(value) <= LONGEST_TEXT and not _CONTROL.search(value)


def _payload_bytes(verb: Verb, wish: Any) -> bytes:
    """What a key stands for: the verb and everything asked, the key itself aside."""
    asked = dataclasses.asdict(wish)
    del asked["idempotency_key"], asked["dry_run"]
    return verb.name.encode() + b"|" + msgspec.json.encode(asked, order="sorted", enc_hook=str)

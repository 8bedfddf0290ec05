"""Every reason to refuse, as a table for people who write clients: code, sentences, numbers."""

import re
import string
from collections.abc import Iterator

from quartier.kit.refusal import REFUSALS, Refusal
from quartier_graph.edges import graph_of

_HEAD = """\
# Refusals

Written by `./quartier schema --write`; the list only grows. All reasons of one wish come at once, in
`refusals { code message path numbers { name text } alternatives { numbers { name text } } }`. What stands in braces
is a number of that name; one that nobody knew reads –. Names that end in `_cents` are euro cents.
"""
_NAME = re.compile(r"`([a-z][a-z_]*)`")


def table() -> str:
    """Markdown, room by room; each code with its meaning, its sentences and the names of its numbers."""
    graph_of("site")  # rooms declare their refusals when they are published
    rooms: dict[str, list[type[Refusal]]] = {}
    for refusal in REFUSALS.values():
        if refusal.__module__.startswith("quartier."):
            rooms.setdefault(refusal.__module__.split(".")[1], []).append(refusal)
    return _HEAD + "".join(_room(room, found) for room, found in sorted(rooms.items()))


def numbers_of(refusal: type[Refusal]) -> list[str]:
    """The names of a refusal's numbers: those in its sentence, then those its docstring speaks of."""
    named = [name for _, name, _, _ in string.Formatter().parse(refusal.de) if name]
    return list(dict.fromkeys([*named, *_NAME.findall(_doc(refusal))]))


def _room(room: str, found: list[type[Refusal]]) -> str:
    title = "every room" if room == "kit" else room
    return f"\n## {title}\n" + "".join(line for each in sorted(found, key=_code) for line in _told(each))


def _told(refusal: type[Refusal]) -> Iterator[str]:
    yield f"\n**{refusal.code}**"
    if doc := _doc(refusal):
        yield f" {doc}"
    yield f"\n- de: {refusal.de}\n- en: {refusal.en}\n"
    if numbers := numbers_of(refusal):
        yield f"- numbers: {', '.join(f'`{name}`' for name in numbers)}\n"
    if refusal.constraint:
        yield f"- held by the constraint `{refusal.constraint}`\n"


def _doc(refusal: type[Refusal]) -> str:
    """Its own docstring: the one it inherits says nothing about it."""
    return " ".join((refusal.__dict__.get("__doc__") or "").split())


def _code(refusal: type[Refusal]) -> str:
    return refusal.code

"""From plain TOML values to the typed tables: every fault of shape at once, not only the first one.

msgspec stops at the first fault and says it in English for programmers. So the way of a correct blueprint is
msgspec alone, and only a wrong one is walked through here, key by key, with the same types.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import TypeVar

import msgspec
from msgspec import inspect

from quartier.tenancy.blueprint.findings import Finding, Path, choice, nearest, twice

T = TypeVar("T")


def convert(value: object, into: type[T]) -> T:
    """Make the typed value; raises msgspec.ValidationError at the first fault."""
    return msgspec.convert(
        value, into, builtin_types=(datetime, date, time), str_keys=True, dec_hook=lambda kind, raw: kind(raw)
    )


def faults_of_shape(value: object, into: object, path: Path = ()) -> Iterator[Finding]:
    """Everything in `value` that does not fit the type."""
    yield from _faults(value, inspect.type_info(into), path)


def faults_of_writing(value: object, path: Path = ()) -> Iterator[Finding]:
    """What no type forbids: a word listed twice is a slip of the hand, and the database keeps no NUL."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from faults_of_writing(inner, (*path, key))
        case list():
            for place, item in enumerate(value):
                yield from faults_of_writing(item, (*path, place))
                if not isinstance(item, dict | list) and item in value[:place]:
                    yield twice((*path, place), item)
        case str() if "\0" in value:
            yield Finding(path, "Hier steht ein Nullzeichen.", "This holds a NUL character.", '"…"')


def _faults(value: object, kind: inspect.Type, path: Path) -> Iterator[Finding]:
    match kind:
        case inspect.Metadata(type=inner):
            if _plain(inner) and not _fits(value, inner):
                yield _misfit(value, kind, path)
            elif not _plain(inner):
                yield from _faults(value, inner, path)
        case inspect.StructType():
            yield from _faults_of_table(value, kind, path)
        case inspect.DictType():
            yield from _faults_of_names(value, kind, path)
        case inspect.VarTupleType():
            yield from _faults_of_list(value, kind, path)
        case inspect.UnionType(types=types) if not all(_plain(each) for each in types):
            yield from _faults(value, _without_none(kind), path)
        case _:
            if not _fits(value, kind):
                yield _misfit(value, kind, path)


def _faults_of_table(value: object, kind: inspect.StructType, path: Path) -> Iterator[Finding]:
    if not isinstance(value, Mapping):
        yield _misfit(value, kind, path)
        return
    fields = {field.encode_name: field for field in kind.fields}
    meant = set()
    for key in value.keys() - fields.keys():
        absent = [name for name in fields if name not in value]
        meant.add(nearest(str(key), absent))
        yield _unknown_key((*path, key), str(key), absent)
    for name, field in fields.items():
        if name in value:
            yield from _faults(value[name], field.type, (*path, name))
        elif field.required and name not in meant:
            # A misspelt key is one fault, not a strange key and a missing one.
            yield Finding((*path, name), f"Hier fehlt „{name}“.", f"“{name}” is missing here.", _allowed(field.type))


def _faults_of_names(value: object, kind: inspect.DictType, path: Path) -> Iterator[Finding]:
    if not isinstance(value, Mapping):
        yield _misfit(value, kind, path)
        return
    if len(value) < (kind.min_length or 0):
        yield Finding(path, "Hier fehlt mindestens ein Eintrag.", "At least one entry is missing here.")
    for name, inner in value.items():
        known = _core(kind.key_type)
        # TOML writes every key as text; the year 2026 arrives as "2026".
        key = int(name) if isinstance(known, inspect.IntType) and re.fullmatch(r"-?\d+", name) else name
        if isinstance(known, inspect.LiteralType) and key not in known.values:
            yield _unknown_key((*path, name), name, [str(each) for each in known.values if each not in value])
        elif not _fits(key, known):
            yield _misfit(name, kind.key_type, (*path, name))
        yield from _faults(inner, kind.value_type, (*path, name))


def _faults_of_list(value: object, kind: inspect.VarTupleType, path: Path) -> Iterator[Finding]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        yield _misfit(value, kind, path)
        return
    if len(value) < (kind.min_length or 0):
        yield Finding(
            path, "Diese Liste darf nicht leer sein.", "This list may not be empty.", _allowed(kind.item_type)
        )
    for place, item in enumerate(value):
        yield from _faults(item, kind.item_type, (*path, place))


def _plain(kind: inspect.Type) -> bool:
    nested = (inspect.StructType, inspect.DictType, inspect.VarTupleType, inspect.Metadata, inspect.UnionType)
    return not isinstance(kind, nested)


def _core(kind: inspect.Type) -> inspect.Type:
    return kind.type if isinstance(kind, inspect.Metadata) else kind


def _without_none(kind: inspect.UnionType) -> inspect.Type:
    return next(each for each in kind.types if not isinstance(each, inspect.NoneType))


def _fits(value: object, kind: inspect.Type) -> bool:
    match kind:
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.IntType():
            return isinstance(value, int) and not isinstance(value, bool) and _within(value, kind)
        case inspect.FloatType():
            if isinstance(value, bool) or not isinstance(value, int | float):
                return False
            return math.isfinite(value) and _within(value, kind)
        case inspect.StrType():
            return isinstance(value, str) and _well_written(value, kind)
        case inspect.LiteralType(values=values):
            return any(value == each and type(value) is type(each) for each in values)
        case inspect.DateType():
            return isinstance(value, date) and not isinstance(value, datetime)
        case inspect.CustomType(cls=cls):
            try:
                cls(value)
            except ValueError:
                return False
            return True
        case inspect.UnionType(types=types):
            return any(_fits(value, _core(each)) for each in types)
        case _:
            return False


def _within(value: float, kind: inspect.IntType | inspect.FloatType) -> bool:
    return (kind.ge is None or value >= kind.ge) and (kind.le is None or value <= kind.le)


def _well_written(value: str, kind: inspect.StrType) -> bool:
    length = (kind.min_length or 0) <= len(value) <= (kind.max_length or len(value))
    return length and (kind.pattern is None or re.search(kind.pattern, value) is not None)


def _unknown_key(path: Path, key: str, known: list[str]) -> Finding:
    guess = nearest(key, known)
    return Finding(
        path,
        f"„{key}“ gibt es hier nicht." + (f" Gemeint ist vielleicht „{guess}“." if guess else ""),
        f"“{key}” does not exist here." + (f" Perhaps “{guess}” is meant." if guess else ""),
        choice(known),
    )


def _misfit(value: object, kind: inspect.Type, path: Path) -> Finding:
    shown = _shown(value)
    hint = (kind.extra or {}) if isinstance(kind, inspect.Metadata) else {}
    hint_de, hint_en = (f" ({hint[each]})" if each in hint else "" for each in ("de", "en"))
    core = _core(kind)
    words = [str(each) for each in core.values] if isinstance(core, inspect.LiteralType) else []
    guess = nearest(value, words) if isinstance(value, str) else None
    return Finding(
        path,
        f"{shown} passt hier nicht{hint_de}." + (f" Gemeint ist vielleicht „{guess}“." if guess else ""),
        f"{shown} does not fit here{hint_en}." + (f" Perhaps “{guess}” is meant." if guess else ""),
        _allowed(kind),
    )


def _shown(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"' if len(value) <= 60 else f'"{value[:57]}…"'
        case Mapping():
            return "{ … }"
        case list() | tuple():
            return "[ … ]"
        case _:
            return str(value)


def _allowed(kind: inspect.Type) -> str:
    """Write what fits in signs: they are the same in both languages."""
    match kind:
        case inspect.Metadata(type=inner, extra_json_schema=extra):
            examples = (extra or {}).get("examples")
            return f'"{examples[0]}"' if examples else _allowed(inner)
        case inspect.BoolType():
            return "true | false"
        case inspect.IntType(ge=low, le=high) | inspect.FloatType(ge=low, le=high):
            return f"{low:_} … {high:_}" if low is not None and high is not None else "1, 2, …"
        case inspect.StrType():
            return '"…"'
        case inspect.LiteralType(values=values):
            return choice(values)
        case inspect.DateType():
            return "2026-12-31"
        case inspect.CustomType():
            return '"08:00-21:00"'
        case inspect.VarTupleType(item_type=item):
            return f"[{_allowed(item)}, …]"
        case inspect.StructType(fields=fields):
            return "{ " + ", ".join(field.encode_name for field in fields) + " }"
        case inspect.DictType(key_type=key, value_type=inner):
            return "{ " + f"{_allowed(key)} = {_allowed(inner)}" + " }"
        case inspect.UnionType(types=types):
            return choice(_allowed(each) for each in types if not isinstance(each, inspect.NoneType))
        case _:
            return ""

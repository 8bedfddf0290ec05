"""The line of a key is found whatever TOML allows; and no fault of a blueprint is missed or invented."""

import random
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from quartier.settings import home
from quartier.tenancy.blueprint.findings import Path
from quartier.tenancy.blueprint.lines import lines_of
from quartier.tenancy.blueprint.shape.whole import SiteBlueprint
from quartier.tenancy.blueprint.typed import convert, faults_of_shape

EVERYTHING = '''\
# [no] table = "here"
title = "a # b [c]"
dotted."key with = and ]".inner = 'x'
long = """
[not.a.table]
key = "no" \\"""
"""
after = 1979-05-27 07:32:00  # a date with a blank

[ spaced . table ]
list = [
  1, # one
  [2, { a = "]", b = [3,
    4] }],
]
[[rooms]]
name = "first"
[[rooms.doors]]
wide = true
[[rooms.doors]]
wide = false
[[rooms]]
name = "second"
[[rooms.doors]]
wide = true
[rooms.floor]
no = 2
[a.b.c]
x = 1
[a]
y = 2
'''


def paths(value: object, path: Path = ()) -> Iterator[Path]:
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from paths(inner, (*path, place))


def test_every_way_of_writing_toml_keeps_its_line() -> None:
    lines = lines_of(EVERYTHING)
    assert set(lines) == set(paths(tomllib.loads(EVERYTHING))) - {()}
    assert {path: lines[path] for path in lines if path in EXPECTED} == EXPECTED


EXPECTED: dict[Path, int] = {
    ("title",): 2,
    ("dotted",): 3,
    ("dotted", "key with = and ]", "inner"): 3,
    ("long",): 4,
    ("after",): 8,
    ("spaced", "table"): 10,
    ("spaced", "table", "list"): 11,
    ("spaced", "table", "list", 0): 12,
    ("spaced", "table", "list", 1, 1, "b"): 13,
    ("spaced", "table", "list", 1, 1, "b", 1): 14,
    ("rooms",): 16,
    ("rooms", 0, "doors", 1, "wide"): 21,
    ("rooms", 1): 22,
    ("rooms", 1, "doors", 0): 24,
    ("rooms", 1, "floor", "no"): 27,
    ("a",): 30,
    ("a", "b", "c"): 28,
    ("a", "y"): 31,
}


@pytest.mark.parametrize("file", sorted(home("tenants").glob("*/*.toml")), ids=lambda file: f"{file.parent.name}")
def test_every_key_of_the_shipped_files_has_the_line_it_stands_on(file: Any) -> None:
    text = file.read_text("utf-8")
    lines = lines_of(text)
    assert set(lines) == set(paths(tomllib.loads(text))) - {()}
    written = text.split("\n")
    astray = [path for path, line in lines.items() if isinstance(path[-1], str) and path[-1] not in written[line - 1]]
    assert astray == []


# TOML has no null, everything else a hand may write instead of the right value.
STRANGE: tuple[Any, ...] = (
    True, 0, -1, 1, 10**15, 10**30, 0.5, float("nan"), "", "x", "hall", "2026-01-01", "24:00-08:00", "00:00-24:00",
    "ÄÖ", "a" * 300, date(2026, 1, 1), datetime(2026, 1, 1, 8, tzinfo=UTC), [], ["x"], [1], {}, {"x": 1}, {"2026": 1},
)  # fmt: skip


def refusal(data: object) -> str:
    try:
        convert(data, SiteBlueprint)
    except msgspec.ValidationError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("seed", range(6))
def test_the_walk_finds_a_fault_exactly_where_the_types_do(seed: int) -> None:
    """The strict reader (msgspec) and the telling one must agree, else a bad blueprint would have no reason."""
    data: dict[str, Any] = {}
    for file in (home("tenants") / "leipzig-west").glob("*.toml"):
        data |= tomllib.loads(file.read_text("utf-8"))
    chance = random.Random(seed)
    faulty = 0
    for path in chance.sample(list(paths(data))[1:], 80):
        table: Any = data
        for step in path[:-1]:
            table = table[step]
        good, table[path[-1]] = table[path[-1]], chance.choice(STRANGE)
        told, refused = list(faults_of_shape(data, SiteBlueprint)), refusal(data)
        assert bool(told) == bool(refused), f"{path} = {table[path[-1]]!r}: {refused or told}"
        assert all(fault.path[: len(path)] == path for fault in told)
        faulty += bool(told)
        table[path[-1]] = good
    assert faulty > 40

"""ATTACKS 34: random documents over the whole schema, both execution paths, every speaker: equal bytes.

QUARTIER_EXAMPLES asks for more than the 300 of the suite, and for other ones each time.
"""

import os
import re
from collections import Counter
from dataclasses import dataclass, field

from graph.both import Both, given_up_fields
from graph.conftest import Village
from graph.documents import Document, Pools, documents
from graph.places import TEXTS, Place, speakers
from graphql import parse, validate
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from quartier_graph.build import Graph
from quartier_graph.declare import Asking, Computed, camel
from quartier_graph.rights import rights_of

EXAMPLES = int(os.environ.get("QUARTIER_EXAMPLES", "300"))
SPEAKERS = speakers()
CANARY = "Kanarien'vogel"  # no value of a client ever stands in a statement's text


class Guide:
    """Which fields a speaker may read: the generator asks mostly for those, and rarely for what never compiles."""

    def __init__(self, graph: Graph, permissions: frozenset[str]) -> None:
        self.graph, self.permissions = graph, permissions
        declared = graph.declarations
        self.slow = {"node", "nodes"} | {camel(n) for n, r in declared.roots.items() if isinstance(r, Asking)}
        for entity in declared.entities.values():
            self.slow |= {f.graphql_name for f in entity.fields.values() if isinstance(f.how, Computed)}

    def __call__(self, type_name: str, field: str) -> bool:
        if not type_name:  # a type behind an interface
            entity = self.graph.declarations.entities.get(field)
            return entity is None or bool(entity.may & self.permissions)
        if field in self.slow and type_name in ("Query", *self.graph.declarations.entities):
            return False
        needed, _, _ = rights_of(self.graph, type_name, field)
        return not needed or bool(needed & self.permissions)


def prefixes(graph: Graph) -> dict[str, str]:
    """Which ids a type has and a filter's field takes."""
    found = {e.name: e.prefix for e in graph.declarations.entities.values() if e.prefix}
    for listed in graph.lists.values():
        for name, one in listed.filters.items():
            assert listed.filter_type is not None
            if one.id:
                found[f"{listed.filter_type.__name__}.{name}"] = one.id
    return found


def pools(west: Place, east: Place) -> Pools:
    ids = {prefix: [*west.ids(prefix), east.ids(prefix)[0]] for prefix in west.keys}
    foreign = [mark for marks in east.cursors.values() for mark in marks]
    return Pools(ids, west.cursors, foreign, [*TEXTS, "", "a", "owner", "%", "zero\0byte", CANARY])


def drawn(graph: Graph, values: Pools) -> list[tuple[str, Document]]:
    """Speakers with documents. They are drawn beforehand: Hypothesis and an event loop do not share a test well."""
    found: list[tuple[str, Document]] = []
    schema = graph.schema._schema

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=EXAMPLES == 300,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        speaker = data.draw(st.sampled_from(sorted(SPEAKERS)))
        document = data.draw(documents(schema, values, prefixes(graph), Guide(graph, SPEAKERS[speaker])))
        assert validate(schema, parse(document.text)) == [], document.text
        found.append((speaker, document))

    draw()
    return found


@dataclass
class Tally:
    """How documents were answered, and those whose answers differed."""

    ways: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    async def hold(self, both: Both, place: Place, speaker: str, document: Document) -> None:
        answers = await both.run(place.desk(SPEAKERS[speaker]), document.text, document.variables)
        way = "compiled" if answers.compiled else "refused" if answers.first.status != 200 else "fell back"
        self.ways[way] += 1
        self.ways[f"{speaker}: {way}"] += 1
        first, second = answers.first.body.decode(), answers.second.body.decode()
        if both.watched.used is not None:
            assert "Kanarien" not in both.watched.used.sql
            assert not re.search(r"_[0-9a-f]{8}-[0-9a-f]{4}", both.watched.used.sql)
        leaked = '"INTERNAL"' in first and "trouble" not in document.text
        if (first, answers.first.status) != (second, answers.second.status) or leaked:
            self.wrong.append(f"{speaker}\n{document.text}\n{dict(document.variables)}\n{first}\n{second}")


async def test_34_compiled_and_ordinary_answers_are_the_same_bytes(village: Village) -> None:
    tally = Tally()
    asked = drawn(village.both.graph, pools(village.west, village.east))
    with given_up_fields():
        for speaker, document in asked:
            await tally.hold(village.both, village.west, speaker, document)
            await tally.hold(village.both, village.west, "house", document)
    print("\n", {way: tally.ways[way] for way in sorted(tally.ways)})
    assert not tally.wrong, f"{len(tally.wrong)} differ, the shortest:\n{min(tally.wrong, key=len)}"
    assert {speaker for speaker, _ in asked} == SPEAKERS.keys()
    assert tally.ways["house: compiled"] >= 0.7 * len(asked)

"""Which papers are still wanted: pure."""

from collections.abc import Collection, Iterator, Sequence

from quartier.kit.refusal import Refusal
from quartier.kit.spoken import Words
from quartier.members.papers.words import Handed, Paper, PaperMissing, PaperNotAccepted, PaperNotAskedFor


def objections_to_handed(papers: Sequence[Handed], asked: Collection[str]) -> Iterator[Refusal]:
    """An application comes with every paper its plan asks for, each once, and with no other."""
    kinds = [paper.kind for paper in papers]
    if strange := [kind for kind in kinds if kind not in asked or kinds.count(kind) > 1]:
        yield PaperNotAskedFor(path=("papers",), kind=strange[0], allowed=listed(sorted(asked)))
    if missing := [kind for kind in asked if kind not in kinds]:
        yield PaperMissing(path=("papers",), count=len(missing), papers=listed(missing))


def objections_to_unaccepted(papers: Sequence[Paper], asked: Collection[str]) -> Iterator[Refusal]:
    """Nobody becomes a member by papers that nobody has looked at."""
    accepted = {paper.kind for paper in papers if paper.state == "accepted"}
    if open_still := [kind for kind in asked if kind not in accepted]:
        yield PaperNotAccepted(count=len(open_still), papers=listed(open_still))


def listed(kinds: Sequence[str]) -> Words:
    """Kinds by name, in the reader's language; none is a dash."""
    places = ", ".join("{k" + str(n) + "}" for n, _ in enumerate(kinds)) or "–"
    return Words(places, places, {f"k{n}": kind for n, kind in enumerate(kinds)})

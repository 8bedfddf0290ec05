"""The contract: both schemas and all refusals under graphql/schema, generated, reviewed and held fresh by a test.

Clients rely on what stands there: additions are free, removals wait for a release with @deprecated.
"""

from pathlib import Path

from quartier.settings import home
from quartier_graph import reasons
from quartier_graph.edges import graph_of

REFUSALS = "refusals"


def text(kind: str) -> str:
    """The schema of a kind of realm, or the table of refusals, as its file has it."""
    if kind == REFUSALS:
        return reasons.table()
    return graph_of(kind).schema.as_str().rstrip() + "\n"


def file(kind: str) -> Path:
    return home("graphql") / "schema" / (f"{kind}.md" if kind == REFUSALS else f"{kind}.graphql")


def write(kind: str) -> Path:
    """Write the file anew; give its path."""
    path = file(kind)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text(kind), "utf-8")
    return path


def is_fresh(kind: str) -> bool:
    """Whether the file says what the code does."""
    path = file(kind)
    return path.exists() and path.read_text("utf-8") == text(kind)

"""The house keeps its own rules: what a linter cannot see."""

import ast
import importlib.metadata
import importlib.util
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from world import Administrator

from quartier.kit.refusal import REFUSALS
from quartier.settings import CHECKOUT
from quartier_graph.documents import Documents
from quartier_graph.edges import graph_of
from quartier_graph.plans import Library

SOURCES = ("platform", "graphql")
ROOT = {
    ".ci", ".gitignore", "LICENSE", "README.md", "graphql", "migrations", "platform", "pyproject.toml", "quartier",
    "requirements-dev.lock", "requirements-uv.lock", "requirements.lock", "tenants", "tests",
}  # fmt: skip
ROOMS = CHECKOUT / "platform" / "quartier"
# Words of the machines that build this, never of the product: addresses of registries, somebody's folders.
FORBIDDEN = re.compile(
    r"/wo"
    r"rk/|/sha"
    r"red/|/ro"
    r"ot/|/ho"
    r"me/\w+/|/tm"
    r"p/q\b|regis"
    r"try\.npm|npm"
    r"js\.|py"
    r"pi\.org|python"
    r"hosted"
)
# A table is read and written by its own room. Where another room's statement joins it, this says why.
JOINED: dict[tuple[str, str], str] = {
    ("insight/measures.py", "*"): "counts what all rooms hold, and writes sums alone",
    ("members/queries.py", "app.person"): "names of people beside their organisations, in one statement",
    ("notices/outbox.py", "app.person"): "the address at the moment of sending: an old one in a job would be a leak",
    ("acts/reminding.py", "*"): "due reminders over all sites in one statement",
    ("acts/telling/bookings.py", "*"): "the facts of a notice at the moment of sending, in one statement",
    ("acts/telling/memberships.py", "*"): "the facts of a notice at the moment of sending, in one statement",
    ("acts/telling/seats.py", "*"): "the facts of a notice at the moment of sending, in one statement",
    ("acts/telling/series.py", "*"): "the facts of a notice at the moment of sending, in one statement",
    ("acts/telling/webhooks.py", "*"): "the facts of a notice at the moment of sending, in one statement",
}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a checkout")
    return [CHECKOUT / name for name in listed.stdout.split("\0") if name]


def sources() -> Iterator[Path]:
    for source in SOURCES:
        yield from (CHECKOUT / source).rglob("*.py")


def test_the_root_holds_what_it_should_and_nothing_else() -> None:
    assert {path.relative_to(CHECKOUT).parts[0] for path in tracked()} == ROOT


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_root_is_no_package(source: str) -> None:
    assert not (CHECKOUT / source / "__init__.py").exists(), f"{source}/ would hide the module of that name"


def test_platform_and_graphql_are_the_real_ones() -> None:
    import platform

    import graphql

    assert platform.python_version()
    assert graphql.version == importlib.metadata.version("graphql-core")
    for module in (platform, graphql):
        assert CHECKOUT not in Path(str(module.__file__)).parents or ".venv" in str(module.__file__)


def test_locks_name_no_place_to_fetch_from() -> None:
    for lock in CHECKOUT.glob("requirements*.lock"):
        text = lock.read_text("utf-8")
        assert "://" not in text, lock.name
        assert "--hash=sha256:" in text, lock.name


def test_nothing_speaks_of_the_machine_it_was_written_on() -> None:
    found = []
    for path in tracked():
        if path.suffix in {".lock", ".woff2", ".png"} or "vendor" in path.parts or not path.exists():
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            if FORBIDDEN.search(line):
                found.append(f"{path.relative_to(CHECKOUT)}:{number}")
    assert found == []


# -- tables -----------------------------------------------------------------------------------------------------------
def tables() -> dict[str, str]:
    """Every table that a room declares, with its room."""
    found = {}
    for path in ROOMS.glob("*/tables.py"):
        for name, schema in re.findall(r'tablename="(\w+)", schema="(\w+)"', path.read_text("utf-8")):
            found[f"{schema}.{name}"] = path.parent.name
    return found


def texts(path: Path) -> Iterator[str]:
    """Texts of a file that are no docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    docs = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docs:
            yield node.value


def imported_tables(path: Path) -> Iterator[str]:
    """Rooms whose `tables` a file imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("quartier."):
            for name in node.names:
                parts = f"{node.module}.{name.name}".split(".")
                if "tables" in parts[2:]:
                    yield parts[1]


def test_a_room_s_tables_are_named_in_that_room_alone() -> None:
    owners = tables()
    assert len(owners) > 30
    strange = []
    for path in ROOMS.rglob("*.py"):
        room, name = path.relative_to(ROOMS).parts[0], path.relative_to(ROOMS).as_posix()
        named = {word for text in texts(path) for word in re.findall(r"\b(?:app|auth)\.\w+", text)}
        for table in sorted(named & owners.keys()):
            if owners[table] != room and not {(name, table), (name, "*")} & JOINED.keys():
                strange.append(f"{name} names {table} of {owners[table]}")
        strange += [f"{name} imports the tables of {other}" for other in imported_tables(path) if other != room]
    assert strange == []


def test_the_graph_reads_tables_and_writes_none() -> None:
    for path in (CHECKOUT / "graphql" / "quartier_graph").rglob("*.py"):
        for text in texts(path):
            assert not re.search(r"\b(insert into|update \w+\.|delete from)\b", text, re.IGNORECASE), path.name


def test_every_table_that_is_published_exists_in_the_catalog_once() -> None:
    for realm in ("site", "city"):
        for entity in graph_of(realm).declarations.entities.values():
            assert re.fullmatch(r"(app|city)\.\w+", entity.table), entity.name


# -- refusals ---------------------------------------------------------------------------------------------------------
async def test_the_constraint_behind_a_refusal_is_in_the_catalog(administrator: Administrator) -> None:
    graph_of("site")  # every room has declared its refusals by now
    rows = await administrator.fetch(
        "select conname as name from pg_constraint union select relname from pg_class where relkind = 'i'"
    )
    known = {row["name"] for row in rows}
    behind = {kind.constraint for kind in REFUSALS.values() if kind.constraint and not kind.constraint.startswith("QT")}
    assert len(behind) >= 5
    assert behind - known == set()


def test_every_refusal_has_words_in_both_languages() -> None:
    graph_of("site")
    for code, kind in REFUSALS.items():
        assert re.fullmatch(r"[A-Z][A-Z_]+", code)
        assert kind.de.strip(), code
        assert kind.en.strip(), code
        assert kind.de != kind.en, code


# -- contract ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("realm", ["site", "city"])
def test_every_trusted_document_is_valid(realm: str) -> None:
    library = Library(graph_of(realm))
    documents = dict(Documents(realm))
    assert documents
    for name, text in documents.items():
        library.operation(text, name)


def test_no_site_of_ours_is_named_in_code() -> None:
    slugs = {path.parent.name for path in (CHECKOUT / "tenants").glob("*/site.toml")}
    assert slugs
    for path in sources():
        if "quartier_demo" in path.parts:
            continue
        for text in texts(path):
            assert not [slug for slug in slugs if re.fullmatch(slug, text)], path


def test_every_room_says_what_it_is_for() -> None:
    missing = [
        room.name
        for room in ROOMS.iterdir()
        if (room / "__init__.py").exists()
        and not (ast.get_docstring(ast.parse((room / "__init__.py").read_text())) or "")
    ]
    assert missing == []

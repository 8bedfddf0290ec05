"""What a README says is there: commands, options, paths, variables, names, codes. The rest is for readers to judge."""

import ast
import functools
import importlib
import inspect
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from quartier.cli.commands import COMMANDS, cli
from quartier.kit.refusal import REFUSALS
from quartier.settings import CHECKOUT
from quartier_graph.documents import Documents
from quartier_graph.reasons import numbers_of, table

SOURCES = ("platform", "graphql", "migrations", "tests", "tenants")
# Folders whose README is what one reads first; every package of `quartier` besides.
ROOMS = (
    "graphql",
    "graphql/quartier_graph",
    "migrations",
    "platform/quartier_demo",
    "tenants",
    "tests",
    "tests/bench",
    "tests/isolation",
)
PAGE = 75  # lines
VARIABLE = re.compile(r"\b(?:TEST_)?DATABASE_URL\b|\b(?:QUARTIER|OTEL)_[A-Z_]+[A-Z]\b")
READ = re.compile(r"""(?:environ|environment)(?:\.get\(|\[|, )\s*"([A-Z_]+)\"""")
table()  # declares every refusal


def readmes() -> list[Path]:
    found = [CHECKOUT / "README.md"]
    for source in SOURCES:
        found += [path for path in (CHECKOUT / source).rglob("README.md") if "node_modules" not in path.parts]
    return sorted(found)


def name_of(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


every_readme = pytest.mark.parametrize("readme", readmes(), ids=name_of)


@functools.cache
def words() -> Counter[str]:
    """Every word of the sources, READMEs and this test aside."""
    found: Counter[str] = Counter()
    for source in SOURCES:
        for path in (CHECKOUT / source).rglob("*"):
            if path.suffix in {".py", ".sql", ".graphql", ".toml", ".mjs", ".json"} and path != Path(__file__):
                found.update(re.findall(r"\w+", path.read_text("utf-8")))
    for path in (CHECKOUT / "pyproject.toml", CHECKOUT / "quartier"):
        found.update(re.findall(r"\w+", path.read_text("utf-8")))
    return found


def spans(readme: Path) -> list[str]:
    """What stands between backticks in running text."""
    text = re.sub(r"(?m)^    .*$", "", readme.read_text("utf-8"))
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text)]


# -- rooms -------------------------------------------------------------------------------------------------
def test_every_room_has_a_readme_of_at_most_a_page() -> None:
    rooms = [CHECKOUT / room for room in ROOMS]
    rooms += [path.parent for path in (CHECKOUT / "platform" / "quartier").glob("*/__init__.py")]
    assert [name_of(room) for room in rooms if not (room / "README.md").exists()] == []
    long = {name_of(room): len((room / "README.md").read_text("utf-8").splitlines()) for room in rooms}
    assert {name: lines for name, lines in long.items() if lines > PAGE} == {}


# -- commands ----------------------------------------------------------------------------------------------
def command_lines(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        for found in re.findall(r"\./quartier((?: [^\s`|,;)]+)*)", line.split(" # ")[0]):
            yield found.split()


def commands() -> dict[str, click.Command]:
    context = click.Context(cli)
    return {name: command for name in COMMANDS if (command := cli.get_command(context, name)) is not None}


def options(command: click.Command) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts} | {"--help"}


def unknown(text: str) -> list[str]:
    """Commands and options that a text names and nobody has."""
    known, wrong = commands(), []
    for said in command_lines(text):
        if not said or said[0].startswith(("-", "|")):
            continue
        first, *rest = (word.rstrip(".:") for word in said)
        if first not in known:
            wrong.append(" ".join(said))
            continue
        command = known[first]
        if first in {"test", "bench"}:
            continue  # what follows is pytest's, and the bench's own
        if isinstance(command, click.Group) and rest and re.fullmatch(r"[a-z]+", rest[0]):
            inner = command.commands.get(rest[0])
            if inner is None:
                wrong.append(" ".join(said))
                continue
            command = inner
        wrong += [f"{first} {word}" for word in rest if word.startswith("--") and word not in options(command)]
    return wrong


def test_an_unknown_command_or_option_would_be_found() -> None:
    text = "`./quartier fly`, ./quartier site paint x, ./quartier demo --fresh --blue"
    assert unknown(text) == ["fly", "site paint x", "demo --blue"]


@every_readme
def test_every_command_exists(readme: Path) -> None:
    assert unknown(readme.read_text("utf-8")) == []


def helps() -> Iterator[tuple[str, str]]:
    """Every help text by its command."""
    yield "quartier", cli.help or ""
    for name, command in commands().items():
        yield name, command.help or ""
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", each.help or "") for inner, each in command.commands.items())


@pytest.mark.parametrize(("command", "text"), list(helps()), ids=[name for name, _ in helps()])
def test_a_help_text_names_what_is_there_and_its_examples_fit_a_screen(command: str, text: str) -> None:
    assert text
    assert unknown(text) == []
    examples = [part for part in inspect.cleandoc(text).split("\n\n") if part.startswith("\b")]
    assert [line for part in examples for line in part.splitlines() if len(line) > 78] == []


@every_readme
def test_every_option_exists(readme: Path) -> None:
    known = {"-m"}
    for command in commands().values():
        known |= options(command)
        if isinstance(command, click.Group):
            known = known.union(*map(options, command.commands.values()))
    named = {span.split()[0] for span in spans(readme) if span.startswith("-")}
    of_scripts = {option for option in named if f'"{option}"' in scripts()}
    assert named - known - of_scripts == set()


@functools.cache
def scripts() -> str:
    """Programs with options of their own."""
    places = ("tests/bench/__main__.py", "platform/quartier/console/vendor.py")
    return "".join((CHECKOUT / place).read_text("utf-8") for place in places)


# -- places and names --------------------------------------------------------------------------------------
def stands(path: str, readme: Path) -> bool:
    """Beside the README, in the checkout, or under a source root."""
    near = [readme.parent, readme.parent.parent, CHECKOUT, *(CHECKOUT / source for source in SOURCES)]
    near += [CHECKOUT / "platform" / "quartier", CHECKOUT / "graphql" / "quartier_graph"]
    return any((place / path).exists() for place in near)


@functools.cache
def files() -> set[str]:
    """The names of all files; a drawer such as `tables.py` is in many rooms."""
    return {path.name for source in SOURCES for path in (CHECKOUT / source).rglob("*.*")}


@every_readme
def test_every_link_leads_somewhere(readme: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", readme.read_text("utf-8"))
    assert [link for link in links if "://" not in link and not (readme.parent / link).exists()] == []


@every_readme
def test_every_path_exists(readme: Path) -> None:
    wrong = []
    for span in spans(readme):
        looks = re.fullmatch(r"[\w./-]+", span) and ("/" in span.strip("/") or re.search(r"\.(py|toml|sql|md)$", span))
        made_here = span.startswith(("/", ".", "application/", "my-site/")) or "NNNN" in span
        if looks and not made_here and not stands(span, readme) and span not in files():
            wrong.append(span)
    assert wrong == []


@every_readme
def test_every_file_of_a_table_exists(readme: Path) -> None:
    wrong, in_files = [], False
    for line in readme.read_text("utf-8").splitlines():
        in_files = line.startswith("|") and (in_files or line.startswith("| file"))
        if in_files:
            for name in re.findall(r"`([a-z_./]+)`", line.split("|")[1]):
                if not any(stands(f"{name}{ending}", readme) for ending in ("", ".py", ".md")):
                    wrong.append(name)
    assert wrong == []


@every_readme
def test_every_name_in_backticks_is_a_word_of_the_code(readme: Path) -> None:
    """Functions, fields, constraints, columns, codes: whatever is written like code is found there."""
    wrong = []
    for span in spans(readme):
        name = re.fullmatch(r"(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*)(?:\(.*\))?", span)
        if name and not words()[name[1]] and not stands(name[1], readme) and not stands(f"{name[1]}.py", readme):
            wrong.append(span)
    assert wrong == []


@every_readme
def test_every_trusted_document_exists(readme: Path) -> None:
    known = {name for realm in ("site", "city") for name, _ in Documents(realm)}
    assert set(re.findall(r'"documentId": "(\w+)"', readme.read_text("utf-8"))) <= known


# -- codes -------------------------------------------------------------------------------------------------
@every_readme
def test_every_code_in_capitals_exists(readme: Path) -> None:
    text = VARIABLE.sub("", readme.read_text("utf-8"))
    codes = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", text))
    assert {code for code in codes if code not in REFUSALS and not words()[code]} == set()


def sources(*roots: str) -> Iterator[tuple[Path, ast.Module]]:
    for root in roots:
        for path in sorted((CHECKOUT / root).rglob("*.py")):
            yield path, ast.parse(path.read_text("utf-8"))


def test_every_refusal_that_a_docstring_names_exists() -> None:
    wrong = []
    for path, tree in sources("platform", "graphql"):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                told = re.findall(r"Refuses ([^.]*)", ast.get_docstring(node) or "")
                codes = re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", " ".join(told))
                wrong += [f"{name_of(path)} {node.name}: {code}" for code in codes if code not in REFUSALS]
    assert wrong == []


def test_the_numbers_of_a_refusal_are_the_ones_that_are_written_down() -> None:
    """`graphql/schema/refusals.md` names what is really given where a refusal is raised."""
    kinds = {kind.__name__: kind for kind in REFUSALS.values() if kind.__module__.startswith("quartier.")}
    given: dict[str, set[str]] = {}
    for _, tree in sources("platform/quartier", "graphql/quartier_graph"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds:
                names = {keyword.arg for keyword in node.keywords if keyword.arg} - {"path", "alternatives"}
                given.setdefault(node.func.id, set()).update(names)
    by_constraint = {name for name, kind in kinds.items() if kind.constraint and name not in given}
    assert {name: names ^ set(numbers_of(kinds[name])) for name, names in given.items()} == dict.fromkeys(given, set())
    assert kinds.keys() - given.keys() == by_constraint, "nobody raises these, and no constraint stands for them"


# -- settings ----------------------------------------------------------------------------------------------
def read_by_code() -> set[str]:
    found: set[str] = set()
    for root in ("platform", "graphql", "tests"):
        for path in (CHECKOUT / root).rglob("*.py"):
            found |= {name for name in READ.findall(path.read_text("utf-8")) if VARIABLE.fullmatch(name)}
    return found


@every_readme
def test_every_variable_is_read(readme: Path) -> None:
    assert set(VARIABLE.findall(readme.read_text("utf-8"))) - read_by_code() == set()


def test_every_variable_stands_in_one_table() -> None:
    rows: Counter[str] = Counter()
    for readme in readmes():
        for line in readme.read_text("utf-8").splitlines():
            if line.startswith("|"):
                rows.update(VARIABLE.findall(line.split("|")[1]))
    assert rows == Counter(read_by_code())


def test_the_rooms_of_the_tour_are_the_ones_there_are() -> None:
    tour = (CHECKOUT / "README.md").read_text("utf-8")
    [row] = re.findall(r"^\| `platform/quartier/` \| .*?`([a-z_ ]+)`", tour, re.MULTILINE)
    quartier = Path(importlib.import_module("quartier").__file__ or "").parent
    there = {path.parent.name for path in quartier.glob("*/__init__.py")}
    there |= {path.stem for path in quartier.glob("*.py") if path.stem != "__init__"}
    assert set(row.split()) == there

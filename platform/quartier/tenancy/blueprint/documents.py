"""The files of a site's folder, read and joined."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path as File
from typing import Any

from quartier.tenancy.blueprint.errors import BlueprintInvalid, BlueprintProblem
from quartier.tenancy.blueprint.findings import Path, choice, nearest
from quartier.tenancy.blueprint.lines import lines_of

# A folder holds its blueprint as one file or as several; their order is the order on screen.
FILES = ("site.toml", "spaces.toml", "programme.toml", "grants.toml", "partners.toml")

Data = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Document:
    """One file with its values, and the line of each key."""

    file: File
    text: str
    data: Data

    @property
    def name(self) -> str:
        return f"{self.file.parent.name}/{self.file.name}"

    @cached_property
    def lines(self) -> dict[Path, int]:
        return lines_of(self.text)

    def holds(self, path: Path) -> bool:
        return found(self.data, path)

    def line(self, path: Path) -> int:
        """The line of the key, or of the table it should stand in."""
        return next((self.lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.lines), 1)


def documents(folder: File) -> tuple[Document, ...]:
    """Read the files of a folder in the order of FILES; other .toml files beside them are refused."""
    found = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    problems = [
        BlueprintProblem(
            file=f"{folder.name}/{file.name}",
            key="",
            line=0,
            message_de="Diese Datei gehört zu keinem Bauplan."
            + (f" Gemeint ist vielleicht „{guess}“." if (guess := nearest(file.name, FILES)) else ""),
            message_en="This file belongs to no blueprint." + (f" Perhaps “{guess}” is meant." if guess else ""),
            allowed=choice(FILES),
        )
        for file in found
        if file.name not in FILES
    ]
    if not any(file.name == FILES[0] for file in found):
        problems.append(
            BlueprintProblem(
                file=f"{folder.name}/{FILES[0]}",
                key="",
                line=0,
                message_de="Diese Datei fehlt: mit ihr beginnt der Bauplan eines Standorts.",
                message_en="This file is missing: the blueprint of a site begins with it.",
            )
        )
    read = []
    for name in FILES:
        if folder / name in found:
            try:
                read.append(document(folder / name))
            except BlueprintInvalid as invalid:
                problems.extend(invalid.problems)
    if problems:
        raise BlueprintInvalid(problems)
    return tuple(read)


def document(file: File) -> Document:
    """Read one file. Raises BlueprintInvalid with the line where it stops being TOML."""
    problem = BlueprintProblem(file=f"{file.parent.name}/{file.name}", key="", line=0, message_de="", message_en="")
    try:
        text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        return Document(file, text, tomllib.loads(text))
    except OSError as error:
        de, en, line = f"Die Datei ist nicht lesbar ({error.strerror}).", f"Unreadable ({error.strerror}).", 0
    except RecursionError:
        de, en, line = "Die Datei ist zu tief geschachtelt.", "The file is nested too deeply.", 0
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        de, en = "Die Datei ist nicht als UTF-8 gespeichert.", "The file is not saved as UTF-8."
    except tomllib.TOMLDecodeError as error:
        told = re.sub(r" \(at .*\)$", "", str(error))
        place = re.search(r"at line (\d+)", str(error))
        line = int(place[1]) if place else text.rstrip().count("\n") + 1
        de, en = f"Das ist kein TOML ({told}).", f"This is not TOML ({told})."
    raise BlueprintInvalid([BlueprintProblem(file=problem.file, key="", line=line, message_de=de, message_en=en)])


def joined(parts: tuple[Document, ...]) -> tuple[Data, list[BlueprintProblem]]:
    """Join the files of a folder; a key that stands in two of them is a problem of the later one."""
    data: Data = {}
    problems = []
    for number, part in enumerate(parts):
        for path in _join(data, part.data, ()):
            first = next(other for other in parts[:number] if other.holds(path))
            where = f"{first.file.name}:{first.line(path)}"
            problems.append(
                BlueprintProblem(
                    file=part.name,
                    key=dotted(path),
                    line=part.line(path),
                    message_de=f"Dieser Schlüssel steht schon in {where}.",
                    message_en=f"This key stands in {where} already.",
                )
            )
    return data, problems


def _join(into: Data, more: Data, path: Path) -> Iterator[Path]:
    for key, value in more.items():
        if key not in into:
            into[key] = _copied(value)
        elif isinstance(value, dict) and isinstance(into[key], dict):
            yield from _join(into[key], value, (*path, key))
        else:
            yield (*path, key)


def dotted(path: Path) -> str:
    """Write a path as it stands in the file; places in lists count from 0.

    >>> dotted(("plans", "verein", "allowances", 0, "kind"))
    'plans.verein.allowances[0].kind'
    """
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            name = step if re.fullmatch(r"[A-Za-z0-9_-]+", step) else f'"{step}"'
            text += f".{name}" if text else name
    return text


def found(data: object, path: Path) -> bool:
    for step in path:
        match data:
            case Mapping() if step in data:
                data = data[step]
            case list() if isinstance(step, int) and step < len(data):
                data = data[step]
            case _:
                return False
    return True


def _copied(value: Any) -> Any:
    return {key: _copied(inner) for key, inner in value.items()} if isinstance(value, dict) else value

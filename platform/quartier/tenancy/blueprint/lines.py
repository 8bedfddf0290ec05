"""Which line of a TOML text a key stands on: tomllib reads values and forgets the places."""

import re
from bisect import bisect_right

from quartier.tenancy.blueprint.findings import Path

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
# Long quotes come first: otherwise """ would be read as an empty string and a quote.
_STRING = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'", re.DOTALL)
_SCALAR = re.compile(r"[^,\]}\n#]+")


def lines_of(text: str) -> dict[Path, int]:
    """Map each key, table and place in a list to its line, counted from 1.

    The text must be valid TOML (tomllib has read it); a table opened twice keeps the line of its own header.

    >>> lines_of('[a]\\nb = [1,\\n 2]')[("a", "b", 1)]
    3
    """
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self.lines: dict[Path, int] = {}
        self.last: dict[Path, int] = {}  # of each array of tables, the place written at present

    def read(self) -> dict[Path, int]:
        table: Path = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.text.startswith("[", self.at):
                table = self.header()
            else:
                self.pair(table)
            self.skip(_BLANK)
        return self.lines

    def header(self) -> Path:
        many = self.text.startswith("[[", self.at)
        line = self.line()
        self.at += 2 if many else 1
        words = self.words()
        self.at = self.text.index("]", self.at) + (2 if many else 1)
        path: Path = ()
        for word in words[:-1]:
            path = self.inside((*path, word))
            self.lines.setdefault(path, line)
        path = (*path, words[-1])
        if many:
            self.lines.setdefault(path, line)
            self.last[path] = self.last.get(path, -1) + 1
            path = (*path, self.last[path])
        self.lines[path] = line
        return path

    def inside(self, path: Path) -> Path:
        return (*path, self.last[path]) if path in self.last else path

    def pair(self, table: Path) -> None:
        line = self.line()
        path = table
        for word in self.words():
            path = (*path, word)
            self.lines.setdefault(path, line)
        self.at = self.text.index("=", self.at) + 1
        self.value(path)

    def words(self) -> list[str]:
        words = []
        while True:
            self.skip(_SPACE)
            bare = _BARE.match(self.text, self.at)
            words.append(bare.group() if bare else self.quoted())
            self.at = bare.end() if bare else self.at
            self.skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return words
            self.at += 1

    def quoted(self) -> str:
        found = _STRING.match(self.text, self.at)
        assert found, "tomllib has read this text"
        self.at = found.end()
        return found.group()[1:-1]

    def value(self, path: Path) -> None:
        self.skip(_SPACE)
        if self.text.startswith("[", self.at):
            self.array(path)
        elif self.text.startswith("{", self.at):
            self.inline(path)
        else:
            found = _STRING.match(self.text, self.at) or _SCALAR.match(self.text, self.at)
            assert found, "tomllib has read this text"
            self.at = found.end()

    def array(self, path: Path) -> None:
        self.at += 1
        place = 0
        while not self.closed("]"):
            self.lines[(*path, place)] = self.line()
            self.value((*path, place))
            place += 1

    def inline(self, path: Path) -> None:
        self.at += 1
        while not self.closed("}"):
            self.pair(path)

    def closed(self, sign: str) -> bool:
        self.skip(_BLANK)
        if self.text.startswith(",", self.at):
            self.at += 1
            self.skip(_BLANK)
        if self.text.startswith(sign, self.at):
            self.at += 1
            return True
        return False

    def skip(self, what: re.Pattern[str]) -> None:
        if found := what.match(self.text, self.at):
            self.at = found.end()

    def line(self) -> int:
        return bisect_right(self.starts, self.at)

"""What is wrong in a blueprint, told so that a person finds the place: file, line, key, what is allowed."""

from collections.abc import Iterable
from typing import Literal

import msgspec


class BlueprintProblem(msgspec.Struct, frozen=True, kw_only=True):
    """One place to change.

    `file` is "folder/file", of the inherited folder when the fault stands there. `line` counts from 1;
    0 is the file as a whole. `key` is dotted, places in lists count from 0. `allowed` is written in signs,
    so it needs no language: `hall | desk`, `0 … 1000`, `2026-12-31`.
    """

    file: str
    key: str
    line: int
    message_de: str
    message_en: str
    allowed: str = ""

    def told(self, language: Literal["de", "en"] = "de") -> str:
        """Say it on one line, as a compiler would."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        message = self.message_de if language == "de" else self.message_en
        allowed = {"de": "Erlaubt", "en": "Allowed"}[language]
        key = f" {self.key}:" if self.key else ""
        return f"{place}:{key} {message}" + (f" {allowed}: {self.allowed}" if self.allowed else "")


class BlueprintInvalid(Exception):
    """Everything that is wrong with a blueprint at once, in the order of files and lines."""

    def __init__(self, problems: Iterable[BlueprintProblem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda each: (each.file, each.line, each.key)))
        super().__init__("\n".join(problem.told() for problem in self.problems))

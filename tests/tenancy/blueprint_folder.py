"""A copy of the shipped folders that a test may spoil, one line at a time."""

import shutil
from pathlib import Path

import pytest

from quartier.settings import home
from quartier.tenancy.blueprint import BlueprintInvalid, BlueprintProblem, read_site


class Folder:
    """`tenants/` in a directory of the test."""

    def __init__(self, root: Path) -> None:
        self.root = root / "tenants"
        shutil.copytree(home("tenants"), self.root)

    def write(self, file: str, old: str, new: str, *, after: str = "") -> int:
        """Replace `old` behind the text `after`; answers the line on which the new text begins."""
        path = self.root / file
        text = path.read_text("utf-8")
        place = text.index(old, text.index(after))
        path.write_text(text[:place] + new + text[place + len(old) :], "utf-8")
        return text.count("\n", 0, place) + 1

    def problems(self, site: str, *, demo: bool = True) -> list[BlueprintProblem]:
        with pytest.raises(BlueprintInvalid) as caught:
            read_site(self.root / site, demo=demo)
        return list(caught.value.problems)

    def only_problem(self, site: str) -> BlueprintProblem:
        (problem,) = self.problems(site)
        return problem

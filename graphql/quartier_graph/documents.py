"""Trusted documents: the files under graphql/operations, by their names. Clients and pages run them by id."""

from collections.abc import Iterator
from pathlib import Path

from quartier.settings import home


class Documents:
    """The documents of one schema, read at start: folders `<kind>/site` and `<kind>/city` hold one file each."""

    def __init__(self, realm: str, folder: Path | None = None) -> None:
        self._texts: dict[str, str] = {}
        root = folder or home("graphql") / "operations"
        for file in sorted(root.glob(f"*/{realm}/*.graphql")):
            if file.stem in self._texts:
                raise ValueError(f"two trusted documents are called {file.stem}")
            self._texts[file.stem] = file.read_text("utf-8")

    def text(self, name: str) -> str | None:
        return self._texts.get(name)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._texts.items())

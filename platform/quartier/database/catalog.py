"""The catalog lint, and the powers it demands: SQL beside this file, read here."""

from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


class WallBroken(RuntimeError):
    """The database's catalog is not as it must be; every line names a rule and an object."""

    def __init__(self, found: list[str]) -> None:
        self.found = tuple(found)
        super().__init__("the catalog lint found:\n  " + "\n  ".join(found))


def powers() -> str:
    """Give the script of roles and rights on the database; an administrator runs it, as often as wanted."""
    return (HERE / "powers.sql").read_text()


async def lint(connection: Any) -> list[str]:
    """Run the one query; an empty list means that the walls stand. Any login role may run it."""
    rows = await connection.fetch((HERE / "catalog.sql").read_text())
    return [f"{row['rule']} [{row['obj']}]" for row in rows]


async def holes(connection: Any) -> list[str]:
    """Count rows whose foreign key leads nowhere; reads every row, so an administrator runs it."""
    rows = await connection.fetch("select fk, holes from sec.fk_holes()")
    return [f"foreign key with holes [{row['fk']}: {row['holes']}]" for row in rows]

"""Attack 15: every table of a site, tried by every login role, in every way, with every context."""

from isolation import matrix
from isolation.factories import FACTORIES
from isolation.sites import Walls, tables


async def test_15_every_cell_gives_own_rows_or_no_row_or_a_reason(walls: Walls) -> None:
    result = await matrix.run(walls)
    print(f"{result.cells} cells")
    assert result.wrong == []
    assert result.cells >= 400 * len(FACTORIES)


async def test_15_a_table_without_a_factory_fails_and_says_what_to_add(walls: Walls) -> None:
    there = await tables(walls.root)
    assert matrix.missing(there) == []
    [asks] = matrix.missing([*there, "app.lantern"])
    assert asks.startswith("app.lantern has no factory: add a line to FACTORIES in tests/isolation/factories.py")
    assert matrix.missing(there[1:]) == [
        f"{there[0]} does not exist: take its line out of tests/isolation/factories.py"
    ]


async def test_15_the_backup_reads_everything_and_writes_nothing(walls: Walls) -> None:
    """It is the one role past the policies, and no password of its is on this machine."""
    rows = await walls.root.fetch(
        "select p, t from unnest($1::text[]) t, unnest(array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p"
        " where has_table_privilege('quartier_backup', t, p)",
        list(FACTORIES),
    )
    assert rows == []

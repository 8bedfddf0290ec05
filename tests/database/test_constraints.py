"""A constraint and its refusal say the same."""

from collections.abc import Iterator

import asyncpg
import pytest
from database.bells import WEST

from quartier.database.constraints import translate
from quartier.database.engine import TenantEngine
from quartier.database.faults import BROKEN
from quartier.kit.refusal import REFUSALS, Refusal


@pytest.fixture
def bell_taken() -> Iterator[type[Refusal]]:
    """Refusals are a closed list: this one leaves it again."""
    known = dict(REFUSALS)

    class BellTaken(Refusal):
        code, constraint = "BELL_TAKEN", "bell_pkey"
        de = en = "taken"

    class TooMuch(Refusal):
        code, constraint = "TOO_MUCH", "QT301"
        de = en = "{headroom_cents}"

    yield BellTaken
    REFUSALS.clear()
    REFUSALS.update(known)


async def ring_twice(db: TenantEngine) -> None:
    with db.speaking(WEST):
        async with db.work():
            await db.fetch("insert into app.bell (tenant_id, id, note) values ($1, $1, 'again')", WEST)


async def test_a_broken_constraint_becomes_its_refusal(db: TenantEngine, bell_taken: type[Refusal]) -> None:
    with pytest.raises(BROKEN) as broken:
        await ring_twice(db)
    assert isinstance(translate(broken.value), bell_taken)


async def test_on_citus_the_shards_number_is_cut_off(bell_taken: type[Refusal]) -> None:
    error = asyncpg.UniqueViolationError("duplicate key")
    error.constraint_name = "bell_pkey_102414"
    assert isinstance(translate(error), bell_taken)


async def test_a_constraint_without_refusal_is_a_fault(db: TenantEngine) -> None:
    with pytest.raises(asyncpg.UniqueViolationError) as broken:
        await ring_twice(db)
    assert translate(broken.value) is None
    assert translate(ValueError()) is None


async def test_a_function_of_ours_refuses_with_numbers(db: TenantEngine, bell_taken: type[Refusal]) -> None:
    async def refuse() -> None:
        with db.speaking(WEST):
            await db.fetch(
                "do $$ begin raise exception 'x' using errcode = 'QT301', detail = 'headroom_cents 1200'; end $$"
            )

    with pytest.raises(BROKEN) as broken:
        await refuse()
    refusal = translate(broken.value)
    assert refusal is not None
    assert (refusal.code, refusal.numbers) == ("TOO_MUCH", {"headroom_cents": 1200})

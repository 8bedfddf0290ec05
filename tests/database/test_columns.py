"""Ranges travel between Piccolo's tables and asyncpg's `Range`."""

import uuid
from datetime import UTC, date, datetime

import pytest
from asyncpg import Range
from database.bells import WEST
from piccolo.columns import UUID, Text
from piccolo.table import Table

from quartier.database.columns import DateRange, Int4Range, TstzRange, days, ranged, span
from quartier.database.engine import DB, TenantEngine
from quartier.kit.spans import Span

NINE, TEN, NOON = (datetime(2026, 11, 19, hour, tzinfo=UTC) for hour in (9, 10, 12))


class Bell(Table, tablename="bell", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    note = Text(default=None)
    at = TstzRange(null=True, default=None)


@pytest.fixture(autouse=True)
def _bell_of_this_database(db: TenantEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bell._meta, "_db", db)


async def test_a_span_is_stored_and_read_half_open(db: TenantEngine) -> None:
    with db.speaking(WEST):
        async with db.work():
            await Bell.insert(Bell(tenant_id=WEST, id=uuid.uuid4(), note="noon", at=ranged(Span(NINE, TEN))))
        held = await Bell.select(Bell.at).where(Bell.tenant_id == WEST, Bell.note == "noon")
        assert span(held[0]["at"]) == Span(NINE, TEN)
        touching = await Bell.count().where(Bell.tenant_id == WEST, Bell.at.overlaps(Range(TEN, NOON)))
        inside = await Bell.count().where(Bell.tenant_id == WEST, Bell.at.overlaps(Range(NINE, NOON)))
        whole = await Bell.count().where(Bell.tenant_id == WEST, Bell.at.holds(Range(NINE, NOON)))
    assert (touching, inside, whole) == (0, 1, 0)


def test_column_types_are_postgresqls() -> None:
    assert [kind(default=None).column_type for kind in (TstzRange, DateRange, Int4Range)] == [
        "TSTZRANGE",
        "DATERANGE",
        "INT4RANGE",
    ]


def test_an_open_range_is_no_span() -> None:
    with pytest.raises(TypeError):
        span(Range(NINE, None))


def test_days_may_be_open_ended() -> None:
    assert days(date(2026, 1, 1), None).upper is None

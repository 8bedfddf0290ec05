"""The terms of a site come from its blueprint, and a difference shows."""

from dataclasses import astuple
from datetime import timedelta

import pytest
from programme.courses import Programme

from quartier.programme import opening, queries
from quartier.settings import home
from quartier.tenancy.blueprint import SiteBlueprint, read_site

pytestmark = pytest.mark.usefixtures("at_west")


@pytest.fixture(scope="module")
def blueprint() -> SiteBlueprint:
    return read_site(home("tenants") / "leipzig-west")


async def test_the_terms_of_the_blueprint_are_rows(programme: Programme, blueprint: SiteBlueprint) -> None:
    desk = programme.site.desk()
    async with desk.transaction():
        await opening.furnish(desk, blueprint)
        assert await opening.drift(desk, blueprint) == []
    house = await queries.house_rules(desk)
    assert (house.offer, house.offer_stops, house.fill) == (timedelta(hours=24), timedelta(hours=6), "strict")
    rows = await programme.site.sql("select title_de, during from app.term where tenant_id = $1", programme.site.id)
    found = {row["title_de"]: (row["during"].lower.isoformat(), row["during"].upper.isoformat()) for row in rows}
    assert found["Programm Herbst 2026"] == ("2026-08-31", "2026-12-19")  # the last day is included
    renamed = "update app.term set title_de = 'Herbst' where tenant_id = $1 and key = 'herbst-2026'"
    await programme.site.sql(renamed, desk.tenant_id)
    assert [astuple(one) for one in await opening.drift(desk, blueprint)] == [
        ("programme.terms.herbst-2026.title_de", "Programm Herbst 2026", "Herbst")
    ]

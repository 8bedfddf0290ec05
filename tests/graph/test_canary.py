"""The canary: a compiled read that lies is found by comparison, and retired."""

import asyncio
import dataclasses

import pytest
from conftest import Cluster
from world import Site

from quartier.database.lanes import Lanes
from quartier_graph.service import Service
from quartier_graph.site import site

NAMES = "{ persons(first: 5) { nodes { name } } }"


@pytest.fixture
def compared(app_lanes: Lanes, postgres: Cluster) -> Service:
    return Service(site(), app_lanes, postgres.keyring.cursor, canary=1)


async def settled(service: Service) -> None:
    await asyncio.gather(*service.canary.tasks)


async def test_34_a_statement_that_answers_otherwise_is_retired(west: Site, compared: Service) -> None:
    await west.person("Mira Lindner")
    desk = west.desk("manager")
    right = await compared.run(desk, NAMES, {}, None)
    await settled(compared)
    operation = compared.library.operation(NAMES, None)
    [plan] = operation.plans[desk.permissions]
    assert not isinstance(plan, str)  # an honest one stays

    lying = dataclasses.replace(plan, sql=plan.sql.replace("(t1.name)", "('Niemand')"))
    operation.plans[desk.permissions] = [lying]
    lie = await compared.run(desk, NAMES, {}, None)
    assert b"Niemand" in lie.body
    await settled(compared)
    assert operation.plans[desk.permissions] == ["retired"]
    assert (await compared.run(desk, NAMES, {}, None)).body == right.body


async def test_a_row_that_changed_meanwhile_retires_nothing(west: Site, compared: Service) -> None:
    person = await west.person("Mira Lindner")
    desk = west.desk("manager")
    before = (await compared.run(desk, NAMES, {}, None)).body
    await settled(compared)
    operation = compared.library.operation(NAMES, None)
    [plan] = operation.plans[desk.permissions]
    assert not isinstance(plan, str)
    await west.sql("update app.person set name = 'Mira Lind' where id = $1", person)
    compared.canary.sing(desk, operation, plan, {}, before)  # as if the write came between the two readings
    await settled(compared)
    assert operation.plans[desk.permissions] == [plan]

"""Machine clients: made, renewed and ended by people, shown once, written down without a secret."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from asyncpg import CheckViolationError
from world import Site

from quartier.access.actions import create_client, disable_client, end_old_secret, machine_now, rotate_client
from quartier.access.marks import mark
from quartier.access.permissions import PERSONAL_SCOPES
from quartier.access.queries import clients
from quartier.kit.refusal import Refused
from quartier.tenancy.desk import Desk

pytestmark = pytest.mark.usefixtures("engine")


async def codes(work: Awaitable[object]) -> list[str]:
    with pytest.raises(Refused) as refused:
        await work
    return [refusal.code for refusal in refused.value.refusals]


async def test_a_client_is_made_with_its_scopes_for_a_year_and_its_secret_is_kept_as_a_mark(west: Site) -> None:
    ralf = await west.person("Ralf Zeidler", "site_admin")
    made = await create_client(west.desk("site_admin", person=ralf), " Aushang ", ["spaces:read", "spaces:read"])
    assert made.secret.startswith("qtrs_")
    assert made.secret not in repr(made)
    [row] = await west.sql("select * from auth.api_client where tenant_id = $1", west.id)
    assert (row["client_id"], row["name"], row["owner"], row["scopes"], row["state"]) == (
        made.client_id, "Aushang", ralf, ["spaces:read"], "active",
    )  # fmt: skip
    assert row["secret_hash"] == mark(made.secret)
    assert abs(row["expires_at"] - machine_now() - timedelta(days=365)) < timedelta(minutes=1)
    [event] = await west.sql("select kind, person, client from auth.event where tenant_id = $1", west.id)
    assert tuple(event) == ("client.created", ralf, row["id"])
    [listed] = await clients(west.desk("site_admin"))
    assert (listed.client_id, listed.two_secrets, listed.last_used) == (made.client_id, False, None)


async def test_all_reasons_against_a_client_come_at_once(west: Site) -> None:
    wrong = create_client(
        west.desk("site_admin"), " ", ["members:read", "insight:compare", "grants:decide"], lasts=timedelta(days=366)
    )
    assert await codes(wrong) == [
        "FIELD_INVALID", "SCOPE_NOT_OFFERED", "SCOPE_NOT_OFFERED", "AGREEMENT_MISSING", "CLIENT_TOO_LONG",
    ]  # fmt: skip
    assert await codes(create_client(west.desk("site_admin"), "Aushang", [])) == ["FIELD_INVALID"]
    assert await west.count("auth.api_client") == 0


@pytest.mark.parametrize("scope", sorted(PERSONAL_SCOPES))
async def test_a_program_that_sees_people_names_its_processing_agreement(west: Site, scope: str) -> None:
    desk = west.desk("site_admin")
    assert await codes(create_client(desk, "Rundbrief", ["spaces:read", scope])) == ["AGREEMENT_MISSING"]
    assert await codes(create_client(desk, "Rundbrief", [scope], agreement=" ")) == ["FIELD_INVALID"]
    assert await codes(create_client(desk, "Rundbrief", [scope], agreement="x" * 201)) == ["FIELD_INVALID"]
    made = await create_client(desk, "Rundbrief", [scope], agreement=" AVV vom 1.3.2026 ")
    [listed] = await clients(desk)
    assert (listed.client_id, listed.agreement) == (made.client_id, "AVV vom 1.3.2026")
    with pytest.raises(CheckViolationError, match="client_agreement"):  # the table holds it, whoever writes
        await west.sql("update auth.api_client set agreement = null where tenant_id = $1", west.id)


async def test_the_city_offers_its_own_scope_alone(the_city: Site, west: Site) -> None:
    assert await create_client(the_city.desk("platform_operator"), "Dashboard", ["insight:compare"])
    for site, scope in ((the_city, "spaces:read"), (west, "insight:compare")):
        assert await codes(create_client(site.desk(), "Aushang", [scope])) == ["SCOPE_NOT_OFFERED"]


ACTIONS: list[Callable[[Desk, str], Awaitable[object]]] = [rotate_client, end_old_secret, disable_client]


@pytest.mark.parametrize("act", ACTIONS)
async def test_a_client_of_east_is_unknown_at_west(
    west: Site, east: Site, act: Callable[[Desk, str], Awaitable[object]]
) -> None:
    at_east = await create_client(east.desk("site_admin"), "Aushang", ["spaces:read"])
    assert await codes(act(west.desk("site_admin"), at_east.client_id)) == ["NOT_FOUND"]
    assert await codes(act(west.desk("site_admin"), "qtrc_unknown")) == ["NOT_FOUND"]
    assert await east.sql("select count(*) from auth.event where tenant_id = $1 and kind <> 'client.created'", east.id)
    assert await clients(west.desk("site_admin")) == []


async def test_only_who_may_have_clients_sees_and_makes_them(west: Site) -> None:
    manager = west.desk("manager")
    assert await codes(create_client(manager, "Aushang", ["spaces:read"])) == ["NOT_ALLOWED"]
    assert await codes(clients(manager)) == ["NOT_ALLOWED"]


async def test_what_is_off_stays_off(west: Site) -> None:
    desk = west.desk("site_admin")
    made = await create_client(desk, "Aushang", ["spaces:read"])
    assert await codes(end_old_secret(desk, made.client_id)) == ["ONE_SECRET"]
    await disable_client(desk, made.client_id)
    for act in ACTIONS:
        assert await codes(act(desk, made.client_id)) == ["CLIENT_OFF"]
    kinds = await west.sql("select kind from auth.event where tenant_id = $1 order by id", west.id)
    assert [row["kind"] for row in kinds] == ["client.created", "client.disabled"]

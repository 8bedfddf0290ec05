"""The layers, taken away one at a time: for each there is a test that goes red, and it says why.

SQL is broken on a database of its own and mended again; code by patching. The long test at the end asks more:
with one layer gone, the tests named for it go red and no other does, because the next layer holds.
"""

import contextlib
import inspect
import re
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass

import httpx2
import pytest
import pytest_asyncio
from access import test_machine_tokens as tokens
from conftest import Cluster, MakeDatabase, names_its_tenant
from doorway import app, at_east, at_west, log
from isolation import matrix, test_attacks
from isolation.sites import Walls, settle
from web import test_front as front
from world import Site

from quartier.access.marks import mark
from quartier.access.speaker import Known, Speakers
from quartier.app import App
from quartier.database import engine as engines
from quartier.database import transaction as transactions
from quartier.database.administrator import connect
from quartier.database.catalog import lint
from quartier.database.faults import IsolationError
from quartier.database.speaker import Speaker
from quartier.tenancy.desk import Desk
from quartier.tenancy.directory import Directory, HostUnknown
from quartier.tenancy.realm import Realm

__all__ = ["app", "at_east", "at_west", "log"]
Probe = Callable[[Walls], Awaitable[None]]


# -- the probes: the attacks by name, the lint, a part of the matrix ----------------------------------
async def the_lint(walls: Walls) -> None:
    if found := await lint(walls.root):
        raise AssertionError("\n".join(found))


async def the_matrix(walls: Walls) -> None:
    """Three tables and the roles that share them; the whole one would only find the same."""
    roles = ("quartier_app", "quartier_worker", "quartier_city", "quartier_operator")
    result = await matrix.run(walls, roles, ("app.person", "app.posting", "city.figure"))
    if result.wrong:
        raise AssertionError("\n".join(result.wrong))


PROBES: dict[str, Probe] = {
    name.removeprefix("test_"): probe
    for name, probe in vars(test_attacks).items()
    if name.startswith("test_") and [*inspect.signature(probe).parameters] == ["walls"] and "ten_thousand" not in name
}
PROBES |= {"lint": the_lint, "matrix": the_matrix}


def probe_of(beginning: str) -> Probe:
    [name] = [name for name in PROBES if name.startswith(beginning)]
    return PROBES[name]


async def failure(probe: Awaitable[None]) -> str | None:
    """What a probe says when it goes red."""
    try:
        await probe
    except (Exception, pytest.fail.Exception) as red:
        return "".join(traceback.format_exception_only(red))
    return None


# -- layers that SQL makes ----------------------------------------------------------------------------
@dataclass(frozen=True)
class Layer:
    """What is taken away, how, how it comes back, and which probes go red with which words."""

    name: str
    broken: str
    mended: str
    red: dict[str, str]

    def __str__(self) -> str:
        return self.name


VERIFIED = "verified: "  # the rest is a part of sec.verified() and what it becomes
PERSON = "(select current_setting('app.tenant_id')::uuid)"
LAYERS = (
    Layer(
        "plain policy",  # the signature still holds every row back, so only the lint can tell
        "alter policy tenant on app.person using (true) with check (true)",
        f"alter policy tenant on app.person using (tenant_id = {PERSON}) with check (tenant_id = {PERSON})",
        {"lint": r"T8 policy is not as isolate\(\) writes it: tenant \[app.person\]"},
    ),
    Layer(
        "signed policy",
        "drop policy signed on app.person",
        "create policy signed on app.person as restrictive to quartier_app, quartier_worker, quartier_operator"
        " using (tenant_id = (select sec.verified_tenant())) with check (tenant_id = (select sec.verified_tenant()))",
        {
            "lint": r"T9 policies are not exactly signed and tenant \[app.person\]",
            "matrix": r"quartier_app, app.person, SELECT, forged: 1 instead of 42501 context",
            "05": r"with s as materialized.*== '42501 context'",
            "06_a_stolen": r"unsigned|West's, for East.*== '42501 context'",
            "06_a_key": r"assert 1 == '42501 context'",
            "08": r"InsufficientPrivilegeError",
            "23": r"== '42501 context'",
        },
    ),
    Layer(
        "row-level security",
        "alter table app.person disable row level security",
        "alter table app.person enable row level security",
        {
            "lint": r"T2 row-level security not enabled and forced \[app.person\]",
            "matrix": r"quartier_app, app.person, SELECT, foreign: 1 instead of 0",
            "05": r"== '42501 context'",
            "06_a_stolen": r"assert 3 == 1",
            "06_a_key": r"assert 3 == 1",
            "07_without": r"assert '3' in",
            "08": r"assert \d+ == 0",
            "09": r"assert",
            "14_the_owner": r"app.person",
            "14_row_security": r"assert 3 == '42501 policy'",
            "23": r"Refused|assert '",
        },
    ),
    Layer(
        "FORCE",
        "alter table app.person no force row level security",
        "alter table app.person force row level security",
        {"lint": r"T2 .*\[app.person\]", "14_the_owner": r"app.person\nassert 3 == 0"},
    ),
    Layer(
        "composite foreign key",
        "alter table app.booking drop constraint booking_tenant_id_space_id_fkey;"
        " create unique index u on app.space (id);"
        " alter table app.booking add constraint by_id foreign key (space_id) references app.space (id)",
        "alter table app.booking drop constraint by_id; drop index app.u; alter table app.booking"
        " add constraint booking_tenant_id_space_id_fkey foreign key (tenant_id, space_id) references app.space",
        {
            "lint": r"T4 .*T6 foreign key without the pair tenant_id: by_id",
            "02_a_ref": r"by_id",
            "03_what": r"23505",
            "04": r"assert 1 == '23503'",
        },
    ),
    Layer(
        "unique by site",
        "alter table app.space drop constraint space_key_once, add constraint space_key_once unique (key)",
        "alter table app.space drop constraint space_key_once, add constraint space_key_once unique (tenant_id, key)",
        {"lint": r"T4 unique index without tenant_id: app.space_key_once", "03_what": r"23505.*== 1"},
    ),
    Layer(
        "exclusion by site",
        "alter table app.occupancy drop constraint occupancy_no_overlap, add constraint occupancy_no_overlap"
        " exclude using gist (space_id with =, unit_no with =, during with &&)",
        "alter table app.occupancy drop constraint occupancy_no_overlap, add constraint occupancy_no_overlap"
        " exclude using gist (tenant_id with =, space_id with =, unit_no with =, during with &&)",
        {"lint": r"T5 exclusion without tenant_id", "02_a_ref": r"occupancy_tenant_id_space_id_fkey", "04": r"23P01"},
    ),
    Layer(
        "signature",
        VERIFIED + "= sha256(o || convert_to(c[3], 'UTF8')) and cardinality(c) = 3 => is not null or true",
        "",
        {
            "matrix": r"app.person, SELECT, forged: 1 instead of 42501 context",
            "05": r"== '42501 context'",
            "06_a_stolen": r"assert 1 == '42501 context'",
            "06_a_key": r"assert 1 == '42501 context'",
            "08": r"InsufficientPrivilegeError",
            "19_the_city": r"== '42501 context'",
            "22_support": r"== '42501 context'",
            "23": r"== '42501 context'",
        },
    ),
    Layer(
        "expiry",
        VERIFIED + "c[2]::bigint >= extract(epoch from transaction_timestamp()) => true",
        "",
        {"matrix": r"app.person, SELECT, expired: 1 instead of 42501 context", "06_a_stolen": r"expired"},
    ),
    Layer(
        "role in the signature",
        VERIFIED + "session_user || => replace(session_user, 'quartier_worker', 'quartier_app') ||",
        "",
        {
            "matrix": r"quartier_worker, app.person, SELECT, another role's: 1 instead of 42501 context",
            "19_a_site": r"== '23503'",
        },
    ),
    Layer(
        "role separation",
        "grant select on app.person to quartier_city; grant usage on schema app to quartier_city",
        "revoke all on app.person from quartier_city; revoke usage on schema app from quartier_city",
        {
            "lint": r"G3 SELECT not in the table of rights \[quartier_city on app.person\]",
            "matrix": r"quartier_city, app.person, SELECT, own: 0 instead of 42501 denied",
            "14_no_power": r"quartier_city.*select count\(\*\) from app.person.* 0",
        },
    ),
    Layer(
        "no role a member of another",
        "grant quartier_owner to quartier_app",
        "revoke quartier_owner from quartier_app",
        {"lint": r"R2 member of quartier_owner \[quartier_app\]", "14_no_power": r"set role quartier_owner"},
    ),
    Layer(
        "rows that are only added",
        "grant delete on app.posting to quartier_app",
        "revoke delete on app.posting from quartier_app",
        {"matrix": r"app.posting, DELETE, own: 1 instead of 42501 denied", "14_no_power": r"delete from app.posting"},
    ),
    Layer(
        "hosts behind the directory",
        "grant select on city.tenant to quartier_app",
        "revoke select on city.tenant from quartier_app",
        {"lint": r"G3 .*quartier_app on city.tenant", "14_no_power": r"select count\(\*\) from city.tenant"},
    ),
    Layer(
        "closed server functions",
        "grant execute on function pg_cancel_backend(int) to quartier_app",
        "revoke execute on function pg_cancel_backend(int) from quartier_app",
        {"lint": r"G5 may execute pg_cancel_backend", "13": r"quartier_app.*pg_cancel_backend"},
    ),
    Layer(
        "small cells",
        "alter table city.figure drop constraint figure_no_small_cell",
        "alter table city.figure add constraint figure_no_small_cell"
        " check (case when n is null then num is null and den is null else n = 0 or n >= min_n end)",
        {"19_a_site": r"3, 3, 1\)|== '23514'"},
    ),
    Layer(
        "figures of the own city",
        "alter table city.figure drop constraint figure_tenant_id_city_id_fkey, add foreign key (tenant_id)"
        " references city.tenant (id)",
        "alter table city.figure drop constraint figure_tenant_id_fkey, add constraint figure_tenant_id_city_id_fkey"
        " foreign key (tenant_id, city_id) references city.tenant (id, city_id)",
        {"19_a_site": r"assert 1 == '23503'"},
    ),
    Layer(
        "four eyes of support",
        "alter table sec.operator_grant drop constraint operator_four_eyes",
        "alter table sec.operator_grant add constraint operator_four_eyes check (approved_by <> operator)",
        {"22_support": r"== '23514'"},
    ),
    Layer(
        "end of a visit",
        VERIFIED + " and (session_user <> 'quartier_operator' or sec.operator_may()) => ",
        "",
        {"22_support": r"== '42501 context'", "22_a_visit": r"== '42501 context'"},
    ),
)


@pytest_asyncio.fixture(scope="module")
async def copy(make_database: MakeDatabase, postgres: Cluster) -> AsyncIterator[Walls]:
    name = await make_database("layers")
    root = await connect(postgres.dsn(name))
    yield await settle(postgres, name, root)
    await root.close()


@contextlib.asynccontextmanager
async def without(layer: Layer, walls: Walls) -> AsyncIterator[None]:
    broken, mended = layer.broken, layer.mended
    if broken.startswith(VERIFIED):
        body = await walls.root.fetchval("select pg_get_functiondef('sec.verified(text)'::regprocedure)")
        part, becomes = broken.removeprefix(VERIFIED).split(" => ")
        assert part in body
        broken, mended = body.replace(part, becomes), body
    await walls.root.execute(broken)
    try:
        yield
    finally:
        await walls.root.execute(mended)
        assert await lint(walls.root) == []


@pytest.mark.parametrize("layer", LAYERS, ids=str)
async def test_16_without_a_layer_the_test_named_for_it_goes_red(copy: Walls, layer: Layer) -> None:
    async with without(layer, copy):
        for name, words in layer.red.items():
            said = await failure(probe_of(name)(copy))
            assert said is not None, f"without {layer} the probe {name} stays green"
            assert re.search(words, said, re.DOTALL), f"without {layer} the probe {name} says: {said}"


@pytest.mark.slow
@pytest.mark.parametrize("layer", LAYERS, ids=str)
async def test_16_without_a_layer_no_other_test_goes_red(copy: Walls, layer: Layer) -> None:
    async with without(layer, copy):
        said = {name: await failure(probe(copy)) for name, probe in PROBES.items()}
    named = {name for beginning in layer.red for name in PROBES if name.startswith(beginning)}
    assert {name: words for name, words in said.items() if (words is not None) != (name in named)} == {}


async def test_16_with_all_layers_every_probe_is_green(copy: Walls) -> None:
    said = {name: await failure(probe(copy)) for name, probe in PROBES.items()}
    assert {name: words for name, words in said.items() if words} == {}


# -- layers that our code makes -------------------------------------------------------------------------
class NoLock:
    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *_: object) -> None: ...


def without_lock(patch: pytest.MonkeyPatch) -> None:
    """Siblings speak on one connection as they please."""
    patch.setattr(
        transactions.Scope, "lock", property(lambda scope: NoLock(), lambda scope, value: None), raising=False
    )


def without_resets(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(transactions, "CLEAN", "select 1")


def without_memory_of_failures(patch: pytest.MonkeyPatch) -> None:
    never = property(lambda scope: False, lambda scope, value: None)
    patch.setattr(transactions.Scope, "aborted", never)


def without_end_of_scopes(patch: pytest.MonkeyPatch) -> None:
    always = property(lambda scope: True, lambda scope, value: None)
    patch.setattr(transactions.Scope, "open", always)


def without_end_of_speakers(patch: pytest.MonkeyPatch) -> None:
    class Forever(Speaker):
        open = property(lambda of: True, lambda of, value: None)

    patch.setattr(engines, "Speaker", Forever)


CODE: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str, str]] = {
    "lock of the transaction": (without_lock, "12", r"another operation is in progress|Extra items|sibling"),
    "resets": (without_resets, "09", r"row-level security policy"),
    "memory of failures": (without_memory_of_failures, "11", r"DID NOT RAISE"),
    "end of scopes": (without_end_of_scopes, "10", r"DID NOT RAISE"),
    "end of speakers": (without_end_of_speakers, "10", r"DID NOT RAISE"),
}


@pytest.mark.parametrize("layer", CODE)
async def test_16_without_a_layer_of_the_engine_its_test_goes_red(
    copy: Walls, layer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_away, probe, words = CODE[layer]
    with monkeypatch.context() as patch:
        take_away(patch)
        said = await failure(probe_of(probe)(copy))
    assert said is not None
    assert re.search(words, said, re.DOTALL), said
    await copy.root.execute("delete from app.setting where key like 'attack %'")
    assert await failure(probe_of(probe)(copy)) is None


async def test_16_without_the_demand_for_a_speaker_nobody_reads_as_somebody(
    copy: Walls, monkeypatch: pytest.MonkeyPatch
) -> None:
    default = ContextVar("speaker", default=Speaker("app", str(copy.west.id)))  # noqa: B039
    with monkeypatch.context() as patch:
        patch.setattr(engines, "SPEAKER", default)
        patch.setattr(transactions, "SPEAKER", default)
        said = await failure(probe_of("07_without")(copy))
    assert said is not None
    assert "DID NOT RAISE" in said


async def test_16_without_the_host_check_a_stranger_is_at_home(
    app: App, at_west: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = Directory.realm_of

    def lenient(self: Directory, authority: str) -> Realm:
        try:
            return strict(self, authority)
        except HostUnknown:
            return self.realms[0]

    async def probe() -> None:
        await front.test_36_at_an_unknown_host_nobody_is_at_home(at_west, "unknown.test", "/graphql")

    assert await failure(probe()) is None
    monkeypatch.setattr(Directory, "realm_of", lenient)
    said = await failure(probe())
    assert said is not None
    assert "application/problem+json" in said


async def test_16_without_the_realm_in_its_key_a_token_opens_the_neighbours_door(
    app: App, at_west: httpx2.AsyncClient, at_east: httpx2.AsyncClient, west: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of tokens are behind the policies; what is remembered of them is not."""
    strict = Speakers._of
    remembered: dict[bytes, Known] = {}

    async def lenient(self: Speakers, stranger: Desk, token: str) -> Known:
        if mark(token) not in remembered:
            remembered[mark(token)] = await strict(self, stranger, token)
        return remembered[mark(token)]

    async def probe() -> None:
        await tokens.test_53_a_token_of_west_is_nothing_at_east(at_west, at_east, west, app)

    assert await failure(probe()) is None
    monkeypatch.setattr(Speakers, "_of", lenient)
    said = await failure(probe())
    assert said is not None
    assert "assert 200 == 401" in said


async def test_16_the_run_refuses_a_statement_that_does_not_name_its_tenant(west: Site) -> None:
    """Layer 2 is a habit, and this is what keeps it: the whole suite runs under this watch."""
    assert getattr(engines.DB.watch, "__name__", None) == names_its_tenant.__name__
    with west.speaking():
        assert await engines.DB.fetch("select id from app.person where tenant_id = $1", west.id) == []
        for sql in ("select id from app.person", "delete from app.booking"):
            with pytest.raises(IsolationError, match="does not name its tenant"):
                await engines.DB.fetch(sql)

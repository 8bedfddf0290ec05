"""Hosts lead to realms: exactly, in memory, and at once when somebody changes them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from world import Site

from quartier.database.ear import Ear
from quartier.database.engine import DB, TenantEngine
from quartier.database.faults import Unavailable
from quartier.tenancy.directory import CHANNEL, Directory, HostUnknown, RealmSuspended, host_of


@pytest_asyncio.fixture
async def directory(engine: TenantEngine, west: Site, east: Site) -> Directory:
    directory = Directory()
    await directory.load()
    return directory


@pytest_asyncio.fixture
async def ear(engine: TenantEngine) -> AsyncIterator[Ear]:
    assert DB.address is not None
    ear = Ear(DB.address, pause=0.02)
    await ear.start()
    yield ear
    await ear.stop()


async def until(true: Callable[[], Any]) -> None:
    """Wait for what another task does, ten seconds at most."""
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never happened")


async def test_a_host_is_compared_without_case_port_and_one_dot(directory: Directory, west: Site) -> None:
    host = west.realm.host
    for said in (host, host.upper(), f"{host}:8000", f"{host}.", f"{host}.:443"):
        assert directory.realm_of(said) == west.realm


async def test_36_any_other_host_is_unknown(directory: Directory, west: Site) -> None:
    host = west.realm.host
    wrong = ("", ".", host + "..", "x" + host, "x." + host, host + ".evil.example", f"{host}@evil.example",
             f"evil.example@{host}", f"{host}:80:80", f"{host}:", f"{host}/", f" {host}", f"{host},evil", "127.0.0.1",
             "[::1]", f"{host}:123456", f"{host}\x00", "ﬀ.test", host.replace("t", "ṫ"))  # fmt: skip
    for said in wrong:
        with pytest.raises(HostUnknown):
            directory.realm_of(said)


async def test_a_suspended_site_says_so(directory: Directory, west: Site, east: Site) -> None:
    await west.sql("update city.tenant set state = 'suspended' where id = $1", west.id)
    await directory.load()
    with pytest.raises(RealmSuspended):
        directory.realm_of(west.realm.host)
    assert directory.realm_of(east.realm.host) == east.realm


async def test_a_change_by_hand_is_heard_at_once(directory: Directory, ear: Ear, west: Site) -> None:
    await ear.hear(CHANNEL, directory.changed)
    keeping = asyncio.create_task(directory.keep(every=3600))
    await west.sql("update city.tenant set host = 'moved-' || host where id = $1", west.id)
    await until(lambda: host_known(directory, "moved-" + west.realm.host))
    assert not host_known(directory, west.realm.host)
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping


async def test_many_notices_are_read_together_and_the_last_one_is_not_forgotten() -> None:
    readings = []

    async def read() -> list[Any]:
        await asyncio.sleep(0.002)
        readings.append(len(told))
        if len(told) == 100:
            done.set()
        return []

    told: list[int] = []
    done = asyncio.Event()
    directory = Directory(read)
    keeping = asyncio.create_task(directory.keep())
    for n in range(100):
        told.append(n)
        directory.changed(None)
        await asyncio.sleep(0.001)
    await asyncio.wait_for(done.wait(), 5)
    keeping.cancel()
    assert readings[0] <= 3  # the first one at once
    assert len(readings) <= 10


async def test_a_reading_that_fails_in_whatever_way_is_not_the_last_one() -> None:
    tries: list[int] = []
    done = asyncio.Event()

    async def read() -> list[Any]:
        tries.append(len(tries))
        if len(tries) < 3:
            raise [Unavailable(), ValueError("odd")][len(tries) - 1]
        done.set()
        return []

    keeping = asyncio.create_task(Directory(read).keep(every=0.01))
    await asyncio.wait_for(done.wait(), 5)
    keeping.cancel()


async def test_without_notices_it_is_read_again_by_the_clock(directory: Directory, west: Site) -> None:
    keeping = asyncio.create_task(directory.keep(every=0.01))
    await west.sql("update city.tenant set host = 'late-' || host where id = $1", west.id)
    await until(lambda: host_known(directory, "late-" + west.realm.host))
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping


async def test_a_cut_line_comes_back_and_says_that_something_was_missed(ear: Ear, west: Site) -> None:
    heard: list[str | None] = []
    await ear.hear("quartier_test", heard.append)
    await west.sql("select pg_notify('quartier_test', 'one')")
    await until(lambda: heard == ["one"])
    await west.sql("select pg_terminate_backend($1)", ear._connection.get_server_pid())  # others hear on
    await until(lambda: heard == ["one", None])
    assert ear.hearing
    await west.sql("select pg_notify('quartier_test', 'two')")
    await until(lambda: heard == ["one", None, "two"])


def host_known(directory: Directory, host: str) -> bool:
    try:
        directory.realm_of(host)
    except HostUnknown:
        return False
    return True


def test_a_host_is_a_name_or_nothing() -> None:
    assert host_of("West.Example.:8000") == "west.example"
    assert host_of("west.example:0x1") is None

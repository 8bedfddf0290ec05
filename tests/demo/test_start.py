"""`./quartier demo` as a program meets it: one line when ready, the same keys after a restart, nothing left behind."""

import base64
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from world import NOW

from quartier.acts.opening import open_city
from quartier.settings import CHECKOUT, home
from quartier.tenancy.blueprint import read_city
from quartier_demo.reading import TaleInvalid
from quartier_demo.town import NoDemo, marked, open_town

Start = Callable[..., "Demo"]


class Demo:
    """A running demo on a port of its choice, and the line it told."""

    def __init__(self, data: Path, *options: str) -> None:
        paths = os.pathsep.join(str(CHECKOUT / part) for part in ("platform", "graphql"))
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.data = data
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "quartier.cli", "demo", "--data", str(data), "--no-data", "--json", *options],
            env={**environment, "PYTHONPATH": paths},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def told(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.complaint
        told: dict[str, Any] = json.loads(line)
        return told

    @property
    def complaint(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read()

    def end(self, sign: int) -> tuple[int, str]:
        """Send a signal; give the exit code, and what stood on stdout after the one line."""
        self.process.send_signal(sign)
        rest, _ = self.process.communicate(timeout=30)
        return self.process.returncode, rest

    @property
    def server(self) -> int | None:
        """The pid of the embedded server while it runs."""
        file = self.data / "postgres" / "db" / "postmaster.pid"
        return int(file.read_text().splitlines()[0]) if file.exists() else None


@pytest.fixture
def start() -> Iterator[Start]:
    folder = Path(tempfile.mkdtemp(prefix="quartier-demo-"))
    folder.chmod(0o755)  # as root the server runs as another user
    running: list[Demo] = []

    def begin(*options: str) -> Demo:
        running.append(Demo(folder / "data", *options))
        return running[-1]

    yield begin
    for each in running:
        each.process.kill()
        each.process.communicate()
    shutil.rmtree(folder, ignore_errors=True)


def post(url: str, path: str, body: str, **headers: str) -> tuple[int, Any]:
    """Ask over HTTP; a name under localhost is told to the server, not looked up."""
    address = urlsplit(url)
    asked = urllib.request.Request(
        f"http://127.0.0.1:{address.port}{path}", body.encode(), {"Host": str(address.hostname), **headers}
    )
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, None


def ask(url: str, bearer: str) -> tuple[int, Any]:
    how = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
    return post(url, "/graphql", '{"query": "{ __typename }"}', **how)


def token(url: str, client: dict[str, Any]) -> str:
    basic = base64.b64encode(f"{client['id']}:{client['secret']}".encode()).decode()
    form = urlencode({"grant_type": "client_credentials", "scope": " ".join(client["scopes"])})
    how = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    status, answer = post(url, "/oauth/token", form, **how)
    assert status == 200
    return str(answer["access_token"])


def signed_in(login: dict[str, Any]) -> int:
    """Walk to the practice provider, be the person, walk back; give what the callback answers."""
    jar: dict[str, dict[str, str]] = {}

    def walk(method: str, url: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        address = urlsplit(url)
        line = http.client.HTTPConnection("127.0.0.1", address.port, timeout=10)
        cookies = "; ".join(f"{name}={value}" for name, value in jar.get(str(address.hostname), {}).items())
        how = {"Host": address.netloc, "Content-Type": "application/x-www-form-urlencoded", "Cookie": cookies}
        line.request(method, f"{address.path}?{address.query}", urlencode(form or {}), how)
        answer = line.getresponse()
        answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, kept = value.partition(";")[0].partition("=")
                jar.setdefault(str(address.hostname), {})[key] = kept
        line.close()
        return answer.status, answer.getheader("location") or ""

    _, provider = walk("GET", login["url"])
    _, back = walk("POST", provider, {"sub": login["sub"]})
    return walk("GET", back)[0]


def test_the_demo_tells_what_opens_it_and_the_same_after_each_restart(start: Start) -> None:
    first = start("--port", "0")
    told = first.told
    assert told["ready"] is True
    folders = {path.parent.name for path in home("tenants").glob("*/site.toml")}
    assert {site["slug"] for site in told["sites"]} == folders
    here, elsewhere = (site["url"] for site in told["sites"])
    host = urlsplit(here).hostname
    [client] = [client for client in told["clients"] if client["host"] == host]
    [manager] = [each for each in told["people"] if each["host"] == host and "manager" in each["roles"]]
    assert manager["login"]["kind"] == "oidc"
    assert signed_in(manager["login"]) == 303
    for bearer in (token(here, client), manager["token"]):
        assert ask(here, bearer) == (200, {"data": {"__typename": "Query"}})
        assert ask(elsewhere, bearer) == (401, None)
    assert first.server is not None
    assert first.end(signal.SIGINT) == (0, "")
    assert first.server is None

    second = start("--port", "0")
    again = second.told
    for each in (*told["people"], *again["people"]):
        each["login"].pop("url")  # names the port, which is another one
    assert (again["clients"], again["people"]) == (told["clients"], told["people"])
    second.end(signal.SIGKILL)
    third = start("--port", "0")  # waits for the server of the one that was killed, and ends it
    assert third.told["clients"] == told["clients"]
    assert third.end(signal.SIGTERM)[0] == 0
    assert third.server is None


def test_a_taken_port_is_told_before_anything_is_started(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = start("--port", str(taken.getsockname()[1]))
        assert refused.process.wait(30) == 1
        assert f"Port {taken.getsockname()[1]} is taken" in refused.complaint
    assert not (refused.data / "postgres").exists()


async def test_a_house_that_is_no_demo_is_left_alone(elsewhere: str) -> None:
    assert await marked(elsewhere) is None
    await open_city(elsewhere, read_city(home("tenants") / "city.toml"), now=NOW)
    with pytest.raises(NoDemo):
        await marked(elsewhere)


async def test_a_first_start_that_was_cut_off_is_known_as_such(elsewhere: str, tmp_path: Path) -> None:
    shutil.copytree(home("tenants"), tmp_path / "tenants")
    people = tmp_path / "tenants" / "leipzig-west" / "demo" / "people.toml"
    people.write_text('people = [{ name = "Mira Lindner", role = "manager" }]', "utf-8")
    with pytest.raises(TaleInvalid, match="people.toml.*role"):
        await open_town(elsewhere, tmp_path / "tenants", today=NOW, bare=True, progress=lambda what, share: None)
    left = await marked(elsewhere)
    assert left is not None
    assert left.state == "filling"

"""The commands as somebody at a shell meets them: what they do, what they say, how they exit."""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from click import Context
from conftest import Cluster, MakeDatabase

from quartier.access.marks import mark
from quartier.cli.commands import COMMANDS, cli
from quartier.cli.run import remember_demo, settings_beside
from quartier.database.administrator import connect
from quartier.database.migrate import backwards
from quartier.settings import CHECKOUT, Settings


@dataclass
class Said:
    """What a command left: its exit code, stdout, stderr."""

    code: int
    out: str
    words: str


@dataclass
class Shell:
    """A shell with its own data folder and database on the server of the tests."""

    data: Path
    url: str
    env: dict[str, str] = field(default_factory=dict)

    async def start(self, *arguments: str, **env: str) -> asyncio.subprocess.Process:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("QUARTIER_", "DATABASE_URL"))}
        paths = os.pathsep.join(str(CHECKOUT / part) for part in ("platform", "graphql"))
        ours = {"PYTHONPATH": paths, "QUARTIER_DATA": str(self.data), "DATABASE_URL": self.url, "NO_COLOR": "1"}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "quartier.cli", *arguments,
            env=kept | ours | self.env | env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def run(self, *arguments: str, **env: str) -> Said:
        process = await self.start(*arguments, **env)
        out, err = await process.communicate()
        assert b"Traceback" not in out + err
        return Said(process.returncode or 0, out.decode(), err.decode())

    async def admin(self) -> "asyncpg.Connection[asyncpg.Record]":
        connection: asyncpg.Connection[asyncpg.Record] = await connect(self.url)
        return connection


def a_shell(folder: Path, cluster: Cluster, database: str) -> Shell:
    """With the tests' own secrets: others would give the server's roles new passwords."""
    keys = cluster.keyring
    secrets = folder / "secrets.json"
    secrets.write_text(
        json.dumps({"signing": keys.signing.hex(), "cursor": keys.cursor.hex(), "passwords": keys.passwords})
    )
    secrets.chmod(0o600)
    return Shell(folder, cluster.dsn(database))


@pytest_asyncio.fixture
async def shell(tmp_path: Path, postgres: Cluster, fresh_database: str) -> Shell:
    return a_shell(tmp_path, postgres, fresh_database)


@pytest.fixture
def demo_shell(shell: Shell) -> Shell:
    """At the demo's hosts and with its practice partners."""
    shell.env["QUARTIER_DEMO"] = "1"
    return shell


@pytest_asyncio.fixture(scope="session")
async def west_shell(tmp_path_factory: pytest.TempPathFactory, postgres: Cluster, make_database: MakeDatabase) -> Shell:
    """With Leipzig West open, for tests that leave it as it is."""
    shell = a_shell(tmp_path_factory.mktemp("west"), postgres, await make_database("cli"))
    shell.env["QUARTIER_DEMO"] = "1"
    opened = await shell.run("site", "open", "leipzig-west")
    assert (opened.code, opened.out) == (0, "")
    assert "is open at leipzig-west.localhost" in opened.words
    return shell


async def test_a_site_is_listed_suspended_and_resumed(west_shell: Shell) -> None:
    again = await west_shell.run("site", "open", "leipzig-west")
    assert again.code == 1
    assert "leipzig-west is open already" in again.words
    listed = await west_shell.run("site", "list")
    assert [line.split()[:3] for line in listed.out.splitlines()] == [
        ["city", "leipzig", "open"],
        ["site", "leipzig-west", "open"],
    ]
    assert (await west_shell.run("site", "suspend", "leipzig-west")).words.endswith("(leipzig-west) is suspended.\n")
    assert (await west_shell.run("site", "resume", "leipzig-west")).words.endswith("(leipzig-west) is open.\n")
    same = await west_shell.run("site", "drift", "leipzig-west")
    assert (same.code, same.out) == (0, "")
    connection = await west_shell.admin()
    await connection.execute("update app.site set short_de = short_de || ' anders'")
    drifted = await west_shell.run("site", "drift", "leipzig-west")
    await connection.execute("update app.site set short_de = replace(short_de, ' anders', '')")
    await connection.close()
    assert drifted.code == 1
    assert "anders'" in drifted.out


async def test_a_third_site_needs_a_copied_folder_and_no_code(demo_shell: Shell, tmp_path: Path) -> None:
    for name in ("leipzig-west", "leipzig-east"):
        shutil.copytree(CHECKOUT / "tenants" / name, tmp_path / name)
    shutil.copy(CHECKOUT / "tenants" / "city.toml", tmp_path)
    east, north = tmp_path / "leipzig-east" / "site.toml", tmp_path / "leipzig-nord" / "site.toml"
    shutil.copytree(east.parent, north.parent)
    text = east.read_text()
    for old, new in (("leipzig-east", "leipzig-nord"), ("ost.", "nord."), ('"LO"', '"LN"'), ("Ost", "Nord")):
        text = text.replace(old, new)
    north.write_text(text)
    opened = await demo_shell.run("site", "open", str(north.parent))
    assert opened.code == 0, opened.words
    assert "is open at leipzig-nord.localhost" in opened.words


async def test_a_bad_blueprint_is_told_by_file_line_and_what_is_allowed(demo_shell: Shell, tmp_path: Path) -> None:
    shutil.copytree(CHECKOUT / "tenants" / "leipzig-west", tmp_path / "leipzig-west")
    shutil.copy(CHECKOUT / "tenants" / "city.toml", tmp_path)
    file = tmp_path / "leipzig-west" / "site.toml"
    file.write_text(file.read_text() + "\n[nonsense]\nkey = 1\n")
    line = len(file.read_text().splitlines()) - 1
    told = await demo_shell.run("site", "open", str(file.parent))
    assert told.code == 1
    assert f"leipzig-west/site.toml:{line}: nonsense" in told.words
    assert "Allowed:" in told.words
    assert (await demo_shell.run("site", "list")).out == ""


async def test_an_unknown_name_lists_the_known_ones(demo_shell: Shell) -> None:
    told = await demo_shell.run("site", "open", "leipzig-nirgends")
    assert told.code == 2
    assert "leipzig-east, leipzig-west" in told.words
    told = await demo_shell.run("client", "list", "leipzig-nirgends")
    assert (told.code, told.words) == (2, "There is no site leipzig-nirgends here. There are: none.\n")


async def test_a_client_is_made_rotated_and_ended(west_shell: Shell) -> None:
    scopes = ("--scope", "spaces:read", "--scope", "members:read", "--agreement", "AVV 1")
    made = await west_shell.run("client", "create", "leipzig-west", "Aushang", *scopes, "--json")
    assert made.code == 0, made.words
    told = json.loads(made.out)
    assert told["host"] == "leipzig-west.localhost"
    connection = await west_shell.admin()
    [row] = await connection.fetch("select secret_hash, scopes from auth.api_client")
    await connection.close()
    assert (row["secret_hash"], row["scopes"]) == (mark(told["secret"]), ["members:read", "spaces:read"])
    rotated = await west_shell.run("client", "rotate", "leipzig-west", told["id"])
    assert "client secret  qtrs_" in rotated.out
    assert "two secrets" in (await west_shell.run("client", "list", "leipzig-west")).out
    assert (await west_shell.run("client", "rotate", "leipzig-west", told["id"], "--end-old")).code == 0
    assert (await west_shell.run("client", "disable", "leipzig-west", told["id"])).code == 0
    off = await west_shell.run("client", "disable", "leipzig-west", told["id"])
    assert (off.code, off.words) == (1, "CLIENT_OFF: This client is switched off. Please create a new one.\n")
    wrong = await west_shell.run("client", "create", "leipzig-west", "Aushang", "--scope", "grants:decide")
    assert wrong.code == 1
    assert wrong.words.startswith("SCOPE_NOT_OFFERED: ")
    assert "grants:decide" in wrong.words
    assert "members:read" in wrong.words


async def test_a_database_that_is_away_is_named_without_its_password(tmp_path: Path) -> None:
    shell = Shell(tmp_path, "postgresql://somebody:geheim@127.0.0.1:1/quartier")
    for command in (("migrate",), ("client", "list", "leipzig-west"), ("serve", "--port", "0")):
        told = await shell.run(*command)
        assert told.code == 1, command
        assert "No PostgreSQL answers at 127.0.0.1:1/quartier" in told.words
        assert "geheim" not in told.words + told.out


async def test_a_database_that_is_not_ours_yet_is_not_touched(
    tmp_path: Path, postgres: Cluster, fresh_database: str
) -> None:
    shell = a_shell(tmp_path, postgres, fresh_database)
    connection = await shell.admin()
    await connection.execute("delete from public.migration where name = '0003'")
    await connection.close()
    for command in (("serve", "--port", "0"), ("work",)):
        told = await shell.run(*command)
        assert (told.code, "lacks 0003. Run: ./quartier migrate" in told.words) == (1, True), told.words
    missing = Shell(tmp_path, postgres.dsn("quartier_test_nowhere"))
    told = await missing.run("serve", "--port", "0")
    assert told.code == 1
    assert "There is no database" in told.words


async def test_a_taken_port_is_told_with_another_one(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = await shell.run("serve", "--port", str(port))
    assert told.code == 1
    assert f"Port {port} is taken" in told.words
    assert f"--port {port + 1}" in told.words


@pytest.mark.parametrize(
    ("arguments", "env", "words"),
    [
        (("nonsense",), {}, "No such command 'nonsense'"),
        (("serve", "--port", "99999"), {}, "99999"),
        (("client", "create", "leipzig-west", "Aushang"), {}, "--scope"),
        (("serve",), {"QUARTIER_GRAPH_COMPILE": "vielleicht"}, "is on or off"),
        (("work",), {"QUARTIER_CLOCK_AHEAD_SECONDS": "60"}, "is for the demo"),
    ],
)
async def test_misuse_exits_with_2(tmp_path: Path, arguments: tuple[str, ...], env: dict[str, str], words: str) -> None:
    told = await Shell(tmp_path, "postgresql://127.0.0.1:1/quartier").run(*arguments, **env)
    assert (told.code, words in told.words) == (2, True), told.words


async def test_it_serves_until_it_is_told_to_stop(shell: Shell) -> None:
    process = await shell.start("serve", "--port", "0")
    assert process.stderr is not None
    lines = []
    async for line in process.stderr:
        lines.append(line.decode())
        if "Serving" in lines[-1]:
            break
    assert "no site yet" in lines[-1], lines
    port = int(re.findall(r"127\.0\.0\.1:(\d+)", lines[-1])[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /health/ready HTTP/1.1\r\nhost: probe\r\nconnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200 ")
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
    assert b"Traceback" not in await process.stderr.read()


async def test_a_database_of_an_older_version_is_told_what_it_lacks_and_of_nothing_else(shell: Shell) -> None:
    await backwards(shell.url, "0011")
    told = await shell.run("check")
    assert told.code == 1
    first, *lines = told.out.splitlines()
    assert first == "schema"
    assert lines[0] == "  0012 is missing: ./quartier migrate"
    assert all("is missing" in line for line in lines)
    assert told.words == f"{len(lines)} found. The rest can be looked at when they are applied.\n"
    assert (await shell.run("migrate")).words.startswith("Applied: 0012, ")
    assert (await shell.run("check")).code == 0


async def test_outside_the_demo_it_does_not_start_beside_invented_people(west_shell: Shell) -> None:
    sober = Shell(west_shell.data, west_shell.url)
    connection = await sober.admin()
    await connection.execute(
        "insert into app.person (tenant_id, id, name, sort_key, state, created_at, changed_at) "
        "select tenant_id, gen_random_uuid(), 'Mira Lindner', 'lindner', 'active', now(), now() from app.site"
        " where slug = 'leipzig-west'"
    )
    await connection.execute(
        "insert into auth.session (tenant_id, id, person_id, token_hash, method, created_at, last_seen, expires_at) "
        "select tenant_id, gen_random_uuid(), id, sha256('x'), 'demo', now(), now(), now() from app.person"
    )
    await connection.close()
    told = await sober.run("serve", "--port", "0")
    assert told.code == 1
    assert "Sessions of invented people stand at leipzig-west" in told.words
    assert "./quartier check --end-demo" in told.words
    assert (await sober.run("check")).code == 1
    ended = await sober.run("check", "--end-demo")
    assert (ended.code, "leipzig-west: 1 sessions" in ended.words) == (0, True), ended.words + ended.out


async def test_the_queue_is_shown(west_shell: Shell) -> None:
    assert (await west_shell.run("jobs")).out == "waiting 0 · running 0 · held 0\n"
    assert (await west_shell.run("jobs", "failed")).out == ""
    assert (await west_shell.run("jobs", "again", "17")).words == "Put back: none.\n"
    assert (await west_shell.run("jobs", "again", "siebzehn")).code == 2


async def test_arguments_of_test_go_to_pytest_alone(tmp_path: Path) -> None:
    shell = Shell(tmp_path, "postgresql://127.0.0.1:1/quartier")
    told = await shell.run("test", "--version")
    assert (told.code, told.out.startswith("pytest ")) == (0, True)
    assert "ruff" not in told.out + told.words
    assert (await shell.run("test", "tests/no-such-folder", "-k", "overlap")).code == 4  # pytest's own


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_teaches_by_example(name: str) -> None:
    command = cli.get_command(Context(cli), name)
    assert command is not None
    assert f"./quartier {name}" in (command.help or "")


async def test_help_names_every_command(tmp_path: Path) -> None:
    told = await Shell(tmp_path, "").run("--help")
    assert told.code == 0
    for name in COMMANDS:
        assert f"│ {name} " in told.out


async def test_a_link_for_the_first_administrator_is_printed_and_a_lost_one_anew(west_shell: Shell) -> None:
    told = await west_shell.run("site", "invite", "leipzig-west", "Jo@example.org")
    assert (told.code, told.out.count("/auth/invitation/qtri_")) == (0, 1), told.words
    assert "24 hours" in told.words
    again = await west_shell.run("site", "invite", "leipzig-west", "jo@example.org")
    assert again.code == 0
    assert again.out != told.out
    connection = await west_shell.admin()
    open_ = await connection.fetchval("select count(*) from auth.invitation where withdrawn_at is null")
    await connection.close()
    assert open_ == 1
    assert (await west_shell.run("site", "invite", "leipzig-west", "no address")).code == 1


async def test_support_asks_looks_and_is_told_when_it_is_not_let_in(west_shell: Shell) -> None:
    short = await west_shell.run("support", "ask", "leipzig-west", "look")
    assert (short.code, "more than 20 letters" in short.words) == (1, True)
    unknown = await west_shell.run("support", "ask", "nowhere", "Ticket 4711: bookings do not end")
    assert (unknown.code, "leipzig-west" in unknown.words) == (2, True)
    made = await west_shell.run(
        "support", "ask", "leipzig-west", "Ticket 4711: bookings do not end", "--as", "operator:anna"
    )
    assert (made.code, "/verwaltung/zugang" in made.words) == (0, True)
    request, query = made.out.strip(), "select name_de from app.space order by name_de"
    early = await west_shell.run("support", "look", request, query, "--as", "operator:anna")
    assert (early.code, "Not let in" in early.words) == (1, True)
    alone = await west_shell.run("support", "emergency", request, "--as", "operator:anna")
    assert (alone.code, "second person" in alone.words) == (1, True)
    assert (await west_shell.run("support", "emergency", request, "--as", "operator:bert")).code == 0
    seen = await west_shell.run("support", "look", request, query, "--as", "operator:anna")
    assert (seen.code, "rows" in seen.words, len(seen.out.splitlines()) > 3) == (0, True, True)


def test_a_command_beside_a_demo_prints_links_that_lead_to_its_pages(tmp_path: Path) -> None:
    remember_demo(Settings(data=tmp_path, demo=True, port=8123))
    assert settings_beside(data=str(tmp_path)).origin("west.localhost") == "http://west.localhost:8123"
    (tmp_path / "demo.json").write_text('{"clock_ahead_seconds": 0.0}')  # as an older demo left it
    assert settings_beside(data=str(tmp_path)).demo


MADE_ACTIVE = """
update auth.identity_provider set state = 'active', issuer = $1
where id = (select id from auth.identity_provider order by slug limit 1) returning tenant_id, id, slug"""
RULE = """
insert into auth.provider_rule (tenant_id, id, provider, claim_value, role)
values ($1, gen_random_uuid(), $2, 'x', 'obermotz')"""


async def test_check_beside_a_demo_says_of_each_partner_what_is_wrong_with_it(west_shell: Shell) -> None:
    beside = Shell(west_shell.data, west_shell.url)
    (beside.data / "demo.json").write_text('{"clock_ahead_seconds": 0.0}')
    connection = await beside.admin()
    made = await connection.fetchrow(MADE_ACTIVE, "http://127.0.0.1:9")
    assert made is not None
    await connection.execute(RULE, made["tenant_id"], made["id"])
    try:
        told = await beside.run("check")
    finally:
        await connection.execute("delete from auth.provider_rule where role = 'obermotz'")
        await connection.execute("update auth.identity_provider set state = 'draft' where id = $1", made["id"])
        await connection.close()
        (beside.data / "demo.json").unlink()
    lines, of = (told.out + told.words).splitlines(), f"  leipzig-west: {made['slug']}: "
    assert f"{of}A rule names the unknown role “obermotz”." in lines, lines
    assert f"{of}The provider does not answer. Please check the address, and ask the institution." in lines, lines

"""`./quartier bench`: the compiled reads against ordinary execution and the hand-written floor, in one run.

Server, database and load share two cores as API.md's goals assume: the server on the first, the rest on the
second. What counts is CPU per request (from /proc) and ratios; absolute times move with the neighbours.
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

os.environ.setdefault("PICCOLO_CONF", "quartier.database.piccolo_conf")

from bench import crowd, pages
from bench.servers import Figures, cores, cpu, memory, postgres_pids, product, say, server

from quartier.access.marks import MACHINE, mark, minted
from quartier.access.permissions import CITY_SCOPES, SITE_SCOPES
from quartier.database.administrator import connect
from quartier.database.attach import Installation, attached
from quartier.kit.ids import new_id
from quartier.settings import CHECKOUT, Settings

ONE = "query One($id: ID!) { organisation(id: $id) { id name kind district foundedOn } }"
PAGE = """query Page($after: String) { organisations(first: 50, after: $after) { nodes { id name kind district foundedOn
  bookings(first: 5, order: STARTS_DESC) { nodes { id startsAt endsAt state space { id nameDe persons } } }
  applications(first: 5) { nodes { id title requested state submittedAt } } } pageInfo { hasNextPage endCursor } } }"""
DAY = """query Day($begins: DateTime!, $ends: DateTime!) { spaces(first: 60) { nodes { id nameDe kind persons units } }
  bookings(first: 100,
    filter: { endsAfter: $begins, startsBefore: $ends, states: [HELD, REQUESTED, CONFIRMED, CHECKED_IN] }) {
    nodes { id number startsAt endsAt beforeMinutes afterMinutes units state title version space { id }
      organisation { id name } } pageInfo { hasNextPage } } }"""
QUERIES = ("one", "page", "day")


def load(port: int, connections: int, seconds: float, requests: list[Any], pid: int, data: Path) -> Figures:
    """One round of load with the CPU that server and database spent on it."""
    database = postgres_pids(data)
    before = cpu([pid]), cpu(database)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "bench.load", str(port), str(connections), str(seconds)],
        input=json.dumps(requests),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT / "tests")},
        preexec_fn=lambda: os.sched_setaffinity(0, cores()[1]),
    )
    found: Figures = json.loads(done.stdout)
    count = found["requests"]
    found["server_cpu_ms"] = (cpu([pid]) - before[0]) / count * 1e3
    found["database_cpu_ms"] = (cpu(postgres_pids(data)) - before[1]) / count * 1e3
    found["per_second"] = count / found["seconds"]
    found["memory_mb"] = memory(pid)
    return found


def middle(rounds: list[Figures]) -> Figures:
    """The median of each figure over the rounds."""
    return {key: statistics.median(r[key] for r in rounds) for key in rounds[0]}


# -- the installation ---------------------------------------------------------------------------------------------
async def tokens(installation: Installation, tenants: dict[UUID, str]) -> dict[UUID, str]:
    """A machine's token at each realm, good for a day."""
    connection = await connect(installation.administrator)
    now, found = datetime.now(UTC), {}
    for tenant, kind in tenants.items():
        client, token = new_id(), minted(MACHINE)
        scopes = sorted(CITY_SCOPES if kind == "city" else SITE_SCOPES)
        await connection.execute(
            "insert into auth.api_client (tenant_id, id, client_id, name, secret_hash, scopes, agreement, created_at, "
            "expires_at) values ($1, $2, 'bench', 'bench', $3, $4, 'bench', $5, $6)",
            tenant,
            client,
            mark("unused"),
            scopes,
            now,
            now + timedelta(days=1),
        )
        await connection.execute(
            "insert into auth.api_token (tenant_id, id, hash, client, scopes, issued_at, expires_at) "
            "values ($1, $2, $3, $4, $5, $6, $7)",
            tenant,
            new_id(),
            mark(token),
            client,
            scopes,
            now,
            now + timedelta(days=1),
        )
        found[tenant] = token
    await connection.close()
    return found


async def seed(installation: Installation, sites: int, size: crowd.Size) -> None:
    connection = await connect(installation.administrator)
    begun = time.perf_counter()
    await crowd.city(connection)
    for number in range(1, sites + 1):
        await crowd.site(connection, number, size)
        if number % max(1, sites // 10) == 0:
            say(f"  {number} of {sites} sites seeded")
    await connection.execute("vacuum analyze")
    await connection.close()
    say(f"  seeded in {time.perf_counter() - begun:.0f} s")


def ask(port: int, who: tuple[str, str], body: Any) -> Any:
    import http.client

    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Host": who[0], "Authorization": f"Bearer {who[1]}", "Content-Type": "application/json"}
    line.request("POST", "/graphql", json.dumps(body), headers)
    answer = json.loads(line.getresponse().read())
    if "errors" in answer:
        raise SystemExit(f"the bench's own query failed: {answer['errors']}")
    return answer


# -- the paths ----------------------------------------------------------------------------------------------------
def requests_of(path: str, query: str, site: int, token: str, cursors: list[str]) -> list[Any]:
    """Many requests over different rows, so that nobody measures one warm answer."""
    host = crowd.host(site)
    keys = [_organisation(site, i) for i in range(1, 200)]
    if path == "floor":
        if query == "one":
            bodies: list[Any] = [{"k": "one", "v": str(key)} for key in keys]
        elif query == "day":
            bodies = [{"k": "day", "v": begins} for begins, _ in days()]
        else:
            bodies = [{"k": "page", "v": f"mitglied {(i + 1) * 50:06d}"} for i in range(len(cursors))]
    elif query == "one":
        bodies = [{"query": ONE, "variables": {"id": f"org_{key}"}} for key in keys]
    elif query == "day":
        bodies = [{"query": DAY, "variables": {"begins": begins, "ends": ends}} for begins, ends in days()]
    else:
        bodies = [{"query": PAGE, "variables": {"after": cursor}} for cursor in cursors]
    return [{"host": host, "token": token, "body": body} for body in bodies]


def days() -> list[tuple[str, str]]:
    """The first 200 days of the bookings, each from midnight to midnight."""
    first = datetime(2026, 1, 2, tzinfo=UTC)
    found = [first + timedelta(days=n) for n in range(200)]
    return [(day.isoformat(), (day + timedelta(days=1)).isoformat()) for day in found]


def _organisation(site: int, row: int) -> UUID:
    import hashlib

    return UUID(bytes=hashlib.md5(f"org{site}:{row}".encode(), usedforsecurity=False).digest())


def walk(port: int, who: tuple[str, str], pages: int = 20) -> list[str]:
    """Cursors of the first pages."""
    found: list[str] = []
    for _ in range(pages):
        info = ask(port, who, {"query": PAGE, "variables": {"after": found[-1] if found else None}})
        end = info["data"]["organisations"]["pageInfo"]
        if not end["hasNextPage"]:
            break
        found.append(end["endCursor"])
    return found


async def run(args: argparse.Namespace) -> Figures:
    folder = Path(tempfile.mkdtemp(prefix="quartier-bench-"))
    os.chmod(folder, 0o755)  # as root the database runs as another user
    settings = Settings(data=folder)
    report: Figures = {"sites": args.sites, "rounds": args.rounds, "paths": {}}
    async with attached(settings) as installation:
        say("Migrating and seeding ...")
        await installation.furnish()
        await seed(installation, args.sites, crowd.Size(*(args.size or ())))
        tenants = {crowd.tenant(0): "city"} | {crowd.tenant(n): "site" for n in range(1, args.sites + 1)}
        words = await tokens(installation, tenants)
        for pid in postgres_pids(folder):
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(pid, cores()[1])
        measured = paths(args, folder, installation, words)
        report["paths"] = {
            name: {query: middle(rounds) for query, rounds in by.items()} for name, by in measured.items()
        }
        if args.grow:
            report["growth"] = growth(args, folder, words)
    report["ratios"] = ratios(report)
    return report


def floor_env(installation: Installation, words: dict[UUID, str]) -> str:
    return json.dumps(
        {
            "dsn": installation.address.dsn,
            "password": installation.address.passwords["quartier_app"],
            "key": installation.keyring.signing.hex(),
            "hosts": {crowd.host(n + 1): str(crowd.tenant(n + 1)) for n in range(len(words) - 1)},
        }
    )


def paths(
    args: argparse.Namespace, folder: Path, installation: Installation, words: dict[UUID, str]
) -> dict[str, dict[str, list[Figures]]]:
    """All paths, round by round, in reversed order on odd rounds."""
    token = words[crowd.tenant(1)]
    who = (crowd.host(1), token)
    env = {"QUARTIER_DATA": str(folder)}
    found: dict[str, dict[str, list[Figures]]] = {}
    with (
        server(product(8101), 8101, **env) as compiled,
        server(product(8102), 8102, QUARTIER_GRAPH_COMPILE="off", **env) as ordinary,
        server(
            [sys.executable, "-m", "uvicorn", "--factory", "bench.floor:create", "--port", "8103", "--no-access-log"],
            8103,
            BENCH_FLOOR=floor_env(installation, words),
        ) as floor,
    ):
        cursors = walk(8101, who)
        _same_answers(who, cursors)
        contestants = [("compiled", 8101, compiled), ("floor", 8103, floor), ("ordinary", 8102, ordinary)]
        for number in range(args.rounds):
            for name, port, pid in contestants if number % 2 == 0 else reversed(contestants):
                for query in QUERIES:
                    seconds = args.seconds / 2 if name == "ordinary" else args.seconds
                    asked = requests_of(name, query, 1, token, cursors)
                    load(port, 4, 0.5, asked, pid, folder)  # warm
                    # Ordinary execution fills its core with four; more would only wait for a connection and be refused.
                    connections = min(args.connections, 4) if name == "ordinary" else args.connections
                    figures = load(port, connections, seconds, asked, pid, folder)
                    if figures["errors"]:
                        raise SystemExit(f"{name} {query}: {figures['errors']} answers were errors")
                    found.setdefault(name, {}).setdefault(query, []).append(figures)
            say(f"  round {number + 1} of {args.rounds}")
    return found


def _same_answers(who: tuple[str, str], cursors: list[str]) -> None:
    for cursor in cursors[:3]:
        body = {"query": PAGE, "variables": {"after": cursor}}
        if ask(8101, who, body) != ask(8102, who, body):
            raise SystemExit("compiled and ordinary answers differ")
    for begins, ends in days()[:3]:
        body = {"query": DAY, "variables": {"begins": begins, "ends": ends}}
        answers = [ask(8101, who, body), ask(8102, who, body), ask(8103, who, {"k": "day", "v": begins})]
        if not answers[0]["data"]["bookings"]["nodes"] or answers[1:] != answers[:-1]:
            raise SystemExit("the answers to a day differ")


def growth(args: argparse.Namespace, folder: Path, words: dict[UUID, str]) -> Figures:
    """p95 of the page over 2 sites and over all of them, the same server."""
    env = {"QUARTIER_DATA": str(folder)}
    found: Figures = {}
    with server(product(8104), 8104, **env) as pid:
        for spread in (2, args.sites):
            asked = []
            for number in range(1, spread + 1):
                token = words[crowd.tenant(number)]
                asked += [
                    {"host": crowd.host(number), "token": token, "body": {"query": PAGE, "variables": {}}},
                ]
            rounds = []
            for _ in range(args.rounds):
                load(8104, args.connections, max(1.0, spread / 100), asked, pid, folder)  # everybody once
                rounds.append(load(8104, args.connections, args.seconds, asked, pid, folder))
            found[str(spread)] = middle(rounds)
    found["p95_ratio"] = found[str(args.sites)]["p95_ms"] / found["2"]["p95_ms"]
    return found


def ratios(report: Figures) -> Figures:
    page = {name: queries["page"] for name, queries in report["paths"].items()}
    one = {name: queries["one"] for name, queries in report["paths"].items()}
    day = {name: queries["day"] for name, queries in report["paths"].items()}
    return {
        "page, requests: compiled / ordinary": page["compiled"]["per_second"] / page["ordinary"]["per_second"],
        "page, requests: compiled / floor": page["compiled"]["per_second"] / page["floor"]["per_second"],
        "one row, requests: compiled / floor": one["compiled"]["per_second"] / one["floor"]["per_second"],
        "day, requests: compiled / floor": day["compiled"]["per_second"] / day["floor"]["per_second"],
        "page, server CPU: ordinary / compiled": page["ordinary"]["server_cpu_ms"] / page["compiled"]["server_cpu_ms"],
    }


def table(report: Figures) -> str:
    lines = [f"{'':22}{'req/s':>9}{'server CPU ms':>15}{'database CPU ms':>17}{'p50 ms':>9}{'p99 ms':>9}{'MB':>7}"]
    for name, queries in report["paths"].items():
        for query, f in queries.items():
            lines.append(
                f"{name + ', ' + query:22}{f['per_second']:9.0f}{f['server_cpu_ms']:15.3f}{f['database_cpu_ms']:17.3f}"
                f"{f['p50_ms']:9.2f}{f['p99_ms']:9.2f}{f['memory_mb']:7.0f}"
            )
    lines += [f"{name}: {value:.2f}" for name, value in report["ratios"].items()]
    if "growth" in report:
        lines.append(f"p95 of the page, {report['sites']} sites / 2 sites: {report['growth']['p95_ratio']:.2f}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="quartier bench", description=__doc__)
    parser.add_argument("--sites", type=int, default=2)
    parser.add_argument(
        "--size",
        type=int,
        nargs=5,
        metavar=("ORGANISATIONS", "BOOKINGS", "WORKSHOPS", "APPLICATIONS", "SPACES"),
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--grow", action="store_true", help="also p95 over 2 and over all sites")
    parser.add_argument("--out", type=Path, default=Path("bench.json"))
    parser.add_argument("--pages", action="store_true", help="the console's pages instead; --rounds visits of each")
    parser.add_argument("--only", default="", metavar="PATH", help="with --pages: those whose address holds this")
    parser.add_argument("--lines", type=int, default=pages.LINES, help="with --pages: lines in each log")
    parser.add_argument("--limit", type=float, metavar="MS", help="with --pages: exit 1 where a p95 is above it")
    args = parser.parse_args()
    if args.pages:
        sys.exit(of_pages(args))
    report = asyncio.run(run(args))
    _told(args.out, report, table(report))


def of_pages(args: argparse.Namespace) -> int:
    """The exit code: 1 where a limit is given and a page is above it."""
    report = asyncio.run(pages.run(args))
    _told(args.out, report, pages.table(report))
    above = pages.above(report, args.limit) if args.limit else []
    for page in above:
        print(f"above {args.limit:g} ms: {page}")
    return 1 if above else 0


def _told(out: Path, report: Figures, figures: str) -> None:
    out.write_text(json.dumps(report, indent=2))
    print(figures)
    print(f"All figures: {out}")


if __name__ == "__main__":
    main()

"""`./quartier bench --pages`: how long the console's pages take where a site is full.

One site of 10,000 bookings, 2,000 organisations, 3,000 people and 20,000 lines in each of its logs; every page of
tests/console/pages.txt is asked for by somebody whom that list lets in, one request at a time. Milliseconds are those
between a request and its whole answer on one line; CPU is what the server and the database spent on it, from /proc.
"""

import argparse
import http.client
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from bench import crowd
from bench.servers import Figures, cpu, postgres_pids, product, say, server

from quartier.access.marks import SESSION, mark, minted
from quartier.database.administrator import connect
from quartier.database.attach import attached
from quartier.kit.ids import new_id
from quartier.settings import CHECKOUT, Settings

PORT = 8105
SIZE = crowd.Size(organisations=2_000, bookings=10_000, workshops=300, applications=400, spaces=40, others=1_000)
LINES = 20_000
NUMBER = 1  # of the site
ROWS = {
    "bkg": "app.booking", "ser": "app.series", "org": "app.organisation", "apl": "app.application", "cll": "app.call",
    "imp": "app.import_run", "wsp": "app.workshop", "spc": "app.space",
}  # fmt: skip


def listed() -> list[tuple[str, str]]:
    """Each page with one role that is let in; whom no role of the staff may see is seen by a member."""
    found = []
    for line in (CHECKOUT / "tests/console/pages.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        path, _, roles = line.rpartition(": ")
        first = roles.split()[0]
        found.append((path, {"everybody": "manager", "nobody": "member"}.get(first, first)))
    return found


async def keys(connection: asyncpg.Connection, tenant: UUID) -> dict[str, str]:
    """An id of each kind that pages are about."""
    found: dict[str, str] = {}
    for prefix, table in ROWS.items():
        rows = await connection.fetch(f"select id from {table} where tenant_id = $1 order by id limit 2", tenant)
        found |= {f"{prefix}{n or ''}": f"{prefix}_{row['id']}" for n, row in zip(("", 2), rows, strict=False)}
    return found


async def sessions(connection: asyncpg.Connection, tenant: UUID, roles: set[str]) -> dict[str, str]:
    """The secret of a session for a person with each role; a member leads the first organisation."""
    people = [row["id"] for row in await connection.fetch(crowd.LEADS, tenant, len(roles))]
    now, found = datetime.now(UTC), {}
    for role, person in zip(sorted(roles), people, strict=True):
        if role != "member":
            await connection.execute(
                "insert into auth.role_grant (tenant_id, id, person_id, role, source, valid_from, valid_until,"
                " created_at) values ($1, $2, $3, $4, 'bench', $5, $6, $5)",
                tenant, new_id(), person, role, now - timedelta(days=1), now + timedelta(days=300),
            )  # fmt: skip
        found[role] = minted(SESSION)
        await connection.execute(
            "insert into auth.session (tenant_id, id, person_id, token_hash, method, created_at, last_seen, expires_at,"
            " idle, auth_at) values ($1, $2, $3, $4, 'passkey', $5, $5, $6, '1 day', $5)",
            tenant, new_id(), person, mark(found[role]), now, now + timedelta(days=1),
        )  # fmt: skip
    return found


def visit(line: http.client.HTTPConnection, path: str, secret: str) -> tuple[float, int, int]:
    """Milliseconds, status and bytes of one page."""
    begun = time.perf_counter()
    line.request("GET", path, headers={"Host": crowd.host(NUMBER), "Cookie": f"__Host-session={secret}"})
    answer = line.getresponse()
    size = len(answer.read())
    return (time.perf_counter() - begun) * 1e3, answer.status, size


def walked(
    pages: list[tuple[str, str]], ids: dict[str, str], words: dict[str, str], times: int, pids: list[int], data: Path
) -> list[Figures]:
    """Every page so often, after one visit that fills what is kept."""
    line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    found = []
    for page, role in pages:
        path = page.format(**ids)
        _, status, size = visit(line, path, words[role])
        if status != 200:
            raise SystemExit(f"{path} answered {status} to {role}: the list of pages says otherwise")
        before = cpu(pids), cpu(postgres_pids(data))
        took = sorted(visit(line, path, words[role])[0] for _ in range(times))
        after = cpu(pids), cpu(postgres_pids(data))
        found.append(
            {
                "page": page,
                "role": role,
                "p50_ms": statistics.median(took),
                "p95_ms": took[max(0, -(-times * 95 // 100) - 1)],
                "server_cpu_ms": (after[0] - before[0]) / times * 1e3,
                "database_cpu_ms": (after[1] - before[1]) / times * 1e3,
                "bytes": size,
            }
        )
    line.close()
    return found


async def run(args: argparse.Namespace) -> Figures:
    with tempfile.TemporaryDirectory(prefix="quartier-pages-") as name:
        folder = Path(name)
        os.chmod(folder, 0o755)  # as root the database runs as another user
        return {"pages": await measured(args, folder)}


async def measured(args: argparse.Namespace, folder: Path) -> list[Figures]:
    pages = [each for each in listed() if args.only in each[0]]
    async with attached(Settings(data=folder)) as installation:
        say("Migrating and seeding ...")
        await installation.furnish()
        connection = await connect(installation.administrator)
        await crowd.city(connection)
        size = crowd.Size(*args.size) if args.size else SIZE
        tenant = await crowd.site(connection, NUMBER, size)
        await crowd.logs(connection, NUMBER, args.lines)
        await crowd.singles(connection, NUMBER)
        ids = await keys(connection, tenant)
        words = await sessions(connection, tenant, {role for _, role in pages})
        await connection.execute("vacuum analyze")
        await connection.close()
        say(f"Walking {len(pages)} pages, {args.rounds} times each ...")
        with server(product(PORT), PORT, QUARTIER_DATA=str(folder)) as pid:
            return walked(pages, ids, words, args.rounds, [pid], folder)


def table(report: Figures) -> str:
    lines = [f"{'':52}{'p50 ms':>8}{'p95 ms':>8}{'server CPU':>12}{'database CPU':>14}{'kB':>6}"]
    for f in report["pages"]:
        lines.append(
            f"{f['page'][:51]:52}{f['p50_ms']:8.1f}{f['p95_ms']:8.1f}{f['server_cpu_ms']:12.1f}"
            f"{f['database_cpu_ms']:14.1f}{f['bytes'] / 1024:6.0f}"
        )
    return "\n".join(lines)


def above(report: Figures, limit: float) -> list[Any]:
    """Pages whose p95 is longer."""
    return [f["page"] for f in report["pages"] if f["p95_ms"] > limit]

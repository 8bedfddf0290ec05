"""The README's example, run as it stands there: by a shell, against the house on a free port."""

import asyncio
import contextlib
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from conftest import Cluster
from doorway import installed, running
from world import Administrator

from quartier.access.actions import create_client
from quartier.access.permissions import EVERY
from quartier.access.words import ClientSecret
from quartier.app import create_app
from quartier.database.engine import TenantEngine
from quartier.kit.moments import Clock
from quartier.settings import CHECKOUT, Settings
from quartier.tenancy.desk import Desk
from quartier.web.port import listening
from quartier.web.serve import serve_until_told
from quartier_demo.story import World
from quartier_graph.edges import edges

WEST, EAST = "leipzig-west", "leipzig-east"

pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="the example is a call of curl")


def example() -> str:
    """The commands under "One query over every module"."""
    text = (CHECKOUT / "README.md").read_text("utf-8")
    section = text.split("## One query over every module", 1)[1].split("\n## ", 1)[0]
    typed = "\n".join(line[4:] for line in re.findall(r"(?m)^    .*$", section))
    return re.sub(r"\b(ID|SECRET)=\S*…", "", typed)  # what everybody fills in


@pytest_asyncio.fixture
async def port(engine: TenantEngine, postgres: Cluster, database: str, town: dict[str, World]) -> AsyncIterator[int]:
    """The whole house behind a port of this machine."""
    settings = Settings(data=Path("unused"), demo=True)
    installation = installed(postgres, database, settings)
    app = create_app(settings, edges(settings, installation), installation)
    async with running(app):
        with listening("127.0.0.1", 0) as door:
            served = asyncio.create_task(serve_until_told(app, door))
            yield door.getsockname()[1]
            served.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await served


class NoAnswer(Exception):
    """The example broke off; the text is what the shell complained about."""


async def client_at(world: World) -> ClientSecret:
    """A client with the scopes that the example asks for."""
    [scopes] = re.findall(r"scope=([a-z: ]+)", example())
    desk = Desk(realm=world.realm, now=Clock().now(), permissions=EVERY)
    return await create_client(desk, "README", scopes.split(), agreement="erfundene Menschen")


async def typed(slug: str, port: int, client: ClientSecret) -> dict[str, Any]:
    """What the example prints at a site, typed with its client's id and secret."""
    script = example().replace("leipzig-west", slug).replace(":8000", f":{port}")
    shell = await asyncio.create_subprocess_exec(
        "bash", "-euo", "pipefail", "-c", script,
        env={"PATH": os.environ["PATH"], "ID": client.client_id, "SECRET": client.secret},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, complaint = await shell.communicate()
    if shell.returncode:
        raise NoAnswer(complaint.decode())
    answer: dict[str, Any] = json.loads(out)
    assert answer.keys() == {"data"}
    return answer


async def ids_at(administrator: Administrator, world: World) -> set[str]:
    rows = await administrator.fetch("select id from app.organisation where tenant_id = $1", world.realm.id)
    return {f"org_{row['id']}" for row in rows}


async def test_the_example_asks_across_modules_and_each_site_answers_its_own(
    town: dict[str, World], port: int, administrator: Administrator
) -> None:
    answers, told = {}, {}
    for slug in (WEST, EAST):
        answers[slug] = await typed(slug, port, await client_at(town[slug]))
        told[slug] = {each["id"] for each in answers[slug]["data"]["organisations"]["nodes"]}
        assert told[slug]
        assert told[slug] <= await ids_at(administrator, town[slug])
    assert told[WEST].isdisjoint(told[EAST])
    nodes = answers[WEST]["data"]["organisations"]["nodes"]
    seen = {part: [row for each in nodes for row in each[part]["nodes"]] for part in ("people", "bookings")}
    seen |= {part: [row for each in nodes for row in each[part]["nodes"]] for part in ("registrations", "applications")}
    assert seen["people"]
    assert all(row["space"]["nameDe"] for row in seen["bookings"])
    assert all(row["call"]["number"].startswith("LW-A-") for row in seen["applications"])


async def test_wests_client_gets_no_token_at_east(town: dict[str, World], port: int) -> None:
    with pytest.raises(NoAnswer, match="access_token"):
        await typed(EAST, port, await client_at(town[WEST]))

"""A worker of its own process, to be killed while it is inside a job."""

import asyncio
import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "platform"), str(ROOT / "tests")]
os.environ["PICCOLO_CONF"] = "quartier.database.piccolo_conf"

from conftest import KEYRING  # noqa: E402

from quartier.access.permissions import EVERY  # noqa: E402
from quartier.database.engine import DB, Address  # noqa: E402
from quartier.jobs.kinds import House, Kind  # noqa: E402
from quartier.jobs.queue import Loop  # noqa: E402
from quartier.tenancy.desk import Desk  # noqa: E402

ADD = "insert into app.setting (tenant_id, id, key, value, valid_from, created_at) values ($1, $1, $2, '1', $3, $4)"


async def stay(desk: Desk, key: str) -> None:
    await desk.fetch(ADD, desk.tenant_id, key, desk.now.date(), desk.now)
    print("inside", flush=True)
    await asyncio.Event().wait()


async def main() -> None:
    given = json.loads(sys.stdin.readline())
    address = Address(dsn=given["dsn"], passwords=given["passwords"])
    DB.configure(address, KEYRING.signer, powers=("worker",), sizes={"worker": 2})
    await DB.start()
    await Loop(address, House({given["kind"]: Kind(stay)}, EVERY), calendar=()).run()


if __name__ == "__main__":
    asyncio.run(main())

"""A real worker in a process of its own, to be killed: letters go to a sink, webhooks to this machine."""

import asyncio
import json
import os
import sys
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "platform"), str(ROOT / "graphql"), str(ROOT / "tests")]
os.environ["PICCOLO_CONF"] = "quartier.database.piccolo_conf"

from conftest import KEYRING  # noqa: E402
from notices.conftest import account_at  # noqa: E402

from quartier.access.hooks.sending import call_hooks  # noqa: E402
from quartier.access.partners.network import Network  # noqa: E402
from quartier.access.permissions import EVERY  # noqa: E402
from quartier.acts.handlers import KINDS, sending  # noqa: E402
from quartier.database.engine import DB, Address  # noqa: E402
from quartier.database.sealing import SEAL  # noqa: E402
from quartier.jobs.calendar import CALENDAR, put_due  # noqa: E402
from quartier.jobs.kinds import House, Kind  # noqa: E402
from quartier.jobs.queue import Loop  # noqa: E402
from quartier.kit.moments import Clock  # noqa: E402
from quartier.notices import smtp  # noqa: E402
from quartier.notices.carrying import Carry  # noqa: E402
from quartier.notices.words import Letter  # noqa: E402
from quartier.tenancy.audit import FOLLOW  # noqa: E402
from quartier.tenancy.desk import Desk  # noqa: E402


def house(port: int, ahead: float) -> House:
    """The house's own work; only where letters and webhooks go to is the test's."""

    async def carrier(desk: Desk) -> Carry:
        account = account_at(port)

        async def carry(letter: Letter) -> None:
            await smtp.deliver(account, letter)

        return carry

    async def tell(desk: Desk) -> None:
        await call_hooks(desk, network=Network(loopback=True, deadline=60))

    here = {**sending(lambda host: f"https://{host}", carrier), FOLLOW: Kind(tell, "auth")}
    return House({**KINDS, **here}, EVERY, Clock(timedelta(seconds=ahead)))


async def main() -> None:
    given = json.loads(sys.stdin.readline())
    address = Address(dsn=given["dsn"], passwords=given["passwords"])
    DB.configure(address, KEYRING.signer, powers=("worker", "auth"), sizes={"worker": 4, "auth": 4})
    SEAL.configure(KEYRING.sealing)
    await DB.start()
    mine = house(given["mail"], given["ahead"])
    lines = [line for line in CALENDAR if line.kind in given["calendar"]]
    silence, poll = timedelta(seconds=1), timedelta(seconds=0.3)
    loop = Loop(address, mine, calendar=lines, silence=silence, poll=poll, pause=0.1)
    await put_due(lines, mine.clock.now())
    print("working", flush=True)
    await loop.run()


if __name__ == "__main__":
    asyncio.run(main())

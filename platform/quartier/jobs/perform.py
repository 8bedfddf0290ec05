"""One job, done in its realm: as that realm's worker, at the house's desk, once."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from quartier.database.engine import DB
from quartier.jobs.kinds import House
from quartier.tenancy.action import retried
from quartier.tenancy.desk import Desk
from quartier.tenancy.realm import Realm

_REALM = "select id, city_id, kind, slug, name, host, state, zone from city.tenant where id = $1"
_RECEIPT = """
insert into app.job_receipt (tenant_id, job_id, created_at) values ($1, $2, $3)
on conflict (tenant_id, job_id) do nothing returning job_id"""


class Unfit(Exception):
    """The job can never be done as it stands: it is held at once, for a person to look at."""


class PayloadUnfit(Unfit):
    """Not what jobs.put() writes."""


class RealmMissing(Unfit):
    """No such realm."""


class RealmNotOpen(Unfit):
    """The realm is suspended or closing: nothing happens there."""


class Payload(msgspec.Struct, frozen=True):
    """What jobs.put() writes: the verified tenant, and arguments that are ids and dates."""

    tenant: UUID
    args: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """A job as the queue hands it out."""

    id: int
    kind: str
    payload: bytes | None


async def perform(house: House, order: Order) -> bool:
    """Do the work; False when it was done before. Raises Unfit, and whatever the work raises.

    The receipt is written in the transaction of the work: a worker that dies before COMMIT has done
    nothing, one that dies after it leaves a receipt that stops the next one.
    """
    told = _read(order.payload)
    kind = house.kinds[order.kind]
    with DB.speaking(told.tenant, kind.power):
        desk = Desk(
            realm=await _open_realm(told.tenant),
            now=house.clock.now(),
            permissions=house.permissions,
            request_id=f"job:{order.id}",
        )
        if kind.power == "auth":
            await kind.work(desk, **told.args)
            return True

        async def once() -> bool:
            async with desk.transaction():
                if not await desk.fetch(_RECEIPT, desk.tenant_id, order.id, desk.now):
                    return False
                await kind.work(desk, **told.args)
                return True

        return await retried(once)


def _read(payload: bytes | None) -> Payload:
    try:
        return msgspec.json.decode(payload or b"", type=Payload)
    except msgspec.DecodeError:
        raise PayloadUnfit from None


async def _open_realm(tenant_id: UUID) -> Realm:
    """Read the directory's row anew: a site that was suspended a second ago gets no more work done."""
    rows = await DB.fetch(_REALM, tenant_id)
    if not rows:
        raise RealmMissing
    row = {**rows[0], "zone": ZoneInfo(rows[0]["zone"])}
    realm = Realm(**row)
    if realm.state != "open":
        raise RealmNotOpen
    return realm

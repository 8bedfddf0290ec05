"""Job: what happened is written down for each webhook, then told, outside of any transaction, and tried again.

A sender that dies between telling and writing that down tells it a second time, under the same id.
"""

import asyncio
from datetime import datetime, timedelta

import structlog

from quartier.access.events import machine_now
from quartier.access.hooks.actions import give_up_waiting
from quartier.access.hooks.following import follow
from quartier.access.hooks.words import Delivery, Outcome
from quartier.access.partners.network import Network
from quartier.access.partners.words import LoginFailed
from quartier.database.engine import DB
from quartier.database.sealing import SEAL, SealBroken
from quartier.notices import outbox
from quartier.tenancy.audit import FOLLOW
from quartier.tenancy.desk import Desk

NETWORK = Network(deadline=10, largest=64_000)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PAUSES = (5 * timedelta(seconds=1), 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR,
          24 * HOUR)  # fmt: skip
PATIENCE = timedelta(days=3)  # a webhook that failed for so long, without one success, is switched off
LEASE = timedelta(minutes=10)
GONE = 410  # the receiver says that it is over

_CLAIM = """
with mine as (
  update app.delivery set attempts = attempts + 1, send_after = $2::timestamptz + $4::interval, version = version + 1
  where tenant_id = $1 and id in (
    select d.id from app.delivery d join app.webhook w on w.tenant_id = $1 and w.id = d.webhook_id
    where d.tenant_id = $1 and d.state = 'waiting' and d.send_after <= $2 and w.state = 'active'
    order by d.send_after, d.id limit $3 for update of d skip locked)
  returning id, webhook_id, body, attempts)
select m.id, m.webhook_id as webhook, m.body, m.attempts, w.url_enc, w.secret_enc,
  case when w.old_until > $2 then w.old_secret_enc end as old
from mine m join app.webhook w on w.tenant_id = $1 and w.id = m.webhook_id order by m.id"""
_SETTLE = """
update app.delivery set state = $3, send_after = coalesce($4, send_after), tried_at = $5, code = $6, fault = $7,
  version = version + 1, changed_at = $5
where tenant_id = $1 and id = $2 and state = 'waiting'"""
_WELL = """
update app.webhook set failing_since = null where tenant_id = $1 and id = $2 and failing_since is not null"""
_FAILING = """
update app.webhook set failing_since = coalesce(failing_since, $3)
where tenant_id = $1 and id = $2 and state = 'active' returning failing_since"""
_OFF = """
update app.webhook set state = 'off', off_because = $3, version = version + 1, changed_at = $4
where tenant_id = $1 and id = $2 and state = 'active' returning made_by, version"""


async def call_hooks(desk: Desk, *, network: Network = NETWORK) -> None:
    """Tell every active webhook of the site what it waits for. Doing it twice changes nothing but the time."""
    with DB.speaking(desk.tenant_id, "worker"):
        more = True
        while more:
            async with DB.work():
                more = await follow(desk)
        while True:
            async with DB.work():
                mine = await _claim(desk)
            if not mine:
                return
            await asyncio.gather(*(_tell(desk, each, network) for each in mine))  # a slow one holds no other up


async def _claim(desk: Desk) -> list[Delivery]:
    rows = await desk.fetch(_CLAIM, desk.tenant_id, desk.now, 10, LEASE)
    return [
        Delivery(
            r["id"], r["webhook"], r["body"], r["attempts"], r["url_enc"],
            (r["secret_enc"], r["old"]) if r["old"] else (r["secret_enc"],),
        )
        for r in rows
    ]  # fmt: skip


async def _tell(desk: Desk, delivery: Delivery, network: Network) -> None:
    outcome = await told(delivery, network, desk.now)
    async with DB.work():
        await _settle(desk, delivery, outcome)


async def told(delivery: Delivery, network: Network, now: datetime) -> Outcome:
    """Hand one over, signed; whoever answers 2xx has it."""
    import httpx2

    try:
        url = SEAL.open(delivery.url)
        headers = signed(delivery, [SEAL.open(each) for each in delivery.secrets], machine_now())
    except SealBroken:
        return Outcome(None, "sealed", now)
    request = httpx2.Request("POST", url, content=delivery.body.encode(), headers=headers)
    try:
        code = (await network.send(request)).status_code
    except LoginFailed as failed:  # the network's word: away, or an address or answer that is not allowed
        return Outcome(None, "unreachable" if failed.away else "not_allowed", now)
    return Outcome(code, None if 200 <= code < 300 else "answered", now)


def signed(delivery: Delivery, secrets: list[str], at: datetime) -> dict[str, str]:
    """The headers of the Standard Webhooks specification; `at` is an instant in UTC, of the machine's clock."""
    from standardwebhooks import Webhook

    name = f"dlv_{delivery.id}"
    return {
        "content-type": "application/json",
        "user-agent": "Quartier",
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(each).sign(name, at, delivery.body) for each in secrets),
    }


async def _settle(desk: Desk, delivery: Delivery, outcome: Outcome) -> None:
    """Write how it went; what failed waits longer each time, and is given up after the last pause."""
    last = delivery.attempts > len(PAUSES)
    state = "done" if outcome.good else "dead" if last else "waiting"
    again = desk.now + PAUSES[delivery.attempts - 1] if state == "waiting" else None
    how = (state, again, outcome.at, outcome.code, outcome.fault)
    await desk.fetch(_SETTLE, desk.tenant_id, delivery.id, *how)
    if outcome.good:
        await desk.fetch(_WELL, desk.tenant_id, delivery.webhook)
        return
    rows = await desk.fetch(_FAILING, desk.tenant_id, delivery.webhook, desk.now)
    if rows and (outcome.code == GONE or desk.now - rows[0]["failing_since"] >= PATIENCE):
        await _switch_off(desk, delivery, "gone" if outcome.code == GONE else "failing")
    elif again is not None:
        await desk.later(FOLLOW, after=again - desk.now)


async def _switch_off(desk: Desk, delivery: Delivery, because: str) -> None:
    """Tell it no more, and tell whoever set it up."""
    rows = await desk.fetch(_OFF, desk.tenant_id, delivery.webhook, because, desk.now)
    if not rows:
        return  # another delivery of the same moment has done it
    await give_up_waiting(desk, delivery.webhook)
    structlog.get_logger().warning("webhook_off", webhook=str(delivery.webhook), because=because)
    if rows[0]["made_by"] is not None:
        once = f"webhook_off:{delivery.webhook}:{rows[0]['version']}"
        await outbox.queue(desk, "webhook_off", rows[0]["made_by"], once=once, webhook=delivery.webhook)

"""Letting a program be told, giving it another secret, trying it, and sending again."""

import base64
import json
import secrets
from collections.abc import Collection
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from quartier.access.hooks.words import MOST, NAMES, PROBE, TooManyWebhooks, Webhook
from quartier.access.partners.network import may_be_asked
from quartier.database.sealing import SEAL
from quartier.kit.ids import new_id
from quartier.kit.refusal import FieldInvalid, NotFound, Refused, StaleVersion, StepNotPossible, refuse
from quartier.kit.spoken import Words, letters
from quartier.kit.text import is_line
from quartier.tenancy.action import action
from quartier.tenancy.audit import FOLLOW, followed
from quartier.tenancy.desk import Desk

ADDRESS = Words("eine Adresse, die mit https:// beginnt", "an address that begins with https://")
BOTH_FOR = timedelta(days=3)  # how long what is sent bears both signatures, after a secret was changed

_ADD = """
insert into app.webhook (tenant_id, id, name, url_enc, host, events, secret_enc, made_by, seen, state, created_at,
  changed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'active', $10, $10)"""
_ACTIVE = "select count(*)::int as n from app.webhook where tenant_id = $1 and state = 'active'"
_SEE = "select id, state, version from app.webhook where tenant_id = $1 and id = $2 for no key update"
_ROTATE = """
update app.webhook set old_secret_enc = secret_enc, old_until = $4, secret_enc = $3, version = version + 1,
  changed_at = $5
where tenant_id = $1 and id = $2"""
_ON = """
update app.webhook set state = 'active', off_because = null, failing_since = null, seen = $3, made_by = $4,
  version = version + 1, changed_at = $5
where tenant_id = $1 and id = $2"""
_OFF = """
update app.webhook set state = 'off', off_because = 'hand', version = version + 1, changed_at = $3
where tenant_id = $1 and id = $2"""
_GIVE_UP = """
update app.delivery set state = 'dead', version = version + 1, changed_at = $3
where tenant_id = $1 and webhook_id = $2 and state = 'waiting'"""
_PROBE = """
insert into app.delivery (tenant_id, id, webhook_id, event, body, send_after, state, created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, 'waiting', $6, $6)"""
_DELIVERY = "select id, webhook_id, state from app.delivery where tenant_id = $1 and id = $2 for no key update"
_AGAIN = """
update app.delivery set state = 'waiting', attempts = 0, send_after = $3, version = version + 1, changed_at = $3
where tenant_id = $1 and id = $2"""


@action("notices:configure")
async def add_webhook(desk: Desk, name: str, url: str, events: Collection[str]) -> tuple[UUID, str]:
    """Tell a program from now on; give the webhook and its secret, which is shown once and kept sealed.

    Refuses FIELD_INVALID (all fields at once), TOO_MANY_WEBHOOKS.
    """
    async with desk.transaction() as ledger:
        objections = []
        if not is_line(name, 120):
            objections.append(FieldInvalid(path=("name",), allowed=letters(1, 120)))
        if not may_be_asked(url.strip(), loopback=False):
            objections.append(FieldInvalid(path=("url",), allowed=ADDRESS))
        if not events or not set(events) <= set(NAMES):
            objections.append(FieldInvalid(path=("events",), allowed=", ".join(NAMES)))
        refuse(objections)
        last = await followed(desk, True)  # locks the end of the log, so two at once count each other
        await _room_for_one(desk)
        made, secret = new_id(), _secret()
        address = url.strip()
        what = (name.strip(), SEAL.close(address), urlsplit(address).hostname or "", sorted(set(events)))
        await desk.fetch(_ADD, desk.tenant_id, made, *what, SEAL.close(secret), desk.person, last, desk.now)
        ledger.note("webhook.added", made, events=sorted(set(events)))
        return made, secret


@action("notices:configure")
async def rotate_webhook_secret(desk: Desk, webhook: UUID, version: int) -> str:
    """Give it another secret, shown once. For three days what is sent bears both signatures.

    Refuses NOT_FOUND, STALE_VERSION.
    """
    async with desk.transaction() as ledger:
        await _seen(desk, webhook, version)
        secret = _secret()
        await desk.fetch(_ROTATE, desk.tenant_id, webhook, SEAL.close(secret), desk.now + BOTH_FOR, desk.now)
        ledger.note("webhook.secret_changed", webhook)
        return secret


@action("notices:configure")
async def switch_webhook(desk: Desk, webhook: UUID, version: int, *, active: bool) -> None:
    """Tell it from now on, or no more. What happens while it is off is not told later; what waits is given up.

    Refuses NOT_FOUND, STALE_VERSION, STEP_NOT_POSSIBLE, TOO_MANY_WEBHOOKS.
    """
    async with desk.transaction() as ledger:
        seen = await _seen(desk, webhook, version)
        if (seen.state == "active") == active:
            raise Refused([StepNotPossible(state=seen.state, possible="off" if active else "active")])
        if active:
            last = await followed(desk, True)
            await _room_for_one(desk)
            await desk.fetch(_ON, desk.tenant_id, webhook, last, desk.person, desk.now)
        else:
            await desk.fetch(_OFF, desk.tenant_id, webhook, desk.now)
            await give_up_waiting(desk, webhook)
        ledger.note("webhook.switched", webhook, state="active" if active else "off")


@action("notices:configure")
async def probe_webhook(desk: Desk, webhook: UUID) -> UUID:
    """Send a trial that means nothing; give its delivery. Refuses NOT_FOUND, STEP_NOT_POSSIBLE: it is off."""
    async with desk.transaction() as ledger:
        await _told(desk, webhook)
        made = new_id()
        body = json.dumps({"type": PROBE, "timestamp": desk.now.isoformat(), "data": {}})
        await desk.fetch(_PROBE, desk.tenant_id, made, webhook, PROBE, body, desk.now)
        await desk.later(FOLLOW)
        ledger.note("webhook.probed", webhook, delivery=made)
        return made


@action("notices:configure")
async def replay_delivery(desk: Desk, delivery: UUID) -> None:
    """Send it once more, under the same id. Refuses NOT_FOUND, STEP_NOT_POSSIBLE: it waits, or its webhook is off."""
    async with desk.transaction() as ledger:
        rows = await desk.fetch(_DELIVERY, desk.tenant_id, delivery)
        if not rows:
            raise Refused([NotFound(path=("delivery",))])
        if rows[0]["state"] == "waiting":
            raise Refused([StepNotPossible(state="waiting", possible="done, dead")])
        await _told(desk, rows[0]["webhook_id"])
        await desk.fetch(_AGAIN, desk.tenant_id, delivery, desk.now)
        await desk.later(FOLLOW)
        ledger.note("webhook.sent_again", rows[0]["webhook_id"], delivery=delivery)


async def give_up_waiting(desk: Desk, webhook: UUID) -> None:
    """What waits for a webhook that is off waits no more; the log of deliveries keeps it, to be sent again."""
    await desk.fetch(_GIVE_UP, desk.tenant_id, webhook, desk.now)


async def _told(desk: Desk, webhook: UUID) -> None:
    rows = await desk.fetch(_SEE, desk.tenant_id, webhook)
    if not rows:
        raise Refused([NotFound(path=("webhook",))])
    if rows[0]["state"] != "active":
        raise Refused([StepNotPossible(state="off", possible="active")])


async def _seen(desk: Desk, webhook: UUID, version: int) -> Webhook:
    rows = await desk.fetch(_SEE, desk.tenant_id, webhook)
    if not rows:
        raise Refused([NotFound(path=("webhook",))])
    seen = Webhook(**rows[0])
    if seen.version != version:
        raise Refused([StaleVersion(path=("version",), version=seen.version, seen=version)])
    return seen


async def _room_for_one(desk: Desk) -> None:
    [row] = await desk.fetch(_ACTIVE, desk.tenant_id)
    if row["n"] >= MOST:
        refuse([TooManyWebhooks(most=MOST)])


def _secret() -> str:
    """32 random bytes, as the specification writes a secret."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()

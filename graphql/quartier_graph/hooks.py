"""Programs of others that are told what happens, and what was told to them."""

import enum
from datetime import datetime

from strawberry import ID

from quartier.access import tables
from quartier.access.hooks import actions
from quartier.tenancy.desk import Desk
from quartier.tenancy.once import ShownOnce
from quartier_graph import ids
from quartier_graph.declare import (
    Done,
    Filter,
    Node,
    asked,
    column,
    key,
    one,
    page,
    published,
    roots,
    verb,
    where,
    wish,
)
from quartier_graph.scalars import described

MAY = "notices:configure"
SECRET = (str | None, "The secret, whsec_…. Shown once: the same key again, and a trial, answer null.")


@described
class OffBecause(enum.Enum):
    """Why a webhook is told nothing: switched off by hand, failing for three days, or gone (410)."""

    HAND = "hand"
    FAILING = "failing"
    GONE = "gone"


@described
class DeliveryState(enum.Enum):
    """Waiting for its (next) try, answered with 2xx, or given up."""

    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"


@described
class DeliveryFault(enum.Enum):
    """Why a try failed: nobody there, an address or answer that is not allowed, another code, an unreadable secret."""

    UNREACHABLE = "unreachable"
    NOT_ALLOWED = "not_allowed"
    ANSWERED = "answered"
    SEALED = "sealed"


@published(tables.Webhook, prefix="whk", may=MAY, orders={"made": key("{t}.created_at", "timestamptz")})
class Webhook(Node):
    """A program that is told what happens. Its address and its secret are read by nobody."""

    name: str = column("What it is for.")
    host: str = column("Where it is.")
    events: list[str] = column("What it is told, such as booking.made.")
    active: bool = column("Whether it is told.", sql="({t}.state = 'active')")
    off_because: OffBecause | None = column("Why it is told nothing.")
    failing_since: datetime | None = column("Since when every try failed.")
    old_secret_until: datetime | None = column(
        "Until when the secret before this one signs as well.", sql="{t}.old_until"
    )
    made_at: datetime = column("When it was set up.", sql="{t}.created_at")
    version: int = column("Counts its changes.")


@published(tables.Delivery, prefix="dlv", may=MAY, orders={"made": key("{t}.created_at", "timestamptz")})
class Delivery(Node):
    """Something told to a program, or to be told. Its id is the header webhook-id of every try."""

    event: str = column("What happened.")
    body: str = column("What is sent, to the byte: ids and states.")
    state: DeliveryState = column("How far it is.")
    attempts: int = column("How often it was tried since it was last asked for.")
    tried_at: datetime | None = column("When it was last tried.")
    next_at: datetime | None = column(
        "When it is tried next.", sql="(case when {t}.state = 'waiting' then {t}.send_after end)"
    )
    code: int | None = column("The code of the last answer.")
    fault: DeliveryFault | None = column("Why the last try failed.")
    made_at: datetime = column("When it was written down.", sql="{t}.created_at")
    webhook: Webhook = one("Whom it is for.", by="webhook_id")


class DeliveryFilter(Filter):
    """Which deliveries."""

    webhook: ID | None = where("For this webhook.", "{t}.webhook_id = {v}", id="whk")


roots(
    webhooks=page(Webhook, "Programs that are told what happens.", orders=("made", "-made")),
    deliveries=page(Delivery, "What was told, for a month.", filter=DeliveryFilter, orders=("-made", "made")),
)


@wish
class AddWebhookInput:
    """Who is to be told what."""

    name: str = asked("What it is for.")
    url: str = asked("Its address, https; kept sealed.")
    events: list[str] = asked("What it is told, such as booking.made.")


@verb(MAY, changes={"webhook": Webhook}, values={"secret": SECRET})
async def add_webhook(desk: Desk, wish: AddWebhookInput) -> Done:
    """Tell a program what happens from now on: ids and states, signed by the Standard Webhooks specification."""
    made, secret = await actions.add_webhook(desk, wish.name, wish.url, wish.events)
    return {"webhook": made, "secret": ShownOnce(secret)}


@wish
class RotateWebhookSecretInput:
    """A webhook as it was seen."""

    webhook: ID = asked("The webhook.")
    version: int = asked("The version that was seen.")


@verb(MAY, changes={"webhook": Webhook}, values={"secret": SECRET})
async def rotate_webhook_secret(desk: Desk, wish: RotateWebhookSecretInput) -> Done:
    """Give it another secret. For three days what is sent bears both signatures."""
    webhook = ids.read(wish.webhook, "whk")
    secret = await actions.rotate_webhook_secret(desk, webhook, wish.version)
    return {"webhook": webhook, "secret": ShownOnce(secret)}


@wish
class SwitchWebhookInput:
    """A webhook as it was seen."""

    webhook: ID = asked("The webhook.")
    version: int = asked("The version that was seen.")
    active: bool = asked("Whether it is told from now on.")


@verb(MAY, changes={"webhook": Webhook})
async def switch_webhook(desk: Desk, wish: SwitchWebhookInput) -> Done:
    """Tell it from now on, or no more. What happens while it is off is not told later."""
    webhook = ids.read(wish.webhook, "whk")
    await actions.switch_webhook(desk, webhook, wish.version, active=wish.active)
    return {"webhook": webhook}


@wish
class ProbeWebhookInput:
    """A webhook."""

    webhook: ID = asked("The webhook.")


@verb(MAY, changes={"delivery": Delivery})
async def probe_webhook(desk: Desk, wish: ProbeWebhookInput) -> Done:
    """Send a trial, webhook.probe, that means nothing."""
    return {"delivery": await actions.probe_webhook(desk, ids.read(wish.webhook, "whk"))}


@wish
class ReplayDeliveryInput:
    """A delivery that came to an end."""

    delivery: ID = asked("The delivery.")


@verb(MAY, changes={"delivery": Delivery})
async def replay_delivery(desk: Desk, wish: ReplayDeliveryInput) -> Done:
    """Send it once more, under the same id."""
    delivery = ids.read(wish.delivery, "dlv")
    await actions.replay_delivery(desk, delivery)
    return {"delivery": delivery}

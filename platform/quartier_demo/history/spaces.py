"""A hold of the story ends when the story says so."""

from datetime import datetime
from uuid import UUID

from quartier.tenancy.desk import Desk

_HOLD = """
update app.booking set state = 'held', held_until = $3, version = version + 1, changed_at = $4
where tenant_id = $1 and id = $2"""


async def hold_booking(desk: Desk, booking: UUID, until: datetime) -> None:
    """Keep what was just booked for a few minutes only. In the transaction of the booking."""
    await desk.fetch(_HOLD, desk.tenant_id, booking, until, desk.now)

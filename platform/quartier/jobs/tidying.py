"""What the house throws away by itself, so that nothing is kept longer than it is needed."""

from datetime import timedelta

from quartier.tenancy.desk import Desk
from quartier.tenancy.once import KEPT as KEYS_KEPT

KEPT = timedelta(days=30)
_KEYS = "delete from app.idempotency where tenant_id = $1 and created_at < $2"
_RECEIPTS = "delete from app.job_receipt where tenant_id = $1 and created_at < $2"
_DUE = "delete from app.job_due where tenant_id = $1 and created_at < $2"


async def tidy_house(desk: Desk) -> None:
    """Job: forget idempotency keys after 48 hours, receipts and moments of jobs after 30 days."""
    async with desk.transaction():
        await desk.fetch(_KEYS, desk.tenant_id, desk.now - KEYS_KEPT)
        await desk.fetch(_RECEIPTS, desk.tenant_id, desk.now - KEPT)
        await desk.fetch(_DUE, desk.tenant_id, desk.now - KEPT)

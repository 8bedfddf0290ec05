"""What access tells other processes: that rights changed. Nobody's name, only the realm's id."""

from quartier.tenancy.desk import Desk

CHANNEL = "quartier_access"


async def rights_changed(desk: Desk) -> None:
    """Make every process forget what it knows of this realm's speakers, when the open transaction commits.

    Whatever ends a token, a role, an affiliation or a person calls it, in the same transaction.
    """
    await desk.fetch(f"select pg_notify('{CHANNEL}', $1) as tenant_id", str(desk.tenant_id))

"""The only writer of a grant file's history."""

import json
from uuid import UUID

from quartier.grants.tables import FileEvent
from quartier.kit.ids import new_id
from quartier.tenancy.desk import Desk


async def event(
    desk: Desk,
    application: UUID,
    verb: str,
    from_state: str | None = None,
    to_state: str | None = None,
    *,
    reason: str = "",
    **numbers: int,
) -> None:
    """Write down what happened to a file. Only inside an action's transaction."""
    await FileEvent.insert(
        FileEvent(
            tenant_id=desk.tenant_id,
            id=new_id(),
            application_id=application,
            verb=verb,
            from_state=from_state,
            to_state=to_state,
            by_person=desk.person,
            reason=reason,
            numbers=json.dumps(numbers),
            created_at=desk.now,
        )
    )

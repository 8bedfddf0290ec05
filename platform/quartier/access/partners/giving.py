"""What an institution's groups gave, taken back: it holds by the row of the partner that the person comes in by."""

from typing import Any
from uuid import UUID

from quartier.tenancy.desk import Desk

# An identity keeps the row it last came by. What another row of the same issuer gave has nobody any more who renews it.
_TAKE = """
delete from auth.role_grant g where g.tenant_id = $1 and g.person_id = $2 and (g.source = $3
  or g.source like 'idp:%' and not exists (
    select from auth.external_identity i
    where i.tenant_id = $1 and i.person_id = $2 and g.source = 'idp:' || i.provider))
returning g.role"""


async def take_given(desk: Desk, person: UUID, provider: UUID | None = None) -> set[str]:
    """Take what this provider gave, and what no row gives by which the person still comes in; the roles' names.

    To be called inside `holding`, after the identity was changed.
    """
    taken: list[Any] = await desk.fetch(_TAKE, desk.tenant_id, person, provider and f"idp:{provider}")
    return {row["role"] for row in taken}

"""Files that wait for a decision are found by their state, also where a site has many of them."""

from quartier.database.migrate import MigrationManager, migration

ID = "0034"
VERSION = "1.38.0"
DESCRIPTION = "deciding"

UP = r"""
create index application_by_state on app.application (tenant_id, state, coalesce(submitted_at, created_at), id);
"""

DOWN = r"""
drop index app.application_by_state;
"""


async def forwards() -> MigrationManager:
    return migration(ID, DESCRIPTION, UP, DOWN)

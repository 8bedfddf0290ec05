"""The week of a space is found among those of a year in the index alone, not by reading all that comes after it."""

from quartier.database.migrate import migration

ID = "0043"

UP = """
create index on app.occupancy (tenant_id, space_id, ends_at, starts_at);
drop index app.occupancy_tenant_id_space_id_ends_at_idx;
"""

DOWN = """
create index on app.occupancy (tenant_id, space_id, ends_at);
drop index app.occupancy_tenant_id_space_id_ends_at_starts_at_idx;
"""


async def forwards():
    return migration(ID, "spaces", UP, DOWN)

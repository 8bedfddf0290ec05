"""Indexes of what pages ask: where the people of an organisation take part."""

from quartier.database.migrate import migration

ID = "0025"

UP = """
create index registration_of_organisation on app.registration (tenant_id, organisation_id, joined_at, id)
  where organisation_id is not null;
"""

DOWN = "drop index app.registration_of_organisation;"


async def forwards():
    return migration(ID, "programme", UP, DOWN)

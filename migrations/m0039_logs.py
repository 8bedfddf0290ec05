"""The newest lines of a log, those of a kind and those of a person are read by index, however long the log is."""

from quartier.database.migrate import MigrationManager, migration

ID = "0039"
VERSION = "1.38.0"
DESCRIPTION = "logs"

UP = r"""
-- Lines of before 0015 have no number and come last: event_seq_once serves neither that order nor its end.
create index event_newest on auth.event (tenant_id, seq desc nulls last, created_at desc);
create index event_of_kind on auth.event (tenant_id, kind, seq);
create index audit_of_kind on app.audit_entry (tenant_id, action, seq);
create index audit_of_person on app.audit_entry (tenant_id, person, seq);
"""

DOWN = r"""
drop index auth.event_newest, auth.event_of_kind, app.audit_of_kind, app.audit_of_person;
"""


async def forwards() -> MigrationManager:
    return migration(ID, DESCRIPTION, UP, DOWN)

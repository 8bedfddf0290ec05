"""One notice for many dates of a series: which bookings it tells of, and the days that did not fit."""

from quartier.database.migrate import migration

ID = "0033"

# dates: ids of bookings, read when it is sent; findings: code, German and English sentence of each reason, as in
# app.missed_date. What is waiting is found by the index over waiting notices, which is short.
UP = """
alter table app.notice add column dates uuid[], add column findings jsonb check (jsonb_typeof(findings) = 'array');
"""

DOWN = "alter table app.notice drop column findings, drop column dates;"


async def forwards():
    return migration(ID, "notices", UP, DOWN)

"""A program that sees people needs a processing agreement (GDPR, Art. 28): which one, stands with the program."""

from quartier.database.migrate import migration

ID = "0019"

# Programs of before this rule go on until they end, within a year; their line says that nothing was written down.
UP = """
alter table auth.api_client no force row level security;
alter table auth.api_client add column agreement text check (agreement ~ '[^[:space:]]' and length(agreement) <= 200);
update auth.api_client set agreement = 'nicht vermerkt (vor der Vermerkpflicht angelegt)'
where scopes && array['members:read', 'spaces:desk', 'programme:attend', 'grants:read'];
alter table auth.api_client add constraint client_agreement check (agreement is not null
  or not scopes && array['members:read', 'spaces:desk', 'programme:attend', 'grants:read']);
alter table auth.api_client force row level security;
"""

DOWN = """
alter table auth.api_client drop constraint client_agreement, drop column agreement;
"""


async def forwards():
    return migration(ID, "access", UP, DOWN)

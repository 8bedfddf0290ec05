"""Migrations down and up again on a filled database: what is undone leaves nothing, what stays is untouched."""

import json
from typing import Any

import pytest
from conftest import Cluster
from database.test_migrate import ALL
from database.test_migrate import HOUSE as CATALOG
from isolation.sites import settle, tables
from world import Administrator

from quartier.database.administrator import connect
from quartier.database.catalog import holes, lint
from quartier.database.migrate import backwards, migrate
from quartier.insight.figures import publish

# Whatever a script could forget: things that are not of a schema of ours, or that a schema does not take with it.
TRACES = """select string_agg(line, chr(10) order by line) from (
  select 'schema ' || nspname line from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
  union all select 'extension ' || extname from pg_extension
  union all select 'function ' || oid::regprocedure from pg_proc where pronamespace = 'public'::regnamespace
  union all select 'relation ' || oid::regclass from pg_class where relnamespace = 'public'::regnamespace
  union all select 'type ' || oid::regtype from pg_type where typnamespace = 'public'::regnamespace
  union all select 'event trigger ' || evtname from pg_event_trigger
  union all select 'publication ' || pubname from pg_publication
  union all select 'default ' || oid from pg_default_acl
  union all select 'large object ' || oid from pg_largeobject_metadata) x"""


async def fill(postgres: Cluster, database: str, root: Administrator) -> None:
    """A row of every table at three sites, and the texts that every migrate writes."""
    await settle(postgres, database, root)
    await publish(postgres.dsn(database))


Rows = dict[str, dict[str, dict[str, Any]]]  # table -> key -> row


async def house(root: Administrator) -> list[str]:
    """The catalog's lines about what is ours; a dropped column leaves a number behind, which is nobody's affair."""
    told: str = await root.fetchval(CATALOG)
    return [line for line in told.splitlines() if "pg.dropped" not in line]


async def rows(root: Administrator) -> Rows:
    """Every row of every table of ours, the directory's included."""
    found: Rows = {}
    for name in [*await tables(root), "city.city", "city.tenant", "city.indicator", "city.aid_rule", "sec.key"]:
        if await root.fetchval("select to_regclass($1)", name):
            key = await root.fetchval(
                "select string_agg(format('%I::text', attname), ' || '' '' || ') from pg_index"
                " join pg_attribute on attrelid = indrelid and attnum = any (indkey)"
                " where indrelid = $1::text::regclass and indisprimary",
                name,
            )
            all_of_it = await root.fetch(f"select {key} as key, to_jsonb(t)::text as row from {name} t")
            found[name] = {line["key"]: json.loads(line["row"]) for line in all_of_it}
    return found


def common(before: Rows, after: Rows) -> Rows:
    """What was before, as far as tables and columns are still there."""
    kept: Rows = {}
    for name in before.keys() & after.keys():
        columns = next(iter(after[name].values()), {}).keys()
        kept[name] = {key: {c: v for c, v in row.items() if c in columns} for key, row in before[name].items()}
    return kept


@pytest.mark.slow
@pytest.mark.parametrize("until", ALL[:-1])
async def test_down_and_up_again_changes_no_row_of_what_stays(
    fresh_database: str, postgres: Cluster, until: str
) -> None:
    dsn = postgres.dsn(fresh_database)
    root = await connect(dsn)
    await fill(postgres, fresh_database, root)
    whole, before = await house(root), await rows(root)
    assert await backwards(dsn, until) == [name for name in reversed(ALL) if name > until]
    below = await rows(root)
    assert common(before, below) == below
    assert await holes(root) == []
    assert await migrate(dsn, postgres.keyring) == [name for name in ALL if name > until]
    after = await rows(root)
    assert common(after, below) == below
    assert after.keys() == before.keys()
    assert all(after[name] == {} for name in after.keys() - below.keys())
    assert await house(root) == whole
    assert await lint(root) == []
    await root.close()


async def test_all_the_way_down_leaves_nothing_behind(fresh_database: str, postgres: Cluster) -> None:
    dsn = postgres.dsn(fresh_database)
    root = await connect(dsn)
    whole = await house(root)
    await fill(postgres, fresh_database, root)
    await backwards(dsn, "")
    left: Any = await root.fetchval(TRACES)
    assert left.splitlines() == [
        "extension plpgsql",
        "relation migration",
        "relation migration_id_seq",
        "relation migration_pkey",
        "schema public",
        "type migration",
        "type migration[]",
    ]
    assert await migrate(dsn, postgres.keyring) == ALL
    assert await house(root) == whole
    assert {name for name, found in (await rows(root)).items() if found} == {"city.aid_rule", "sec.key"}
    await fill(postgres, fresh_database, root)
    assert await holes(root) == []
    await root.close()

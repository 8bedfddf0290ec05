"""The floor: a bare Litestar handler with one hand-written statement in an ordinary tenant transaction. No GraphQL.

Body {"k": "one" | "page" | "day", "v": id, cursor or instant}. What a careful person would write without the graph: it
is what the compiled reads are measured against.
"""

import json
import os
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from litestar import Litestar, Request, Response, post

from quartier.database.speaker import POWERS, Signer

ONE = """
select concat('{"data":{"organisation":', coalesce((select concat('{"id":"org_', o.id, '","name":', to_json(o.name),
  ',"kind":"', upper(o.kind), '","district":', coalesce(to_json(o.district)::text, 'null'), ',"foundedOn":',
  coalesce('"' || o.founded_on || '"', 'null'), '}')
from app.organisation o where o.tenant_id = $1 and o.id = $2), 'null'), '}}')"""

PAGE = """
with p as materialized (
  select id, name, kind, district, founded_on, sort_key from app.organisation
  where tenant_id = $1 and sort_key > $2 order by sort_key, id limit 51)
select concat('{"data":{"organisations":{"nodes":[', string_agg(r.j, ',' order by r.sort_key, r.id),
  '],"pageInfo":{"hasNextPage":', case when (select count(*) from p) > 50 then 'true' else 'false' end,
  ',"endCursor":', to_json(max(r.sort_key)), '}}}}')
from (
  select m.sort_key, m.id, concat('{"id":"org_', m.id, '","name":', to_json(m.name), ',"kind":"', upper(m.kind),
    '","district":', to_json(m.district), ',"foundedOn":"', m.founded_on, '","bookings":{"nodes":[',
    (select string_agg(y.j, ',') from (
       select concat('{"id":"bkg_', x.id, '","startsAt":', to_json(x.starts_at), ',"endsAt":', to_json(x.ends_at),
         ',"state":"', upper(x.state), '","space":{"id":"spc_', s.id, '","nameDe":', to_json(s.name_de), ',"persons":',
         s.persons, '}}') j
       from (select id, starts_at, ends_at, state, space_id from app.booking
             where tenant_id = $1 and organisation_id = m.id order by starts_at desc, id desc limit 5) x
       join app.space s on s.tenant_id = $1 and s.id = x.space_id order by x.starts_at desc, x.id desc) y),
    ']},"applications":{"nodes":[',
    (select string_agg(w.j, ',') from (
       select concat('{"id":"apl_', g.id, '","title":', to_json(g.title), ',"requested":', g.requested, ',"state":"',
         upper(g.state), '","submittedAt":', to_json(g.submitted_at), '}') j
       from app.application g where g.tenant_id = $1 and g.organisation_id = m.id order by g.submitted_at, g.id
       limit 20) w), ']}}') j
  from (select * from p order by sort_key, id limit 50) m) r"""

DAY = """
with b as materialized (
  select b.id, b.number, b.starts_at, b.ends_at, b.before, b.after, b.units, b.state, b.title, b.version, b.space_id,
         b.organisation_id
  from app.booking b
  where b.tenant_id = $1 and b.ends_at > $2 and b.starts_at < $2 + interval '1 day'
    and b.state in ('held', 'requested', 'confirmed', 'checked_in')
  order by b.starts_at, b.id limit 101)
select concat('{"data":{"spaces":{"nodes":[', (
    select string_agg(concat('{"id":"spc_', s.id, '","nameDe":', to_json(s.name_de), ',"kind":"', upper(s.kind),
      '","persons":', s.persons, ',"units":', s.units, '}'), ',' order by s.position, s.id)
    from (select id, name_de, kind, persons, units, position from app.space where tenant_id = $1
          order by position, id limit 60) s),
  ']},"bookings":{"nodes":[', (
    select string_agg(concat('{"id":"bkg_', x.id, '","number":', to_json(x.number), ',"startsAt":',
      to_json(x.starts_at), ',"endsAt":', to_json(x.ends_at), ',"beforeMinutes":', x.before, ',"afterMinutes":',
      x.after, ',"units":', x.units, ',"state":"', upper(x.state),
      '","title":', to_json(x.title), ',"version":', x.version, ',"space":{"id":"spc_',
      x.space_id, '"},"organisation":', case when o.id is null then 'null' else
        concat('{"id":"org_', o.id, '","name":', to_json(o.name), '}') end, '}'), ',' order by x.starts_at, x.id)
    from (select * from b order by starts_at, id limit 100) x
    left join app.organisation o on o.tenant_id = $1 and o.id = x.organisation_id),
  '],"pageInfo":{"hasNextPage":', case when (select count(*) from b) > 100 then 'true' else 'false' end, '}}}}')"""


class Asked(msgspec.Struct):
    k: str
    v: str = ""


decode = msgspec.json.Decoder(Asked).decode


def create() -> Litestar:
    given = json.loads(os.environ["BENCH_FLOOR"])
    signer, realms = Signer("k1", bytes.fromhex(given["key"])), given["hosts"]
    pools: dict[str, Any] = {}

    async def start() -> None:
        pools["app"] = await asyncpg.create_pool(
            given["dsn"],
            user="quartier_app",
            password=given["password"],
            min_size=8,
            max_size=8,
            server_settings={"jit": "off", "timezone": "UTC"},
        )

    @post("/graphql", status_code=200)
    async def answer(request: Request[Any, Any, Any]) -> Response[bytes]:
        asked = decode(await request.body())
        tenant = realms[request.headers["host"].partition(":")[0]]
        async with pools["app"].acquire() as connection, connection.transaction():
            token = signer(POWERS["app"], tenant)
            await connection.execute(
                "select set_config('app.tenant_id', $1, true), set_config('app.ctx', $2, true)", tenant, token
            )
            if asked.k == "one":
                text = await connection.fetchval(ONE, tenant, UUID(asked.v))
            elif asked.k == "day":
                text = await connection.fetchval(DAY, tenant, datetime.fromisoformat(asked.v))
            else:
                text = await connection.fetchval(PAGE, tenant, asked.v)
        return Response(text.encode(), media_type="application/json")

    return Litestar([answer], on_startup=[start], openapi_config=None, logging_config=None)

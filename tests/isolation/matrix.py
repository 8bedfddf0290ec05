"""The behavioural matrix: every table of a site × every login role × every statement × every context.

What may happen is written down here once more, beside the lint's table of rights (catalog.sql, G3): own rows,
no foreign row, or a refusal with its reason. Silence is never right.
"""

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from isolation.factories import FACTORIES, INSERT_ONLY
from isolation.sites import CITY, TENANT, Refused, Walls, tables, told

ALL = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
READ = frozenset({"SELECT"})
RIGHTS = (  # login role, tables, rights; what is not here is refused
    ("quartier_app", r"app\..*|city\.figure", ALL),
    ("quartier_worker", r"app\..*|city\.figure", ALL),
    ("quartier_app", r"city\.(presence|aid|aid_link|aid_lookup)", READ),
    ("quartier_worker", r"city\.(presence|aid|aid_link|aid_lookup)", READ),
    ("quartier_operator", r"app\..*|city\..*", READ),
    ("quartier_auth", r"auth\..*", ALL),
    ("quartier_city", r"city\.figure", READ),
)
ROLES = (
    "quartier_app",
    "quartier_worker",
    "quartier_auth",
    "quartier_city",
    "quartier_operator",
    "quartier_queue",
)
DENIED, REJECTED, POLICY, COPY = "42501 denied", "42501 context", "42501 policy", "0A000 copy"
UNSET = frozenset({REJECTED, "42704", "22P02"})  # never set in this session, or set back to nothing
TAKEN = frozenset({"23505", "23P01"})  # the row is there already: so the policies let it pass


def rights(role: str, table: str) -> frozenset[str]:
    found = next((r for who, where, r in RIGHTS if who == role and re.fullmatch(where, table)), frozenset())
    return found - {"UPDATE", "DELETE"} if table in INSERT_ONLY else found


@dataclass(frozen=True)
class Context:
    """What is set before the statement; `at` is whose rows the statement goes for."""

    name: str
    realm: str | None
    signature: str
    at: str


@dataclass(frozen=True)
class Shape:
    """A table as the catalog has it: its key, and how many rows each site has in it."""

    table: str
    key: str
    rows: dict[str, int]


@dataclass(frozen=True)
class Cell:
    context: Context
    statement: str
    sql: str
    wanted: frozenset[str]


@dataclass
class Result:
    cells: int = 0
    wrong: list[str] = field(default_factory=list)

    def judge(self, role: str, table: str, cell: Cell, answer: str) -> None:
        self.cells += 1
        if answer not in cell.wanted:
            wanted = " or ".join(sorted(cell.wanted))
            self.wrong.append(f"{role}, {table}, {cell.statement}, {cell.context.name}: {answer} instead of {wanted}")


async def run(walls: Walls, roles: Sequence[str] = ROLES, only: Sequence[str] | None = None) -> Result:
    """Try every cell; everything a statement did is undone. `only` names tables."""
    there = await tables(walls.root)
    result = Result(wrong=missing(there) if only is None else [])
    shapes = [await _shape(walls, table) for table in there if table in FACTORIES and table in (only or there)]
    for shape in shapes:
        if 0 in shape.rows.values():
            result.wrong.append(f"{shape.table}: its factory in tests/isolation/factories.py made no row")
    for more in await asyncio.gather(*(_of_role(walls, role, shapes) for role in roles)):
        result.cells += more.cells
        result.wrong += more.wrong
    return result


def missing(there: Sequence[str]) -> list[str]:
    """What has to be added to, or taken from, the factories."""
    return [
        f"{table} has no factory: add a line to FACTORIES in tests/isolation/factories.py, behind the tables it "
        f"refers to, such as \"{table}\": \"(tenant_id, id, …) values ('{{t}}', '{{new}}', …)\""
        for table in there
        if table not in FACTORIES
    ] + [
        f"{table} does not exist: take its line out of tests/isolation/factories.py"
        for table in sorted({*FACTORIES, *INSERT_ONLY})
        if table not in there
    ]


async def _shape(walls: Walls, table: str) -> Shape:
    key = await walls.root.fetchval(
        "select string_agg(attname, ', ') from pg_index join pg_attribute on attrelid = indrelid"
        " and attnum = any (indkey) where indrelid = $1::text::regclass and indisprimary",
        table,
    )
    rows = await walls.root.fetch(
        f"select tenant_id, count(*) n from {table} where tenant_id = any($1) group by 1", list(walls.rows)
    )
    found = {str(row["tenant_id"]): int(row["n"]) for row in rows}
    return Shape(table, str(key), {str(site): found.get(str(site), 0) for site in walls.rows})


async def _of_role(walls: Walls, role: str, shapes: Sequence[Shape]) -> Result:
    result = Result()
    setting = CITY if role == "quartier_city" else TENANT
    own = walls.city.realm.city_id if setting == CITY else walls.west.id
    contexts = list(_contexts(walls, role, setting, await walls.good(role, own, setting)))
    async with walls.knocking(role) as knock:
        for shape in shapes:
            cells = [cell for context in contexts for cell in _cells(walls, role, shape, context)]
            for cell, answer in zip(cells, await _answers(knock.connection, setting, cells), strict=True):
                result.judge(role, shape.table, cell, answer)
            for context in contexts:
                await _copies(walls, knock.connection, role, setting, shape, context, result)
    return result


def _contexts(walls: Walls, role: str, setting: str, good: str) -> Iterator[Context]:
    """A city speaks for all its sites, East among them: for it Halle is abroad."""
    of_city = setting == CITY
    own, other = (walls.city.realm.city_id, walls.halle.realm.city_id) if of_city else (walls.west.id, walls.east.id)
    here, there = str(walls.west.id), str(walls.halle.id if of_city else walls.east.id)
    another = "quartier_worker" if role != "quartier_worker" else "quartier_app"
    yield Context("none", None, "", there)
    yield Context("own", str(own), good, here)
    yield Context("foreign", str(own), good, there)
    yield Context("unsigned", str(other), "", there)
    yield Context("forged", str(other), good, there)
    yield Context("expired", str(other), walls.signed(role, other, setting, ttl=-1), there)
    yield Context("another role's", str(other), walls.signed(another, other, setting), there)
    yield Context("another setting's", str(other), walls.signed(role, other, TENANT if of_city else CITY), there)


Answers = dict[str, frozenset[str]]  # by the name of the context; a context that is not good is rejected


def _wanted(may: frozenset[str], needed: str, context: Context, good: Answers) -> frozenset[str]:
    if not may.issuperset(needed.split()):
        return frozenset({DENIED})
    return good.get(context.name, UNSET if context.name == "none" else frozenset({REJECTED}))


def _cells(walls: Walls, role: str, shape: Shape, context: Context) -> Iterator[Cell]:
    table, may, here, at = shape.table, rights(role, shape.table), str(walls.west.id), context.at
    row = next(rows for site, rows in walls.rows.items() if str(site) == at).insert(table)
    found = {"own": frozenset({str(shape.rows[here])}), "foreign": frozenset({"0"})}
    visible = frozenset({str(shape.rows[here] + (shape.rows[str(walls.east.id)] if role == "quartier_city" else 0))})
    everything = {"own": visible, "foreign": visible}
    written = {"own": frozenset({"1", "2"}) | TAKEN, "foreign": frozenset({POLICY})}
    ignored = written | {"own": frozenset({"0", "1", "2"})}
    gone = found | {"own": found["own"] | {"23503"}}  # somebody refers to it: so it was seen
    same = f"update {table} set tenant_id = tenant_id"

    def cell(statement: str, needed: str, good: Answers, sql: str) -> Cell:
        counted = sql if sql.startswith("select") else f"with x as ({sql} returning 1) select count(*) from x"
        return Cell(context, statement, counted, _wanted(may, needed, context, good))

    yield cell("SELECT", "SELECT", found, f"select count(*) from {table} where tenant_id = '{at}'")
    yield cell("SELECT everything", "SELECT", everything, f"select count(*) from {table}")
    yield cell("INSERT", "SELECT INSERT", written, row)
    yield cell("upsert, or nothing", "SELECT INSERT", ignored, f"{row} on conflict do nothing")
    upsert = f"{row} on conflict ({shape.key}) do update set tenant_id = excluded.tenant_id"
    yield cell("upsert", "SELECT INSERT UPDATE", written, upsert)
    yield cell("UPDATE", "SELECT UPDATE", found, f"{same} where tenant_id = '{at}'")
    yield cell("UPDATE everything", "SELECT UPDATE", everything, same)
    yield cell("DELETE", "SELECT DELETE", gone, f"delete from {table} where tenant_id = '{at}'")
    if context.name != "own":
        away = f"update {table} set tenant_id = '{at}' where tenant_id = '{here}'"
        yield cell("row moved there", "SELECT UPDATE", {"foreign": frozenset({POLICY})}, away)
        back = f"update {table} set tenant_id = '{here}' where tenant_id = '{at}'"
        yield cell("row moved here", "SELECT UPDATE", found, back)


# One message for all cells of a table: each in a subtransaction that ends with an exception, so nothing stays.
_TRY = """
do $matrix$
declare cell record; n bigint; heard text[] := '{{}}';
begin
  for cell in select * from (values {cells}) v(no, realm, signature, sql) order by no loop
    begin
      if cell.realm <> '' then
        perform set_config('{setting}', cell.realm, true), set_config('app.ctx', cell.signature, true);
      end if;
      execute cell.sql into n;
      raise exception using errcode = 'QT200', message = n;
    exception when others then heard := heard || array[sqlstate, sqlerrm];
    end;
  end loop;
  perform set_config('matrix.heard', array_to_json(heard)::text, true);
end $matrix$"""


async def _answers(connection: Any, setting: str, cells: Sequence[Cell]) -> list[str]:
    quoted = ", ".join(
        f"({no}, '{cell.context.realm or ''}', '{cell.context.signature}', $sql${cell.sql}$sql$)"
        for no, cell in enumerate(cells)
    )
    await connection.execute("begin read write")  # what an injection would say too
    try:
        await connection.execute(_TRY.format(cells=quoted, setting=setting))
        heard = json.loads(await connection.fetchval("select current_setting('matrix.heard')"))
    finally:
        await connection.execute("rollback")
    pairs = zip(heard[::2], heard[1::2], strict=True)
    return [text if state == "QT200" else str(Refused(state, text)) for state, text in pairs]


async def _copies(
    walls: Walls, connection: Any, role: str, setting: str, shape: Shape, context: Context, result: Result
) -> None:
    """COPY out gives what SELECT gives; COPY in is refused by the server wherever a policy stands."""
    may, begin = rights(role, shape.table), "rollback; begin read write"
    if context.realm is not None:
        begin += f"; set local {setting} = '{context.realm}'; set local app.ctx = '{context.signature}'"
    out = BytesIO()
    await connection.execute(begin)
    query = f"select tenant_id from {shape.table} where tenant_id = '{context.at}'"
    said = await told(connection.copy_from_query(query, output=out))
    lines = out.getvalue().decode().split()
    answer = str(said) if isinstance(said, Refused) else str(len(lines))
    found = {"own": frozenset({str(shape.rows[context.at])}), "foreign": frozenset({"0"})}
    cell = Cell(context, "COPY out", query, _wanted(may, "SELECT", context, found))
    result.judge(role, shape.table, cell, answer)
    await connection.execute(begin)
    schema, _, table = shape.table.partition(".")
    line = BytesIO(f"{context.at}\n".encode())
    said = await told(connection.copy_to_table(table, schema_name=schema, columns=["tenant_id"], source=line))
    cell = Cell(context, "COPY in", table, frozenset({COPY if "INSERT" in may else DENIED}))
    result.judge(role, shape.table, cell, str(said))
    await connection.execute("rollback")

"""Human numbers, LW-B-2026-0014: the site's prefix, the kind's letter, the year, a count without gaps."""

from typing import Literal

from quartier.tenancy.desk import Desk

# call for applications, booking, grant file, course or workshop, membership, busy time from outside, payment run
Letter = Literal["A", "B", "F", "K", "M", "X", "Z"]

_NEXT = """
with counted as (
  insert into app.counter as c (tenant_id, kind, year, last) values ($1, $2, $3, 1)
  on conflict (tenant_id, kind, year) do update set last = c.last + 1
  returning c.last
)
select s.number_prefix, counted.last from counted, app.site s where s.tenant_id = $1"""


async def next_number(desk: Desk, letter: Letter, *, digits: int = 4) -> str:
    """Count one on in the open transaction; a rollback gives the number back.

    The counter's row stays locked until the end, so take the number after every refusal and every other
    lock: whoever waits for it then waits for nothing else.
    """
    year = desk.now.astimezone(desk.zone).year
    [row] = await desk.fetch(_NEXT, desk.tenant_id, letter, year)
    return f"{row['number_prefix']}-{letter}-{year}-{row['last']:0{digits}d}"

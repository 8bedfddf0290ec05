"""Is the database there, for each power, and does it tell the same time?"""

import asyncio
import contextlib
import time

from quartier.database.engine import TenantEngine
from quartier.database.faults import DatabaseAway, PoolExhausted, is_away

WITHIN = 2.0  # seconds


async def pulse(engine: TenantEngine, power: str) -> float:
    """Ask the server for the time as this power; give how many seconds its clock is ahead of ours.

    Raises DatabaseAway and PoolExhausted. Signed contexts live for 60 s, so a larger difference shuts
    everybody out.
    """
    pool = engine.pool_of(power)
    try:
        async with asyncio.timeout(WITHIN):
            connection = await pool.acquire(timeout=WITHIN)
    except TimeoutError:
        raise PoolExhausted(power) from None
    except Exception as error:
        if is_away(error):
            raise DatabaseAway(power) from error
        raise
    try:
        async with asyncio.timeout(WITHIN):
            told: float = await connection.fetchval("select extract(epoch from clock_timestamp())::float8")
    except BaseException as error:
        connection.terminate()  # giving it back would wait for a server that answers nothing
        if isinstance(error, TimeoutError) or is_away(error):
            raise DatabaseAway(power) from error
        raise
    finally:
        with contextlib.suppress(Exception):
            await pool.release(connection)
    return told - time.time()

"""The driver's errors that rooms may name: asyncpg itself stays in this room."""

import asyncpg

LOST_RACE = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
BROKEN = asyncpg.IntegrityConstraintViolationError

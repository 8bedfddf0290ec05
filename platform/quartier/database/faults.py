"""What can go wrong at the door, and the driver's errors that rooms may name: asyncpg stays in this room."""

import asyncpg


class IsolationError(RuntimeError):
    """A mistake in our own code: never shown, always logged."""


class NoTenant(IsolationError):
    """A statement without a speaker, or after the request of its speaker."""


class TransactionOver(IsolationError):
    """A task outlived its transaction or savepoint."""


class TransactionAborted(IsolationError):
    """An earlier statement failed, so nothing of this transaction is kept."""


class Unavailable(RuntimeError):
    """The database cannot be asked now: answer 503 with Retry-After."""


class PoolExhausted(Unavailable):
    """No connection became free in time."""


class DatabaseAway(Unavailable):
    """The connection was refused or lost; of a COMMIT in flight nobody knows the outcome."""


LOST_RACE = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
# UnknownPostgresError: the codes QT... that functions of ours raise.
BROKEN = (asyncpg.IntegrityConstraintViolationError, asyncpg.UnknownPostgresError)
TIMED_OUT = (asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError)
# No room on the disk, no memory or connection left, a server that takes no writes: nobody can do anything now.
NO_ROOM = (asyncpg.InsufficientResourcesError, asyncpg.ReadOnlySQLTransactionError)
DENIED = (asyncpg.InsufficientPrivilegeError,)
DATABASE = asyncpg.PostgresError

_GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InternalClientError,  # the server's last word came in before our question went out
    OSError,
)


def is_away(error: BaseException) -> bool:
    """Say whether the error means that there is no server behind the connection (any more)."""
    if isinstance(error, asyncpg.InterfaceError):
        # asyncpg has one class for these and for wrong arguments; a pool takes a lost connection back at once.
        return any(word in str(error) for word in ("closed", "closing", "released back to the pool"))
    return isinstance(error, _GONE)

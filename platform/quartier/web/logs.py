"""Logs: one JSON object per line on stderr. Never a query string, a token, a name or an address."""

import asyncio
import logging
import sys
from typing import Any, TextIO

import msgspec
import structlog

from quartier.web.problems import facts_of

# At DEBUG these show tokens, verifiers and statements with their values.
TALKATIVE = ("authlib", "httpx2", "httpx", "httpcore", "asyncpg", "piccolo", "pgqueuer", "opentelemetry")
LONGEST = 200


def configure(level: str = "INFO", *, out: TextIO | None = None) -> None:
    """Set logging up for this process, the standard library's included."""
    out = out or sys.stderr
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _facts_only,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(_json)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _short],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(_json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = name != "uvicorn.access"
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").filters[:] = [_no_fault]


def _no_fault(record: logging.LogRecord) -> bool:
    """Whether a line is worth reading: an open page whose stream the stop of the house has cut is no error."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def safe_path(path: str) -> str:
    """A path as it may be logged: one-time addresses carry their secret in a long segment."""
    return "/".join(part if len(part) <= 36 else "…" for part in path.split("/"))[:LONGEST]


def _json(value: Any, **_: Any) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode()


def _facts_only(_: Any, __: str, event: Any) -> Any:
    """Replace an exception by what a log may know of it."""
    told = event.pop("exc_info", None)
    error = told[1] if isinstance(told, tuple) else told if isinstance(told, BaseException) else sys.exc_info()[1]
    if told and error is not None:
        event |= facts_of(error)
    return event


def _short(_: Any, __: str, event: Any) -> Any:
    event["event"] = str(event.get("event", ""))[:LONGEST]
    return event

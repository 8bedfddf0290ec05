"""Figures of this process for Prometheus, for the machine itself or whoever holds the token."""

import functools
import hmac
from collections.abc import Mapping

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

REQUESTS = Counter("quartier_requests", "Requests answered.", ["method", "place", "status"])
SECONDS = Histogram(
    "quartier_request_seconds",
    "Seconds until the answer was sent.",
    ["place"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
OPEN = Gauge("quartier_requests_open", "Requests that are being answered.")
HEARING = Gauge("quartier_ear_hearing", "1 while this process hears the database's notices.")

PLACES = ("graphql", "oauth", "auth", "health", "metrics", "explorer", "kalender", "abbestellen", ".well-known", "")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
LOOPBACK = frozenset({"127.0.0.1", "::1"})


def place(path: str) -> str:
    """One of a few words: a label that strangers choose would fill the memory."""
    first = path.split("/", 2)[1] if path.startswith("/") else "?"
    return f"/{first}" if first in PLACES else "other"


def count(method: str, path: str, status: int, seconds: float) -> None:
    requests, took = _counted(method if method in METHODS else "other", place(path), status)
    requests.inc()
    took.observe(seconds)


@functools.cache
def _counted(method: str, where: str, status: int) -> tuple[Counter, Histogram]:
    """The two figures of a request; few of each, and a look-up by labels costs more than the counting."""
    return REQUESTS.labels(method, where, str(status)), SECONDS.labels(where)


def may_read(peer: str, headers: Mapping[bytes, bytes], token: str | None) -> bool:
    """With a token set, its bearer; else the machine itself, but nobody whom a proxy on it forwards."""
    if token:
        shown = headers.get(b"authorization", b"")
        return hmac.compare_digest(shown, f"Bearer {token}".encode())
    forwarded = any(name.startswith((b"x-forwarded", b"forwarded", b"via")) for name in headers)
    return peer in LOOPBACK and not forwarded


def page() -> tuple[bytes, str]:
    return generate_latest(), CONTENT_TYPE_LATEST

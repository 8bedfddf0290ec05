"""Cursors: a position in an ordered list, marked so that it holds for one tenant and one order only.

A cursor is base64url(20 hex digits of SHA-256(key || order || position) || position). The key is derived
from the installation's secret and the tenant; PostgreSQL computes the same mark from the bound key, so
a compiled read writes cursors by itself. Truncation keeps the plain hash safe from extension.
"""

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

MARK = 20


class InvalidCursor(ValueError):
    """Not a cursor of this list, this order, this tenant."""


def key_for(secret: bytes, tenant: UUID) -> bytes:
    return hmac.digest(secret, b"cursor|" + tenant.bytes, "sha256")


def _mark(key: bytes, order: str, position: str) -> str:
    return hashlib.sha256(key + f"{order}|{position}".encode()).hexdigest()[:MARK]


def write(key: bytes, order: str, position: str) -> str:
    raw = (_mark(key, order, position) + position).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read(key: bytes, order: str, cursor: str) -> tuple[str, str]:
    """Give the order key's text and the id of the row at the cursor. Refuses InvalidCursor."""
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        text = raw.decode()
    except (binascii.Error, UnicodeError, ValueError):
        raise InvalidCursor from None
    mark, position = text[:MARK], text[MARK:]
    if not hmac.compare_digest(mark.encode(), _mark(key, order, position).encode()):
        raise InvalidCursor
    value, _, row = position.rpartition("|")
    return value, row


def sql(key: str, order: str, position: str) -> str:
    """The expression that writes the cursor of a row: `key` is the bound key, `position` an expression."""
    head = order.replace("'", "''") + "|"
    mark = f"left(encode(sha256({key} || convert_to('{head}' || {position}, 'UTF8')), 'hex'), {MARK})"
    return f"translate(encode(convert_to({mark} || {position}, 'UTF8'), 'base64'), E'+/=\\n', '-_')"

"""Global ids: a type's prefix and the uuid. The tenant is never in them; it comes from the session."""

import re
from uuid import UUID

from quartier.kit.refusal import NotFound, Refused

_ID = re.compile(r"([a-z]{3})_([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")
NOBODY = UUID(int=0)


def write(prefix: str, key: object) -> str:
    return f"{prefix}_{key}"


def split(text: object) -> tuple[str, UUID] | None:
    """Take an id apart, or answer None for anything that is not one."""
    found = _ID.fullmatch(text) if isinstance(text, str) else None
    return (found[1], UUID(found[2])) if found else None


def read(text: str, *prefixes: str) -> UUID:
    """Read an id of one of these types. Refuses NOT_FOUND for a wrong type as for an unknown thing."""
    parts = split(text)
    if parts is None or parts[0] not in prefixes:
        raise Refused([NotFound()])
    return parts[1]


def seek(text: object, prefix: str) -> UUID:
    """Read an id to look for: what cannot exist becomes the uuid that nothing has."""
    parts = split(text)
    return parts[1] if parts and parts[0] == prefix else NOBODY

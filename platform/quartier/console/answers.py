"""From codes of the graph to the status of a page, in one place: the gravest one decides."""

from collections.abc import Iterable, Mapping
from typing import Any

GRAVEST = (401, 403, 404, 409, 422)
_STATUS = {
    "UNAUTHENTICATED": 401,
    "SIGN_IN_AGAIN": 401,
    "FORBIDDEN": 403,
    "NOT_ALLOWED": 403,
    "NOT_FOUND": 404,
    "MODULE_OFF": 404,
    "FIELD_INVALID": 422,
    "INVALID_CURSOR": 422,
    "STALE_VERSION": 409,
    "CONFLICT": 409,
    "STEP_NOT_POSSIBLE": 409,
    "SAME_PERSON": 409,
    "ORGANISATION_MERGED": 409,
    "TEXT_CHANGED": 409,
    "KEY_REUSED": 409,
    "SITE_NOT_OPEN": 503,
    "UNAVAILABLE": 503,
    "TIMEOUT": 503,
    "INTERNAL": 500,
}
_CLASH = ("_TAKEN", "_SPENT", "_FULL")


class Turned(Exception):
    """The visitor is turned away: nobody is signed in, not allowed, not there, not now.

    `changed`: her form is of an earlier sign-in than the one that sends it.
    """

    def __init__(self, status: int, *, changed: bool = False) -> None:
        super().__init__(status)
        self.status = status
        self.changed = changed


def status_of(codes: Iterable[str], *, stranger: bool = False) -> int:
    """The status of a page whose document was answered with these codes.

    >>> status_of(["OUT_OF_HOURS", "SPACE_TAKEN"]), status_of(["FORBIDDEN"], stranger=True), status_of([])
    (409, 401, 500)
    """
    found = {_one(code) for code in codes} or {500}
    if stranger and 403 in found:
        return 401
    return next((status for status in GRAVEST if status in found), max(found))


def _one(code: str) -> int:
    return _STATUS.get(code) or (409 if code.endswith(_CLASH) else 422)


def refused(payload: Mapping[str, Any]) -> int | None:
    """The status of a form whose mutation was refused; None when it was done."""
    refusals = payload["refusals"]
    return status_of(each["code"] for each in refusals) if refusals else None


def placed(refusals: Iterable[Mapping[str, Any]], places: Mapping[str, str]) -> list[dict[str, Any]]:
    """The refusals with the names that their fields have on the page, so that a sentence leads to its field."""
    return [
        {**each, "path": [places.get(each["path"][0], each["path"][0]), *each["path"][1:]] if each["path"] else []}
        for each in refusals
    ]


def by_field(refusals: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The sentences that belong to a field, by its name; the others stand above the form."""
    return {each["path"][0]: each["message"] for each in refusals if each["path"]}

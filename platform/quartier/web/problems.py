"""From any exception to an answer: a status, plain words, a reference, never a stack trace or a driver's text."""

import errno
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from litestar.exceptions import HTTPException

from quartier.access.problem import Problem
from quartier.access.speaker import TokenRefused
from quartier.database.faults import NO_ROOM, TIMED_OUT, Unavailable, is_away
from quartier.tenancy.directory import HostUnknown, RealmSuspended

Headers = list[tuple[bytes, bytes]]

WORDS: Mapping[int, tuple[str, str]] = {
    400: ("Diese Anfrage ist nicht lesbar.", "This request cannot be read."),
    401: ("Dafür ist eine gültige Anmeldung nötig.", "This needs a valid sign-in."),
    403: ("Das ist hier nicht erlaubt.", "This is not allowed here."),
    404: ("Diese Seite gibt es hier nicht.", "There is no such page here."),
    405: ("Diese Methode geht hier nicht.", "This method is not possible here."),
    406: ("Diese Darstellung gibt es nicht.", "This representation does not exist."),
    408: ("Die Anfrage kam zu langsam an.", "The request arrived too slowly."),
    413: ("Die Anfrage ist zu groß.", "The request is too large."),
    415: ("Dieser Inhaltstyp wird hier nicht angenommen.", "This content type is not taken here."),
    421: ("Unter dieser Adresse ist niemand zu Hause.", "Nobody lives at this address."),
    429: ("Zu viele Anfragen. Bitte kurz warten.", "Too many requests. Please wait a moment."),
    431: ("Die Kopfzeilen sind zu groß.", "The header fields are too large."),
    500: (
        "Das hätte nicht passieren dürfen. Bitte die Referenz nennen.",
        "This should not have happened. Please name the reference.",
    ),
    503: ("Gerade nicht erreichbar. Bitte gleich noch einmal versuchen.", "Not available now. Please try again."),
}
SUSPENDED = ("Dieser Standort ist vorübergehend geschlossen.", "This site is closed for the time being.")


def problem_of(error: BaseException) -> Problem:
    """Find the answer to an exception; what nobody foresaw is a 500."""
    match error:
        case Problem():
            return error
        case HostUnknown():
            return Problem(421)
        case RealmSuspended():
            return Problem(503, *SUSPENDED, headers={"retry-after": "300"})
        case TokenRefused():
            return Problem(401, headers={"www-authenticate": 'Bearer error="invalid_token"'})
        case HTTPException():
            return Problem(error.status_code, headers=error.headers or {})
        case _ if _not_now(error):
            return Problem(503, headers={"retry-after": "2"})
        case _:
            return Problem(500)


def _not_now(error: BaseException) -> bool:
    """Say whether the same request may go well in a moment: no server, no room, no time."""
    if isinstance(error, (Unavailable, ConnectionError, *TIMED_OUT, *NO_ROOM)):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOSPC
    return is_away(error)


def answer(problem: Problem, *, reference: str, language: str | None) -> tuple[int, Headers, bytes]:
    """Write problem details: status, headers, body."""
    de, en = WORDS.get(problem.status) or WORDS[400 if problem.status < 500 else 500]
    detail = (problem.en or en) if language == "en" else (problem.de or de)
    body = msgspec.json.encode(
        {
            "type": "about:blank",
            "title": _phrase(problem.status),
            "status": problem.status,
            "detail": detail,
            "reference": reference,
        }
    )
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"content-language", b"en" if language == "en" else b"de"),
        (b"cache-control", b"no-store"),
    ]
    headers += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in problem.headers.items()]
    return problem.status, headers, body


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def facts_of(error: BaseException) -> dict[str, Any]:
    """Tell what a log may know of a fault: kinds, places in the code, the database's codes.

    Never the texts: a driver's text names keys and values, and so persons.
    """
    kinds: list[str] = []
    places: list[str] = []
    told: dict[str, str] = {}
    cause: BaseException | None = error
    while cause is not None and len(kinds) < 5:
        kinds.append(type(cause).__qualname__)
        places += [
            f"{f.filename.rsplit('/', 2)[-1]}:{f.lineno} {f.name}" for f in traceback.extract_tb(cause.__traceback__)
        ]
        for name in ("sqlstate", "constraint_name", "table_name"):
            if value := getattr(cause, name, None):
                told[name] = str(value)
        cause = cause.__cause__ or cause.__context__
    return {"kinds": kinds, "places": places[-25:], **told}

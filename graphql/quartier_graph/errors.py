"""Errors as clients read them: a code, a sentence, a reference. Never a driver's text, never a stack trace."""

from collections.abc import Sequence
from typing import Any

import structlog
from graphql import GraphQLError

from quartier.database.faults import DENIED, LOST_RACE, NO_ROOM, TIMED_OUT, Unavailable
from quartier.kit.refusal import Refused
from quartier.tenancy.desk import Desk

log = structlog.get_logger("quartier.graph")
NOT_NOW = (Unavailable, *NO_ROOM)


def formatted(errors: Sequence[GraphQLError], desk: Desk | None, request_id: str) -> list[dict[str, Any]]:
    return [_formatted(error, desk, request_id) for error in errors]


def is_unavailable(errors: Sequence[GraphQLError]) -> bool:
    return any(isinstance(error.original_error, NOT_NOW) for error in errors)


def _formatted(error: GraphQLError, desk: Desk | None, request_id: str) -> dict[str, Any]:
    plain: dict[str, Any] = {**error.formatted}
    extensions = {**(error.extensions or {})}
    plain["message"], extensions["code"] = _told(error, extensions, desk, request_id)
    extensions["reference"] = request_id
    return {**plain, "extensions": extensions}


def _told(error: GraphQLError, extensions: dict[str, Any], desk: Desk | None, request_id: str) -> tuple[str, str]:
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if cause is None or isinstance(cause, GraphQLError):
        own = cause.extensions if isinstance(cause, GraphQLError) and cause.extensions else {}
        extensions.update(own)
        return error.message, str(extensions.get("code", "INVALID"))
    if isinstance(cause, Refused) and desk is not None:
        sentences = [reason.message(desk.language, desk.zone) for reason in cause.refusals]
        extensions["refusals"] = [reason.code for reason in cause.refusals]
        return " ".join(sentences), cause.refusals[0].code
    if isinstance(cause, NO_ROOM):
        log.error("no room in the database", request_id=request_id, error=type(cause).__name__)
    if isinstance(cause, NOT_NOW):
        return "The database cannot be reached for the moment. Please try again.", "UNAVAILABLE"
    if isinstance(cause, TIMED_OUT):
        return "This took too long and was stopped. Ask for less at once.", "TIMEOUT"
    if isinstance(cause, LOST_RACE):
        return "Others changed the same things at the same moment. Please try again.", "CONFLICT"
    if isinstance(cause, DENIED):
        log.error("denied by the database", request_id=request_id, error=type(cause).__name__)
        return "This is not allowed.", "FORBIDDEN"
    log.error("unexpected error", request_id=request_id, exc_info=cause)
    return f"Unexpected error; please name the reference {request_id}.", "INTERNAL"

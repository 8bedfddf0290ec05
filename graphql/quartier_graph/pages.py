"""Where the console meets the graph: each page's visitor is handed the documents, run at the desk of the request."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Request, Router

from quartier.access.arrival import Arrival, arrived
from quartier.access.cookies import SAFE, demand_form_word, demand_own_page, form_word
from quartier.access.permissions import PUBLIC
from quartier.access.problem import Problem
from quartier.access.speaker import TokenRefused
from quartier.access.uploads import PLACE, take_in
from quartier.console.answers import Turned
from quartier.console.forms import WORD, form_of
from quartier.console.mounted import KEY, mounted
from quartier.console.visitor import Visitor
from quartier.kit.refusal import Refused
from quartier.tenancy.desk import Desk
from quartier.tenancy.directory import HostUnknown, RealmSuspended
from quartier_graph import ids
from quartier_graph.feed import BOOKINGS, FellBehind

if TYPE_CHECKING:
    from quartier_graph.edges import GraphEndpoint

Asked = Request[Any, Any, Any]


def everybody(desk: Desk) -> Desk:
    """The desk with what hangs on the door; the city has no door that strangers read."""
    return desk if desk.realm.kind == "city" else replace(desk, permissions=desk.permissions | PUBLIC)


def console(endpoint: "GraphEndpoint") -> Router:
    """All pages, behind one check: whoever sends a form is signed in and sends it from a page of ours."""

    async def admit(request: Asked) -> None:
        visitor = _visitor(request, endpoint)
        request.scope["state"][KEY] = visitor
        if request.method in SAFE:
            return
        arrival = arrived(request.scope)
        if visitor.person is None:
            with contextlib.suppress(
                Problem, Turned
            ):  # what another's page sends is not given back, to be sent once more
                demand_own_page(dict(request.scope["headers"]), arrival.origin)
                await form_of(request)
            raise Turned(401)
        demand_own_page(dict(request.scope["headers"]), arrival.origin)
        if arrival.session is None:
            raise Problem(403)  # a bearer token speaks to the graph, not to pages
        word = (await form_of(request)).one(WORD)
        try:
            demand_form_word(arrival.session, word)
        except Problem:
            raise Turned(403, changed=True) from None

    return mounted(admit)


async def _is_as_before(arrival: Arrival, request: Asked) -> bool:
    """Whether who follows a page may still do all that she might when it began."""
    try:
        now = await arrival.speak(request.headers.get("authorization"))
    except (TokenRefused, RealmSuspended, HostUnknown):
        return False
    return (now.person, now.permissions) == (arrival.desk.person, arrival.desk.permissions)


def _visitor(request: Asked, endpoint: "GraphEndpoint") -> Visitor:
    arrival = arrived(request.scope)
    service, desk = endpoint.service(arrival), everybody(arrival.desk)
    known = endpoint.documents[arrival.realm.kind]

    async def run(document: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        text = known.text(document)
        if text is None:
            raise Turned(404)  # a page of the other kind of realm
        reply = await service.run(desk, text, variables, document)
        answer: Mapping[str, Any] = msgspec.json.decode(reply.body)
        return answer

    async def follow() -> AsyncIterator[None]:
        while True:
            with BOOKINGS.listening(desk.tenant_id) as notices:
                yield  # what changed before one listened is read now
                try:
                    async for _ in notices:
                        if not await _is_as_before(arrival, request):
                            return  # the browser comes again, and is judged anew
                        yield
                except FellBehind:
                    continue

    async def hand_in(address: str, body: bytes) -> list[dict[str, Any]]:
        async def pieces() -> AsyncIterator[bytes]:
            yield body

        try:
            await take_in(desk, address.removeprefix(PLACE), pieces(), arrival.scanner)
        except Refused as refused:
            return [
                {"code": each.code, "message": each.message(desk.language, desk.zone), "path": list(each.path)}
                for each in refused.refusals
            ]
        return []

    query = request.scope["query_string"].decode("latin-1")
    return Visitor(
        house=arrival.realm.name,
        slug=arrival.realm.slug,
        kind=arrival.realm.kind,
        zone=arrival.realm.zone,
        language=arrival.language,
        now=desk.now,
        permissions=desk.permissions,
        asleep=desk.asleep,
        person=ids.write("prs", desk.person) if desk.person else None,
        word=form_word(arrival.session) if arrival.session else "",
        path=request.scope["path"] + (f"?{query}" if query else ""),
        origin=arrival.origin,
        demo=arrival.post is not None and type(arrival.post).__name__ == "Letterbox",
        run=run,
        follow=follow,
        hand_in=hand_in,
    )

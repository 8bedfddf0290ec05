"""Where the graph meets the web: one ASGI callable for both schemas, chosen by the realm of the host."""

import functools
from dataclasses import dataclass, field

from quartier.access.arrival import Arrival, arrived
from quartier.access.looks import Looks
from quartier.access.speaker import TokenRefused
from quartier.app import Edges
from quartier.console.forms import FILES
from quartier.database.attach import Installation
from quartier.settings import Settings
from quartier.tenancy.desk import Desk
from quartier.tenancy.directory import HostUnknown, RealmSuspended
from quartier.web.body import Large
from quartier_graph import endpoint
from quartier_graph.build import Graph
from quartier_graph.documents import Documents
from quartier_graph.endpoint import Receive, Scope, Send
from quartier_graph.explorer import PAGES
from quartier_graph.feed import BOOKINGS, BOOKINGS_CHANNEL
from quartier_graph.pages import console, everybody
from quartier_graph.service import Service
from quartier_graph.sockets import Socket


@dataclass(slots=True)
class GraphEndpoint:
    """`/graphql` of every host: HTTP and WebSocket. `compiles=False` sends every read the ordinary way."""

    cursor_secret: bytes
    compiles: bool = True
    canary: float = 0
    services: dict[str, Service] = field(default_factory=dict)
    documents: dict[str, Documents] = field(default_factory=dict)
    looks: Looks = field(default_factory=Looks)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        arrival = arrived(scope)
        service = self.service(arrival)
        if scope["type"] == "websocket":
            await Socket(scope, receive, send, service, functools.partial(_admit, arrival)).run()
            return
        known = self.documents[arrival.realm.kind]
        await endpoint.answer(scope, receive, send, _signed_in(arrival.desk), service, known)

    def service(self, arrival: Arrival) -> Service:
        kind = arrival.realm.kind
        if kind not in self.services:
            lanes = arrival.lanes[arrival.power]
            self.services[kind] = Service(
                graph_of(kind),
                lanes,
                self.cursor_secret,
                compiles=self.compiles,
                canary=self.canary,
                looks=self.looks,
            )
            self.documents[kind] = Documents(kind)
        return self.services[kind]


def graph_of(kind: str) -> Graph:
    """The schema of a kind of realm."""
    if kind == "city":
        from quartier_graph.city import city

        return city()
    from quartier_graph.site import site

    return site()


def _signed_in(desk: Desk) -> Desk | None:
    return everybody(desk) if desk.person or desk.client else None


async def _admit(arrival: Arrival, authorization: str | None) -> Desk | None:
    try:
        return _signed_in(await arrival.speak(authorization))
    except (TokenRefused, RealmSuspended, HostUnknown):
        return None


def edges(settings: Settings, installation: Installation) -> Edges:
    """What the composition root mounts. Both schemas are built now: a broken declaration stops the start."""
    for kind in ("site", "city"):
        graph_of(kind)
    endpoint = GraphEndpoint(installation.keyring.cursor, settings.compile_reads, settings.canary)
    return Edges(
        graphql=endpoint,
        pages=(*PAGES, console(endpoint)),
        ears={BOOKINGS_CHANNEL: BOOKINGS.told},
        living=lambda _: endpoint.looks.kept(),
        large={path: Large(*bound) for path, bound in FILES.items()},
    )

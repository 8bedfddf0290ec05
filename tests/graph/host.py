"""Hosts of the village: an ASGI application whose bearer tokens are the names of speakers."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
from graph.places import Place, speakers

from quartier.access.arrival import Arrival, put
from quartier.access.speaker import TokenRefused
from quartier.database.faults import DatabaseAway
from quartier.database.lanes import Lanes
from quartier.tenancy.desk import Desk
from quartier_graph.build import Graph
from quartier_graph.documents import Documents
from quartier_graph.edges import GraphEndpoint
from quartier_graph.endpoint import Receive, Scope, Send
from quartier_graph.service import Service

SPEAKERS = speakers()
_request = itertools.count(1)


@dataclass
class Host:
    """`west.test` and `east.test` in front of one endpoint. `ended` are tokens that no longer hold; `away` ones
    cannot be looked up."""

    places: Mapping[str, Place]
    endpoint: GraphEndpoint
    lanes: Mapping[str, Lanes]
    ended: set[str] = field(default_factory=set)
    away: set[str] = field(default_factory=set)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        place = self.places[headers[b"host"].decode()]

        async def speak(authorization: str | None) -> Desk:
            if authorization is None:
                return place.stranger()
            name = authorization.removeprefix("Bearer ")
            if name in self.away:
                raise DatabaseAway("auth")
            if name not in SPEAKERS or name in self.ended:
                raise TokenRefused("unknown")
            return replace(place.desk(SPEAKERS[name]), request_id=arrival.request_id)

        arrival = Arrival(
            realm=place.site.realm,
            origin=f"http://{place.site.realm.host}",
            address="127.0.0.1",
            request_id=f"request-{next(_request)}",
            language="de",
            desk=place.stranger(),
            speak=speak,
            lanes=self.lanes,
        )
        if scope["type"] == "http":
            arrival.desk = await speak(headers[b"authorization"].decode() if b"authorization" in headers else None)
        put(scope, arrival)
        await self.endpoint(scope, receive, send)

    def client(self, host: str = "west.test", speaker: str | None = "manager") -> httpx2.AsyncClient:
        headers = {"authorization": f"Bearer {speaker}"} if speaker else {}
        transport = httpx2.ASGITransport(app=self)
        return httpx2.AsyncClient(transport=transport, base_url=f"http://{host}", headers=headers)


def open_host(graph: Graph, lanes: Lanes, secret: bytes, places: Mapping[str, Place], documents: Documents) -> Host:
    endpoint = GraphEndpoint(secret, services={"site": Service(graph, lanes, secret)}, documents={"site": documents})
    return Host(places, endpoint, {"app": lanes})


__all__ = ["Host", "Scope", "open_host"]

"""The composition root: what a web process is made of, and in which order it starts and stops."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from litestar import Litestar, Request, Response, Router
from litestar.types import ControllerRouterHandler

from quartier.access.demo import refuse_demo_sessions
from quartier.access.doors import DOORS
from quartier.access.entrance import ENTRANCE
from quartier.access.invitations.doors import INVITATIONS
from quartier.access.notices import CHANNEL as RIGHTS
from quartier.access.notices import heard_here
from quartier.access.page import DRESSING
from quartier.access.partners.doors import PARTNERS
from quartier.access.partners.metadata import Issuers
from quartier.access.passkeys.doors import PASSKEYS
from quartier.access.post import Letterbox, Sender
from quartier.access.problem import Problem
from quartier.access.scanner import Scanner
from quartier.access.sign_ins import SIGN_INS
from quartier.access.speaker import Belongs, Speakers
from quartier.access.uploads import UPLOADS
from quartier.access.words import Belonging
from quartier.database.attach import Installation, speaking_through
from quartier.database.ear import Ear, Heard
from quartier.database.engine import DB
from quartier.database.lanes import Lanes
from quartier.jobs import held
from quartier.kit.moments import Clock
from quartier.members import queries as members
from quartier.members.actions import add_affiliation
from quartier.members.merging.queries import living
from quartier.settings import Settings
from quartier.tenancy.desk import Desk
from quartier.tenancy.directory import CHANNEL as HOSTS
from quartier.tenancy.directory import Directory
from quartier.web import metrics
from quartier.web.body import Large
from quartier.web.feeds import FEEDS
from quartier.web.front import Asgi, Front, Visit
from quartier.web.health import Health
from quartier.web.landing import landing
from quartier.web.languages import wanted
from quartier.web.papers import PAPERS
from quartier.web.photos import PHOTOS
from quartier.web.problems import answer, problem_of
from quartier.web.traces import Traces, configured
from quartier.web.unsubscribing import UNSUBSCRIBING

LANES = ("app", "city")
Operation = Callable[[Visit], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class House:
    """What lives as long as the process, for edges that need it: sockets, plans, the explorer."""

    settings: Settings
    installation: Installation
    clock: Clock
    directory: Directory
    ear: Ear
    speakers: Speakers
    lanes: Mapping[str, Lanes]


@dataclass(frozen=True, slots=True)
class Edges:
    """What is mounted from outside this package.

    `graphql` answers `/graphql` itself, without Litestar; `pages` are Litestar's handlers; `ears` are told
    what the database notifies on a channel; `living` starts and stops with the house; `large` are the addresses of
    pages where files are handed in.
    """

    graphql: Asgi | None = None
    pages: Sequence[ControllerRouterHandler] = ()
    ears: Mapping[str, Heard] = field(default_factory=dict)
    living: Callable[[House], contextlib.AbstractAsyncContextManager[None]] | None = None
    large: Mapping[str, Large] = field(default_factory=dict)


@dataclass(slots=True)
class App:
    """The ASGI application of one process. `lifespan()` starts everything and stops it in the other order."""

    house: House
    edges: Edges
    front: Front
    health: Health

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan_protocol(receive, send)
        else:
            await self.front(scope, receive, send)

    @contextlib.asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Pools, walls, directory, lanes, ear, edges. Raises DatabaseAway, DemoLeft; nothing is left open then."""
        house = self.house
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(speaking_through(house.installation))
            self.health.walls = await house.installation.walls()
            for line in self.health.walls:
                structlog.get_logger().error("wall_broken", line=line)
            await house.directory.load()
            if not house.settings.demo:
                await refuse_demo_sessions(house.directory)
            for lanes in house.lanes.values():
                await lanes.start()
                stack.push_async_callback(lanes.stop)
            await house.ear.hear(HOSTS, house.directory.changed)
            await house.ear.hear(RIGHTS, house.speakers.forget)
            stack.enter_context(heard_here(house.speakers.forget))
            for channel, heard in self.edges.ears.items():
                await house.ear.hear(channel, heard)
            await house.ear.start()
            stack.push_async_callback(house.ear.stop)
            keeping = asyncio.create_task(house.directory.keep(), name="quartier directory")
            stack.push_async_callback(_end, keeping)
            stack.callback(self.front.traces.stop)
            if self.front.issuers is not None:
                stack.push_async_callback(self.front.issuers.close)
            if isinstance(self.front.post, Sender):
                await stack.enter_async_context(self.front.post.open(lambda: house.directory.realms, house.clock))
            if self.edges.living is not None:
                await stack.enter_async_context(self.edges.living(house))
            yield

    async def _lifespan_protocol(self, receive: Any, send: Any) -> None:
        await receive()
        try:
            async with self.lifespan():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except Exception as error:
            structlog.get_logger().error("not_started", exc_info=error)
            await send({"type": "lifespan.startup.failed", "message": type(error).__name__})
            raise
        await send({"type": "lifespan.shutdown.complete"})


def create_app(
    settings: Settings,
    edges: Edges,
    installation: Installation,
    *,
    belongs: Belongs | None = None,
    traces: Traces | None = None,
    issuers: Issuers | None = None,
) -> App:
    """Put a web process together; nothing is opened before its lifespan. Tests hand in `issuers` of their own."""
    clock = Clock(settings.clock_ahead)
    ear = Ear(installation.address)
    directory = Directory()
    speakers = Speakers(clock=clock, ear=ear, demo=settings.demo, belongs=belongs or standing)
    lanes = {power: Lanes(installation.address, power, citus=settings.citus) for power in LANES}
    house = House(settings, installation, clock, directory, ear, speakers, lanes)

    async def failed_jobs() -> int:
        return (await held.counts(installation.address)).held

    health = Health(hearing=lambda: ear.hearing, failed_jobs=failed_jobs)
    front = Front(
        settings=settings,
        directory=directory,
        speakers=speakers,
        lanes=lanes,
        rest=_pages(edges.pages),  # type: ignore[arg-type]  # Litestar's scope types are narrower than ASGI's
        graphql=edges.graphql,
        operations=_operations(health, settings),
        traces=traces or configured(),
        post=Letterbox() if settings.demo else Sender(),
        issuers=issuers or Issuers(loopback=settings.demo),
        join=joined,
        large=edges.large,
        scanner=Scanner(settings.scanner) if settings.scanner else None,
    )
    return App(house, edges, front, health)


async def standing(desk: Desk) -> Belonging:
    """What members knows of the person at the desk."""
    if desk.person is None:
        return Belonging()
    found = await members.standing(desk, desk.person)
    return Belonging(found.own, frozenset(found.roles), found.leads)


async def joined(desk: Desk, person: UUID, organisation: UUID, role: str) -> None:
    """Let whom an organisation has invited stand for it; who does already stays what she is."""
    with DB.speaking(desk.tenant_id, "app"):
        organisation = await living(desk, organisation)  # it may have become part of another one since
        if not await members.affiliations(desk, person, organisation=organisation):
            await add_affiliation(desk, person, organisation, role)  # type: ignore[arg-type]  # a CHECK of its row


def _pages(pages: Sequence[ControllerRouterHandler]) -> Litestar:
    first = [] if any(isinstance(each, Router) for each in pages) else [landing]  # the console has a front page
    return Litestar(
        [
            *DOORS,
            *ENTRANCE,
            *SIGN_INS,
            *PASSKEYS,
            *DRESSING,
            *PARTNERS,
            *INVITATIONS,
            *UPLOADS,
            *FEEDS,
            *UNSUBSCRIBING,
            *PAPERS,
            *PHOTOS,
            *first,
            *pages,
        ],
        exception_handlers={Exception: _problem},
        openapi_config=None,
        logging_config=None,  # Litestar's own starts a thread
        debug=False,
    )


def _problem(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer an exception of a page. Faults go on to the front, which logs them."""
    problem = problem_of(error)
    if problem.status >= 500:
        raise error
    reference = structlog.contextvars.get_contextvars().get("request_id", "-")
    language = wanted(request.headers.get("accept-language", "").encode("latin-1"))
    status, headers, body = answer(problem, reference=reference, language=language)
    told = {name.decode(): value.decode("latin-1") for name, value in headers}
    return Response(body, status_code=status, headers=told, media_type=told["content-type"])


def _operations(health: Health, settings: Settings) -> dict[str, Operation]:
    async def live(visit: Visit) -> None:
        await _say(visit, 200, b'{"live":true}', "application/json")

    async def ready(visit: Visit) -> None:
        good, report = await health.ready()
        await _say(visit, 200 if good else 503, report, "application/json")

    async def figures(visit: Visit) -> None:
        peer = (visit.scope.get("client") or ("",))[0]
        if not metrics.may_read(peer, visit.headers, settings.metrics_token):
            raise Problem(404)
        metrics.HEARING.set(health.hearing())
        page, kind = metrics.page()
        await _say(visit, 200, page, kind)

    return {"/health/live": _read_only(live), "/health/ready": _read_only(ready), "/metrics": _read_only(figures)}


def _read_only(say: Operation) -> Operation:
    async def checked(visit: Visit) -> None:
        if visit.method not in {"GET", "HEAD"}:
            raise Problem(405, headers={"allow": "GET, HEAD"})
        await say(visit)

    return checked


async def _say(visit: Visit, status: int, body: bytes, kind: str) -> None:
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    if status == 503:
        headers.append((b"retry-after", b"5"))
    await visit.answer({"type": "http.response.start", "status": status, "headers": headers})
    await visit.answer({"type": "http.response.body", "body": b"" if visit.method == "HEAD" else body})


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task

"""Which work stands behind which kind of job. `insight` lies above the acts and brings its own: see its handlers."""

from uuid import UUID

from quartier.access.actions import sweep
from quartier.access.events import broken_line as broken_event
from quartier.access.events import forget_events
from quartier.access.hooks.following import forget_deliveries
from quartier.access.hooks.sending import call_hooks
from quartier.access.invitations.handing import hand_over
from quartier.access.roles.actions import end_unconfirmed
from quartier.acts.merging import JOB as HAND_OVER
from quartier.acts.reminding import remind
from quartier.acts.telling.facts import facts_at
from quartier.acts.telling.saying import Origin
from quartier.jobs.kinds import Kind, Kinds
from quartier.jobs.tidying import tidy_house
from quartier.members.actions import end_memberships
from quartier.members.importing.taking import JOB as IMPORT
from quartier.members.importing.taking import go_on, tidy_imports
from quartier.members.resting import resume_what_is_over
from quartier.notices.carrying import Carrier, send
from quartier.notices.outbox import SEND
from quartier.programme.seats.actions import EXPIRE, expire_offers
from quartier.spaces.arriving import keep_time
from quartier.spaces.leases.actions import keep_leases
from quartier.spaces.outside.actions import JOB as READ_CALENDARS
from quartier.spaces.outside.reading import read_calendars
from quartier.tenancy.audit import FOLLOW
from quartier.tenancy.audit import broken_line as broken_act
from quartier.tenancy.desk import Desk
from quartier.tenancy.files.actions import sweep_files
from quartier.tenancy.retention import forget_acts


async def _sweep(desk: Desk) -> None:
    await sweep(desk)
    await forget_events(desk)


async def _tidy_house(desk: Desk) -> None:
    await tidy_house(desk)
    await forget_acts(desk)
    if desk.realm.kind == "site":
        await forget_deliveries(desk)


async def _end_unconfirmed(desk: Desk) -> None:
    await end_unconfirmed(desk)


class ChainBroken(RuntimeError):
    """A line of a log was touched: the job is held, so that `./quartier check` and the figures say so."""


async def _walk_events(desk: Desk) -> None:
    if (line := await broken_event(desk)) is not None:
        raise ChainBroken(f"who came: line {line}")


async def _walk_acts(desk: Desk) -> None:
    if (line := await broken_act(desk.tenant_id)) is not None:
        raise ChainBroken(f"what was done: line {line}")


async def _keep_memberships(desk: Desk) -> None:
    await end_memberships(desk)
    await resume_what_is_over(desk)


async def _import(desk: Desk, run: str) -> None:
    await go_on(desk, UUID(run))


async def _hand_over(desk: Desk, kept: str, other: str) -> None:
    await hand_over(desk, UUID(kept), UUID(other))


async def _call_hooks(desk: Desk) -> None:
    await call_hooks(desk)


async def _read_calendars(desk: Desk, calendar: str | None = None) -> None:
    await read_calendars(desk, calendar)


def sending(origin: Origin, carrier: Carrier) -> Kinds:
    """The work of sending notices: with links at this origin, by this carrier."""
    facts = facts_at(origin)

    async def send_notices(desk: Desk) -> None:
        await send(desk, facts, carrier)

    return {SEND: Kind(send_notices, "auth")}  # its own transactions: no letter goes out inside of one


KINDS: Kinds = {
    EXPIRE: Kind(expire_offers),
    "spaces.keep_time": Kind(keep_time),
    "spaces.keep_leases": Kind(keep_leases),
    FOLLOW: Kind(_call_hooks, "auth"),
    READ_CALENDARS: Kind(_read_calendars, "auth"),
    "members.end": Kind(_keep_memberships),
    IMPORT: Kind(_import),
    "members.tidy_imports": Kind(tidy_imports),
    "notices.remind": Kind(remind),
    "house.tidy": Kind(_tidy_house),
    "files.sweep": Kind(sweep_files),
    HAND_OVER: Kind(_hand_over, "auth"),
    "access.tidy": Kind(_sweep, "auth"),
    "access.walk": Kind(_walk_events, "auth"),
    "house.walk": Kind(_walk_acts),
    "access.end_unconfirmed": Kind(_end_unconfirmed, "auth"),
}

"""Calls, files, awards, payments: the verbs of the house where there are any, else `history`."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from uuid import UUID

from quartier.grants.actions import publish_call, submit_application
from quartier.grants.award.actions import award_application
from quartier.grants.payout import actions as payout
from quartier.grants.words import ApplicationPlan, CallPlan, CostItem, FinanceItem
from quartier_demo.history import grants as history
from quartier_demo.shape import Call, File, Step
from quartier_demo.story import Event, World

MORNING = time(9)
_PARTS = """
select i.id from app.instalment i join app.award a on a.tenant_id = i.tenant_id and a.id = i.award_id
where i.tenant_id = $1 and a.application_id = $2 and i.no = $3"""


class NumberDiffers(AssertionError):
    """A file got another number than the story gives it: its place in the order is wrong."""


def events(world: World) -> Iterator[Event]:
    for call in world.tale.grants.calls:
        yield from _call(world, call)
    for told in world.tale.grants.files:
        file = Case(world, told)
        for step in told.steps:
            yield Event(world.at(step.at), functools.partial(file.take, step))


def _call(world: World, call: Call) -> Iterator[Event]:
    published = world.on(call.published, MORNING)
    opens, closes = _window(world, call)
    yield Event(published, functools.partial(_publish, world, call, published))
    if call.becomes == "draft":
        return
    yield Event(opens, functools.partial(_turn, world, call, "open", opens))
    after = closes + timedelta(seconds=1)
    yield Event(after, functools.partial(_turn, world, call, "closed", after))
    if call.becomes not in {"published", "open", "closed"}:
        settled = min(closes + timedelta(days=60), world.today - timedelta(days=1))
        yield Event(settled, functools.partial(_turn, world, call, call.becomes, settled))


def _window(world: World, call: Call) -> tuple[datetime, datetime]:
    """Both ends are included: the last day to its last second."""
    return world.on(call.opens, time()), world.on(call.closes, time(23, 59, 59))


async def _publish(world: World, call: Call, at: datetime) -> None:
    opens, closes = _window(world, call)
    plan = CallPlan(
        guideline=call.guideline,
        title_de=call.title_de,
        title_en=call.title_en,
        purposes=call.purposes,
        opens_at=opens,
        closes_at=closes,
        budget=call.budget_cents,
    )
    desk = world.staff("grants_officer", at)
    if call.becomes == "draft":
        world.calls[call.key] = await history.draft_call(desk, plan)
    else:
        world.calls[call.key] = (await publish_call(desk, plan, finance=len(world.with_role("finance")))).id


async def _turn(world: World, call: Call, state: str, at: datetime) -> None:
    await history.turn_call(world.house(at), world.calls[call.key], state)


@dataclass
class Case:
    """A file while its story is told."""

    world: World
    told: File
    id: UUID | None = field(default=None)

    @property
    def application(self) -> UUID:
        assert self.id is not None
        return self.id

    async def take(self, step: Step) -> None:
        """Take one step."""
        at = self.world.at(step.at)
        match step.do:
            case "submit" | "draft":
                await self._hand_in(step, at)
            case "award":
                desk = self.world.staff("award_authority", at)
                await award_application(desk, self.application, amount=step.cents, reason=step.reason)
            case "request" | "check" | "approve" | "pay":
                await self._pay(step, at)
            case _:
                await self._write(step, at)

    async def _hand_in(self, step: Step, at: datetime) -> None:
        world, told = self.world, self.told
        desk = world.lead(told.organisation, at)
        plan = ApplicationPlan(
            call_id=world.calls[told.call],
            organisation_id=world.organisations[told.organisation],
            carrier_id=world.organisations[told.carrier] if told.carrier else None,
            purpose=told.purpose,
            title=told.title,
            costs=tuple(CostItem(cost.kind, cost.text, cost.cents) for cost in told.costs),
            finance=self._finance(),
            jobs=told.jobs,
        )
        if step.do == "draft":
            self.id, number = await history.draft_application(desk, plan)
        else:
            if step.late:
                async with history.permitted(desk, plan.call_id):
                    made = await submit_application(desk, plan)
            else:
                made = await submit_application(desk, plan)
            self.id, number = made.application_id, made.number
        if not number.endswith(f"-F-{told.number}"):
            raise NumberDiffers(f"{told.number} got {number}")

    def _finance(self) -> tuple[FinanceItem, ...]:
        """What is asked for, and the rest from one's own."""
        asked = FinanceItem("grant", "Zuwendung", self.told.asked_cents)
        own = sum(cost.cents for cost in self.told.costs) - self.told.asked_cents
        return (asked, FinanceItem("own", "Eigenmittel", own)) if own else (asked,)

    async def _pay(self, step: Step, at: datetime) -> None:
        """Four pairs of eyes: the organisation, the office, and two of payments."""
        world = self.world
        desk, verb = {
            "request": (world.lead(self.told.organisation, at), payout.request_instalment),
            "check": (world.staff("grants_officer", at), payout.check_instalment),
            "approve": (world.staff("finance", at), payout.approve_instalment),
            "pay": (world.staff("finance", at, nth=1), payout.pay_instalment),
        }[step.do]
        [row] = await desk.fetch(_PARTS, desk.tenant_id, self.application, step.no)
        await verb(desk, row["id"])

    async def _write(self, step: Step, at: datetime) -> None:
        desk = self.world.staff("grants_officer", at)
        state, cents = step.state or "", step.cents or 0
        match step.do:
            case "file":
                await history.file(desk, self.application, state, step.reason)
            case "withdraw":
                await history.file(self.world.lead(self.told.organisation, at), self.application, "withdrawn")
            case "decide":
                await history.decide(desk, self.application, state, step.reason)
            case "reserve":
                await history.reserve(desk, self.application, cents, step.reason)
            case "turn":
                await history.turn(desk, self.application, state, step.reason)
            case "part":
                await history.turn_part(desk, self.application, step.no or 0, state, step.reason)
            case "again":
                await history.one_more(desk, self.application, cents)
            case "release" | "return" | "recover":
                await history.move_money(desk, self.application, step.do, cents, step.reason)
                if step.no:
                    await history.turn_part(desk, self.application, step.no, "returned_part", step.reason)
            case _:
                raise ValueError(step.do)

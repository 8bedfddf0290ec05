"""A membership that runs: it rests and goes on, is suspended and freed, changes its plan, ends."""

from typing import Any

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, refused
from quartier.console.forms import Form, form_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward
from quartier.console.pages.mine import show_mine
from quartier.console.pages.people import show_member
from quartier.console.pages.person import PEOPLE, show_person
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
STEPS = {
    "pausieren": "pauseMembership",
    "fortsetzen": "resumeMembership",
    "sperren": "suspendMembership",
    "entsperren": "liftSuspension",
    "tarif": "changePlan",
    "beenden": "closeMembership",
}
TYPED = ("bis", "grund", "tarif", "ende")


@post("/mitgliedschaften/{membership:str}/{step:str}", status_code=200)
async def act(request: Asked, membership: str, step: str) -> Response[str]:
    """One step, from the member's page or one's own, back to which it leads."""
    visitor, sent = visitor_of(request), await form_of(request)
    if step not in STEPS:
        raise Turned(404)
    back = sent.one("von")
    kept = {membership: {name: sent.one(name) for name in TYPED}}
    if step == "pausieren" and sent.day("bis") is None:
        words = "Bitte einen Tag wie 2027-03-01." if visitor.language == "de" else "Please a day such as 2027-03-01."
        said = [{"code": "FIELD_INVALID", "message": words, "path": ["until"], "numbers": [], "alternatives": []}]
        return await _shown(visitor, back, 422, kept=kept, refusals=said)
    wish: Data = {"membership": membership, "version": sent.whole("version") or 0} | _told(step, sent)
    done = await visitor.do(STEPS[step], idempotencyKey=sent.one("key"), **wish)
    status = refused(done)
    if status is None:
        return onward(f"/mitglieder/{back}" if back else "/mein", getan="gespeichert")
    return await _shown(visitor, back, status, kept=kept, refusals=done["refusals"])


def _told(step: str, sent: Form) -> Data:
    """What a step asks for beside the membership."""
    end = sent.day("ende")
    told: dict[str, Data] = {
        "pausieren": {"until": sent.one("bis")},
        "sperren": {"reason": sent.one("grund")},
        "tarif": {"plan": sent.one("tarif")},
        "beenden": {"endsOn": end.isoformat() if end else None},
    }
    return told.get(step, {})


async def _shown(visitor: Visitor, back: str, status: int, **told: Any) -> Response[str]:
    if back and visitor.may("members:read"):
        if back.startswith(PEOPLE):
            return await show_person(visitor, back.removeprefix(PEOPLE), status, **told)
        return await show_member(visitor, back, status, **told)
    return await show_mine(visitor, status, **told)


PAGES: list[HTTPRouteHandler] = [act]

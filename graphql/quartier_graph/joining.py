"""How a membership comes about: asked for, asked back, decided; or opened by the team at once."""

from datetime import date

import strawberry
from strawberry import ID

from quartier.members import actions
from quartier.members.applications import actions as applications
from quartier.members.papers.words import Handed
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import Done, asked, verb, wish
from quartier_graph.memberships import Membership


@wish
class OpenMembershipInput:
    """Who becomes a member, and on what terms. Give the organisation or the person."""

    plan: ID = asked("On which plan's terms.")
    organisation: ID | None = asked("The organisation.", default=None)
    person: ID | None = asked("The person.", default=None)
    starts_on: date | None = asked("First day; today by default.", default=None)
    reason: str | None = asked("Why it was decided so.", default=None)


@verb("members:approve", changes={"membership": Membership})
async def open_membership(desk: Desk, wish: OpenMembershipInput) -> Done:
    """Make an organisation or a person a member at once."""
    made = await actions.open_membership(
        desk,
        ids.read(wish.plan, "pln"),
        organisation=ids.read(wish.organisation, "org") if wish.organisation else None,
        person=ids.read(wish.person, "prs") if wish.person else None,
        starts_on=wish.starts_on,
        reason=wish.reason,
    )
    return {"membership": made.id}


@strawberry.input(description="A paper that comes with an application.")
class PaperWish:
    kind: str = strawberry.field(description="Which of the plan's papers; each once.")
    file: ID = strawberry.field(description="The file, which has come already.")


@wish
class ApplyForMembershipInput:
    """A membership to ask for: one's own, or that of an organisation one stands for."""

    plan: ID = asked("On which plan's terms.")
    organisation: ID | None = asked("For which organisation of one's own; without one for oneself.", default=None)
    starts_on: date | None = asked("First day that is wished for; by default as soon as it is decided.", default=None)
    statement: str = asked("What those who decide should know.", default="")
    papers: list[PaperWish] = asked("The papers that the plan asks for.", default=[])


@verb("members:own", changes={"membership": Membership})
async def apply_for_membership(desk: Desk, wish: ApplyForMembershipInput) -> Done:
    """Ask for a membership; the team decides and writes."""
    made = await applications.apply_for_membership(
        desk,
        ids.read(wish.plan, "pln"),
        organisation=ids.read(wish.organisation, "org") if wish.organisation else None,
        starts_on=wish.starts_on,
        statement=wish.statement,
        papers=[Handed(each.kind, ids.read(each.file, "fil")) for each in wish.papers],
    )
    return {"membership": made.id}


@wish
class ApproveMembershipInput:
    """An applicant to make a member."""

    membership: ID = asked("The application.")
    version: int = asked("The version that was seen.")
    starts_on: date | None = asked("First day; by default the wished one, never before today.", default=None)
    reason: str | None = asked("Why, for the team.", default=None)


@verb("members:approve", changes={"membership": Membership})
async def approve_membership(desk: Desk, wish: ApproveMembershipInput) -> Done:
    """Make an applicant a member; it is told to whoever asked."""
    key = ids.read(wish.membership, "mbr")
    made = await applications.approve_membership(desk, key, wish.version, starts_on=wish.starts_on, reason=wish.reason)
    return {"membership": made.id}


@wish
class DeclineMembershipInput:
    """An application to decline."""

    membership: ID = asked("The application.")
    version: int = asked("The version that was seen.")
    reason: str = asked("Why; the applicant reads it.")


@verb("members:approve", changes={"membership": Membership})
async def decline_membership(desk: Desk, wish: DeclineMembershipInput) -> Done:
    """Say no to an application, and why."""
    made = await applications.decline_membership(desk, ids.read(wish.membership, "mbr"), wish.version, wish.reason)
    return {"membership": made.id}


@wish
class AskApplicantInput:
    """A question to an applicant."""

    membership: ID = asked("The application.")
    version: int = asked("The version that was seen.")
    question: str = asked("What is still missing.")


@verb("members:approve", changes={"membership": Membership})
async def ask_applicant(desk: Desk, wish: AskApplicantInput) -> Done:
    """Ask an applicant for more; the application waits for the answer."""
    made = await applications.ask_for_more(desk, ids.read(wish.membership, "mbr"), wish.version, wish.question)
    return {"membership": made.id}


@wish
class AnswerApplicationInput:
    """An answer to what was asked about one's application."""

    membership: ID = asked("The application.")
    version: int = asked("The version that was seen.")
    answer: str = asked("The answer.")


@verb("members:own", changes={"membership": Membership})
async def answer_application(desk: Desk, wish: AnswerApplicationInput) -> Done:
    """Answer a question about one's own application."""
    made = await applications.answer_application(desk, ids.read(wish.membership, "mbr"), wish.version, wish.answer)
    return {"membership": made.id}


@wish
class WithdrawApplicationInput:
    """An application of one's own to take back."""

    membership: ID = asked("The application.")
    version: int = asked("The version that was seen.")


@verb("members:own", changes={"membership": Membership})
async def withdraw_application(desk: Desk, wish: WithdrawApplicationInput) -> Done:
    """Take one's own application back."""
    made = await applications.withdraw_application(desk, ids.read(wish.membership, "mbr"), wish.version)
    return {"membership": made.id}

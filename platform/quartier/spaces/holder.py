"""Whom a booking is for: a member books for herself and her own organisations, the front desk for everybody."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from quartier.kit.refusal import FieldInvalid, NotAllowed, NotFound, Refusal, Refused
from quartier.kit.spoken import Words
from quartier.members import queries as members
from quartier.members.allowances.queries import account_in_force
from quartier.members.allowances.words import Account
from quartier.spaces.words import Booking, BookingKind, Holder, MembershipNotActive, Space
from quartier.tenancy.desk import Desk

SOMEBODY = Words(
    "eine Organisation (organisation) oder eine Person (forPerson)", "an organisation or a person (forPerson)"
)
OWN = Words("eine Organisation der Person, die den Zugang verantwortet", "an organisation of the client's owner")
LET: tuple[BookingKind, ...] = ("member", "guest", "internal")


async def holder_of(desk: Desk, kind: BookingKind | None, organisation: UUID | None, person: UUID | None) -> Holder:
    """Settle whom the wish is for. Refuses NOT_FOUND (also: not yours), NOT_ALLOWED, FIELD_INVALID."""
    if kind is not None and kind not in LET:
        raise Refused([FieldInvalid(path=("kind",), allowed=", ".join(LET))])
    if desk.client is not None and not desk.may("spaces:desk"):
        return _for_owner(desk, kind, organisation, person)
    if not desk.may("spaces:desk"):
        if kind not in {None, "member"} or desk.person is None:
            raise Refused([NotAllowed(permission="spaces:desk")])
        if organisation is not None and organisation not in desk.own:
            raise Refused([NotFound(path=("organisation",))])
        if person not in {None, desk.person}:
            raise Refused([NotFound(path=("for_person",))])
        return Holder("member", desk.person, organisation)
    if organisation is not None:
        await members.organisation(desk, organisation)
    if person is not None and not await members.person_exists(desk, person):
        raise Refused([NotFound(path=("for_person",))])
    nobody = organisation is None and person is None
    settled = kind or ("internal" if nobody else "member")
    if settled == "member" and nobody:
        raise Refused([FieldInvalid(path=("for_person",), allowed=SOMEBODY)])
    return Holder(settled, person, organisation)


def _for_owner(desk: Desk, kind: BookingKind | None, organisation: UUID | None, person: UUID | None) -> Holder:
    """A program books for an organisation of whoever answers for it, never for a person."""
    if kind not in {None, "member"} or person is not None or not desk.own:
        raise Refused([NotAllowed(permission="spaces:desk")])
    if organisation is None and len(desk.own) > 1:
        raise Refused([FieldInvalid(path=("organisation",), allowed=OWN)])
    if organisation is not None and organisation not in desk.own:
        raise Refused([NotFound(path=("organisation",))])
    return Holder("member", None, organisation or next(iter(desk.own)))


async def membership_of(desk: Desk, holder: Holder, on: date) -> UUID | None:
    """The membership the booking goes by: the organisation's, else the person's own, else one of hers."""
    holders = await _holders(desk, holder)
    found = await members.membership_in_force(desk, holders, on) if holders else None
    return found.id if found else None


async def account_of(desk: Desk, holder: Holder, on: date) -> Account | None:
    """The account of that membership, with the balances of the day."""
    holders = await _holders(desk, holder)
    return await account_in_force(desk, holders, on) if holders else None


async def _holders(desk: Desk, holder: Holder) -> list[UUID]:
    if holder.kind != "member":
        return []
    if holder.organisation is not None:
        return [holder.organisation]
    if holder.person is None:
        return []
    own = desk.own if holder.person == desk.person else (await members.standing(desk, holder.person)).own
    return [holder.person, *sorted(own)]


def objections_to_holder(
    desk: Desk, space: Space, holder: Holder, membership: UUID | None, *, on: date
) -> Iterator[Refusal]:
    """Who may hold this space: the team, members, or everybody; an organisation always as a member."""
    if space.who == "staff" and not desk.may("spaces:desk"):
        yield NotAllowed(path=("space",), permission="spaces:desk")
    as_member = holder.kind == "member" and (space.who != "public" or holder.organisation is not None)
    if as_member and membership is None:
        yield MembershipNotActive(path=("organisation",) if holder.organisation else (), on=on)


def is_own(desk: Desk, booking: Booking) -> bool:
    """Whether the booking is the person's or her organisation's: those she may move and cancel."""
    hers = desk.person is not None and desk.person in {booking.booked_by, booking.for_person}
    return hers or booking.organisation in desk.own

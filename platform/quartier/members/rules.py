"""What members may: pure, every objection at once."""

import re
from collections.abc import Collection, Iterator
from datetime import date, timedelta

from quartier.kit.refusal import FieldInvalid, Refusal
from quartier.kit.spoken import WEB_ADDRESS, between, letters, not_before
from quartier.kit.text import is_line, is_web_address
from quartier.members.identifiers import ALLOWED, normalised
from quartier.members.words import (
    Affiliation,
    Membership,
    NoticePeriod,
    Organisation,
    OwnCase,
    PauseTooLong,
    Plan,
    PlanDoesNotFit,
    PlanNotOffered,
    Profile,
    Standing,
)

IN_FORCE = frozenset({"active", "ending"})  # with bookings and advice; paused and suspended have neither
CLOSABLE = frozenset({"active", "paused", "suspended"})
FARTHEST = timedelta(days=366)  # what is further away is a slip of the hand
LINES = {"name": 200, "legal_form": 80, "street": 120, "postcode": 12, "town": 80, "district": 80}
TEXTS = {"about_de": 4000, "about_en": 4000}


def objections_to_profile(profile: Profile, *, today: date) -> Iterator[Refusal]:
    """Texts of a readable length, numbers that can be numbers, no founding in the future."""
    for field, most in LINES.items():
        text: str | None = getattr(profile, field)
        wanted = field == "name"
        if (text is None and not wanted) or (text is not None and is_line(text, most)):
            continue
        yield FieldInvalid(path=(field,), allowed=letters(1, most))
    if profile.website is not None and not is_web_address(profile.website):
        yield FieldInvalid(path=("website",), allowed=WEB_ADDRESS)
    for field, most in TEXTS.items():
        text = getattr(profile, field)
        if text is not None and (len(text) > most or "\x00" in text):
            yield FieldInvalid(path=(field,), allowed=letters(0, most))
    if profile.founded_on is not None and not date(1200, 1, 1) <= profile.founded_on <= today:
        yield FieldInvalid(path=("founded_on",), allowed=between(date(1200, 1, 1), today))
    if profile.nace is not None and not re.fullmatch(r"\d{2}(\.\d{1,2})?", profile.nace, re.ASCII):
        yield FieldInvalid(path=("nace",), allowed="47, 47.3, 47.30")
    for kind, written in profile.identifiers.items():
        if normalised(kind, written) is None:
            yield FieldInvalid(path=("identifiers",), kind=kind, allowed=ALLOWED[kind])


def objections_to_membership(
    plan: Plan, holder: Organisation | None, *, starts_on: date, today: date, own_case: bool
) -> Iterator[Refusal]:
    """`holder` is the organisation, or None for a person."""
    if starts_on > today + FARTHEST:
        yield FieldInvalid(path=("starts_on",), allowed=between(None, today + FARTHEST))
    if not plan.is_offered(starts_on):
        yield PlanNotOffered(path=("plan",), plan=plan.name_de, on=starts_on, since=plan.since, until=plan.until)
    if not _fits(plan, holder):
        yield PlanDoesNotFit(path=("plan",), plan=plan.name_de, allowed=_whom(plan))
    if own_case:
        yield OwnCase()


def _fits(plan: Plan, holder: Organisation | None) -> bool:
    if holder is None:
        return plan.holder == "person"
    kind_fits = not plan.kinds or holder.kind in plan.kinds
    form_fits = plan.nonprofit is None or plan.nonprofit == holder.nonprofit
    return plan.holder == "organisation" and kind_fits and form_fits and holder.state == "active"


def _whom(plan: Plan) -> str:
    words: list[str] = [plan.holder, *plan.kinds]
    if plan.nonprofit is not None:
        words.append("nonprofit" if plan.nonprofit else "for_profit")
    return ", ".join(words)


def objections_to_reason(reason: str | None) -> Iterator[Refusal]:
    if reason is not None and not is_line(reason, 500):
        yield FieldInvalid(path=("reason",), allowed=letters(1, 500))


def first_day_to_end(membership: Membership, plan: Plan, *, today: date) -> date:
    """The earliest last day: notice given today counts from tomorrow, and nothing ends before it began."""
    after_notice = today + timedelta(days=plan.notice_days)
    return max(after_notice, membership.starts_on or today)


def objections_to_close(membership: Membership, plan: Plan, *, ends_on: date, today: date) -> Iterator[Refusal]:
    """`ends_on` is the last day; it keeps the notice of the plan, and is not too far away to mean it."""
    first = first_day_to_end(membership, plan, today=today)
    if ends_on > first + FARTHEST:
        yield FieldInvalid(path=("ends_on",), allowed=between(first, first + FARTHEST))
    if ends_on < first:
        yield NoticePeriod(path=("ends_on",), first_day=first, notice_days=plan.notice_days)


def objections_to_pause(plan: Plan, *, until: date, today: date, rested: int) -> Iterator[Refusal]:
    """`until` is the last day it rests; `rested` are the days it has rested in the last twelve months."""
    latest = later(today, plan.pause_months) - timedelta(days=rested + 1)
    if until < today:
        yield FieldInvalid(path=("until",), allowed=not_before(today))
    elif until > latest:
        yield PauseTooLong(path=("until",), months=plan.pause_months, latest=latest if latest >= today else None)


def later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of that month.

    >>> later(date(2026, 11, 30), 3)
    datetime.date(2027, 2, 28)
    """
    first = date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def standing(affiliations: Collection[Affiliation], *, member: bool) -> Standing:
    """What follows from affiliations that hold now; `member`: a membership in force is her own or theirs.

    An affiliation alone makes a member: the organisation's colleagues come before its contract.
    """
    own = frozenset(a.organisation for a in affiliations if a.role != "former")
    leads = frozenset(a.organisation for a in affiliations if a.role in {"owner", "admin"})
    if leads:
        return Standing(own, frozenset({"member", "member_admin"}), leads)
    return Standing(own, frozenset({"member"}) if own or member else frozenset())

"""What a lease has to keep to, and what it is worth: pure."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta

from quartier.kit.money import Cents
from quartier.kit.refusal import FieldInvalid, Refusal
from quartier.kit.spoken import Words, between, counts
from quartier.spaces.leases.words import Lease, LeaseNotice, LeaseState, SpaceNotLet, Terms
from quartier.spaces.words import Space

LET = frozenset({"office", "desk", "locker"})
LONGEST = timedelta(days=3653)  # ten years; an open lease holds its place as long and is ended before
BACK = timedelta(days=31)  # what was agreed by word of mouth is written down late
MOST_RENT = 1_000_000_00
RENT = Words("0 – 1.000.000,00 €", "0 – 1,000,000.00 €")
MOST_NOTICE = 1095


def objections_to_lease(space: Space, terms: Terms, unit_no: int | None, *, today: date) -> Iterator[Refusal]:
    """Hours, closures, grid and lead are of the hour; a lease goes on through them all."""
    if space.kind not in LET or space.state == "retired" or space.divided:
        yield SpaceNotLet(path=("space",))
    if not today - BACK <= terms.starts_on <= today + LONGEST:
        yield FieldInvalid(path=("starts_on",), allowed=between(today - BACK, today + LONGEST))
    last = terms.starts_on + LONGEST - timedelta(days=1)
    if terms.ends_on is not None and not max(terms.starts_on, today) <= terms.ends_on <= last:
        yield FieldInvalid(path=("ends_on",), allowed=between(max(terms.starts_on, today), last))
    if terms.rent_month is not None and not 0 <= terms.rent_month <= MOST_RENT:
        yield FieldInvalid(path=("rent_month",), allowed=RENT)
    if not 0 <= terms.notice_days <= MOST_NOTICE:
        yield FieldInvalid(path=("notice_days",), allowed=counts(0, MOST_NOTICE, ("Tage", "days")))
    if unit_no is not None and not 1 <= unit_no <= space.units:
        yield FieldInvalid(path=("unit_no",), allowed=counts(1, space.units))


def objections_to_end(lease: Lease, ends_on: date, *, today: date, by_agreement: bool) -> Iterator[Refusal]:
    """The last day lies ahead, after the notice unless both agree, and before the day the lease would end anyway."""
    latest = lease.ends_on or lease.starts_on + LONGEST
    first = max(today, lease.starts_on)
    if not first <= ends_on <= latest:
        yield FieldInvalid(path=("ends_on",), allowed=between(first, latest))
    elif not by_agreement and ends_on < today + timedelta(days=lease.notice_days):
        earliest = today + timedelta(days=lease.notice_days)
        yield LeaseNotice(path=("ends_on",), notice_days=lease.notice_days, earliest=max(earliest, first))


def state_on(lease: Lease, today: date) -> LeaseState:
    """What the calendar makes of it."""
    if lease.ends_on is not None and lease.ends_on < today:
        return "ended"
    return "running" if lease.state == "agreed" and lease.starts_on <= today else lease.state


def given_in(lease: Lease, first: date) -> tuple[int, Cents]:
    """Days it ran in the month that begins on `first`, and what was given: below the list rent, by the day."""
    days = calendar.monthrange(first.year, first.month)[1]
    begins = max(first, lease.starts_on)
    ends = min(first + timedelta(days=days), (lease.ends_on or date.max - timedelta(days=1)) + timedelta(days=1))
    ran = max(0, (ends - begins).days)
    return ran, max(0, lease.list_rent_month - lease.rent_month) * ran // days

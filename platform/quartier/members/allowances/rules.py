"""How much a plan grants in a month: pure."""

from collections.abc import Iterable
from datetime import date, timedelta

from quartier.members.allowances.words import Account, Allowance, Balance


def month_of(day: date) -> tuple[date, date]:
    """The first day of the day's month, and of the next one.

    >>> month_of(date(2026, 12, 31))
    (datetime.date(2026, 12, 1), datetime.date(2027, 1, 1))
    """
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1)


def balance_on(account: Account, allowance: Allowance, day: date) -> Balance:
    """The account of the day's month as it stands, or as it would be opened."""
    first, after = month_of(day)
    for each in account.balances:
        if (each.allowance, each.since) == (allowance.id, first):
            return each
    return Balance(allowance.id, first, after, granted_in(account, allowance, first, after), 0)


def granted_in(account: Account, allowance: Allowance, first: date, after: date) -> int:
    """The amount of a month, by the share of the membership's days in it that are under the plan, and do not rest.

    Whoever joins or leaves within a month has the whole of it; a part of a minute is let go.
    """
    of_plan = ((each.since, each.until) for each in account.terms if each.plan == allowance.plan and not each.paused)
    whole = _days([(account.since, account.until)], first, after)
    return allowance.amount * _days(of_plan, first, after) // whole if whole else 0


def _days(stretches: Iterable[tuple[date, date | None]], first: date, after: date) -> int:
    cut = ((max(since, first), min(until or after, after)) for since, until in stretches)
    return sum(max(0, (end - begin).days) for begin, end in cut)

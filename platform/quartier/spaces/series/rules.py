"""From a rule to its dates, and from a date to its span: pure, in wall time, so that a clock change moves nothing."""

import calendar
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count, islice, takewhile
from zoneinfo import ZoneInfo

from quartier.kit.moments import wall
from quartier.kit.refusal import FieldInvalid, Refusal
from quartier.kit.spans import Span
from quartier.kit.spoken import Words, counts
from quartier.spaces.hours import DAY
from quartier.spaces.series.words import NoDates, Rule, RuleInvalid, Times, TooManyDates

MOST = 200  # dates of one series: more is a lease
LAST = -1
MOST_EVERY = 52
NEEDS_WEEKDAYS = Words("wöchentlich braucht mindestens einen Wochentag", "weekly needs at least one weekday")
NEEDS_ONE_WEEKDAY = Words(
    "monatlich braucht einen Wochentag und den wievielten (1 bis 5, -1 der letzte)",
    "monthly needs one weekday and which of them (1 to 5, -1 the last)",
)
DAILY_ALONE = Words(
    "täglich hat weder Wochentage noch einen wievielten", "daily has neither weekdays nor one of the month"
)
NO_NTH = Words("einen wievielten gibt es nur monatlich", "which of the month is for monthly alone")
ONE_END = Words("ein letzter Tag oder eine Anzahl, eines von beiden", "a last day or a number of dates, one of the two")


def objections_to_rule(rule: Rule, times: Times) -> Iterator[Refusal]:
    """What does not go together in the rule itself, and dates that are none or too many."""
    problems = [*_problems(rule)]
    yield from (RuleInvalid(path=("repeats",), problem=problem) for problem in problems)
    if not 1 <= rule.every <= MOST_EVERY:
        yield FieldInvalid(path=("every",), allowed=counts(1, MOST_EVERY))
    elif rule.count is not None and not 1 <= rule.count <= MOST:
        yield FieldInvalid(path=("count",), allowed=counts(1, MOST))
    elif not problems:
        found = len(dates(rule, times.first.date(), most=MOST + 1))
        if found == 0:
            yield NoDates(path=("until",))
        elif found > MOST:
            yield TooManyDates(path=("until",), most=MOST)


def _problems(rule: Rule) -> Iterator[Words]:
    known = all(1 <= day <= 7 for day in rule.weekdays)
    if rule.repeats == "weekly" and not (rule.weekdays and known):
        yield NEEDS_WEEKDAYS
    if rule.repeats == "monthly":
        if len(rule.weekdays) != 1 or not known or rule.nth not in {1, 2, 3, 4, 5, LAST}:
            yield NEEDS_ONE_WEEKDAY
    elif rule.nth is not None:
        yield DAILY_ALONE if rule.repeats == "daily" else NO_NTH
    elif rule.repeats == "daily" and rule.weekdays:
        yield DAILY_ALONE
    if (rule.until is None) == (rule.count is None):
        yield ONE_END


def dates(rule: Rule, first: date, *, most: int = MOST) -> list[date]:
    """The days on which it happens, at most `most`; a rule with objections has no dates.

    >>> mondays = Rule("weekly", every=2, weekdays=(1,), count=3)
    >>> [f"{day:%d.%m.}" for day in dates(mondays, date(2026, 11, 19))]
    ['30.11.', '14.12.', '28.12.']
    >>> last_friday = Rule("monthly", weekdays=(5,), nth=-1, until=date(2027, 1, 31))
    >>> [f"{day:%d.%m.}" for day in dates(last_friday, date(2026, 11, 19))]
    ['27.11.', '25.12.', '29.01.']
    """
    horizon = rule.until or first + timedelta(days=366 * 20)
    coming = takewhile(lambda day: day <= horizon, (day for day in _days(rule, first, horizon) if day >= first))
    return list(islice(coming, min(most, rule.count or most)))


def _days(rule: Rule, first: date, horizon: date) -> Iterator[date]:
    """In order, and one beyond the horizon, so that whoever takes them while they last comes to an end."""
    if rule.repeats == "daily":
        yield from (first + DAY * rule.every * n for n in count())
    elif rule.repeats == "weekly":
        monday = first - DAY * (first.isoweekday() - 1)
        for week in count(0, rule.every):
            yield from (monday + DAY * (7 * week + day - 1) for day in sorted(set(rule.weekdays)))
    else:
        for month in count(0, rule.every):
            year, number = divmod(first.year * 12 + first.month - 1 + month, 12)
            if date(year, number + 1, 1) > horizon:
                yield horizon + DAY
            if (day := nth_weekday(year, number + 1, rule.weekdays[0], rule.nth or 1)) is not None:
                yield day


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date | None:
    """The nth such weekday (1 is Monday) of a month, -1 the last; None in a month that has no fifth.

    >>> nth_weekday(2026, 11, 1, 5), nth_weekday(2026, 10, 4, 5)
    (datetime.date(2026, 11, 30), datetime.date(2026, 10, 29))
    >>> nth_weekday(2026, 12, 1, 5) is None
    True
    """
    length = calendar.monthrange(year, month)[1]
    days = [d for n in range(1, length + 1) if (d := date(year, month, n)).isoweekday() == weekday]
    return days[nth if nth == LAST else nth - 1] if nth == LAST or nth <= len(days) else None


def span_on(day: date, times: Times, zone: ZoneInfo) -> Span:
    """The instants of one date: start and end both by the clock on the wall.

    So 01:30 to 03:30 lasts three hours in the night that has one more. Refuses TIME_MISSING, TIME_TWICE.

    >>> night = Times(datetime(2026, 10, 24, 1, 30), timedelta(hours=2))
    >>> str(span_on(date(2026, 10, 25), night, ZoneInfo("Europe/Berlin")).length)
    '3:00:00'
    """
    start = datetime.combine(day, times.first.time())
    return Span(wall(start, zone), wall(start + times.length, zone))

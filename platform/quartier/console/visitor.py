"""Who looks at a page, as far as pages may know: the house, the hour, what she may, and how to ask the graph.

A page never names a site and never reads a row: it runs trusted documents as a client of the graph does. What
runs them is handed over by the composition root, with the desk of the request inside.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from quartier.console.answers import Turned, status_of
from quartier.console.changes import changed
from quartier.kit.moments import TimeMissing, TimeTwice, wall

Data = dict[str, Any]
_THING = re.compile(r"[a-z]{3}_[0-9a-f-]{36}")
MOST_PAGES = 10  # of a list that is read whole: a thousand rows
Reply = Mapping[str, Any]
Run = Callable[[str, Mapping[str, Any]], Awaitable[Reply]]
Follow = Callable[[], AsyncIterator[None]]
HandIn = Callable[[str, bytes], Awaitable[list[Data]]]


@dataclass(frozen=True, slots=True)
class Visitor:
    """One request for a page. `word` is what its forms carry; `path` is where it asked, with the
    query, `origin` what stands before it.

    `hand_in(address, body)` brings a file to an address of the graph's, and gives what was refused.
    """

    house: str
    slug: str
    kind: str
    zone: ZoneInfo
    language: str
    now: datetime
    permissions: frozenset[str]
    asleep: frozenset[str]
    person: str | None
    word: str
    path: str
    origin: str
    demo: bool
    run: Run = field(repr=False)
    follow: Follow = field(repr=False)
    hand_in: HandIn = field(repr=False)

    def may(self, *permissions: str) -> bool:
        """Whether she holds one of them."""
        return not self.permissions.isdisjoint(permissions)

    def demand(self, *permissions: str) -> None:
        """Turn away whoever holds none of them, before anything is asked."""
        if not self.may(*permissions):
            raise Turned(401 if self.person is None else 403)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def t(self, de: str, en: str | None) -> str:
        """The text of a row that has one in each language; English falls back to German."""
        return en if self.language == "en" and en else de

    async def ask(self, document: str, **variables: Any) -> Data:
        """The data of a trusted query; what she may not read of it is null. Raises Turned when all of it is refused."""
        reply = await self.run(document, variables)
        codes = _codes(reply)
        if reply.get("data") is None or not codes <= {"FORBIDDEN"}:
            raise Turned(status_of(codes, stranger=self.person is None))
        return dict(reply["data"])

    async def pages(self, document: str, root: str, **variables: Any) -> tuple[Data, list[Data]]:
        """The first answer, and all rows of a list in it: page after page, at most MOST_PAGES."""
        found = await self.ask(document, **variables)
        rows, info = list(found[root]["nodes"]), found[root]["pageInfo"]
        for _ in range(MOST_PAGES - 1):
            if not info["hasNextPage"]:
                break
            more = (await self.ask(document, **variables, after=info["endCursor"]))[root]
            rows += more["nodes"]
            info = more["pageInfo"]
        return found, rows

    async def do(self, document: str, *, dry: bool = False, **wish: Any) -> Data:
        """What a mutation answers, refusals included. Raises Turned for errors that are no refusals."""
        reply = await self.run(document, {"input": {**wish, "dryRun": dry}})
        codes = _codes(reply)
        if not reply.get("data") or not codes <= {"FORBIDDEN"}:
            raise Turned(status_of(codes, stranger=self.person is None))
        [payload] = reply["data"].values()
        done = dict(payload)
        if any(each["code"] == "STALE_VERSION" for each in done["refusals"]):
            done["refusals"] = await self._by_whom(done["refusals"], wish)
        return done

    async def _by_whom(self, refusals: list[Data], wish: Data) -> list[Data]:
        """Say who was faster, when, and with what; whoever may not know it reads the plain sentence."""
        thing = next((each for each in wish.values() if isinstance(each, str) and _THING.fullmatch(each)), None)
        reply = await self.run("lastChange", {"of": thing}) if thing and self.kind == "site" else {}
        found = (reply.get("data") or {}).get("lastChange")
        if not found:
            return refusals
        words = changed(found, self.language, self.zone)
        return [each | {"message": words} if each["code"] == "STALE_VERSION" else each for each in refusals]

    def midnight(self, day: date) -> datetime:
        """The instant a day begins here; where the clock skips it, the first one after."""
        try:
            return wall(datetime.combine(day, time()), self.zone)
        except TimeMissing as missing:
            return missing.numbers["next_at"]  # type: ignore[return-value]
        except TimeTwice as twice:
            return twice.numbers["first_at"]  # type: ignore[return-value]

    def bounds(self, first: date, days: int = 1) -> dict[str, str]:
        """Variables of documents that ask for a span of days."""
        begins, ends = self.midnight(first), self.midnight(first + timedelta(days=days))
        return {"begins": begins.isoformat(), "ends": ends.isoformat()}


def _codes(reply: Reply) -> frozenset[str]:
    return frozenset(error.get("extensions", {}).get("code", "INTERNAL") for error in reply.get("errors") or [])

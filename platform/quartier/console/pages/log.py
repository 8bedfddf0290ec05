"""The three logs: who came, what was done, who looked at whose data; of some days, of one person, and as a file."""

import csv
import io
import json
from datetime import datetime, timedelta
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned
from quartier.console.changes import DONE
from quartier.console.formats import Formats
from quartier.console.forms import Form, query_of
from quartier.console.mounted import visitor_of
from quartier.console.page import page
from quartier.console.pages.city import file_of, harmless
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
HERE = "/verwaltung/protokoll"
LOGS = {"kam": "EVENTS", "taten": "ACTS", "gesehen": "LOOKS"}
COLUMNS = {
    "de": ("Nummer", "Wann", "Was", "Grund", "Person", "Name", "Programm", "Gegenstand", "Einzelheiten", "Anfrage"),
    "en": ("Number", "When", "What", "Reason", "Person", "Name", "Program", "Thing", "Details", "Request"),
}


@get(HERE)
async def log(request: Asked) -> Response[str]:
    """Newest first; the filters live in the address. Looking at the logs is noted as well."""
    visitor = visitor_of(request)
    visitor.demand("access:audit")
    query = query_of(request)
    given, problems = _given(query), dict[str, str]()
    wanted = await _wanted(visitor, query, problems)
    seen = _instant(query.one("gesehen"))
    until = wanted.pop("until")
    asked: Data = wanted | {"until": until, "before": query.whole("vor"), "acts": query.whole("taten")}
    asked["seen"] = min((each for each in (seen, until) if each), default=None, key=datetime.fromisoformat)
    found = await visitor.ask("logPage", **asked)
    looks = [each | {"detail": json.loads(each["detail"])} for each in found["looks"]]
    kinds = {each["kind"] for each in (*found["accessEvents"], *found["auditEntries"], *found["looks"])}
    kept = {name: value for name, value in given.items() if value}
    if wanted["person"]:
        kept["wer"] = wanted["person"]
    return page(
        visitor, "log.html", nav="protokoll", status=422 if problems else 200, asked=("logPage", asked),
        events=found["accessEvents"], acts=found["auditEntries"], looks=looks, counts=found["logCounts"],
        given=given, problems=problems, kept=kept, kinds=sorted(kinds | set(DONE)),
    )  # fmt: skip


@get(HERE + ".csv")
async def as_csv(request: Asked) -> Response[bytes]:
    """One log with the filters of the page, the newest 500 lines, for German Excel. A line of the log says so."""
    visitor = visitor_of(request)
    visitor.demand("access:audit")
    query, problems = query_of(request), dict[str, str]()
    which = LOGS.get(query.one("welches"))
    wanted = await _wanted(visitor, query, problems)
    if which is None or problems:
        raise Turned(422)
    lines = (await visitor.ask("logExport", log=which, **wanted))["logExport"]
    formats, out = Formats(visitor.language, visitor.zone), io.StringIO()
    write = csv.writer(out, delimiter=";", lineterminator="\r\n")
    write.writerow(COLUMNS[visitor.language])
    for each in lines:
        at = formats.local(each["at"]).isoformat(sep=" ", timespec="seconds")
        facts = [each[name] or "" for name in ("kind", "reason", "person", "personName", "client", "subject", "detail")]
        write.writerow([harmless(str(cell)) for cell in (each["seq"] or "", at, *facts, each["requestId"])])
    name = f"protokoll-{query.one('welches')}-{visitor.today}.csv"
    return file_of(out.getvalue().encode("utf-8-sig"), "text/csv", name)


def _given(query: Form) -> Data:
    return {name: query.one(name)[:120] for name in ("ab", "bis", "wer", "art")}


async def _wanted(visitor: Visitor, query: Form, problems: dict[str, str]) -> Data:
    """The filters as the graph takes them; what cannot be read stands in `problems` and is left out."""
    first, last, kind = query.day("ab"), query.day("bis"), query.one("art")[:120]
    if query.one("bis") and last is None:
        problems["bis"] = visitor.t("Bitte einen Tag nennen.", "Please name a day.")
    if query.one("ab") and first is None:
        problems["ab"] = visitor.t("Bitte einen Tag nennen.", "Please name a day.")
    if first and last and last < first:
        problems["bis"] = visitor.t("Der letzte Tag liegt vor dem ersten.", "The last day lies before the first.")
    return {
        "person": await _person(visitor, query.one("wer")[:120], problems),
        "kinds": [kind] if kind else None,
        "since": visitor.midnight(first).isoformat() if first else None,
        "until": visitor.midnight(last + timedelta(days=1)).isoformat() if last else None,
    }


async def _person(visitor: Visitor, whom: str, problems: dict[str, str]) -> str | None:
    """By id, as a link has it, or by name, as somebody types it."""
    if not whom or whom.startswith("prs_"):
        return whom or None
    found = (await visitor.ask("peopleNamed", search=whom))["accessPeople"]
    named = [each for each in found if each["name"] == whom] or found
    if len(named) == 1:
        return str(named[0]["id"])
    problems["wer"] = (
        visitor.t(
            "Mehrere heißen so. Bitte den ganzen Namen schreiben.", "Several have this name. Please write all of it."
        )
        if named
        else visitor.t("Diese Person gibt es hier nicht.", "There is no such person here.")
    )
    return None


def _instant(text: str) -> str | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return text if found.tzinfo else None


PAGES: list[HTTPRouteHandler] = [log, as_csv]

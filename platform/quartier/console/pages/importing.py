"""A list of members from elsewhere: handed in, looked at line by line, taken in while one watches."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, refused
from quartier.console.forms import form_of, query_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
HERE = "/mitglieder/import"
MOST = 20_000  # lines of a file, quoted texts that go on included: more is no list of members
STEPS = {"uebernehmen": "confirmImport", "verwerfen": "dropImport"}
COLUMNS = (
    "Name", "Art", "Rechtsform", "Gemeinnützig", "Wirtschaftlich tätig", "Gegründet am", "NACE", "Straße", "PLZ", "Ort",
    "Stadtteil", "Website", "Beschreibung", "Wirtschafts-ID", "USt-IdNr.", "Register", "Steuernummer", "Ansprechperson",
    "E-Mail", "Rolle", "Tarif", "Mitglied seit",
)  # fmt: skip


@get(HERE)
async def imports(request: Asked) -> Response[str]:
    """The form for a file, and what was handed in before."""
    return await _form(visitor_of(request))


@get(HERE + "/vorlage.csv")
async def pattern(request: Asked) -> Response[bytes]:
    """An empty file with our columns, as German Excel opens it."""
    visitor_of(request).demand("members:import")
    headers = {"content-disposition": 'attachment; filename="mitglieder.csv"', "cache-control": "no-store"}
    body = (";".join(COLUMNS) + "\r\n").encode("utf-8-sig")
    return Response(body, media_type="text/csv", headers=headers)


@post(HERE, status_code=200)
async def hand_in(request: Asked) -> Response[str]:
    """Look at a file. Nothing else happens yet."""
    visitor, sent = visitor_of(request), await form_of(request)
    visitor.demand("members:import")
    english = visitor.language == "en"
    if sent.file is None or not sent.file[1].strip():
        return await _form(visitor, 422, problem="Please choose a file." if english else "Bitte eine Datei wählen.")
    name, body = sent.file
    text = _text(body)
    if text is None or text.count("\n") > MOST:
        words = (
            "This is no CSV file. Please save the table as “CSV UTF-8” first."
            if english
            else "Das ist keine CSV-Datei. Bitte die Tabelle erst als „CSV UTF-8“ speichern."
        )
        return await _form(visitor, 422, problem=words)
    lines = text.split("\n")
    done = await visitor.do("checkImport", idempotencyKey=sent.one("key"), name=_name(name), lines=lines)
    status = refused(done)
    if status is not None:
        return await _form(visitor, status, refusals=done["refusals"])
    return onward(f"{HERE}/{done['list']['id']}")


@get(HERE + "/{run:str}")
async def looked_at(request: Asked, run: str) -> Response[str]:
    """What would come of a list; while it is taken in, how far that is."""
    return await _run(visitor_of(request), run, after=query_of(request).one("weiter") or None)


@post(HERE + "/{run:str}/{step:str}", status_code=200)
async def decide(request: Asked, run: str, step: str) -> Response[str]:
    """Take the list in, or throw it away."""
    visitor, sent = visitor_of(request), await form_of(request)
    if step not in STEPS:
        raise Turned(404)
    wish: Data = {"run": run, "version": sent.whole("version") or 0}
    if step == "uebernehmen":
        wish["leaveOutFaulty"] = bool(sent.one("ohne"))
    done = await visitor.do(STEPS[step], idempotencyKey=sent.one("key"), **wish)
    status = refused(done)
    if status is None:
        return onward(HERE if step == "verwerfen" else f"{HERE}/{run}")
    return await _run(visitor, run, status, refusals=done["refusals"])


def _text(body: bytes) -> str | None:
    """The text of a file as Excel saves it: UTF-8, else Windows; None where it is none."""
    if b"\0" in body:
        return None
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1252", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _name(name: str) -> str:
    shown = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable()).strip()
    return shown[:200] or "liste.csv"


async def _form(visitor: Visitor, status: int = 200, **told: Any) -> Response[str]:
    visitor.demand("members:import")
    found = (await visitor.ask("memberImports"))["memberImports"]["nodes"]
    return page(
        visitor, "imports.html", nav="mitglieder", status=status, asked=("memberImports", {}), found=found,
        columns=COLUMNS, **({"problem": None} | told),
    )  # fmt: skip


async def _run(
    visitor: Visitor, run: str, status: int = 200, *, after: str | None = None, **told: Any
) -> Response[str]:
    visitor.demand("members:import")
    asked: Data = {"id": run, "after": after}
    found = (await visitor.ask("memberImport", **asked))["memberImport"]
    if found is None:
        raise Turned(404)
    alike = []
    if visitor.may("members:merge"):
        alike = (await visitor.ask("importLookalikes", run=run))["importLookalikes"]
    return page(
        visitor, "import.html", nav="mitglieder", status=status, asked=("memberImport", asked), run=found, alike=alike,
        **told,
    )  # fmt: skip


PAGES: list[HTTPRouteHandler] = [imports, pattern, hand_in, looked_at, decide]

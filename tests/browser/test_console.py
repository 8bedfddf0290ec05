"""The console in a real browser: every page at every width, by keyboard, without scripts, and alive."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from browser.chromium import FLAGS, chromium
from conftest import Cluster
from console.applicants import applicant_of, open_call
from console.reader import Reader, signed_in
from doorway import installed, running
from graph.places import Place, settle
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from world import NOW, Administrator, Site, open_city, open_site

from quartier.app import App, create_app
from quartier.database.engine import TenantEngine
from quartier.insight.figures import publish
from quartier.settings import Settings
from quartier.web.port import listening
from quartier.web.serve import server
from quartier_graph.edges import edges

WIDTHS = (320, 390, 1440)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAGES = {
    "manager": (
        "/heute?tag=2026-11-20", "/raeume?tag=2026-11-20", "/raeume/monat", "/raeume/buchen", "/buchungen/{bkg}",
        "/raeume/schliessungen", "/raeume/vermietung", "/raeume/preise", "/raeume/kalender", "/raeume/bilder",
        "/mitglieder", "/mitglieder/{org}", "/mitglieder/antraege", "/mitglieder/neu",
        "/mitglieder/felder", "/mitglieder/import", "/mitglieder/import/{imp}", "/mitglieder/dubletten?von={org}&mit=e",
        "/mitglieder/zusammenfuehren?bleibt={org}&dublette={org2}",
        "/suche?q=e", "/programm", "/programm/{wsp}", "/programm/{wsp}/anwesenheit",
        "/foerderung", "/foerderung/antraege", "/foerderung/antraege/{apl}", "/mein", "/mein/verzeichnis",
        "/mein/benachrichtigungen", "/kennzahlen", "/aufgaben",
    ),
    "finance": ("/aufgaben",), "award_authority": ("/aufgaben",), "jury": ("/aufgaben",),
    "site_admin": ("/verwaltung/zugang", "/verwaltung/partner", "/verwaltung/clients", "/verwaltung/webhooks",
                   "/verwaltung/texte", "/verwaltung/texte/series_booked/de", "/verwaltung/protokoll"),
    "stranger": ("/", "/raumangebot", "/tuer", "/tuer/{spc}", "/netzwerk", "/foerderaufrufe",
                 "/gibt-es-nicht", "/wieder-da"),
}  # fmt: skip


@dataclass
class Desk:
    """A running console, a filled site whose texts break careless pages, and a city."""

    app: App
    port: int
    west: Place
    city: Site

    def at(self, path: str, site: Site | None = None) -> str:
        return f"http://{(site or self.west.site).realm.host}:{self.port}{path}"

    async def ids(self) -> dict[str, str]:
        found = {"bkg": self.west.ids("bkg")[1], "org": self.west.ids("org")[0], "org2": self.west.ids("org")[1]}
        wanted = (("wsp", "app.workshop", "published"), ("apl", "app.application", "approved"),
                  ("imp", "app.import_run", "running"), ("spc", "app.space", "open"))  # fmt: skip
        for prefix, table, state in wanted:
            rows = await self.west.site.sql(
                f"select id from {table} where tenant_id = $1 and state = '{state}' order by created_at, id limit 1",
                self.west.site.id,
            )
            found[prefix] = f"{prefix}_{rows[0]['id']}"
        return found


@pytest_asyncio.fixture(scope="module")
async def desk(
    engine: TenantEngine, postgres: Cluster, database: str, administrator: Administrator
) -> AsyncIterator[Desk]:
    chromium()
    await publish(postgres.dsn(database))
    of = await open_city(administrator)
    city = await open_site(administrator, of.realm.city_id, "rathaus", "city", suffix="localhost")
    west = await settle(administrator, of.realm.city_id, "west", suffix="localhost")
    sock = listening("127.0.0.1", 0)
    port: int = sock.getsockname()[1]
    settings = Settings(data=Path("unused"), demo=True, port=port, clock_ahead=NOW - datetime.now(UTC))
    installation = installed(postgres, database, settings)
    app = create_app(settings, edges(settings, installation), installation)
    async with running(app):
        serving = server(app)
        task = asyncio.create_task(serving.serve([sock]))
        yield Desk(app, port, west, city)
        serving.should_exit = True
        await task


@pytest_asyncio.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield launched
        await launched.close()


async def opened(browser: Browser, desk: Desk, *roles: str, site: Site | None = None, **options: Any) -> BrowserContext:
    """A browser of somebody with these roles; without any a stranger's. What leaves the house or fails is kept."""
    of = site or desk.west.site
    return await entered(browser, await signed_in(desk.app, of, *roles) if roles else None, **options)


async def entered(browser: Browser, reader: Reader | None, **options: Any) -> BrowserContext:
    """A browser with the session of a reader; a stranger's without."""
    context = await browser.new_context(**({"locale": "de-DE", "reduced_motion": "reduce"} | options))
    if reader:
        assert reader.session
        kept = {"name": "__Host-session", "value": reader.session, "domain": reader.site.realm.host, "path": "/"}
        await context.add_cookies([kept | {"secure": True, "httpOnly": True, "sameSite": "Lax"}])  # type: ignore[list-item]
    return context


def watched(page: Page) -> list[str]:
    """What a page does that it must not: ask another host, break its policy, fail."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if "Content Security Policy" in line.text else None)

    def left(url: str) -> None:
        host = url.split("/")[2] if "//" in url else "data"
        if not url.startswith(("data:", "blob:")) and ".localhost:" not in host:
            wrong.append(url)

    page.on("request", lambda request: left(request.url))
    return wrong


async def examined(browser: Browser, desk: Desk, role: str, looks: Callable[[int], set[tuple[int, str]]]) -> Any:
    """What is wrong with the pages of a role: too wide at any width, and what axe finds at the widths of `looks`."""
    context = await opened(browser, desk, *([] if role == "stranger" else [role]))
    page, found, ids = await context.new_page(), {}, await desk.ids()
    wrong = watched(page)
    for n, path in enumerate(PAGES[role]):
        await page.goto(desk.at(path.format(**ids)))
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 800})
            if (over := await page.evaluate(OVERFLOW)) > 0:
                found[f"{path} {width}"] = f"{over} px too wide"
            for scheme in ("light", "dark"):
                if (width, scheme) not in looks(n):
                    continue
                await page.emulate_media(color_scheme=scheme)
                for each in (await Axe().run(page, options=RULES)).response["violations"]:
                    found[f"{path} {width} {scheme} {each['id']}"] = str([node["html"][:200] for node in each["nodes"]])
    await context.close()
    return found, wrong


@pytest.mark.parametrize("role", PAGES)
async def test_no_page_is_too_wide_and_axe_finds_nothing(browser: Browser, desk: Desk, role: str) -> None:
    """One look of axe at each page, small and light or large and dark; all looks by `-m slow`."""
    looked = await examined(browser, desk, role, lambda n: {(320, "light") if n % 2 else (1440, "dark")})
    assert looked == ({}, [])


@pytest.mark.slow
@pytest.mark.parametrize("role", PAGES)
async def test_axe_finds_nothing_at_any_width_light_or_dark(browser: Browser, desk: Desk, role: str) -> None:
    every = {(width, scheme) for width in WIDTHS for scheme in ("light", "dark")}
    assert await examined(browser, desk, role, lambda n: every) == ({}, [])


async def test_the_city_compares_at_any_width(browser: Browser, desk: Desk) -> None:
    context = await opened(browser, desk, "city_analyst", site=desk.city)
    page = await context.new_page()
    wrong = watched(page)
    await page.goto(desk.at("/vergleich?ab=2026-10-01", desk.city))
    for width in (320, 1440):
        await page.set_viewport_size({"width": width, "height": 800})
        assert await page.evaluate(OVERFLOW) <= 0
        assert (await Axe().run(page, options=RULES)).response["violations"] == []
    assert wrong == []
    await context.close()


async def test_a_taken_space_is_told_while_one_chooses_and_one_click_books_another(
    browser: Browser, desk: Desk
) -> None:
    context = await opened(browser, desk, "front_desk")
    page = await context.new_page()
    wrong = watched(page)
    space = desk.west.ids("spc")[3]
    await page.goto(desk.at(f"/raeume/buchen?raum={space}&tag=2026-12-03&von=10:00&bis=11:00"))
    await page.fill("#f-titel", "Lesekreis")
    await page.select_option("#f-bis", "12:00")
    await page.wait_for_selector("text=Frei. So kann gebucht werden.")
    await page.click("text=Buchen >> nth=-1")
    await page.wait_for_url("**/buchungen/**")
    await page.goto(desk.at(f"/raeume/buchen?raum={space}&tag=2026-12-03&von=08:00&bis=09:00"))
    await page.fill("#f-titel", "Zweiter Kreis")
    await page.select_option("#f-von", "10:30")
    await page.select_option("#f-bis", "11:30")
    await page.wait_for_selector("text=schon vergeben")
    assert await page.input_value("#f-titel") == "Zweiter Kreis"
    await page.click(".ways button >> nth=0")
    await page.wait_for_url("**/buchungen/**")
    assert "Zweiter Kreis" in await page.inner_text("h1")
    assert wrong == []
    await context.close()


async def test_the_day_changes_by_itself_when_somebody_books(browser: Browser, desk: Desk) -> None:
    context = await opened(browser, desk, "front_desk")
    page = await context.new_page()
    await page.goto(desk.at("/heute"))
    other = await signed_in(desk.app, desk.west.site, "front_desk")
    wish = {
        "raum": desk.west.ids("spc")[2],
        "tag": "2026-11-19",
        "von": "16:00",
        "bis": "17:00",
        "titel": "Eben gebucht",
    }
    made = await other.post("/raeume/buchen", wish | {"key": "live", "trotzdem": "1"})
    assert made.status_code == 303, made.text
    await page.wait_for_selector("text=Eben gebucht", timeout=10_000)
    await context.close()


async def test_what_was_typed_into_an_application_outlives_a_reload_until_it_is_handed_in(
    browser: Browser, desk: Desk
) -> None:
    site = desk.west.site
    path = f"/foerderaufrufe/cll_{await open_call(site)}/antrag"
    context = await entered(browser, await applicant_of(desk.app, site, desk.west.ids("org")[0]))
    page = await context.new_page()
    wrong = watched(page)
    await page.goto(desk.at(path))
    await page.fill("#f-titel", "Lastenrad")
    await page.fill("#f-betrag0", "1000")
    await page.reload()
    assert (await page.input_value("#f-titel"), await page.input_value("#f-betrag0")) == ("Lastenrad", "1000")
    await page.click("text=Nur prüfen")
    await page.wait_for_selector("#gruende")
    for width, scheme in ((320, "light"), (1440, "dark")):
        await page.set_viewport_size({"width": width, "height": 800})
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert await page.evaluate(OVERFLOW) <= 0
        assert [each["id"] for each in (await Axe().run(page, options=RULES)).response["violations"]] == []
    await page.fill("#f-summe0", "600")
    await page.fill("#f-summe1", "400")
    await page.click("text=Einreichen")
    await page.wait_for_url("**/foerderung/antraege/**")
    await page.goto(desk.at(path))
    assert await page.input_value("#f-titel") == ""
    assert wrong == []
    await context.close()


async def test_everything_works_without_scripts(browser: Browser, desk: Desk) -> None:
    context = await opened(browser, desk, "front_desk", java_script_enabled=False)
    page = await context.new_page()
    await page.goto(desk.at(f"/raeume/buchen?raum={desk.west.ids('spc')[1]}&tag=2026-12-04&von=10:00&bis=11:00"))
    await page.fill("#f-titel", "Ohne Skript")
    await page.click("text=Buchen >> nth=-1")
    await page.wait_for_url("**/buchungen/**")
    assert "Gebucht." in await page.inner_text("main")
    await page.fill("#f-absage", "doch nicht")
    await page.click("text=Buchung absagen")
    await page.wait_for_selector("text=abgesagt")
    assert "abgesagt" in await page.inner_text("main")
    await page.fill("#suche", "Kontor")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/suche**")
    assert "Kontor" in await page.inner_text("h1")
    await context.close()


async def test_the_house_is_walked_by_keyboard_alone(browser: Browser, desk: Desk) -> None:
    context = await opened(browser, desk, "front_desk")
    page = await context.new_page()
    await page.goto(desk.at("/heute"))
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    assert await page.evaluate("location.hash") == "#inhalt"
    await page.keyboard.press("b")
    await page.wait_for_url("**/raeume/buchen**")
    await page.keyboard.press("Control+k")
    assert await page.evaluate("document.activeElement.id") == "suche"
    await page.keyboard.type("b")  # in a field a letter is a letter
    assert await page.input_value("#suche") == "b"
    await page.evaluate("localStorage.setItem('keys', 'off')")
    await page.goto(desk.at("/heute"))
    await page.keyboard.press("b")
    await page.wait_for_timeout(200)
    assert page.url.endswith("/heute")  # single letters can be switched off (WCAG 2.1.4)
    await context.close()


async def test_the_footer_opens_the_page_s_own_document_and_it_answers(browser: Browser, desk: Desk) -> None:
    context = await opened(browser, desk, "front_desk")
    page = await context.new_page()
    wrong = watched(page)
    await page.goto(desk.at("/heute?tag=2026-11-20"))
    await page.click("text=GraphQL dieser Seite")
    await page.wait_for_selector(".graphiql-container .CodeMirror", timeout=20_000)
    assert "query deskDay" in await page.inner_text(".graphiql-container")
    await page.click("button.graphiql-execute-button")
    await page.wait_for_selector(".result-window >> text=nodes", timeout=10_000)
    assert [each for each in wrong if "http" in each] == []
    await context.close()

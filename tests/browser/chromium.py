"""A real browser at a real port: Debian's Chromium, which knows `*.localhost` by itself."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from access.test_sign_in import somebody
from conftest import Cluster
from doorway import installed, running, who_speaks
from playwright.async_api import Browser, BrowserContext, CDPSession, Page, async_playwright
from world import Administrator, Site, open_site

from quartier.access.post import Letterbox
from quartier.app import App, Edges, create_app
from quartier.database.engine import TenantEngine
from quartier.settings import Settings
from quartier.web.port import listening
from quartier.web.serve import server

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class House:
    """A running house and the sites of one test, each under a name that the browser resolves itself."""

    app: App
    port: int
    west: Site
    east: Site

    def at(self, site: Site, path: str = "") -> str:
        return f"http://{site.realm.host}:{self.port}{path}"

    def code(self) -> str:
        """The code of the newest letter."""
        assert isinstance(self.app.front.post, Letterbox)
        return self.app.front.post.letters[0].subject[:8]

    def link(self) -> str:
        """The link of the newest letter."""
        assert isinstance(self.app.front.post, Letterbox)
        [found] = [word for word in self.app.front.post.letters[0].text.split() if word.startswith("http://")]
        return found


@dataclass
class Visitor:
    """One person's browser with a device that knows passkeys; a request that leaves the house is kept."""

    house: House
    context: BrowserContext
    page: Page
    device: CDPSession
    key: str
    left: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    async def go(self, path: str, site: Site | None = None) -> None:
        await self.page.goto(self.house.at(site or self.house.west, path))

    async def sign_in(self, *roles: str) -> Any:
        """By code, as anybody would; give the person."""
        person, address = await somebody(self.house.west, *roles)
        await self.go("/auth/login")
        await self.page.fill("#address", address)
        await self.page.click("text=Code anfordern")
        await self.page.fill("#code", self.house.code())
        await self.page.click("main button")
        await self.page.wait_for_url("**/auth/sessions")
        return person

    async def set_up(self, name: str = "Laptop am Empfang") -> None:
        """Set a passkey up on the page of one's sign-ins."""
        await self.page.fill("#name", name)
        await self.page.click("form[data-passkey=set-up] button")
        await self.page.wait_for_selector(f"text={name}")

    async def told(self) -> str:
        """What the page says under the button, once it says something."""
        area = self.page.locator(".told:not(:empty)").first
        return await area.inner_text()


def chromium() -> str:
    """Where it is; without it the test is skipped, or fails where REQUIRE_BROWSER is set."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None and os.environ.get("REQUIRE_BROWSER"):
        pytest.fail("no Chromium, and REQUIRE_BROWSER is set")
    if path is None:
        pytest.skip("no Chromium: apt install chromium")
    return path


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(scope="session")
async def served(engine: TenantEngine, postgres: Cluster, database: str) -> AsyncIterator[tuple[App, int]]:
    """The house at a port of its own: its origin names the port, so the port is taken first."""
    sock = listening("127.0.0.1", 0)
    port: int = sock.getsockname()[1]
    settings = Settings(data=Path("unused"), demo=True, port=port)
    app = create_app(settings, Edges(graphql=who_speaks), installed(postgres, database, settings))
    async with running(app):
        serving = server(app)
        task = asyncio.create_task(serving.serve([sock]))
        yield app, port
        serving.should_exit = True
        await task


@pytest_asyncio.fixture
async def house(served: tuple[App, int], the_city: Site, administrator: Administrator) -> House:
    app, port = served
    sites = [
        await open_site(administrator, the_city.realm.city_id, word, suffix="localhost") for word in ("west", "east")
    ]
    await app.house.directory.load()
    return House(app, port, *sites)


@contextlib.asynccontextmanager
async def visiting(browser: Browser, house: House, **options: Any) -> AsyncIterator[Visitor]:
    """Open a browser of somebody; at the end nothing has left the house and no script has failed."""
    context = await browser.new_context(**({"locale": "de-DE"} | options))
    page = await context.new_page()
    device = await context.new_cdp_session(page)
    await device.send("WebAuthn.enable")
    made = await device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    visitor = Visitor(house, context, page, device, made["authenticatorId"])
    own = {f"{site.realm.host}:{house.port}" for site in (house.west, house.east)}

    def look(url: str) -> None:
        if url.split("/")[2:3] and url.split("/")[2] not in own and not url.startswith("data:"):
            visitor.left.append(url)

    context.on("request", lambda request: look(request.url))
    page.on("pageerror", lambda error: visitor.faults.append(str(error)))
    page.set_default_timeout(5000)
    yield visitor
    await context.close()
    assert (visitor.left, visitor.faults) == ([], [])


@pytest_asyncio.fixture
async def visitor(browser: Browser, house: House) -> AsyncIterator[Visitor]:
    async with visiting(browser, house) as one:
        yield one

"""Pictures of the console for people who want to look before they read: fourteen pages, on a desk and on a phone.

    ./quartier pictures [--only heute]

Starts a demo of its own with data made anew, signs in as invented people by the practice provider, and writes PNG files
to platform/quartier/console/pictures/. It needs Debian's Chromium.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from typing import Any

from browser.chromium import FLAGS, chromium
from playwright.async_api import Browser, BrowserContext, async_playwright

from quartier.settings import CHECKOUT

OUT = CHECKOUT / "platform" / "quartier" / "console" / "pictures"
SIZES = {"desk": (1280, 860), "phone": (390, 844)}
WEST, CITY = "leipzig-west.localhost", "stadt.localhost"
# Name of the picture: whose eyes, at which host, which path. A pattern stands for the first link that fits it.
PICTURES: dict[str, tuple[str | None, str, str | re.Pattern[str]]] = {
    "start": (None, WEST, "/"),
    "raumangebot": (None, WEST, "/raumangebot"),
    "heute": ("front_desk", WEST, "/heute"),
    "kalender": ("front_desk", WEST, "/raeume"),
    "buchen": ("front_desk", WEST, "/raeume/buchen?tag=2026-11-24&von=10:00&bis=12:00"),
    "aufgaben": ("award_authority", WEST, "/aufgaben"),
    "schliessungen": ("manager", WEST, "/raeume/schliessungen"),
    "mitglied": ("manager", WEST, re.compile(r"^/mitglieder/org_")),
    "workshop": ("manager", WEST, re.compile(r"^/programm/wsp_")),
    "foerderung": ("grants_officer", WEST, "/foerderung"),
    "mein-bereich": ("member_admin", WEST, "/mein"),
    "antrag": ("member_admin", WEST, re.compile(r"^/foerderaufrufe/cll_[^/]+/antrag")),
    "zugang": ("site_admin", WEST, "/verwaltung/zugang"),
    "stadtvergleich": ("city_analyst", CITY, "/vergleich"),
}
LISTS = {"mitglied": "/mitglieder", "workshop": "/programm", "antrag": "/foerderaufrufe"}


@contextlib.asynccontextmanager
async def demo() -> AsyncIterator[dict[str, Any]]:
    """A demo at a free port; what it says when it is ready."""
    with tempfile.TemporaryDirectory() as data:
        os.chmod(data, 0o755)  # noqa: PTH101, S103  (started by root, the database runs as somebody else)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "quartier.cli", "demo", "--port", "0", "--data", data, "--json",
            stdout=asyncio.subprocess.PIPE, env=os.environ | {"QUARTIER_LOG_LEVEL": "ERROR"}, limit=2**22,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            line = await asyncio.wait_for(process.stdout.readline(), 300)
            yield json.loads(line)
        finally:
            process.send_signal(signal.SIGINT)
            await process.wait()


async def signed_in(browser: Browser, told: dict[str, Any], role: str | None, host: str) -> BrowserContext:
    """A browser of somebody with this role, who came by the practice provider."""
    context = await browser.new_context(locale="de-DE", reduced_motion="reduce", device_scale_factor=1)
    if role is not None:
        login = next(each for each in told["people"] if each["host"] == host and role in each["roles"])["login"]
        page = await context.new_page()
        await page.goto(login["url"])
        await page.locator(f'[value="{login["sub"]}"]').first.click()
        await page.wait_for_url(f"http://{host}:*/**")
        await page.close()
    return context


async def draw(browser: Browser, told: dict[str, Any], name: str) -> None:
    role, host, path = PICTURES[name]
    port = told["sites"][0]["url"].rpartition(":")[2]
    context = await signed_in(browser, told, role, host)
    page = await context.new_page()
    address = f"http://{host}:{port}"
    if isinstance(path, re.Pattern):
        await page.goto(address + LISTS[name])
        links = await page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
        path = next(link for link in links if path.match(link))
    for size, (width, height) in SIZES.items():
        await page.set_viewport_size({"width": width, "height": height})
        await page.goto(address + path)
        await page.evaluate("document.fonts.ready")
        await page.screenshot(path=OUT / f"{name}-{size}.png")
    await context.close()


async def main() -> None:
    parser = argparse.ArgumentParser(prog="quartier pictures", description=__doc__)
    parser.add_argument("--only", choices=sorted(PICTURES), help="One of them alone.")
    only = parser.parse_args().only
    OUT.mkdir(exist_ok=True)
    async with demo() as told, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for name in [only] if only else PICTURES:
            await draw(browser, told, name)
            print(f"{name}: {', '.join(SIZES)}", file=sys.stderr)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())

"""What a first look at the house costs a phone: everything a page loads, compressed as a proxy would."""

import gzip
import re
from pathlib import Path

import httpx2
from console.conftest import Town
from console.reader import Reader

MOST = 150_000  # bytes, without the explorer (CONSOLE's bar)
ASSET = re.compile(r'(?:href|src|srcset)="(/[^"]+\.(?:css|js|svg|woff2|webp)[^"]*)"')
INNER = re.compile(r"url\(([^)]+)\)")


def packed(answer: httpx2.Response) -> int:
    """Fonts and pictures are compressed already; a second time makes them larger."""
    is_packed = answer.url.path.endswith(("woff2", "webp"))
    return len(answer.content) if is_packed else len(gzip.compress(answer.content, 6))


async def first_load(reader: Reader, path: str) -> int:
    """Bytes of a page and all it names, pictures further down included."""
    page = await reader.get(path)
    total, seen = packed(page), set()
    waiting = [address for address in ASSET.findall(page.text) if not address.startswith("/explorer")]
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        answer = await reader.get(address)
        assert answer.status_code == 200, address
        total += packed(answer)
        if ".css" in address:
            base = httpx2.URL(f"https://x{address}")
            waiting += [str(base.join(inner.strip("'\"")).raw_path.decode()) for inner in INNER.findall(answer.text)]
    assert len(seen) > 5, path
    return total


async def test_the_heaviest_page_and_all_it_loads_stay_below_the_bar(town: Town) -> None:
    desk = await town.reader("manager")
    worst = 0
    for path in ("/heute?tag=2026-11-20", "/raumangebot", "/raeume/buchen", "/mitglieder", "/foerderung"):
        worst = max(worst, await first_load(desk, path))
    assert worst < MOST, f"{worst / 1000:.0f} kB"
    print(f"heaviest first load: {worst / 1000:.0f} kB")


def test_no_font_is_kept_that_no_page_asks_for() -> None:
    static = Path(__file__).parents[2] / "platform/quartier/console/static"
    asked = "".join(each.read_text("utf-8") for each in static.rglob("console/*.css"))
    fonts = {each.name for each in (static / "vendor/fonts").glob("*.woff2")}
    assert fonts == {name for name in fonts if name in asked}

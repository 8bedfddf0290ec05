"""What is taken of what people hand in: by content, within bounds, drawn anew; and how long it waits."""

import asyncio
import io
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from crowd import outcomes
from handed import PDF, noise, picture, png_that_says
from PIL import Image
from refusing import refusals
from world import NOW, Site

from quartier.access.scanner import Scanner
from quartier.access.uploads import take_in
from quartier.tenancy.desk import Desk
from quartier.tenancy.files import actions, queries
from quartier.tenancy.files.kinds import objections_to_name, served_name
from quartier.tenancy.files.pictures import SMALL_BYTES
from quartier.tenancy.files.words import (
    GOOD_FOR,
    KEPT_UNUSED,
    MOST_BYTES,
    MOST_OF_A_SITE,
    MOST_WAITING,
    Awaited,
    Part,
    Purpose,
)


async def pieces(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def parts_of(body: bytes, name: str = "datei", purpose: Purpose = "membership_paper") -> list[Part]:
    return await actions.understood(Awaited(UUID(int=1), purpose, name, max(1, len(body)), NOW), body)


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("bombe.txt", b"\0" * 10_000_000)
    return out.getvalue()


# -- what it is -------------------------------------------------------------------------------------------------------
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (SVG, "FILE_KIND_UNFIT"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "FILE_KIND_UNFIT"),
        (b"\n" + PDF, "FILE_KIND_UNFIT"),
        (EICAR, "FILE_KIND_UNFIT"),
        (archive(), "FILE_KIND_UNFIT"),
        (picture("GIF"), "FILE_KIND_UNFIT"),
        (b"", "FILE_WITHOUT_CONTENT"),
        (PDF + archive(), "PDF_UNFIT"),
        (PDF + archive() + b"%%EOF\n", "PDF_UNFIT"),
        (PDF[:-7], "PDF_UNFIT"),
        (b"%PDF-9.9\n" + PDF, "PDF_UNFIT"),
        (b"%PDF-1.4\n<html><script>alert(1)</script>\n" + PDF, "PDF_UNFIT"),
        (PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /JavaScript >>"), "PDF_UNFIT"),
        (PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /#4aava#53cript >>"), "PDF_UNFIT"),
        (PDF.replace(b"/Root", b"/Encrypt 3 0 R /Root"), "PDF_UNFIT"),
        (PDF.replace(b"/Catalog", b"/Catalog /Names << /EmbeddedFiles 5 0 R >>"), "PDF_UNFIT"),
        (PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /SubmitForm /F (x) >>"), "PDF_UNFIT"),
        (PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /ImportData /F (x) >>"), "PDF_UNFIT"),
        (picture("PNG")[:300], "PICTURE_BROKEN"),
        (b"\x89PNG\r\n\x1a\n" + SVG, "PICTURE_BROKEN"),
        (b"RIFF\x24\x00\x00\x00WEBP" + SVG, "PICTURE_BROKEN"),
        (png_that_says(50_000, 50_000), "PICTURE_TOO_LARGE"),
        (png_that_says(10_000, 10_000), "PICTURE_TOO_LARGE"),
        (png_that_says(12_001, 10), "PICTURE_TOO_LARGE"),
        (b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x5f\x3e\0\x5f\x3e\0", "PICTURE_TOO_LARGE"),  # 15,968 each way
    ],
)
async def test_54_what_is_something_else_by_its_content_is_refused_by_name(body: bytes, code: str) -> None:
    assert list(await refusals(parts_of(body))) == [code]


async def test_54_a_picture_that_unpacks_to_more_than_it_says_is_as_large_as_it_says() -> None:
    [part] = await parts_of(png_that_says(100, 100))
    assert (part.width, part.height) == (100, 100)


@pytest.mark.parametrize("name", ["rechnung.pdf.exe", "rechnung.pdf.html", "bild.pdf.svg", "auszug.png"])
async def test_54_a_name_that_ends_as_something_else_is_refused(name: str) -> None:
    assert list(await refusals(parts_of(PDF, name))) == ["FILE_NAME_UNFIT"]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\x.pdf", "a\0.pdf", "..", " . ", "", "x" * 151, "a\u202efdp.exe"]
)
def test_54_a_name_is_a_name_and_no_place(name: str) -> None:
    assert [each.code for each in objections_to_name(name)] == ["FILE_NAME_UNFIT"]


def test_a_served_name_has_one_ending_that_of_what_we_kept() -> None:
    assert served_name("rechnung.exe.pdf", "application/pdf") == "rechnung_exe.pdf"
    assert served_name("Antrag Nr. 5", "image/jpeg") == "Antrag Nr_ 5.jpg"


# -- pictures are drawn anew ------------------------------------------------------------------------------------------
async def test_a_pdf_stays_as_it_is_a_photo_of_a_paper_becomes_a_plain_picture() -> None:
    [whole] = await parts_of(PDF, "Auszug.PDF")
    assert (whole.variant, whole.media, whole.content) == ("whole", "application/pdf", PDF)
    [photo] = await parts_of(picture("WEBP", 4000, 1000), "auszug.webp")
    assert (photo.media, photo.width, photo.height) == ("image/jpeg", 3000, 750)


async def test_54_what_a_camera_wrote_into_a_picture_is_gone_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010E] = "KANARIENVOGEL"
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 20.0, 0.0), 3: "E", 4: (12.0, 20.0, 0.0)})
    body = picture("JPEG", 640, 480, exif=exif, comment=b"KANARIENVOGEL")
    assert b"KANARIENVOGEL" in body
    for part in [*await parts_of(body, "x.jpg"), *await parts_of(body, "x.jpg", "space_photo")]:
        assert b"KANARIENVOGEL" not in part.content
        found = Image.open(io.BytesIO(part.content))
        assert dict(found.getexif()) == {}
        assert found.height > found.width, part.variant


DRAWN = """
import re, sys
from pathlib import Path
from quartier.tenancy.files.pictures import redrawn
from quartier.kit.refusal import Refused
try:
    redrawn(sys.stdin.buffer.read(), sys.argv[1], sys.argv[2])
except Refused as refused:
    print(refused.refusals[0].code)
else:
    print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the memory a process took at most stands in /proc")
@pytest.mark.parametrize(
    ("mode", "form", "side", "told"),
    [
        ("RGBA", "PNG", 5000, "drawn"),
        ("P", "PNG", 5000, "drawn"),
        ("RGBA", "WEBP", 4000, "drawn"),
        ("L", "PNG", 6300, "drawn"),
        ("RGBA", "PNG", 5001, "PICTURE_TOO_LARGE"),
        ("RGBA", "WEBP", 4001, "PICTURE_TOO_LARGE"),
    ],
)
async def test_54_a_few_bytes_take_no_gigabyte_while_they_are_drawn(mode: str, form: str, side: int, told: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (side, side)).save(out, form)
    assert len(out.getvalue()) < 200_000
    command = (sys.executable, "-c", DRAWN, form.lower(), "membership_paper")
    made = await asyncio.to_thread(subprocess.run, command, input=out.getvalue(), capture_output=True, check=True)
    if told == "drawn":
        assert int(made.stdout) < 400  # megabytes of the whole process
    else:
        assert made.stdout.decode().strip() == told


async def test_a_photo_comes_small_and_large_for_old_and_new_browsers() -> None:
    parts = {part.variant: part for part in await parts_of(noise(2000, 1500), "x.png", "space_photo")}
    assert {name: (part.media, part.width, part.height) for name, part in parts.items()} == {
        "small_webp": ("image/webp", 320, 240),
        "small_jpeg": ("image/jpeg", 320, 240),
        "large_webp": ("image/webp", 1280, 960),
        "large_jpeg": ("image/jpeg", 1280, 960),
    }
    for part in await parts_of(noise(320, 240), "x.png", "space_photo"):  # nothing packs it: it has to become smaller
        if part.variant.startswith("small"):
            assert len(part.content) <= SMALL_BYTES
            assert part.width is not None
            assert part.width < 320
    see_through = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    out = io.BytesIO()
    see_through.save(out, "PNG")
    [white] = await parts_of(out.getvalue(), "x.png")
    assert Image.open(io.BytesIO(white.content)).getpixel((20, 20)) == (255, 255, 255)


async def test_a_photo_is_no_paper_and_a_paper_no_photo() -> None:
    assert list(await refusals(parts_of(PDF, "x.pdf", "space_photo"))) == ["FILE_KIND_UNFIT"]


# -- the address ------------------------------------------------------------------------------------------------------
@pytest_asyncio.fixture
async def lena(west: Site) -> AsyncIterator[Desk]:
    person = await west.person("Lena Voss")
    with west.speaking():
        yield west.desk("member_admin", person=person)


async def asked(
    desk: Desk, size: int = len(PDF), name: str = "auszug.pdf", purpose: Purpose = "membership_paper"
) -> Any:
    return await actions.request_upload(desk, purpose, name, size)


async def come(desk: Desk, token: str, body: bytes = PDF, scanner: Scanner | None = None) -> None:
    await take_in(desk, token, pieces(body), scanner)


async def state_of(site: Site, file: UUID) -> str:
    [row] = await site.sql("select state from app.file where tenant_id = $1 and id = $2", site.id, file)
    return str(row["state"])


async def test_a_file_comes_to_its_address_once_and_waits_for_its_use(west: Site, lena: Desk) -> None:
    made = await asked(lena)
    assert made.awaited.expires_at == NOW + GOOD_FOR
    await come(lena, made.token)
    assert await state_of(west, made.awaited.id) == "taken"
    assert await queries.content(lena, made.awaited.id, "whole") is None  # nobody reads what nothing uses
    async with lena.transaction():
        await actions.keep(lena, made.awaited.id, "membership_paper", path=("file",))
    found = await queries.content(lena, made.awaited.id, "whole")
    assert found is not None
    assert (found.name, found.media, found.content) == ("auszug.pdf", "application/pdf", PDF)
    assert list(await refusals(come(lena, made.token))) == ["UPLOAD_USED"]


async def test_54_an_address_used_up_ended_or_of_somebody_else_takes_nothing(
    west: Site, east: Site, lena: Desk
) -> None:
    made = await asked(lena)
    other = replace(lena, person=await west.person("Ole"))
    assert list(await refusals(come(other, made.token))) == ["NOT_FOUND"]
    assert list(await refusals(come(lena, "x" * 43))) == ["NOT_FOUND"]
    late = lena.at(made.awaited.expires_at)
    assert list(await refusals(come(late, made.token))) == ["UPLOAD_EXPIRED"]
    assert list(await refusals(come(replace(lena, permissions=frozenset({"spaces:configure"})), made.token))) == [
        "NOT_ALLOWED"
    ]
    assert await state_of(west, made.awaited.id) == "awaited"
    assert list(await refusals(come(lena, made.token, SVG))) == ["UPLOAD_DIFFERS"]
    assert list(await refusals(come(lena, made.token))) == ["UPLOAD_USED"]  # also after a refusal: once is once


async def test_54_an_address_of_one_site_is_none_at_the_other(east: Site, west: Site) -> None:
    person = await west.person("Lena Voss")
    with west.speaking():
        made = await asked(west.desk("member_admin", person=person))
    with east.speaking():
        assert list(await refusals(come(east.desk("member_admin", person=person), made.token))) == ["NOT_FOUND"]
    with west.speaking():
        await come(west.desk("member_admin", person=person), made.token)


async def test_54_no_more_is_read_than_was_announced(lena: Desk) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(10_000):
            read += 1_000_000
            yield b"x" * 1_000_000

    made = await asked(lena, MOST_BYTES)
    assert list(await refusals(take_in(lena, made.token, endless(), None))) == ["UPLOAD_DIFFERS"]
    assert read <= MOST_BYTES + 1_000_000
    short = await asked(lena, 500)
    assert list(await refusals(come(lena, short.token))) == ["UPLOAD_DIFFERS"]
    empty = await asked(lena)
    assert list(await refusals(come(lena, empty.token, b""))) == ["FILE_WITHOUT_CONTENT"]


async def test_an_address_is_given_within_bounds(west: Site, lena: Desk) -> None:
    assert list(await refusals(asked(lena, 0, "../x.pdf"))) == ["FILE_NAME_UNFIT", "FILE_WITHOUT_CONTENT"]
    assert list(await refusals(asked(lena, 10 * 1024**3))) == ["FILE_TOO_LARGE", "SITE_FULL"]
    assert list(await refusals(asked(lena, purpose="space_photo"))) == ["NOT_ALLOWED"]
    assert list(await refusals(asked(replace(lena, person=None)))) == ["UPLOAD_NEEDS_PERSON"]
    first = await asked(lena)
    for _ in range(MOST_WAITING - 1):
        await asked(lena)
    assert list(await refusals(asked(lena))) == ["TOO_MANY_UPLOADS"]
    await come(lena, first.token)
    async with lena.transaction():
        await actions.keep(lena, first.awaited.id, "membership_paper", path=("file",))
    await asked(lena)  # one is in use now
    await west.sql("update app.file set bytes = $2 where tenant_id = $1 and bytes > 0", west.id, MOST_OF_A_SITE - 1)
    assert list(await refusals(asked(replace(lena, person=await west.person("Ole"))))) == ["SITE_FULL"]


async def test_54_of_many_who_ask_at_once_those_get_an_address_for_whom_there_is_room(
    west: Site, lena: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_OF_A_SITE", 3 * len(PDF) + 1)
    desks = [replace(lena, person=await west.person(name)) for name in ("Ada", "Ben", "Cem", "Dana", "Eva", "Fil")]
    assert await outcomes(asked(desk) for desk in desks) == {"done": 3, "SITE_FULL": 3}
    later = lena.at(NOW + GOOD_FOR)  # nothing came: the room is free again
    assert await outcomes([asked(later), asked(later), asked(later), asked(later)]) == {"done": 3, "SITE_FULL": 1}


async def test_54_of_one_who_asks_at_once_for_many_addresses_no_more_wait_than_may(
    lena: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_WAITING", 2)
    assert await outcomes(asked(lena) for _ in range(6)) == {"done": 2, "TOO_MANY_UPLOADS": 4}


async def test_what_was_cut_off_on_its_way_holds_no_place_once_its_address_has_ended(lena: Desk) -> None:
    for _ in range(MOST_WAITING):
        made = await asked(lena)
        assert list(await refusals(come(lena, made.token, PDF[:-1]))) == ["UPLOAD_DIFFERS"]
    assert list(await refusals(asked(lena))) == ["TOO_MANY_UPLOADS"]  # for what we know they are under way
    later = lena.at(NOW + GOOD_FOR)
    for _ in range(MOST_WAITING):
        await come(later, (await asked(later)).token)
    assert list(await refusals(asked(later.at(NOW + 2 * GOOD_FOR)))) == ["TOO_MANY_UPLOADS"]  # those did come


async def test_54_what_grows_while_it_is_drawn_is_counted_as_it_is_kept(
    west: Site, lena: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = io.BytesIO()
    Image.effect_noise((900, 900), 90).save(small, "WEBP", quality=1)
    body = small.getvalue()
    grown = sum(len(part.content) for part in await parts_of(body))
    assert grown > 2 * len(body)
    monkeypatch.setattr(actions, "MOST_OF_A_SITE", grown + len(body))
    first, second = [await asked(lena, len(body), "x.webp") for _ in range(2)]
    assert await outcomes([come(lena, each.token, body) for each in (first, second)]) == {"done": 1, "SITE_FULL": 1}
    assert await west.count("app.file_content") == 1


async def test_only_one_s_own_file_that_came_can_be_used_once(west: Site, lena: Desk) -> None:
    made = await asked(lena)

    async def used(desk: Desk, purpose: Purpose = "membership_paper") -> None:
        async with desk.transaction():
            await actions.keep(desk, made.awaited.id, purpose, path=("file",))

    assert list(await refusals(used(lena))) == ["NOT_FOUND"]
    await come(lena, made.token)
    assert list(await refusals(used(replace(lena, person=await west.person("Ole"))))) == ["NOT_FOUND"]
    assert list(await refusals(used(lena, "space_photo"))) == ["FILE_FOR_OTHER"]
    await used(lena)
    assert list(await refusals(used(lena))) == ["NOT_FOUND"]


async def test_what_nobody_uses_for_a_day_is_thrown_away_with_its_content(west: Site, lena: Desk) -> None:
    kept, left, empty = await asked(lena), await asked(lena), await asked(lena)
    for each in (kept, left):
        await come(lena, each.token)
    async with lena.transaction():
        await actions.keep(lena, kept.awaited.id, "membership_paper", path=("file",))
    with west.speaking("worker"):
        await actions.sweep_files(west.desk(now=NOW + KEPT_UNUSED))
        assert await west.count("app.file") == 3
        await actions.sweep_files(west.desk(now=NOW + KEPT_UNUSED + timedelta(seconds=1)))
    rows = await west.sql("select id from app.file where tenant_id = $1", west.id)
    assert [row["id"] for row in rows] == [kept.awaited.id]
    assert await west.count("app.file_content") == 1
    assert empty.awaited.id not in {row["id"] for row in rows}


# -- a scanner of the installation's own ------------------------------------------------------------------------------
@pytest.fixture
def scanner(tmp_path: Path) -> Scanner:
    """A real command that finds one word."""
    script = tmp_path / "look"
    script.write_text("#!/bin/sh\nif grep -q EICAR; then exit 1; fi\n")
    script.chmod(0o755)
    return Scanner((str(script),))


async def test_a_scanner_is_asked_before_anything_is_kept(west: Site, lena: Desk, scanner: Scanner) -> None:
    bad = PDF.replace(b"/Catalog", b"/Catalog % EICAR")
    found, clean, away = await asked(lena, len(bad)), await asked(lena), await asked(lena)
    assert list(await refusals(come(lena, found.token, bad, scanner))) == ["FILE_INFECTED"]
    await come(lena, clean.token, PDF, scanner)
    assert list(await refusals(come(lena, away.token, PDF, Scanner(("/nowhere",))))) == ["SCANNER_AWAY"]
    states = [await state_of(west, each.awaited.id) for each in (found, clean, away)]
    assert states == ["awaited", "taken", "awaited"]
    assert await west.count("app.file_content") == 1

"""Papers and pictures of the invented town, drawn here: nothing of anybody else's."""

import io
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from PIL import Image, ImageDraw

from quartier.access.uploads import take_in
from quartier.tenancy.desk import Desk
from quartier.tenancy.files.actions import request_upload
from quartier.tenancy.files.words import Purpose


async def handed_in(desk: Desk, purpose: Purpose, name: str, body: bytes) -> UUID:
    """Hand a file in as everybody does."""
    made = await request_upload(desk, purpose, name, len(body))

    async def pieces() -> AsyncIterator[bytes]:
        yield body

    await take_in(desk, made.token, pieces(), None)
    return made.awaited.id


def paper(lines: Sequence[str]) -> bytes:
    """A page with some lines, as PDF."""
    shown = [line.encode("cp1252").translate(None, b"()\\") for line in lines]
    text = b"BT /F1 14 Tf 72 760 Td 22 TL " + b"".join(b"(" + line + b") Tj T* " for line in shown) + b"ET"
    parts = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        len(out),
    )
    return bytes(out)


@dataclass(frozen=True)
class Look:
    """How a kind of room looks: colours of wall and floor, and how many windows, tables and lamps."""

    wall: str
    floor: str
    windows: int
    tables: int
    lamps: int
    de: str
    en: str


LOOKS: Mapping[str, Look] = {
    "hall": Look(
        "#d9d2c3",
        "#8a6f55",
        5,
        3,
        4,
        "hohe Fenster, Dielenboden, drei lange Tische",
        "high windows, floorboards, three long tables",
    ),
    "think_room": Look(
        "#cfdcd6", "#6f7f78", 3, 2, 3, "drei Fenster und zwei große Tische", "three windows and two large tables"
    ),
    "kitchen": Look(
        "#efe3c8", "#a2563f", 2, 1, 2, "ein langer Tisch unter zwei Lampen", "a long table below two lamps"
    ),
    "studio": Look(
        "#c9cede", "#4d5366", 2, 1, 1, "ein Arbeitstisch vor zwei Fenstern", "a worktable in front of two windows"
    ),
    "desk": Look(
        "#e4e0da", "#7b8a94", 4, 4, 2, "vier Tische an einer Fensterreihe", "four tables along a row of windows"
    ),
}
WIDE, HIGH, HORIZON = 1280, 960, 600


def room(look: Look) -> bytes:
    """A room as somebody would draw it on a plan of the house, as PNG."""
    picture = Image.new("RGB", (WIDE, HIGH), look.wall)
    pen = ImageDraw.Draw(picture)
    pen.polygon([(0, HIGH), (WIDE, HIGH), (WIDE - 160, HORIZON), (160, HORIZON)], fill=look.floor)
    for n in range(13):  # floorboards run to a point behind the wall
        pen.line([(n * WIDE // 12, HIGH), (160 + n * (WIDE - 320) // 12, HORIZON)], fill="#00000022", width=2)
    pen.line([(0, 0), (160, 120), (160, HORIZON), (0, HIGH)], fill="#5a5148", width=4)
    pen.line([(WIDE, 0), (WIDE - 160, 120), (WIDE - 160, HORIZON), (WIDE, HIGH)], fill="#5a5148", width=4)
    pen.line([(160, 120), (WIDE - 160, 120)], fill="#5a5148", width=4)
    for n in range(look.windows):
        step = (WIDE - 400) // look.windows
        left = 200 + n * step
        pen.rectangle((left + 20, 190, left + step - 20, 480), fill="#bfe0ee", outline="#5a5148", width=6)
        pen.line([(left + step // 2, 190), (left + step // 2, 480)], fill="#5a5148", width=4)
        pen.line([(left + 20, 300), (left + step - 20, 300)], fill="#5a5148", width=4)
    for n in range(look.lamps):
        at = (n + 1) * WIDE // (look.lamps + 1)
        pen.line([(at, 0), (at, 130)], fill="#3b342d", width=4)
        pen.pieslice((at - 55, 90, at + 55, 200), 180, 360, fill="#e0a63a")
    for n in range(look.tables):
        step = (WIDE - 260) // look.tables
        left, top = 150 + n * step, 690
        pen.polygon(
            [(left, top + 60), (left + step - 60, top + 60), (left + step - 100, top), (left + 40, top)], fill="#c98f5a"
        )
        for leg in (left + 14, left + step - 86):
            pen.rectangle((leg, top + 60, leg + 12, top + 190), fill="#6d4a2c")
        for seat in range(left + 40, left + step - 110, 120):
            pen.rectangle((seat, top + 90, seat + 70, top + 110), fill="#31445a")
            pen.rectangle((seat + 28, top + 110, seat + 42, top + 200), fill="#31445a")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()

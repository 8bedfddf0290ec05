"""Files as people hand them in, good and bad, drawn here; and rows of files that have come already."""

import io
import random
import struct
import zlib
from typing import Any
from uuid import UUID

from PIL import Image, ImageDraw
from rows import add
from world import NOW, Site

from quartier.kit.ids import new_id

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def drawn(width: int = 640, height: int = 480) -> Image.Image:
    picture = Image.new("RGB", (width, height), "#8fb3a5")
    ImageDraw.Draw(picture).rectangle((width // 4, height // 4, width // 2, height // 2), fill="#31445a")
    return picture


def picture(kind: str = "PNG", width: int = 640, height: int = 480, **more: Any) -> bytes:
    out = io.BytesIO()
    drawn(width, height).save(out, kind, **more)
    return out.getvalue()


def noise(width: int, height: int) -> bytes:
    """A picture that nothing makes smaller."""
    found = Image.frombytes("RGB", (width, height), random.Random(7).randbytes(width * height * 3))
    out = io.BytesIO()
    found.save(out, "PNG")
    return out.getvalue()


def png_that_says(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes that claims to be as large as you like: it unpacks to nothing but zeros."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


async def waiting_file(site: Site, person: UUID, purpose: str = "membership_paper", name: str = "auszug.pdf") -> UUID:
    """A file of somebody's that has come and waits for its use."""
    row = await add(
        site, "app.file", purpose=purpose, person_id=person, name=name, told_bytes=len(PDF), expires_at=NOW,
        begun_at=NOW, token_hash=new_id().bytes * 2, media="application/pdf", bytes=len(PDF), sha256=bytes(32),
        taken_at=NOW, state="taken", created_at=NOW,
    )  # fmt: skip
    await add(
        site, "app.file_content", file_id=row, variant="whole", media="application/pdf", content=PDF, created_at=NOW
    )
    return row

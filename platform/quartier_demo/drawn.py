"""Papers and pictures of the invented town, drawn here: nothing of anybody else's."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

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

"""What a file is, by its first bytes and never by its name; and what its name may be. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

from quartier.kit.refusal import Refusal
from quartier.tenancy.files.words import ALLOWED, CALLED, ENDINGS, FileKindUnfit, FileNameUnfit, Kind, PdfUnfit, Purpose

LONGEST_NAME = 150
_HEADER = re.compile(rb"%PDF-(1\.[0-7]|2\.0)\s")
_END = re.compile(rb"%%EOF\s*\Z")
_LIVELY = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|Encrypt|SubmitForm|ImportData)\b")
_PAGE = re.compile(rb"<(?:!doctype|html|script|svg|\?php)", re.IGNORECASE)
_ARCHIVE_ENDS = b"PK\x05\x06"
_TAIL = 65_557  # bytes from the end in which a reader of archives looks for one
_ENDING = re.compile(r"\.([A-Za-z][A-Za-z0-9]{0,9})\Z")
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


def kind_of(body: bytes) -> Kind | None:
    """The kind, None for everything that we do not take.

    >>> kind_of(b"%PDF-1.7 ..."), kind_of(b"<svg xmlns=...>")
    ('pdf', None)
    """
    if body.startswith(b"%PDF-"):
        return "pdf"
    if body.startswith(_PNG):
        return "png"
    if body.startswith(_JPEG):
        return "jpeg"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "webp"
    return None


def objections_to_kind(kind: Kind | None, purpose: Purpose) -> Iterator[Refusal]:
    if kind not in ALLOWED[purpose]:
        yield FileKindUnfit(path=("file",), allowed=", ".join(CALLED[each] for each in ALLOWED[purpose]))


def objections_to_pdf(body: bytes) -> Iterator[Refusal]:
    """A PDF from its first byte to its last, and nothing else at the same time.

    What it does is looked for where it stands in plain sight; a compressed part may hide it. So papers are only ever
    served to be saved.
    """
    other = _ARCHIVE_ENDS in body[-_TAIL:] or _PAGE.search(body[:1024])
    if not _HEADER.match(body) or not _END.search(body[-1024:]) or other or _LIVELY.search(_plain(body)):
        yield PdfUnfit(path=("file",))


def _plain(body: bytes) -> bytes:
    """Names in a PDF may be written with hexadecimal signs, `/#4aavaScript`."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), body) if b"#" in body else body


def objections_to_name(name: str) -> Iterator[Refusal]:
    """A name is text that we show, never a place: no folders, nothing that cannot be seen."""
    hidden = not name.isprintable() or "/" in name or "\\" in name
    if hidden or not name.strip(" .") or len(name) > LONGEST_NAME:
        yield FileNameUnfit(path=("name",))


def objections_to_ending(name: str, kind: Kind) -> Iterator[Refusal]:
    """`rechnung.pdf.exe` is none of ours; one kind of picture called by another's ending is only called wrongly."""
    ending = _ENDING.search(name)
    named = ENDINGS.get(ending[1].lower()) if ending else kind
    if named is None or (named == "pdf") != (kind == "pdf"):
        yield FileNameUnfit(path=("name",))


def served_name(name: str, media: str) -> str:
    """A name with one ending, which is that of what we kept.

    >>> served_name("Satzung 2024.05.PDF", "application/pdf"), served_name("Ausweis", "image/jpeg")
    ('Satzung 2024_05.pdf', 'Ausweis.jpg')
    """
    ending = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/webp": "webp"}[media]
    return f"{_ENDING.sub('', name).strip(' .').replace('.', '_') or 'datei'}.{ending}"


def disposition(name: str, media: str) -> str:
    """Content-Disposition for saving under a safe name (RFC 6266).

    >>> disposition('Größe;".pdf', "application/pdf").split("; ")
    ['attachment', 'filename="Groe__.pdf"', "filename*=UTF-8''Gr%C3%B6%C3%9Fe%3B%22.pdf"]
    """
    full = served_name(name, media)
    plain = unicodedata.normalize("NFKD", full).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", plain)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(full, safe='')}"

"""What a file is handed in for, what may come, and why one is not taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from quartier.kit.refusal import Refusal

Purpose = Literal["membership_paper", "space_photo"]
Kind = Literal["pdf", "png", "jpeg", "webp"]
Media = Literal["application/pdf", "image/jpeg", "image/webp"]
Variant = Literal["whole", "small_webp", "small_jpeg", "large_webp", "large_jpeg"]

MOST_BYTES = 10 * 1024 * 1024  # of one file
MOST_OF_A_SITE = 2 * 1024**3
MOST_WAITING = 20  # files of one person that nothing uses yet
GOOD_FOR = timedelta(minutes=10)  # an address
KEPT_UNUSED = timedelta(hours=24)
MOST_PIXELS, MOST_SIDE = 40_000_000, 12_000  # before anything is decoded
MOST_COLOURED = 25_000_000  # of a PNG in colours: it is decoded whole, to four bytes each
MOST_OF_WEBP = 16_000_000  # its decoder holds them three times

PERMISSIONS: Mapping[Purpose, str] = {"membership_paper": "members:own", "space_photo": "spaces:configure"}
PICTURES: tuple[Kind, ...] = ("png", "jpeg", "webp")
ALLOWED: Mapping[Purpose, tuple[Kind, ...]] = {"membership_paper": ("pdf", *PICTURES), "space_photo": PICTURES}
ENDINGS: Mapping[str, Kind] = {"pdf": "pdf", "png": "png", "jpg": "jpeg", "jpeg": "jpeg", "webp": "webp"}
CALLED: Mapping[Kind, str] = {"pdf": "PDF", "png": "PNG", "jpeg": "JPEG", "webp": "WebP"}


@dataclass(frozen=True, slots=True)
class Awaited:
    """A file that was announced; its address is good until `expires_at`, once."""

    id: UUID
    purpose: Purpose
    name: str
    told_bytes: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One way a file is kept: pictures in several sizes, a paper whole. `width` and `height` in pixels."""

    variant: Variant
    media: Media
    content: bytes
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What is served: `name` is as it was handed in."""

    name: str
    media: Media
    content: bytes


class UploadNeedsPerson(Refusal):
    """An address belongs to a person; a program that speaks for itself gets none."""

    code = "UPLOAD_NEEDS_PERSON"
    de = "Dateien reicht eine Person ein. Bitte mit der Anmeldung einer Person anfordern."
    en = "Files are handed in by a person. Please ask with the sign-in of one."


class UploadUsed(Refusal):
    code = "UPLOAD_USED"
    de = "Unter dieser Adresse kam schon eine Datei an. Bitte eine neue Adresse anfordern."
    en = "A file has already come to this address. Please ask for a new one."


class UploadExpired(Refusal):
    """The address was good until `ended_at`."""

    code = "UPLOAD_EXPIRED"
    de = "Diese Adresse galt bis {ended_at}. Bitte eine neue anfordern."
    en = "This address was good until {ended_at}. Please ask for a new one."


class UploadDiffers(Refusal):
    """`told` bytes were announced, `came` came."""

    code = "UPLOAD_DIFFERS"
    de = "Angekündigt waren {told} Bytes, gekommen sind {came}. Bitte noch einmal hochladen."
    en = "{told} bytes were announced, {came} came. Please upload once more."


class TooManyUploads(Refusal):
    """At most `most` files of one person wait for what they were handed in for."""

    code = "TOO_MANY_UPLOADS"
    de = "Es warten schon {most} Dateien von Ihnen. Bitte erst diese verwenden; nach 24 Stunden verfallen sie."
    en = "{most} files of yours are waiting already. Please use those first; they are dropped after 24 hours."


class SiteFull(Refusal):
    """All files of the site together have at most `most` MB."""

    code = "SITE_FULL"
    de = "Für Dateien ist hier kein Platz mehr (höchstens {most} MB). Bitte wenden Sie sich an den Standort."
    en = "There is no more room for files here (at most {most} MB). Please ask the site."


class FileForOther(Refusal):
    """A file of one's own that was handed in for something else: it was looked at, and drawn, for that."""

    code = "FILE_FOR_OTHER"
    de = "Diese Datei wurde für etwas anderes hochgeladen. Bitte hier noch einmal hochladen."
    en = "This file was uploaded for something else. Please upload it once more, for this."


class FileTooLarge(Refusal):
    """A file has at most `most` MB."""

    code = "FILE_TOO_LARGE"
    de = "Die Datei ist zu groß. Möglich sind {most} MB."
    en = "The file is too large. At most {most} MB are possible."


class FileWithoutContent(Refusal):
    code = "FILE_WITHOUT_CONTENT"
    de = "In der Datei steht nichts (0 Bytes). Bitte eine andere wählen."
    en = "There is nothing in the file (0 bytes). Please choose another one."


class FileNameUnfit(Refusal):
    """The name holds folders or signs that hide something, or its ending says another kind than the content has."""

    code = "FILE_NAME_UNFIT"
    de = (
        "Dieser Dateiname geht nicht: ohne Ordner und verborgene Zeichen, höchstens 150 Zeichen, "
        "und die Endung passend zum Inhalt. Bitte umbenennen."
    )
    en = (
        "This file name does not do: no folders, no hidden characters, at most 150 letters, "
        "and an ending that fits the content. Please rename it."
    )


class FileKindUnfit(Refusal):
    """The content, whatever the name says, is none of `allowed`."""

    code = "FILE_KIND_UNFIT"
    de = "Nach ihrem Inhalt ist die Datei keine von diesen: {allowed}. Bitte in einer dieser Arten speichern."
    en = "By its content, the file is none of these: {allowed}. Please save it as one of them."


class PictureTooLarge(Refusal):
    """A picture has at most `most` million pixels and `side` on a side; this one has `width` by `height`."""

    code = "PICTURE_TOO_LARGE"
    de = "Das Bild hat {width} × {height} Bildpunkte. Möglich sind {most} Millionen, höchstens {side} je Seite."
    en = "The picture has {width} by {height} pixels. At most {most} million are possible, and {side} on a side."


class PictureBroken(Refusal):
    code = "PICTURE_BROKEN"
    de = "Das Bild lässt sich nicht lesen. Bitte neu speichern und noch einmal hochladen."
    en = "The picture cannot be read. Please save it anew and upload it once more."


class PdfUnfit(Refusal):
    """The PDF is incomplete, something else besides, encrypted, or carries programs or files."""

    code = "PDF_UNFIT"
    de = (
        "Dieses PDF nehmen wir nicht: Es ist unvollständig, verschlüsselt, zugleich etwas anderes, "
        "oder es enthält Programme oder weitere Dateien. Bitte „als PDF drucken“ und diese Datei hochladen."
    )
    en = (
        "We do not take this PDF: it is incomplete, encrypted, something else at the same time, "
        "or it carries programs or other files. Please “print as PDF” and upload that file."
    )


class FileInfected(Refusal):
    code = "FILE_INFECTED"
    de = "Die Prüfung auf Schadprogramme hat in dieser Datei etwas gefunden. Sie wurde nicht angenommen."
    en = "The scanner for malicious programs has found something in this file. It was not taken."


class ScannerAway(Refusal):
    code = "SCANNER_AWAY"
    de = "Die Datei kann gerade nicht geprüft werden. Bitte in einigen Minuten noch einmal hochladen."
    en = "The file cannot be scanned right now. Please upload it again in a few minutes."

"""Pictures are drawn anew: what comes out is a picture and nothing else, without the place it was taken at."""

import io
from collections.abc import Iterator, Sequence

from PIL import Image, ImageOps

from quartier.kit.refusal import Refused
from quartier.tenancy.files.words import (
    MOST_COLOURED,
    MOST_OF_WEBP,
    MOST_PIXELS,
    MOST_SIDE,
    Kind,
    Media,
    Part,
    PictureBroken,
    PictureTooLarge,
    Purpose,
    Variant,
)

PAPER, LARGE, SMALL = 3000, 1280, 320  # pixels of the longer side
SMALL_BYTES = 6_000  # a page with a dozen of them stays light
QUALITY = (70, 55, 40, 25)
Image.MAX_IMAGE_PIXELS = None  # looked at here, before anything is decoded


def redrawn(body: bytes, kind: Kind, purpose: Purpose) -> list[Part]:
    """The picture as it is kept. Takes time and memory: run it in a thread, one at a time.

    Refuses PICTURE_TOO_LARGE from its header alone, PICTURE_BROKEN.
    """
    try:
        if kind == "webp":
            _demand_size(*_webp_size(body), MOST_OF_WEBP)  # the library sets memory aside when it opens one
        with Image.open(io.BytesIO(body), formats=[kind.upper()]) as picture:
            light = kind == "jpeg" or picture.mode in {"1", "L"}
            _demand_size(*picture.size, MOST_PIXELS if light else MOST_COLOURED)
            largest = PAPER if purpose == "membership_paper" else LARGE
            picture.draft("RGB", (largest, largest))  # a JPEG is decoded no larger than it is wanted
            plain = _on_white(ImageOps.exif_transpose(_shrunk(picture, largest)))
    except Refused:
        raise
    except Exception as error:  # whatever a decoder meets in what strangers send
        raise Refused([PictureBroken(path=("file",))]) from error
    return list(_parts(plain, purpose))


def _demand_size(width: int, height: int, most: int) -> None:
    if width * height > most or max(width, height) > MOST_SIDE:
        millions = most // 1_000_000
        raise Refused([PictureTooLarge(path=("file",), width=width, height=height, most=millions, side=MOST_SIDE)])


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    """No larger than it is wanted, before anything makes another copy of it."""
    known = picture.getexif()  # how it was held
    if picture.mode in {"1", "P", "PA"}:  # what has no shades loses them all in being shrunk
        picture = picture.convert("L" if picture.mode == "1" else "RGBA")
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    picture.info["exif"] = known.tobytes()
    return picture


def _webp_size(body: bytes) -> tuple[int, int]:
    """Width and height as the three kinds of WebP tell them at the beginning."""
    form, head = body[12:16], body[20:30]
    if form == b"VP8X":
        return 1 + int.from_bytes(head[4:7], "little"), 1 + int.from_bytes(head[7:10], "little")
    if form == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if form == b"VP8 ":
        return int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF
    raise ValueError("no WebP")


def _on_white(picture: Image.Image) -> Image.Image:
    """Colours alone: no transparency, no palette, no notes of the camera."""
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        ground = Image.new("RGB", layered.size, "white")
        ground.paste(layered, mask=layered.getchannel("A"))
        return ground
    plain = picture.convert("RGB")
    plain.info = {}
    return plain


def _parts(picture: Image.Image, purpose: Purpose) -> Iterator[Part]:
    if purpose == "membership_paper":
        yield _part(picture, PAPER, "whole", "image/jpeg", [85])
        return
    for webp, jpeg, draw in (("small_webp", "small_jpeg", _small), ("large_webp", "large_jpeg", _large)):
        yield draw(picture, webp, "image/webp")  # type: ignore[arg-type]
        yield draw(picture, jpeg, "image/jpeg")  # type: ignore[arg-type]


def _large(picture: Image.Image, variant: Variant, media: Media) -> Part:
    return _part(picture, LARGE, variant, media, [78])


def _small(picture: Image.Image, variant: Variant, media: Media) -> Part:
    """Never heavier than SMALL_BYTES: first plainer, then smaller."""
    for side in (SMALL, SMALL * 3 // 4, SMALL // 2, SMALL // 4):
        found = _part(picture, side, variant, media, QUALITY, SMALL_BYTES)
        if len(found.content) <= SMALL_BYTES:
            break
    return found


def _part(
    picture: Image.Image, side: int, variant: Variant, media: Media, qualities: Sequence[int], most: int | None = None
) -> Part:
    """Within `side`; where `most` bytes are given, with the best quality that fits, else the plainest."""
    sized = picture.copy()
    sized.thumbnail((side, side), Image.Resampling.LANCZOS)
    content = b""
    for quality in qualities:
        out = io.BytesIO()
        if media == "image/webp":
            sized.save(out, "WEBP", quality=quality, method=4)
        else:
            sized.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        content = out.getvalue()
        if most is None or len(content) <= most:
            break
    return Part(variant, media, content, *sized.size)

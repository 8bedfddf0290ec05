"""Static files under names that carry their content's hash, so that browsers keep them for good.

Only files that stood in `static/` when the process began are served; a request never becomes a path.
"""

import functools
import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException

STATIC = Path(__file__).parent / "static"
KINDS = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    "": "text/plain; charset=utf-8",
}
FOR_GOOD = "public, max-age=31536000, immutable"


_URL = re.compile(rb"url\(([^)\"':]+)\)")


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    kind: str

    @property
    def is_text(self) -> bool:
        return not self.kind.startswith("font/")


@functools.cache
def _assets() -> tuple[dict[str, str], dict[str, Asset]]:
    """Addresses by file name, assets by address."""
    addresses: dict[str, str] = {}
    assets: dict[str, Asset] = {}

    def placed(match: re.Match[bytes]) -> bytes:
        return b"url(" + addresses[match[1].decode()].encode() + b")"

    # Style sheets come last: they name the others.
    for path in sorted(STATIC.rglob("*"), key=lambda path: (path.suffix == ".css", path)):
        if path.is_file() and path.suffix in KINDS:
            name = path.relative_to(STATIC).as_posix()
            content = path.read_bytes()
            if path.suffix == ".css" and not name.startswith("vendor/"):
                content = _URL.sub(placed, content)
            digest = hashlib.sha256(content).hexdigest()[:12]
            address = f"{name.removesuffix(path.suffix)}.{digest}{path.suffix}"
            addresses[name] = f"/static/{address}"
            assets[address] = Asset(content, KINDS[path.suffix])
    return addresses, assets


def address(name: str) -> str:
    """Where a file of `static/` is served, such as `/static/explorer/explorer.0f3c….js`."""
    return _assets()[0][name]


@functools.cache
def _packed(asset: Asset) -> bytes:
    return gzip.compress(asset.content, 9, mtime=0)


@get("/static/{name:path}", sync_to_thread=True)
def static(request: Request[Any, Any, Any], name: str) -> Response[bytes]:
    """Serve one of the files, packed for those who take it."""
    asset = _assets()[1].get(name.lstrip("/"))
    if asset is None:
        raise NotFoundException
    headers = {"cache-control": FOR_GOOD, "vary": "Accept-Encoding"}
    if asset.is_text and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(_packed(asset), media_type=asset.kind, headers=headers | {"content-encoding": "gzip"})
    return Response(asset.content, media_type=asset.kind, headers=headers)

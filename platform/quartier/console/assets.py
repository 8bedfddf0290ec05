"""Static files under names that carry their content's hash, so that browsers keep them for good.

Only files that stood in `static/` when the process began are served; a request never becomes a path.
"""

import functools
import gzip
import hashlib
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


@dataclass(frozen=True, slots=True)
class Asset:
    path: Path
    kind: str

    @property
    def is_text(self) -> bool:
        return not self.kind.startswith("font/")


@functools.cache
def _assets() -> tuple[dict[str, str], dict[str, Asset]]:
    """Addresses by file name, assets by address."""
    addresses, assets = {}, {}
    for path in sorted(STATIC.rglob("*")):
        if path.is_file() and path.suffix in KINDS:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            name = path.relative_to(STATIC).as_posix()
            address = f"{name.removesuffix(path.suffix)}.{digest}{path.suffix}"
            addresses[name] = f"/static/{address}"
            assets[address] = Asset(path, KINDS[path.suffix])
    return addresses, assets


def address(name: str) -> str:
    """Where a file of `static/` is served, such as `/static/explorer/explorer.0f3c….js`."""
    return _assets()[0][name]


@functools.cache
def _packed(asset: Asset) -> bytes:
    return gzip.compress(asset.path.read_bytes(), 9, mtime=0)


@get("/static/{name:path}", sync_to_thread=True)
def static(request: Request[Any, Any, Any], name: str) -> Response[bytes]:
    """Serve one of the files, packed for those who take it."""
    asset = _assets()[1].get(name.lstrip("/"))
    if asset is None:
        raise NotFoundException
    headers = {"cache-control": FOR_GOOD, "vary": "Accept-Encoding"}
    if asset.is_text and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(_packed(asset), media_type=asset.kind, headers=headers | {"content-encoding": "gzip"})
    return Response(asset.path.read_bytes(), media_type=asset.kind, headers=headers)

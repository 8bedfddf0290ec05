"""The way out to partners: no private network, no redirect, one deadline, bounded answers.

httpx2 is loaded when the first request leaves: it takes a tenth of a second.
"""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from quartier.access.partners.words import LoginFailed

if TYPE_CHECKING:
    import httpx2

DEADLINE = 2.5  # seconds for one answer, from the first byte of the question to the last of the answer
LARGEST = 256_000  # bytes of one answer
LONGEST = 2_000  # characters of an address
HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # IPv4 within IPv6: there, 10.0.0.1 has another name
_ABROAD = ipaddress.ip_network("2000::/3")  # all that is handed out of IPv6; the rest is local, mapped or to come
# What Python's own list leaves out, at least before 3.13: IPv4 within 6to4, documentation, protocols, old relays.
_NOBODY = tuple(map(ipaddress.ip_network, ("2002::/16", "3fff::/20", "192.0.0.0/24", "192.88.99.0/24")))
Look = Callable[[str, int], Awaitable[list[str]]]


def is_outside(address: str, *, loopback: bool) -> bool:
    """Whether a partner may live there: everywhere but in private, local and reserved networks.

    >>> [is_outside(a, loopback=False) for a in ("9.9.9.9", "10.0.0.1", "169.254.169.254", "::ffff:10.0.0.1")]
    [True, False, False, False]
    >>> is_outside("::1", loopback=True), is_outside("64:ff9b::a00:1", loopback=True)
    (True, False)
    >>> [is_outside(a, loopback=False) for a in ("2002:a00:1::", "::10.0.0.1", "fec0::1", "64:ff9b:1::a00:1")]
    [False, False, False, False]
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            found = found.ipv4_mapped
        elif found in _TRANSLATED:
            found = ipaddress.ip_address(int(found) & 0xFFFFFFFF)
    if found.is_loopback:
        return loopback
    if found.version == 6 and found not in _ABROAD:
        return False
    return found.is_global and not found.is_multicast and not any(found in each for each in _NOBODY)


def may_be_asked(url: object, *, loopback: bool) -> bool:
    """Whether an address is one of https; plain http is for this very machine alone, where that is allowed.

    >>> may_be_asked("https://idp.example/token", loopback=False), may_be_asked("http://localhost:1/", loopback=False)
    (True, False)
    >>> [may_be_asked(url, loopback=True) for url in ("https://a:b@idp.example/", "https://[x/", "https://i.e:99999/")]
    [False, False, False]
    """
    if not isinstance(url, str) or not url.isprintable() or not url.isascii() or len(url) > LONGEST:
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    if not parts.hostname or "@" in parts.netloc or parts.fragment:
        return False
    return parts.scheme == "https" or (loopback and parts.scheme == "http" and parts.hostname in HERE)


async def looked_up(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(slots=True)
class Network:
    """How this process speaks with partners. `transport` stands in for the network in tests."""

    loopback: bool = False
    transport: "httpx2.AsyncBaseTransport | None" = None
    look: Look = looked_up
    deadline: float = DEADLINE
    largest: int = LARGEST
    _outward: "httpx2.AsyncBaseTransport | None" = field(default=None, repr=False)

    async def send(self, request: "httpx2.Request") -> "httpx2.Response":
        """Send one request; nothing is followed. Raises LoginFailed when nobody answers, or too much."""
        import httpx2

        from quartier.access.partners.outward import Elsewhere

        try:
            async with asyncio.timeout(self.deadline):
                # A client of its own for each request, on one transport: it is not closed, that would close it for all.
                client = httpx2.AsyncClient(
                    transport=await self._way(), timeout=self.deadline, follow_redirects=False, trust_env=False
                )
                answer = await client.send(request, stream=True)
                try:
                    body = b""
                    async for chunk in answer.aiter_bytes():
                        body += chunk
                        if len(body) > self.largest:
                            raise LoginFailed("idp_misconfigured")
                finally:
                    await answer.aclose()
        except Elsewhere as refused:
            raise LoginFailed("idp_misconfigured") from refused
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, OSError) as error:
            raise LoginFailed("idp_unavailable", away=True) from error
        kept = [(k, v) for k, v in answer.headers.multi_items() if k not in {"content-encoding", "content-length"}]
        return httpx2.Response(answer.status_code, headers=kept, content=body, request=request)

    async def _way(self) -> "httpx2.AsyncBaseTransport":
        if self.transport is not None:
            return self.transport
        if self._outward is None:
            from quartier.access.partners.outward import Outward

            # Reading the machine's certificates takes a seventh of a second: once, and not on the loop.
            self._outward = await asyncio.to_thread(Outward, self.look, loopback=self.loopback)
        return self._outward

    async def close(self) -> None:
        if self._outward is not None:
            await self._outward.aclose()
            self._outward = None

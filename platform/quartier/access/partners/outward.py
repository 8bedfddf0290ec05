"""The transport beneath every request to a partner: it connects to the very address that was looked at."""

import httpx2

from quartier.access.partners.network import Look, is_outside


class Elsewhere(httpx2.TransportError):
    """The name leads into a network of our own; nobody is asked there."""


class Outward(httpx2.AsyncBaseTransport):
    """Looks a name up, judges every address, and connects to one of those: a second answer of the name gains nothing.

    No connection is kept: sign-ins are rare, and institutions of several names may share one address.
    """

    def __init__(self, look: Look, *, loopback: bool) -> None:
        limits = httpx2.Limits(max_connections=50, max_keepalive_connections=0)
        self.inner = httpx2.AsyncHTTPTransport(trust_env=False, limits=limits)
        self.look, self.loopback = look, loopback

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        named = request.url
        addresses = await self.look(named.host, named.port or (443 if named.scheme == "https" else 80))
        if not addresses or not all(is_outside(address, loopback=self.loopback) for address in addresses):
            raise Elsewhere("not an address outside", request=request)
        # The certificate is still checked against the name, and the Host header still says it.
        request.extensions = {**request.extensions, "sni_hostname": named.host}
        for place, address in enumerate(addresses, 1):
            request.url = named.copy_with(host=address)
            try:
                return await self.inner.handle_async_request(request)
            except httpx2.ConnectError:
                if place == len(addresses):
                    raise
            finally:
                request.url = named
        raise AssertionError("unreachable")

    async def aclose(self) -> None:
        await self.inner.aclose()

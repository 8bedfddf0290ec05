"""The line to a client: uvicorn's HTTP/1.1, with a deadline for the head and the right status for a bad one."""

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_WITHIN = 10.0  # seconds from the first byte, or from the connection, to the end of the head
LARGEST_HEAD = 32 * 1024  # bytes that an unfinished head may take; the front's own limit speaks first
_ONCE = (b"content-length", b"host", b"transfer-encoding")


class TwoReadings(ValueError):
    """A head that another server could read in another way than we do."""


class Line(HttpToolsProtocol):
    """Answers 408 to a head that drips in, 431 to one that never ends, 400 to one that two could read in two ways."""

    _deadline: asyncio.TimerHandle | None = None
    _in_head = True
    _head = 0
    _told = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        if self._told:
            return  # what follows a refused head is not read
        if self._in_head:
            self._head += len(data)
        super().data_received(data)
        if self._in_head and self._head > LARGEST_HEAD and not self._told:
            self._say(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        if self._deadline is None:
            self._wait()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head, self._head = False, 0
        self._rest()
        names = [name for name, _ in self.headers]
        if any(names.count(name) > 1 for name in _ONCE) or {b"content-length", b"transfer-encoding"} <= set(names):
            raise TwoReadings
        if self.parser.get_http_version() == "1.1" and b"host" not in names:
            raise TwoReadings
        super().on_headers_complete()
        if not self.url.startswith(b"/"):  # absolute form: the parser dropped the host, which the front compares
            self.scope["path"], self.scope["raw_path"] = self.url.decode("latin-1"), self.url

    def on_message_complete(self) -> None:
        self._in_head = True
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        self._say(HTTPStatus.BAD_REQUEST)

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(HEAD_WITHIN, self._too_late)

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self._say(HTTPStatus.REQUEST_TIMEOUT)

    def _say(self, status: HTTPStatus) -> None:
        self._told = True
        self._rest()
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        self.transport.write(head.encode())
        self.transport.close()

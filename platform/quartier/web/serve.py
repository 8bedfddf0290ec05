"""The server: uvicorn with uvloop, our line, and nothing that it would say or believe by itself."""

import errno
import socket
from typing import Any

import uvicorn

from quartier.web.line import Line

LARGEST_HEAD = 32 * 1024  # bytes that an unfinished head may take; the front's own limit speaks first
LARGEST_MESSAGE = 128 * 1024  # of a WebSocket


class PortTaken(RuntimeError):
    """Somebody listens there already."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"{host}:{port}")
        self.host, self.port = host, port


class PortClosed(RuntimeError):
    """This user may not listen there, or the address is not one of this machine."""


def listening(host: str, port: int) -> socket.socket:
    """Take the port before anything else is started; 0 takes any. Raises PortTaken and PortClosed."""
    try:
        return socket.create_server((host, port), backlog=2048, reuse_port=False)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host, port) from None
        raise PortClosed(f"{host}:{port}: {error.strerror or error}") from None


def server(app: Any, *, lifespan: bool = True) -> uvicorn.Server:
    """Make the server; `await it.serve([socket])` runs until SIGTERM, Ctrl-C or `should_exit`."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=Line,
            ws="websockets-sansio",
            ws_max_size=LARGEST_MESSAGE,
            loop="uvloop",
            lifespan="on" if lifespan else "off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # it would believe X-Forwarded-For of everybody on this machine
            h11_max_incomplete_event_size=LARGEST_HEAD,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=10,
            reset_contextvars=True,  # else a pipelined request begins in the context of the one before it
        )
    )

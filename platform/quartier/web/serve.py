"""The server: uvicorn with uvloop, our line, and nothing that it would say or believe by itself."""

import asyncio
import contextlib
import gc
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn

from quartier.web.line import Line

LARGEST_MESSAGE = 128 * 1024  # of a WebSocket


class Server(uvicorn.Server):
    """Leaves signals alone: who runs the loop cancels, and uvicorn would end the process before the cleaning up."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve_until_told(app: Any, socket: socket.socket) -> None:
    """Serve until this task is cancelled; then let what is being answered end, and return."""
    running = server(app)
    # What the start has made stays: a full collection over it would cost the request that meets it 50 to 80 ms.
    gc.collect()
    gc.freeze()
    task = asyncio.create_task(running.serve([socket]), name="quartier web")
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        running.should_exit = True
        await task


def server(app: Any) -> Server:
    """Make the server for an application whose lifespan somebody else keeps."""
    return Server(
        uvicorn.Config(
            app,
            http=Line,
            ws="websockets-sansio",
            ws_max_size=LARGEST_MESSAGE,
            loop="uvloop",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # it would believe X-Forwarded-For of everybody on this machine
            timeout_keep_alive=5,
            timeout_graceful_shutdown=10,
            reset_contextvars=True,  # else a pipelined request begins in the context of the one before it
        )
    )

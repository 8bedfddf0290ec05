"""The port: taken before anything else is started, so that a taken one is told at once."""

import errno
import socket


class PortTaken(RuntimeError):
    """Somebody listens there already."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"{host}:{port}")
        self.host, self.port = host, port


class PortClosed(RuntimeError):
    """This user may not listen there, or the address is not one of this machine."""


def listening(host: str, port: int) -> socket.socket:
    """Take the port; 0 takes any. Raises PortTaken and PortClosed."""
    try:
        return socket.create_server((host, port), backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host, port) from None
        raise PortClosed(f"{host}:{port}: {error.strerror or error}") from None

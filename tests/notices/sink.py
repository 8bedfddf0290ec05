"""A real mail server on loopback, in the test's hands: what it was given, and what it answers."""

import asyncio
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


@dataclass
class Sink:
    """`answers` are said to the letters that come, one each; after them every letter is taken.

    What comes after the first `until` letters is kept, and nobody is told so before `full`.
    """

    answers: list[str] = field(default_factory=list)
    letters: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    port: int = 0
    asks: bool = False
    until: int = sys.maxsize
    full: threading.Event = field(default_factory=threading.Event)  # aiosmtpd has a thread of its own

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  (aiosmtpd's name)
        if self.answers and (answer := self.answers.pop(0)):
            return answer
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.to += envelope.rcpt_tos
        if len(self.letters) > self.until:
            await asyncio.to_thread(self.full.wait)
        return "250 taken"

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.asks and not session.authenticated:
            return "530 sign in first"
        envelope.mail_from = address
        return "250 ok"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address.startswith("gone@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 ok"


class Loopback(Controller):
    """Says at which port it listens, and is gone when it is stopped."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def sink(*, password: str | None = None, tls: ssl.SSLContext | None = None) -> Iterator[Sink]:
    """A server at a free port. With `password` it asks who is there; with `tls` it speaks nothing else."""
    made = Sink(asks=password is not None)

    def knows(server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and data.password.decode() == password
        return AuthResult(success=good, handled=good)

    options: dict[str, Any] = {"hostname": "127.0.0.1", "port": 0}
    if password is not None:
        options |= {"authenticator": knows, "auth_require_tls": False}
    if tls is not None:
        options |= {"ssl_context": tls}
    controller = Loopback(made, **options)
    controller.start()
    made.port = controller.port
    try:
        yield made
    finally:
        made.full.set()
        controller.stop()

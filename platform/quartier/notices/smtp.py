"""Mail by SMTP: which account a site sends with, how a letter is written, and how it is handed over."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from quartier.notices.words import Letter, NotNow, Undeliverable
from quartier.tenancy.desk import Desk
from quartier.tenancy.setting import setting

Tls = Literal["starttls", "tls", "none"]
WAY_OUT = "List-Unsubscribe"
PATIENCE = 20.0  # seconds for a step of the conversation
PORTS = {"starttls": 587, "tls": 465, "none": 25}
ALLOWED = "smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465"


class AccountWrong(ValueError):
    """An address of a mail server that cannot be used; the text says what is allowed, and shows no password."""


@dataclass(frozen=True, slots=True)
class Account:
    """A mail server, and in whose name letters go. `tls` none is for this machine's own server alone."""

    host: str
    port: int
    tls: Tls
    user: str | None
    password: str | None = field(repr=False)
    sender: str = ""
    sender_name: str = ""
    reply_to: str | None = None


def account_of(mail: Mapping[str, Any] | None, environment: Mapping[str, str] = os.environ) -> Account | None:
    """The account of a site's `[mail]` table, or the installation's; None where neither is set. Raises AccountWrong.

    The table names a variable (`smtp_env`); QUARTIER_SMTP serves whoever has none, QUARTIER_SMTP_FROM is its sender.
    """
    said = mail or {}
    own = environment.get(said.get("smtp_env") or "", "")
    address = own or environment.get("QUARTIER_SMTP") or ""
    if not address:
        return None
    name = said["smtp_env"] if own else "QUARTIER_SMTP"
    sender = said.get("from") or environment.get("QUARTIER_SMTP_FROM") or ""
    if "@" not in sender:
        raise AccountWrong("QUARTIER_SMTP_FROM is the address that letters come from, such as hallo@example.org.")
    host, port, tls, user, password = _server(name, address)
    return Account(
        host, port, tls, user, password, sender, str(said.get("from_name_de") or ""), said.get("reply_to") or None
    )


def _server(name: str, address: str) -> tuple[str, int, Tls, str | None, str | None]:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise AccountWrong(f"{name} is {ALLOWED}.") from None
    tls: Tls = "tls" if parts.scheme == "smtps" else "starttls"
    if parse_qs(parts.query).get("tls") == ["none"] and parts.scheme == "smtp":
        tls = "none"
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise AccountWrong(f"{name} is {ALLOWED}.")
    if tls == "none" and not _is_this_machine(parts.hostname):
        raise AccountWrong(f"{name}: without TLS letters go to this machine's own server alone (localhost).")
    user = unquote(parts.username) if parts.username else None
    return parts.hostname, port or PORTS[tls], tls, user, unquote(parts.password) if parts.password else None


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def account(desk: Desk, environment: Mapping[str, str] = os.environ) -> Account | None:
    """The account that the desk's realm sends with; its settings are read with the open power. Raises AccountWrong."""
    return account_of(await setting(desk, "mail"), environment)


class _Written(EmailPolicy):
    """Lines of 78, but an address for programs stays whole: the library would write a longer one as encoded words."""

    def fold(self, name: str, value: str) -> str:
        return f"{name}: {value}{self.linesep}" if name == WAY_OUT else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii") if name == WAY_OUT else super().fold_binary(name, value)


_WRITTEN = _Written(linesep="\r\n", max_line_length=78, cte_type="7bit")  # which every server takes


def written(account: Account, letter: Letter) -> EmailMessage:
    """The letter as a message, plain text, without anything that would tell whether it was read.

    The same letter has the same Message-ID: a second copy after a crash shows as one. Raises Undeliverable for an
    address that is none.
    """
    message = EmailMessage(policy=_WRITTEN)
    try:
        message["From"] = Address(" ".join(account.sender_name.split()), addr_spec=account.sender)
        message["To"] = Address(addr_spec=letter.to)
    except (ValueError, IndexError):
        raise Undeliverable("address") from None
    if not letter.to.isascii():
        raise Undeliverable("address")  # many servers take no other ones yet
    if account.reply_to:
        message["Reply-To"] = account.reply_to
    message["Subject"] = " ".join(letter.subject.split())  # a line break would begin a header of its own
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<{letter.id}@{account.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if letter.way_out is not None:  # RFC 8058: mail programs offer a button for it
        message[WAY_OUT] = f"<{letter.way_out}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text)
    message["Content-Language"] = letter.language  # content headers of before are dropped by set_content
    if letter.calendar is not None:
        method, text = letter.calendar
        message.add_attachment(text, maintype="text", subtype="calendar", filename="termin.ics")
        part = list(message.iter_attachments())[-1]
        part.set_param("method", method)
        part.set_param("charset", "utf-8")
    return message


async def deliver(account: Account, letter: Letter) -> None:
    """Hand one letter over. Raises Undeliverable for good, NotNow for now; neither shows an address or a password."""
    message = written(account, letter)
    try:
        await aiosmtplib.send(
            message.as_bytes(),  # written by us: the library has a policy of its own
            sender=account.sender,
            recipients=[letter.to],
            hostname=account.host,
            port=account.port,
            username=account.user,
            password=account.password,
            use_tls=account.tls == "tls",
            start_tls=account.tls == "starttls",
            timeout=PATIENCE,
        )
    except aiosmtplib.SMTPRecipientsRefused as refused:
        codes = [each.code for each in refused.recipients]
        raise _failed(max(codes, default=0), "recipient") from None
    except aiosmtplib.SMTPAuthenticationError as refused:
        raise NotNow(f"sign-in {refused.code}") from None  # somebody will set the password right
    except aiosmtplib.SMTPResponseException as refused:
        raise _failed(refused.code, "server") from None
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as away:
        raise NotNow(type(away).__name__) from None


async def reach(account: Account) -> None:
    """See whether the server answers and lets us in; nothing is sent. Raises NotNow."""
    client = aiosmtplib.SMTP(
        hostname=account.host,
        port=account.port,
        username=account.user,
        password=account.password,
        use_tls=account.tls == "tls",
        start_tls=account.tls == "starttls",
        timeout=PATIENCE,
    )
    try:
        async with client:
            await client.noop()
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as away:
        raise NotNow(type(away).__name__) from None


def _failed(code: int, what: str) -> Exception:
    return Undeliverable(f"{what} {code}") if 500 <= code < 600 else NotNow(f"{what} {code}")

"""Letters that carry a secret: they go out at once and are kept nowhere, so they never stand in the outbox."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

import structlog

from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.kit.moments import Clock
from quartier.notices import smtp
from quartier.notices.smtp import Account, AccountWrong
from quartier.notices.words import Letter as Mail
from quartier.notices.words import NotNow, Undeliverable
from quartier.tenancy.desk import Desk
from quartier.tenancy.realm import Realm

KEPT = 100
CARRIERS = 4
MOST_WAITING = 1_000
RELEARN = 300.0  # seconds
TRIES, BETWEEN = 3, 5.0  # a code that comes after ten minutes helps nobody
log = structlog.get_logger("quartier.access")


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail in plain text; `repr` shows nothing of it."""

    realm: UUID
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    written_at: datetime
    language: str = "de"


class Post(Protocol):
    """Takes a letter and returns before it is delivered: nobody may tell from the time whether there was one."""

    def take(self, letter: Letter) -> None: ...

    def serves(self, realm: UUID) -> bool:
        """Whether letters of this realm arrive anywhere."""


@dataclass(slots=True)
class Letterbox:
    """The post of the demo: the last letters of this process, for /dev/postfach. Nothing leaves the machine."""

    letters: deque[Letter] = field(default_factory=lambda: deque(maxlen=KEPT), repr=False)

    def take(self, letter: Letter) -> None:
        self.letters.appendleft(letter)

    def serves(self, realm: UUID) -> bool:
        return True

    def of(self, realm: UUID) -> list[Letter]:
        """A realm's letters, the newest first."""
        return [letter for letter in self.letters if letter.realm == realm]


@dataclass(slots=True)
class Sender:
    """The post of an installation: by SMTP, with the account of each realm, from memory alone.

    A letter that cannot be handed over within TRIES is gone, and the log says so without its address: whoever waits for
    it asks again. The accounts are those of the last `learn`.
    """

    accounts: dict[UUID, Account] = field(default_factory=dict, repr=False)
    _waiting: asyncio.Queue[Letter] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING), repr=False)

    def take(self, letter: Letter) -> None:
        try:
            self._waiting.put_nowait(letter)
        except asyncio.QueueFull:
            log.error("letter_lost", realm=str(letter.realm), reason="too_many")

    def serves(self, realm: UUID) -> bool:
        return realm in self.accounts

    async def learn(self, realms: Iterable[Realm], now: datetime) -> None:
        """Read which account each realm sends with. One that is wrong is left out, and the log says why."""
        found = {}
        for realm in realms:
            desk = Desk(realm=realm, now=now)
            with DB.speaking(realm.id, "app"):
                try:
                    account = await smtp.account(desk)
                except AccountWrong as wrong:
                    log.error("mail_account_wrong", realm=realm.slug, reason=str(wrong))
                    continue
            if account is not None:
                found[realm.id] = account
        self.accounts = found

    @contextlib.asynccontextmanager
    async def open(self, realms: Callable[[], Iterable[Realm]], clock: Clock) -> AsyncIterator[None]:
        """Carry letters until the end; what waits then is given a few seconds. Accounts are read anew now and then."""
        await self.learn(realms(), clock.now())

        async def keep() -> None:
            while True:
                await asyncio.sleep(RELEARN)
                with contextlib.suppress(Exception):  # the database is away: the accounts stay
                    await self.learn(realms(), clock.now())

        carriers = [asyncio.create_task(self._carry(), name="quartier post") for _ in range(CARRIERS)]
        tasks = [*carriers, asyncio.create_task(keep(), name="quartier post accounts")]
        try:
            yield
        finally:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._waiting.join(), BETWEEN)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry(self) -> None:
        while True:
            letter = await self._waiting.get()
            try:
                await self._deliver(letter)
            except Exception as error:
                log.error("letter_lost", realm=str(letter.realm), reason=type(error).__name__)
            finally:
                self._waiting.task_done()

    async def _deliver(self, letter: Letter) -> None:
        account = self.accounts.get(letter.realm)
        if account is None:
            raise Undeliverable("account")
        about = (letter.to, letter.subject, letter.text, letter.language, letter.written_at)
        mail = Mail(new_id(), letter.realm, *about)
        for left in reversed(range(TRIES)):
            try:
                await smtp.deliver(account, mail)
            except Undeliverable as never:
                log.warning("letter_refused", realm=str(letter.realm), reason=str(never))
            except NotNow as away:
                if left:
                    await asyncio.sleep(BETWEEN)
                    continue
                log.error("letter_lost", realm=str(letter.realm), reason=str(away))
            return

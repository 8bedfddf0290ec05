"""A furnished house whose letters go to a mail server of the test."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest_asyncio
from icalendar import Calendar
from notices.conftest import account_at
from notices.sink import Sink
from spaces.house import House, span
from world import NOW, Site

from quartier.acts.telling.facts import facts_at
from quartier.notices import smtp
from quartier.notices.carrying import Carry, send
from quartier.notices.words import Letter
from quartier.spaces import actions
from quartier.spaces.words import Booking
from quartier.tenancy.desk import Desk

MINUTE = timedelta(minutes=1)
FACTS = facts_at(lambda host: f"https://{host}")


@dataclass
class Office:
    """A furnished house whose letters go to a sink; Lena has an address."""

    house: House
    server: Sink

    @property
    def site(self) -> Site:
        return self.house.site

    async def carrier(self, desk: Desk) -> Carry:
        account = account_at(self.server.port)

        async def carry(letter: Letter) -> None:
            await smtp.deliver(account, letter)

        return carry

    async def send(self, at: datetime = NOW + MINUTE) -> list[str]:
        """Send what is due; give the subjects that came."""
        before = len(self.server.letters)
        await send(self.site.desk(now=at), FACTS, self.carrier)
        return [str(letter["Subject"]) for letter in self.server.letters[before:]]

    async def book(self, room: str = "denkwerkstatt", day: int = 20, at: datetime = NOW) -> Booking:
        with self.site.speaking():
            return await actions.book_space(
                self.house.member.at(at), self.house.rooms[room], span(day, 9, 11), organisation=self.house.kitchen
            )

    async def states(self) -> list[tuple[str, str, str | None]]:
        rows = await self.site.sql(
            "select key, state, last_error from app.notice where tenant_id = $1 order by created_at, id", self.site.id
        )
        return [(row["key"], row["state"], row["last_error"]) for row in rows]

    def text(self, number: int = -1) -> str:
        """What a letter says."""
        body = self.server.letters[number].get_body(("plain",))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")

    def calendar(self, number: int = -1) -> tuple[Any, list[Any]]:
        """The calendar that came with a letter: its method, its events."""
        [part] = self.server.letters[number].iter_attachments()
        calendar = Calendar.from_ical(str(part.get_content()))
        return calendar["METHOD"], list(calendar.walk("VEVENT"))

    def entry(self, number: int = -1) -> tuple[Any, Any]:
        """The calendar that came with a letter: its method, its one event."""
        method, [event] = self.calendar(number)
        return method, event


@pytest_asyncio.fixture
async def office(house: House, server: Sink) -> Office:
    await house.site.sql(
        "update app.person set email = 'lena@mail.example' where tenant_id = $1 and id = $2", house.site.id, house.lena
    )
    return Office(house, server)

"""The outbox: one event is told once, only if it happened, and only to somebody who is there."""

from datetime import timedelta
from uuid import UUID

import pytest
from world import NOW, Site

from quartier.kit.ids import new_id
from quartier.notices import outbox
from quartier.tenancy.setting import put_setting

EVENT = "booking_confirmed:1"


async def told(site: Site, person: UUID, once: str = EVENT) -> UUID | None:
    desk = site.desk()
    with site.speaking():
        async with desk.transaction():
            return await outbox.queue(desk, "booking_confirmed", person, once=once, booking=new_id())


async def test_a_booking_is_told_in_the_persons_language_after_a_minute(west: Site) -> None:
    mira = await west.person("Mira Lindner", "manager")
    await west.sql("update app.person set language = 'en' where id = $1 and tenant_id = $2", mira, west.id)
    booking, desk = new_id(), west.desk()
    with west.speaking():
        async with desk.transaction():
            await outbox.queue(desk, "booking_confirmed", mira, once=EVENT, booking=booking)
        assert await outbox.due(desk) == ()
        [notice] = await outbox.due(desk.at(NOW + timedelta(minutes=1)))
    assert (notice.key, notice.person_id, notice.language, notice.state) == ("booking_confirmed", mira, "en", "waiting")
    assert notice.refs == {"booking": str(booking)}


async def test_a_site_says_itself_how_long_its_notices_wait(west: Site) -> None:
    desk = west.desk()
    with west.speaking():
        async with desk.transaction():
            await put_setting(desk, "mail", {"wait_seconds": 90}, valid_from=NOW.date())
        await told(west, await west.person("Mira Lindner"))
        assert await outbox.time_to_undo(desk) == timedelta(seconds=90)
        assert await outbox.due(desk.at(NOW + timedelta(seconds=89))) == ()
        assert len(await outbox.due(desk.at(NOW + timedelta(seconds=90)))) == 1


async def test_an_event_that_is_queued_twice_is_told_once(west: Site) -> None:
    mira = await west.person("Mira Lindner")
    assert await told(west, mira) is not None
    assert await told(west, mira) is None
    assert await west.count("app.notice") == 1


async def test_the_same_event_at_the_other_site_is_another_one(west: Site, east: Site) -> None:
    assert await told(west, await west.person("Mira Lindner")) is not None
    assert await told(east, await east.person("Selma Yıldız")) is not None
    assert (await west.count("app.notice"), await east.count("app.notice")) == (1, 1)


async def test_a_person_of_the_other_site_is_nobody_here(west: Site, east: Site) -> None:
    assert await told(west, await east.person("Selma Yıldız")) is None
    assert await west.count("app.notice") == 0


async def test_an_erased_person_is_told_nothing(west: Site) -> None:
    gone = await west.person("Ehemals Hier")
    await west.sql("update app.person set state = 'erased' where id = $1 and tenant_id = $2", gone, west.id)
    assert await told(west, gone) is None


async def test_what_is_rolled_back_is_not_told(west: Site) -> None:
    mira, desk = await west.person("Mira Lindner"), west.desk()

    async def booked_and_failed() -> None:
        async with desk.transaction():
            await outbox.queue(desk, "booking_confirmed", mira, once=EVENT, booking=new_id())
            raise ZeroDivisionError

    with west.speaking(), pytest.raises(ZeroDivisionError):
        await booked_and_failed()
    assert await west.count("app.notice") == 0


async def test_without_the_transaction_of_an_event_nothing_is_queued(west: Site) -> None:
    mira = await west.person("Mira Lindner")
    with west.speaking(), pytest.raises(RuntimeError, match="transaction of its event"):
        await outbox.queue(west.desk(), "booking_confirmed", mira, once=EVENT)


async def test_undone_within_the_minute_it_is_never_due(west: Site) -> None:
    mira = await west.person("Mira Lindner")
    await told(west, mira)
    later = west.desk(now=NOW + timedelta(hours=1))
    with west.speaking():
        assert await outbox.stop(west.desk(), EVENT) == 1
        assert await outbox.stop(west.desk(), EVENT) == 0
        assert await outbox.due(later) == ()
        [notice] = await outbox.notices_of(later, mira)
    assert notice.state == "stopped"

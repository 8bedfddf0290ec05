"""Calendars behind a link: written to the letter, taken back for good, and silent about what is not public."""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx2
import icalendar
import pytest
import pytest_asyncio
import recurring_ical_events
from doorway import app, client, log, logged
from refusing import refusals
from spaces.house import House, at, span
from world import BERLIN, NOW

from quartier.app import App
from quartier.kit.spans import Span
from quartier.spaces import actions
from quartier.spaces.feeds import actions as feeds
from quartier.spaces.feeds import queries
from quartier.spaces.feeds.ics import written
from quartier.spaces.feeds.words import Entry, Feed

__all__ = ["app", "log"]
GOLDEN = Path(__file__).parent / "golden"


# -- to the letter -------------------------------------------------------------------------------------
def entry(number: int, when: Span, state: str = "confirmed", version: int = 1, **more: str) -> Entry:
    told = {"title": "Speiseplan, Herbst; mit Brot", "visibility": "private", **more}
    return Entry(
        UUID(int=number),
        f"LW-B-2026-000{number}",
        when,
        told["title"],
        told["visibility"],  # type: ignore[arg-type]
        state,  # type: ignore[arg-type]
        "Denkwerkstatt",
        "1. Obergeschoss",
        version,
        NOW,
        NOW + timedelta(hours=version, microseconds=5),
    )


ENTRIES = [
    entry(1, Span(at(25, 0, 30, month=10), at(25, 4, month=10))),  # the night of 25 hours
    entry(2, span(20, 9, 11), "requested", title=""),
    entry(3, span(23, 9, 11), "cancelled_late", version=3),
    entry(4, span(24, 18, 20), "completed", version=4, visibility="public", title="Ein Abend mit viel Text " * 5),
    entry(5, span(24, 9, 10), visibility="members"),
    entry(6, Span(at(25, 1, month=10) + timedelta(hours=2, minutes=30), at(25, 4, month=10))),  # from the second 02:30
]


@pytest.mark.parametrize("scope", ["mine", "space", "site"])
def test_a_calendar_is_written_to_the_letter(scope: str) -> None:
    """Written anew with QUARTIER_WRITE=1; then read the difference."""
    language = "en" if scope == "space" else "de"
    feed = Feed(uuid4(), scope, None, None, language)  # type: ignore[arg-type]
    place = "Denkwerkstatt" if scope == "space" else None
    told = written(feed, ENTRIES, site="Zentrum Leipzig West", host="west.example", place=place, zone=BERLIN)
    stored = GOLDEN / f"{scope}.ics"
    if os.environ.get("QUARTIER_WRITE"):
        stored.write_bytes(told)
    assert told == stored.read_bytes()
    assert all(len(line) <= 75 for line in told.split(b"\r\n"))
    assert told.count(b"\n") == told.count(b"\r\n")


def test_others_read_the_same_hours_and_no_private_title() -> None:
    feed = Feed(uuid4(), "site", None, None, "de")
    told = written(feed, ENTRIES, site="West", host="west.example", place=None, zone=BERLIN)
    there = icalendar.Calendar.from_ical(told)
    events = recurring_ical_events.of(there).between(at(1, 0, month=10), at(30, 0))
    spans = {(each["UID"].split("@")[0][-1], each.start.astimezone(UTC), each.end.astimezone(UTC)) for each in events}
    assert spans == {(str(each.booking)[-1], each.span.start, each.span.end) for each in ENTRIES}
    summaries = [str(each["SUMMARY"]) for each in events]
    assert sorted(summaries)[:5] == ["Belegt"] * 5
    assert summaries.count("Ein Abend mit viel Text " * 5) == 1
    assert b"Speiseplan" not in told
    assert b"LW-B-" not in told


# -- made and taken back -------------------------------------------------------------------------------
async def test_only_the_mark_of_a_link_is_kept(at_west: House) -> None:
    made, token = await feeds.make_feed(at_west.member, "mine")
    [row] = await at_west.site.sql("select * from app.calendar_feed where tenant_id = $1", at_west.site.id)
    assert (row["id"], row["person_id"], row["created_by"], row["scope"]) == (made, at_west.lena, at_west.lena, "mine")
    assert token not in str(dict(row))
    assert row["token_hash"] == queries.marked(token)
    [line] = await at_west.lines()
    assert (line["action"], line["subject"]) == ("space.feed_made", made)
    assert token not in line["numbers"]


async def test_who_may_make_which_calendar(at_west: House, house_east: House) -> None:
    studio = at_west.rooms["studio"]
    await feeds.make_feed(at_west.member, "space", studio)
    await feeds.make_feed(at_west.front_desk, "site")
    assert list(await refusals(feeds.make_feed(at_west.member, "site"))) == ["NOT_ALLOWED"]
    assert list(await refusals(feeds.make_feed(at_west.front_desk, "mine"))) == ["FIELD_INVALID"]  # the house is nobody
    assert list(await refusals(feeds.make_feed(at_west.member, "space"))) == ["FIELD_INVALID"]
    assert list(await refusals(feeds.make_feed(at_west.member, "mine", studio))) == ["FIELD_INVALID"]
    foreign = house_east.rooms["studio"]
    assert list(await refusals(feeds.make_feed(at_west.member, "space", foreign))) == ["NOT_FOUND"]


async def test_56_a_program_leaves_no_link_behind_that_outlives_it(at_west: House) -> None:
    program = replace(at_west.front_desk, client=uuid4())
    for scope in ("site", "space", "mine"):
        space = at_west.rooms["studio"] if scope == "space" else None
        assert list(await refusals(feeds.make_feed(program, scope, space))) == ["FEED_NEEDS_PERSON"]
    assert await at_west.site.count("app.calendar_feed") == 0


async def test_twenty_links_are_enough_and_one_taken_back_makes_room(at_west: House) -> None:
    made = [(await feeds.make_feed(at_west.member, "mine"))[0] for _ in range(20)]
    refused = await refusals(feeds.make_feed(at_west.member, "mine"))
    assert refused["TOO_MANY_FEEDS"].numbers == {"most": 20}
    await feeds.revoke_feed(at_west.member, made[0])
    await feeds.make_feed(at_west.member, "mine")
    other = at_west.site.desk("member", person=await at_west.site.person("Kim Adler"))
    assert list(await refusals(feeds.revoke_feed(other, made[1]))) == ["NOT_FOUND"]
    assert list(await refusals(feeds.revoke_feed(at_west.member, made[0]))) == ["NOT_FOUND"]
    await feeds.revoke_feed(at_west.front_desk, made[1])


# -- what stands in it ---------------------------------------------------------------------------------
async def read(house: House, token: str, now: datetime = NOW) -> list[tuple[str, str, str]]:
    desk = house.site.desk("member").at(now)
    feed = await queries.feed_of(desk, token)
    assert feed is not None
    return [(each.place, each.title, each.state) for each in await queries.entries(desk, feed)]


async def test_one_s_own_calendar_has_what_is_hers_and_her_organisation_s(at_west: House) -> None:
    _, token = await feeds.make_feed(at_west.member, "mine")
    room, desk = at_west.rooms["denkwerkstatt"], at_west.front_desk
    await actions.book_space(at_west.member, room, span(20, 9, 10), title="eigene", organisation=at_west.kitchen)
    await actions.book_space(desk, room, span(20, 11, 12), title="der Küche", organisation=at_west.kitchen)
    await actions.book_space(desk, room, span(20, 13, 14), title="fremde", kind="guest")
    asked = await actions.book_space(
        at_west.member, at_west.rooms["werkhalle"], span(20, 9, 10), title="Fest", organisation=at_west.kitchen
    )
    assert [title for _, title, _ in await read(at_west, token)] == ["eigene", "Fest", "der Küche"]
    await actions.cancel_booking(at_west.member, asked.id, 1)
    assert ("Werkhalle", "Fest", "withdrawn") in await read(at_west, token)  # cancelled entries stay
    assert await read(at_west, token, NOW + timedelta(days=80)) != []
    assert await read(at_west, token, NOW + timedelta(days=95)) == []


async def test_the_calendar_of_a_part_tells_of_the_whole_and_nothing_that_was_only_asked_for(at_west: House) -> None:
    _, token = await feeds.make_feed(at_west.member, "space", at_west.rooms["werkhalle-nord"])
    for key, hour in (("werkhalle-nord", 9), ("werkhalle-sued", 9), ("werkhalle", 13), ("studio", 9)):
        await actions.book_space(
            at_west.front_desk, at_west.rooms[key], span(20, hour, hour + 1), kind="guest", title=key
        )
    await actions.book_space(at_west.member, at_west.rooms["werkhalle"], span(23, 9, 10), organisation=at_west.kitchen)
    assert [title for _, title, _ in await read(at_west, token)] == ["werkhalle-nord", "werkhalle"]


async def test_a_link_dies_with_its_owner_s_access(at_west: House) -> None:
    desk = at_west.site.desk("member")
    _, own = await feeds.make_feed(at_west.member, "mine")
    _, studio = await feeds.make_feed(at_west.member, "space", at_west.rooms["studio"])
    assert None not in [await queries.feed_of(desk, token) for token in (own, studio)]
    await at_west.site.sql("update app.person set state = 'blocked' where id = $1", at_west.lena)
    assert [await queries.feed_of(desk, token) for token in (own, studio)] == [None, None]


# -- over HTTP -----------------------------------------------------------------------------------------
@pytest_asyncio.fixture
async def stranger(app: App, house: House, house_east: House) -> AsyncIterator[httpx2.AsyncClient]:
    await app.house.directory.load()
    async with client(app, house.site) as somebody:
        yield somebody


async def test_a_program_reads_a_calendar_and_is_told_when_nothing_changed(
    stranger: httpx2.AsyncClient, house: House, house_east: House, app: App
) -> None:
    now = datetime.now(UTC)
    day = (now + timedelta(days=2)).astimezone(BERLIN).replace(hour=12, minute=0, second=0, microsecond=0)
    when = Span(day, day + timedelta(hours=1))
    await house.site.sql("delete from app.closure where tenant_id = $1", house.site.id)  # whatever day it is
    with house.site.speaking():
        made, token = await feeds.make_feed(house.member.at(now), "mine")
        booked = await actions.book_space(
            house.front_desk.at(now), house.rooms["studio"], when, title="Probe", organisation=house.kitchen,
            kind="guest", override=True,
        )  # fmt: skip
    first = await stranger.get(f"/kalender/{token}.ics")
    assert (first.status_code, first.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert first.headers["cache-control"] == "private, no-cache"
    [event] = icalendar.Calendar.from_ical(first.content).walk("VEVENT")
    assert (event["UID"], event["SEQUENCE"], event["SUMMARY"]) == (f"{booked.id}@{house.site.realm.host}", 0, "Probe")
    for told in (first.headers["etag"], f"W/{first.headers['etag']}", f'"x", {first.headers["etag"]}', "*"):
        again = await stranger.get(f"/kalender/{token}.ics", headers={"if-none-match": told})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    with house.site.speaking():
        await actions.cancel_booking(house.front_desk.at(now), booked.id, 1, reason="Wasser")
    changed = await stranger.get(f"/kalender/{token}.ics", headers={"if-none-match": first.headers["etag"]})
    [event] = icalendar.Calendar.from_ical(changed.content).walk("VEVENT")
    assert (changed.status_code, event["UID"], event["SEQUENCE"], event["STATUS"]) == (
        200, f"{booked.id}@{house.site.realm.host}", 1, "CANCELLED",
    )  # fmt: skip
    async with client(app, house_east.site) as neighbour:
        assert (await neighbour.get(f"/kalender/{token}.ics")).status_code == 404
    with house.site.speaking():
        await feeds.revoke_feed(house.member.at(now), made)
    gone = await stranger.get(f"/kalender/{token}.ics", headers={"if-none-match": changed.headers["etag"]})
    assert gone.status_code == 404
    assert token not in str(logged(gone.headers["x-request-id"]))


@pytest.mark.parametrize("name", ["x.ics", "a" * 43, "a" * 43 + ".ics", "a" * 43 + ".ICS", "..%2f" + "a" * 38 + ".ics"])
async def test_what_is_no_link_is_nothing(stranger: httpx2.AsyncClient, name: str) -> None:
    assert (await stranger.get(f"/kalender/{name}")).status_code == 404
    assert (await stranger.post(f"/kalender/{name}")).status_code in {403, 404, 405}

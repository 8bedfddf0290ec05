"""Two rows for one organisation become one: nothing is lost, nothing is written for what is gone."""

import asyncio
import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from asyncpg import Range
from isolation.factories import Rows
from refusing import refusals
from spaces.house import House, span
from world import NOW, Administrator, Site

from quartier.access.invitations.handing import hand_over
from quartier.acts.merging import JOB, merge_organisations, preview
from quartier.app import joined
from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.members import actions as members
from quartier.members import queries
from quartier.members.merging.queries import likely_duplicates
from quartier.members.words import Profile
from quartier.spaces import actions as spaces

TODAY = date(2026, 11, 19)
REFERENCES = """
select k.conrelid::regclass::text as t, a.attname as col, pg_get_constraintdef(k.oid) as text
from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
where a.attname <> 'tenant_id' and k.contype = 'f' and k.confrelid = 'app.organisation'::regclass order by 1, 2"""
UNKEYED = """
select c.oid::regclass || '.' || a.attname as col from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relkind = 'r' and c.relnamespace::regnamespace::text in ('app', 'auth', 'city') and a.attnum > 0
  and not a.attisdropped and a.atttypid = 'uuid'::regtype and a.attname ~ 'organisation'
  and not exists (
    select from pg_constraint k where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any (k.conkey))"""


async def twin(house: House, name: str = "Löffelweise e.V.", **more: Any) -> UUID:
    made = await members.register_organisation(house.manager, Profile(name, "association", True, False, **more))
    return made.id


async def merge(house: House, other: UUID, kept: UUID | None = None, **more: Any) -> dict[str, int]:
    """Merge into the kitchen, with the versions there are."""
    kept = kept or house.kitchen
    versions = [(await queries.organisation(house.manager, each)).version for each in (kept, other)]
    seen = {"kept_version": versions[0], "other_version": versions[1]} | more
    return await merge_organisations(house.manager, kept, other, **seen)


async def plan(site: Site, key: str) -> UUID:
    [row] = await site.sql("select id from app.plan where tenant_id = $1 and key = $2", site.id, key)
    found: UUID = row["id"]
    return found


async def test_every_key_to_an_organisation_is_to_one_that_lives(administrator: Administrator) -> None:
    wrong = [
        f"{row['t']}.{row['col']}: write references app.organisation (tenant_id, live_id), named"
        f" {row['col'].replace('_id', '')}_lives, and hand the rows over in the room's merging.py"
        for row in await administrator.fetch(REFERENCES)
        if "REFERENCES app.organisation(tenant_id, live_id)" not in row["text"]
    ]
    assert wrong == []
    # Without a key are only what another power holds, which follows by a job, and the living one's own id.
    assert {row["col"] for row in await administrator.fetch(UNKEYED)} == {"auth.invitation.organisation"}


async def test_nothing_is_lost_in_any_table_that_knows_organisations(west: Site) -> None:
    """The tables come from the catalog, so that a new one cannot be forgotten."""
    rows = Rows(west.id, west.realm.city_id)
    there = await west.sql("select 'app.' || tablename as t from pg_tables where schemaname = 'app'")
    for statement in rows.all({row["t"] for row in there} - {"app.site"}):
        await west.administrator.execute(statement)
    other, earlier = UUID(rows.id("organisation")), new_id()
    references = [(row["t"], row["col"]) for row in await west.sql(REFERENCES)]
    for table, col in references:
        if (table, col) != ("app.organisation", "merged_into"):
            await west.administrator.execute(
                f"update {table} set {col} = $2 where tenant_id = $1 and {col} is null", west.id, other
            )
    await west.administrator.execute(
        rows.insert("app.organisation").replace(f"'{other}'", f"'{earlier}'", 1).replace("'active'", "'merged'")
        .replace("state,", "state, merged_into,").replace("'merged',", f"'merged', '{other}',")
    )  # fmt: skip

    async def counted() -> dict[str, int]:
        return {f"{t}.{c}": await west.count(t, f"{c} = '{other}'") for t, c in references}

    async def whole() -> dict[str, int]:
        return {t: await west.count(t) for t, _ in references}

    with west.speaking():
        made = await members.register_organisation(west.desk("manager"), Profile("Kontor", "company", False, True))
        before, all_before = await counted(), await whole()
        assert min(before.values()) >= 1, before
        moved = await merge_organisations(west.desk("manager"), made.id, other, kept_version=1, other_version=1)
    assert {name: n for name, n in (await counted()).items() if n} == {}
    after = {f"{t}.{c}": await west.count(t, f"{c} = '{made.id}'") for t, c in references}
    merged_too = {"app.organisation.merged_into": 1}  # the emptied one itself
    assert after == {name: n + merged_too.get(name, 0) for name, n in before.items()}
    assert await whole() == all_before
    assert sum(moved.values()) == sum(before.values())


async def test_the_old_one_lives_on_in_the_new_one_and_gives_what_that_lacks(at_west: House) -> None:
    site = at_west.site
    other = await twin(
        at_west, street="Karl-Heine-Str. 1", postcode="04229", district="Plagwitz", website="https://l.example",
        identifiers={"register": "Leipzig VR 77"}, about_de="Kocht.",
    )  # fmt: skip
    await site.sql("update app.organisation set tags = '{essen}' where id = $1", other)
    await site.sql(
        "update app.organisation set tags = '{verein}', website = 'https://k.example' where id = $1", at_west.kitchen
    )
    moved = await merge(at_west, other)
    assert moved == {"numbers": 1}
    [row] = await site.sql("select state, merged_into, version from app.organisation where id = $1", other)
    assert tuple(row) == ("merged", at_west.kitchen, 2)
    [kept] = await site.sql(
        "select name, street, district, website, about_de, tags, version from app.organisation where id = $1",
        at_west.kitchen,
    )
    assert tuple(kept) == (
        "Löffelweise e. V.", "Karl-Heine-Str. 1", "Plagwitz", "https://k.example", "Kocht.", ["essen", "verein"], 2,
    )  # fmt: skip
    [line] = await site.sql(
        "select subject, numbers from app.audit_entry where action = 'organisation.merged' and tenant_id = $1", site.id
    )
    assert line["subject"] == at_west.kitchen
    assert json.loads(line["numbers"]) == {"other": str(other), "ended": False, "numbers": 1}
    jobs = await site.sql(
        "select 1 from jobs.pgqueuer where entrypoint = $1 and convert_from(payload, 'UTF8') like $2", JOB, f"%{other}%"
    )
    assert len(jobs) == 1
    again = await refusals(merge(at_west, other))
    assert list(again) == ["ORGANISATION_MERGED"]


async def test_every_reason_is_told_at_once_and_nothing_is_done(at_west: House) -> None:
    site = at_west.site
    await site.sql("insert into app.organisation_identifier values ($1, $2, $3, 'vat', 'DE111111111', $4)",
                   site.id, new_id(), at_west.kitchen, NOW)  # fmt: skip
    other = await twin(at_west, identifiers={"vat": "DE222222222"})
    await members.open_membership(at_west.manager, await plan(site, "verein"), organisation=other)
    for whose in (at_west.kitchen, other):
        await site.sql(
            "insert into app.membership (tenant_id, id, number, organisation_id, family, state, created_at, changed_at)"
            " values ($1, $2, $2::uuid::text, $3, 'x', 'applied', $4, $4)", site.id, new_id(), whose, NOW
        )  # fmt: skip
    lines = await site.count("app.audit_entry")
    told = await refusals(merge(at_west, other, kept_version=9))
    assert set(told) == {"STALE_VERSION", "MEMBERSHIPS_MEET", "APPLICATIONS_MEET", "NUMBERS_DIFFER"}
    assert told["NUMBERS_DIFFER"].numbers == {"kind": "vat", "kept": "DE111111111", "other": "DE222222222"}
    own = site.desk("manager", person=at_west.lena, own=frozenset({at_west.kitchen}))
    told = await refusals(merge_organisations(own, at_west.kitchen, other, kept_version=1, other_version=1))
    assert "OWN_CASE" in told
    assert "NOT_ALLOWED" in await refusals(
        merge_organisations(at_west.front_desk, at_west.kitchen, other, kept_version=1, other_version=1)
    )
    assert "FIELD_INVALID" in await refusals(merge(at_west, at_west.kitchen))
    told = await refusals(
        merge_organisations(at_west.manager, at_west.kitchen, new_id(), kept_version=1, other_version=1)
    )
    assert list(told) == ["NOT_FOUND"]
    assert await site.count("app.audit_entry") == lines
    pair, moves, reasons = await preview(at_west.manager, at_west.kitchen, other)
    assert moves == {"memberships": 2, "numbers": 1}
    assert {each.code for each in reasons} == {"MEMBERSHIPS_MEET", "APPLICATIONS_MEET", "NUMBERS_DIFFER"}


async def test_a_word_ends_the_other_membership_and_drops_its_number(at_west: House) -> None:
    site = at_west.site
    await site.sql("insert into app.organisation_identifier values ($1, $2, $3, 'vat', 'DE111111111', $4)",
                   site.id, new_id(), at_west.kitchen, NOW)  # fmt: skip
    other = await twin(at_west, identifiers={"vat": "DE222222222", "register": "Leipzig VR 8"})
    second = await members.open_membership(at_west.manager, await plan(site, "verein"), organisation=other)
    moved = await merge(at_west, other, end_memberships=True, drop_numbers=True)
    assert moved == {"numbers": 1, "numbers_dropped": 1, "memberships": 1}
    rows = await site.sql(
        "select state, ends_on from app.membership where organisation_id = $1 order by number", at_west.kitchen
    )
    assert [tuple(row) for row in rows] == [("active", None), ("ended", TODAY)]
    [term] = await site.sql("select upper(during) u from app.membership_term where membership_id = $1", second.id)
    assert term["u"] == TODAY + timedelta(days=1)


async def test_people_of_both_stand_once_for_the_one_that_stays_with_the_stronger_role(at_west: House) -> None:
    site = at_west.site
    other = await twin(at_west)
    jan, kim = await site.person("Jan"), await site.person("Kim")
    for person, organisation, role, first, end in (
        (jan, other, "owner", date(2026, 3, 1), None),
        (jan, at_west.kitchen, "member", date(2026, 1, 1), date(2026, 6, 1)),
        (jan, other, "former", date(2020, 1, 1), date(2021, 1, 1)),
        (kim, other, "member", date(2026, 1, 1), None),
    ):
        await site.sql(
            "insert into app.affiliation values ($1, $2, $3, $4, $5, $6, $7)",
            site.id, new_id(), person, organisation, role, Range(first, end), NOW,
        )  # fmt: skip
    await merge(at_west, other)
    rows = await site.sql(
        "select p.name, a.role, lower(a.during) l, upper(a.during) u from app.affiliation a join app.person p on p.id ="
        " a.person_id where a.organisation_id = $1 order by 1, 3", at_west.kitchen,
    )  # fmt: skip
    assert [tuple(row) for row in rows] == [
        ("Jan", "former", date(2020, 1, 1), date(2021, 1, 1)),
        ("Jan", "owner", date(2026, 1, 1), None),
        ("Kim", "member", date(2026, 1, 1), None),
        ("Lena Voss", "owner", TODAY, None),
    ]
    assert (await queries.standing(at_west.manager, kim)).own == {at_west.kitchen}


async def test_who_books_first_is_moved_and_who_books_later_is_told(at_west: House) -> None:
    """The merge and a booking for the duplicate at once, in both orders."""
    site = at_west.site
    other = await twin(at_west)
    await site.sql(
        "update app.membership set state = 'ended', ends_on = starts_on where organisation_id = $1", at_west.kitchen
    )
    await members.open_membership(at_west.manager, await plan(site, "verein"), organisation=other)
    room = at_west.rooms["denkwerkstatt"]
    entered, go = asyncio.Event(), asyncio.Event()

    async def book_slowly() -> UUID:
        with site.speaking():
            async with at_west.front_desk.transaction():
                booked = await spaces.book_space(at_west.front_desk, room, span(20, 9, 11), organisation=other)
                entered.set()
                await go.wait()
                return booked.id

    async def merge_now() -> dict[str, int]:
        with site.speaking():
            return await merge(at_west, other)

    booking = asyncio.create_task(book_slowly())
    await entered.wait()
    merging = asyncio.create_task(merge_now())
    await _waits(site)
    go.set()
    booked, moved = await asyncio.gather(booking, merging)
    assert moved == {"memberships": 1, "bookings": 1}
    [row] = await site.sql("select organisation_id from app.booking where id = $1", booked)
    assert row["organisation_id"] == at_west.kitchen

    third = await twin(at_west, "Noch eine")
    ready, on = asyncio.Event(), asyncio.Event()

    async def merge_slowly() -> None:
        with site.speaking():
            async with at_west.manager.transaction():
                await merge(at_west, third)
                ready.set()
                await on.wait()

    async def book_for_third() -> dict[str, Any]:
        with site.speaking():
            wish = spaces.book_space(at_west.front_desk, room, span(23, 9, 11), organisation=third, kind="guest")
            return dict(await refusals(wish))

    merging_again = asyncio.create_task(merge_slowly())
    await ready.wait()
    late = asyncio.create_task(book_for_third())
    await _waits(site)
    on.set()
    await merging_again
    assert list(await late) == ["ORGANISATION_MERGED"]
    assert await site.count("app.booking", f"organisation_id = '{third}'") == 0


async def _waits(site: Site) -> None:
    """Until a session of this database waits for a lock."""
    for _ in range(200):
        if await site.sql(
            "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        ):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody waits")


async def test_the_database_alone_refuses_to_leave_a_row_behind(at_west: House) -> None:
    other = await twin(at_west)
    with pytest.raises(asyncpg.ForeignKeyViolationError, match="organisation_lives"):
        await at_west.site.sql(
            "update app.organisation set state = 'merged', merged_into = $2 where id = $1", at_west.kitchen, other
        )


async def test_an_invitation_follows_and_one_accepted_before_that_leads_to_the_living(at_west: House) -> None:
    site = at_west.site
    other, kim = await twin(at_west), await site.person("Kim")
    insert = (
        "insert into auth.invitation (tenant_id, id, token_hash, address, language, organisation, affiliation,"
        " created_at, expires_at)"
        " values ($1, $2, sha256($2::uuid::text::bytea), $3, 'de', $4, 'member', $5, '2099-01-01')"
    )
    twice = new_id()
    await site.sql(insert, site.id, twice, "a@b.example", other, NOW)
    await site.sql(insert, site.id, new_id(), "a@b.example", at_west.kitchen, NOW)
    await site.sql(insert, site.id, new_id(), "c@b.example", other, NOW)
    await merge(at_west, other)
    await joined(site.desk(), kim, other, "member")
    assert (await queries.standing(at_west.manager, kim)).own == {at_west.kitchen}
    with DB.speaking(site.id, "auth"):
        await hand_over(site.desk(), at_west.kitchen, other)
        await hand_over(site.desk(), at_west.kitchen, other)
    rows = await site.sql(
        "select id, organisation, withdrawn_at is not null gone from auth.invitation where tenant_id = $1", site.id
    )
    assert {row["organisation"] for row in rows} == {at_west.kitchen}
    assert [row["id"] for row in rows if row["gone"]] == [twice]


async def test_likely_pairs_are_found_by_name_number_website_and_people(at_west: House, east: Site) -> None:
    site = at_west.site
    same = await twin(at_west, "LÖFFELWEISE (eingetragener Verein)", website="https://www.l.example/")
    vat = await twin(at_west, "Kochkiste", identifiers={"vat": "DE123456789"})
    w_id = await twin(at_west, "Kiste GmbH", identifiers={"w_id": "DE123456789-00001"}, website="http://l.example")
    with east.speaking():
        await members.register_organisation(east.desk("manager"), Profile("Löffelweise", "association", True, False))
    found = {(each.first.id, each.second.id): each.signs for each in await likely_duplicates(at_west.manager)}
    assert found == {(at_west.kitchen, same): ("name",), (vat, w_id): ("number",), (same, w_id): ("website",)}
    assert len(await likely_duplicates(at_west.manager, of=vat)) == 1
    seat = {"street": "Weg 1", "postcode": "04229"}
    shop, club = await twin(at_west, "Laden", **seat), await twin(at_west, "Klub", **seat)
    lead, namesake = await site.person("Kim"), await site.person("Kim")
    for person, organisation in ((lead, shop), (namesake, club)):
        await members.add_affiliation(at_west.manager, person, organisation, "owner")
    assert not await likely_duplicates(at_west.manager, of=club)
    await members.add_affiliation(at_west.manager, lead, club, "admin")
    [pair] = await likely_duplicates(at_west.manager, of=club)
    assert pair.signs == ("people",)

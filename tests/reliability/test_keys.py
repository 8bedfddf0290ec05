"""Idempotency keys: the same wish sent again, or twenty times at once, happens once and is answered alike."""

import asyncio
import json
from collections import Counter
from uuid import UUID, uuid4

from refusing import refusals
from world import Site

from quartier.database.engine import DB
from quartier.members.actions import register_organisation
from quartier.members.words import IdentifierKind, Profile
from quartier.tenancy.desk import Desk
from quartier.tenancy.once import Answer, once, rehearse

WISH = b"register|Kontor Sued"


async def register(desk: Desk, name: str = "Kontor Süd", *, vat: str | None = None) -> Answer:
    """A small real action: an organisation, its audit line, and what a mutation would keep of it."""
    numbers: dict[IdentifierKind, str] = {"vat": vat} if vat else {}
    made = await register_organisation(desk, Profile(name, "company", False, True, identifiers=numbers))
    return {"organisation": str(made.id)}


async def asked(site: Site, key: str, wish: bytes = WISH, desk: Desk | None = None) -> str:
    """What a request with this key is answered."""
    desk = desk or site.desk("manager")
    with site.speaking():
        return json.dumps(await once(desk, key, wish, lambda: register(desk)))


async def test_the_same_key_twenty_times_at_once_is_one_effect_and_one_answer(west: Site) -> None:
    told = Counter(await asyncio.gather(*(asked(west, "a key") for _ in range(20))))
    assert list(told.values()) == [20]
    [made] = await west.sql("select id from app.organisation where tenant_id = $1", west.id)
    assert json.loads(next(iter(told))) == {"organisation": str(made["id"])}
    assert await west.count("app.audit_entry") == 1
    assert await west.count("app.idempotency") == 1


async def test_the_same_key_for_something_else_is_refused_and_nothing_happens(west: Site) -> None:
    await asked(west, "a key")
    for _ in range(2):
        assert list(await refusals(asked(west, "a key", b"register|Another"))) == ["KEY_REUSED"]
    assert await west.count("app.organisation") == 1


async def test_twenty_wishes_that_share_a_key_by_mistake_are_one_and_nineteen_refusals(west: Site) -> None:
    async def one(n: int) -> str:
        return next(iter(await refusals(asked(west, "a key", b"wish %d" % n))), "done")

    assert Counter(await asyncio.gather(*map(one, range(20)))) == {"done": 1, "KEY_REUSED": 19}
    assert await west.count("app.organisation") == 1


async def test_keys_of_two_sites_and_of_two_people_never_meet(west: Site, east: Site) -> None:
    lena, mira = uuid4(), uuid4()
    told = {await asked(west, "a key"), await asked(east, "a key")}
    told |= {await asked(west, "a key", desk=west.desk("manager", person=person)) for person in (lena, mira)}
    assert len(told) == 4
    assert (await west.count("app.organisation"), await east.count("app.organisation")) == (3, 1)


async def test_a_refusal_and_a_fault_leave_the_key_free(west: Site) -> None:
    desk, key = west.desk("manager"), "a key"

    async def broken() -> Answer:
        await register(desk)
        raise ZeroDivisionError

    with west.speaking():
        assert list(await refusals(once(desk, key, WISH, lambda: register(desk, "  ")))) == ["FIELD_INVALID"]
        try:
            await once(desk, key, WISH, broken)
        except ZeroDivisionError:
            assert await west.count("app.idempotency") == 0
    await asked(west, key)
    assert (await west.count("app.organisation"), await west.count("app.audit_entry")) == (1, 1)


async def test_what_two_wishes_cannot_both_have_one_gets_under_its_own_key(west: Site) -> None:
    """Two keys, one register number: a constraint decides, and the loser's key stays free."""
    desk = west.desk("manager")

    async def one(key: str) -> str:
        with west.speaking():
            wish = once(desk, key, WISH, lambda: register(desk, vat="DE811128135"))
            return next(iter(await refusals(wish)), "done")

    assert Counter(await asyncio.gather(*(one(f"key {n}") for n in range(10)))) == {"done": 1, "IDENTIFIER_TAKEN": 9}
    assert await west.count("app.idempotency") == 1


async def test_a_rehearsal_answers_as_the_act_does_and_leaves_nothing(west: Site) -> None:
    desk = west.desk("manager")
    with west.speaking():
        told = await rehearse(desk, lambda: register(desk))
        assert UUID(told["organisation"])
        assert list(await refusals(rehearse(desk, lambda: register(desk, "  ")))) == ["FIELD_INVALID"]
        assert DB.open_transaction is None
    for table in ("app.organisation", "app.audit_entry", "app.idempotency"):
        assert await west.count(table) == 0

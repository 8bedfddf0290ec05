"""Photos of spaces: with words in both languages, in an order, few, and shown while their space is open."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from handed import waiting_file
from refusing import refusals
from world import Site

from quartier.kit.ids import new_id
from quartier.settings import home
from quartier.spaces import opening
from quartier.spaces.photos import actions as photos
from quartier.spaces.photos import queries
from quartier.spaces.photos.words import MOST, Described
from quartier.tenancy.blueprint import read_site
from quartier.tenancy.desk import Desk

SAID = Described(" Eine helle Halle ", "A bright hall")


@dataclass(frozen=True)
class Hall:
    site: Site
    mara: UUID
    hall: UUID
    studio: UUID

    @property
    def manager(self) -> Desk:
        return self.site.desk("manager", person=self.mara)

    async def photo(self, space: UUID | None = None, said: Described = SAID) -> UUID:
        file = await waiting_file(self.site, self.mara, "space_photo", "halle.jpg")
        return await photos.add_photo(self.manager, space or self.hall, file, said)

    async def order(self) -> list[UUID]:
        return [each.id for each in await queries.photos(self.manager, self.hall)]


@pytest_asyncio.fixture
async def hall(west: Site) -> AsyncIterator[Hall]:
    mara = await west.person("Mara Manager")
    with west.speaking("worker"):
        desk = west.desk()
        async with desk.transaction():
            await opening.furnish(desk, read_site(home("tenants") / "leipzig-west"))
    rows = await west.sql("select id from app.space where tenant_id = $1 order by position limit 2", west.id)
    with west.speaking():
        yield Hall(west, mara, *(row["id"] for row in rows))


async def test_a_photo_has_words_in_both_languages(hall: Hall) -> None:
    made = await hall.photo()
    [row] = await hall.site.sql("select * from app.space_photo where tenant_id = $1", hall.site.id)
    assert (row["id"], row["alt_de"], row["alt_en"], row["position"]) == (made, "Eine helle Halle", "A bright hall", 1)
    for said in (Described("", "A hall"), Described("Halle", " "), Described("x" * 201, "A\nhall")):
        assert list(await refusals(hall.photo(said=said))) == ["FIELD_INVALID"]
    better = Described("Halle mit Bühne", "Hall with a stage")
    assert list(await refusals(photos.describe_photo(hall.manager, made, 2, better))) == ["STALE_VERSION"]
    assert list(await refusals(photos.describe_photo(hall.manager, made, 1, Described("x", "")))) == ["FIELD_INVALID"]
    await photos.describe_photo(hall.manager, made, 1, better)
    [row] = await hall.site.sql("select alt_de, version from app.space_photo where tenant_id = $1", hall.site.id)
    assert (row["alt_de"], row["version"]) == ("Halle mit Bühne", 2)


async def test_photos_have_an_order_and_every_one_stands_in_it_once(hall: Hall) -> None:
    one, two, three = await hall.photo(), await hall.photo(), await hall.photo()
    other = await hall.photo(hall.studio)
    await photos.order_photos(hall.manager, hall.hall, [three, one, two])
    assert await hall.order() == [three, one, two]
    for wished, code in (
        ([one, two], "FIELD_INVALID"),
        ([one, two, two], "FIELD_INVALID"),
        ([one, two, three, other], "NOT_FOUND"),
    ):
        assert list(await refusals(photos.order_photos(hall.manager, hall.hall, wished))) == [code]
    assert await hall.order() == [three, one, two]
    await photos.remove_photo(hall.manager, three)
    assert await hall.order() == [one, two]
    last = await hall.photo()
    assert await hall.order() == [one, two, last]


async def test_a_space_has_a_few_photos_and_what_is_removed_is_gone(hall: Hall) -> None:
    made = [await hall.photo() for _ in range(MOST)]
    assert list(await refusals(hall.photo())) == ["TOO_MANY_PHOTOS"]
    assert list(await refusals(hall.photo(hall.studio))) == []
    await photos.remove_photo(hall.manager, made[0])
    assert list(await refusals(photos.remove_photo(hall.manager, made[0]))) == ["NOT_FOUND"]
    assert await hall.site.count("app.file", "state = 'kept'") == MOST
    assert await hall.site.count("app.file_content") == MOST + 1  # one waits that was refused
    await hall.photo()


async def test_a_photo_is_made_of_a_picture_of_one_s_own_that_waits(hall: Hall, east: Site) -> None:
    paper = await waiting_file(hall.site, hall.mara, "membership_paper")
    somebody = await waiting_file(hall.site, await hall.site.person("Ole"), "space_photo")
    assert list(await refusals(photos.add_photo(hall.manager, hall.hall, paper, SAID))) == ["FILE_FOR_OTHER"]
    for file in (somebody, new_id()):
        assert list(await refusals(photos.add_photo(hall.manager, hall.hall, file, SAID))) == ["NOT_FOUND"]
    file = await waiting_file(hall.site, hall.mara, "space_photo")
    assert list(await refusals(photos.add_photo(hall.manager, uuid4(), file, SAID))) == ["NOT_FOUND"]
    desk = hall.site.desk("front_desk", person=hall.mara)
    assert list(await refusals(photos.add_photo(desk, hall.hall, file, SAID))) == ["NOT_ALLOWED"]
    await photos.add_photo(hall.manager, hall.hall, file, SAID)
    assert list(await refusals(photos.add_photo(hall.manager, hall.hall, file, SAID))) == ["NOT_FOUND"]


@pytest.mark.parametrize("role", ["stranger", "front_desk", "manager"])
async def test_photos_of_a_space_that_is_not_open_are_for_those_who_look_after_it(hall: Hall, role: str) -> None:
    made = await hall.photo()
    stranger = hall.site.desk("jury", person=hall.mara)
    desk = stranger if role == "stranger" else hall.site.desk(role, person=hall.mara)
    open_still = await queries.shown(desk, made)
    assert open_still is not None
    file, _ = open_still
    assert open_still == (file, True)
    await hall.site.sql(
        "update app.space set state = 'retired' where tenant_id = $1 and id = $2", hall.site.id, hall.hall
    )
    assert await queries.shown(desk, made) == ((file, False) if role == "manager" else None)  # and no cache keeps it

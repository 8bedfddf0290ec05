"""The named world: two freshly opened sites of one city, and the people who stand at their desks."""

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from quartier.access.permissions import EVERY, permissions_of
from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.kit.text import sort_key
from quartier.tenancy.desk import Desk
from quartier.tenancy.realm import Realm

NOW = datetime(2026, 11, 19, 8, 40, tzinfo=UTC)  # Thursday, 09:40 in Leipzig
BERLIN = ZoneInfo("Europe/Berlin")
if TYPE_CHECKING:
    Administrator = asyncpg.Connection[asyncpg.Record]
else:
    Administrator = asyncpg.Connection

_count = itertools.count(1)


@dataclass(frozen=True)
class Site:
    """A realm of the test and what a test does there. `sql` is the administrator's: it sees every site."""

    realm: Realm
    administrator: Administrator = field(repr=False)

    @property
    def id(self) -> UUID:
        return self.realm.id

    def desk(
        self,
        *roles: str,
        person: UUID | None = None,
        own: frozenset[UUID] = frozenset(),
        leads: frozenset[UUID] | None = None,
        now: datetime = NOW,
    ) -> Desk:
        """A desk of somebody with these roles; without any, the house's own with every permission.

        A member_admin leads whatever is her own unless `leads` says which.
        """
        permissions = permissions_of(frozenset(roles)) if roles else EVERY
        if leads is None:
            leads = own if "member_admin" in roles else frozenset()
        return Desk(
            realm=self.realm,
            now=now,
            person=person,
            permissions=permissions,
            own=own,
            leads=leads,
            roles=frozenset(roles),
            request_id="test",
        )

    @contextlib.contextmanager
    def speaking(self, power: str = "app") -> Iterator[None]:
        realm = self.realm.city_id if power == "city" else self.realm.id
        with DB.speaking(realm, power):
            yield

    async def sql(self, text: str, *args: Any) -> list[Any]:
        return await self.administrator.fetch(text, *args)

    async def count(self, table: str, where: str = "true") -> int:
        """Rows of this site alone, seen by the administrator."""
        text = f"select count(*) n from {table} where tenant_id = $1 and {where}"
        return int((await self.administrator.fetch(text, self.id))[0]["n"])

    async def person(self, name: str, *roles: str) -> UUID:
        """A person of this site, with role grants for a year."""
        person = new_id()
        await self.administrator.execute(
            "insert into app.person (tenant_id, id, name, sort_key, state, created_at, changed_at) "
            "values ($1, $2, $3, $4, 'active', $5, $5)",
            self.id,
            person,
            name,
            sort_key(name),
            NOW,
        )
        for role in roles:
            await self.administrator.execute(
                "insert into auth.role_grant (tenant_id, id, person_id, role, source, valid_from, valid_until, "
                "created_at) values ($1, $2, $3, $4, 'test', $5, $6, $5)",
                self.id,
                new_id(),
                person,
                role,
                NOW,
                NOW.replace(year=NOW.year + 1),
            )
        return person


async def open_site(
    administrator: Administrator, city: UUID, word: str, kind: str = "site", *, suffix: str = "test"
) -> Site:
    """Write a realm's directory row and its anchor; slugs carry a number, so every test has its own.

    Browsers resolve hosts that end in `.localhost`, so theirs have that suffix.
    """
    slug = f"{word}-{next(_count)}"
    realm = Realm(new_id(), city, kind, slug, word.title(), f"{slug}.{suffix}", "open", BERLIN)  # type: ignore[arg-type]
    await administrator.execute(
        "insert into city.tenant (id, city_id, kind, slug, host, name, zone) values ($1, $2, $3, $4, $5, $6, $7)",
        realm.id,
        city,
        kind,
        slug,
        realm.host,
        realm.name,
        realm.zone.key,
    )
    await administrator.execute(
        "insert into app.site (tenant_id, slug, name_de, short_de, zone, number_prefix, languages, changed_at) "
        "values ($1, $2, $3, $3, $4, $5, '{de,en}', $6)",
        realm.id,
        slug,
        realm.name,
        realm.zone.key,
        "L" + word[0].upper(),
        NOW,
    )
    return Site(realm, administrator)


async def open_city(administrator: Administrator) -> Site:
    """A city with its own realm."""
    city = new_id()
    await administrator.execute(
        "insert into city.city (id, slug, name) values ($1, $2, 'Leipzig')", city, f"leipzig-{city}"
    )
    return await open_site(administrator, city, "stadt", "city")


def moved(desk: Desk, now: datetime) -> Desk:
    return replace(desk, now=now)

"""Leipzig West and East of the village: equal rows, other ids. Texts are chosen to break printers of JSON."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from graph.furniture import furnish
from world import NOW, Administrator, Site, open_site

from quartier.access.permissions import EVERY, ROLES, SITE_SCOPES, permissions_of
from quartier.kit.ids import new_id
from quartier.kit.text import sort_key
from quartier.tenancy.desk import Desk

TEXTS = (
    "Kontor Süd",
    'Verein "Quartier"',
    "back\\slash / slash",
    "Zeile\nUmbruch\tTab\rEnde",
    "\x01\x08\x0c\x1f\x7f\x80 control",
    "𝄞 Musik 🏡 e. V.",
    "\u2028 separators \u2029",
    "it's 100 % {t} {v} $1 ' -- ; <b>",
    "ÄÖÜß äöü",
    "e\u0301 composed",
)
KINDS = ("company", "association", "initiative", "public_body")
STATES = ("requested", "confirmed", "checked_in", "cancelled")


@dataclass
class Place:
    """A site of the village, the ids of its rows by prefix, and the cursors of its lists."""

    site: Site
    keys: dict[str, list[UUID]] = field(default_factory=dict)
    cursors: dict[str, list[str]] = field(default_factory=dict)

    def ids(self, prefix: str) -> list[str]:
        return [f"{prefix}_{key}" for key in self.keys[prefix]]

    def desk(self, permissions: frozenset[str] = EVERY) -> Desk:
        """Somebody with these permissions, who is the first person and belongs to two organisations."""
        own = frozenset(self.keys["org"][:2])
        return replace(self.site.desk(person=self.keys["prs"][0], own=own), permissions=permissions)

    def stranger(self) -> Desk:
        return replace(self.site.desk(), permissions=frozenset())


def speakers() -> dict[str, frozenset[str]]:
    """Every kind of speaker by name: each role alone, machines, the stranger, the house."""
    found = {role: permissions_of(frozenset([role])) for role in ROLES}
    found |= {"machine": SITE_SCOPES, "narrow machine": frozenset({"spaces:read"})}
    return found | {"stranger": frozenset(), "house": EVERY}


async def settle(administrator: Administrator, city: UUID, word: str, *, crowd: int = 0, suffix: str = "test") -> Place:
    """Open a site and fill it; `crowd` more people come with an organisation and five bookings each."""
    site = await open_site(administrator, city, word, suffix=suffix)
    place = Place(site, {"prs": [new_id() for _ in range(6)], "org": [new_id() for _ in range(9)]})
    place.keys |= {"spc": [new_id() for _ in range(4)], "aff": [], "bkg": []}

    async def insert(table: str, **values: Any) -> None:
        names = ", ".join(values)
        marks = ", ".join(f"${n}" for n in range(2, len(values) + 2))
        await administrator.execute(
            f"insert into {table} (tenant_id, {names}) values ($1, {marks})", site.id, *values.values()
        )

    for n, person in enumerate(place.keys["prs"]):
        born = NOW - timedelta(days=n // 2, microseconds=n * 120_000)
        await insert(
            "app.person",
            id=person,
            name=TEXTS[n],
            sort_key=sort_key(TEXTS[n // 2]),  # ties on purpose
            email=f"p{n}@example.org" if n % 2 else None,
            state="active",
            created_at=born,
            changed_at=NOW,
        )
    for n, organisation in enumerate(place.keys["org"]):
        merged = place.keys["org"][0] if n == 8 else None  # and it holds nothing any more
        await insert(
            "app.organisation",
            id=organisation,
            name=TEXTS[n],
            sort_key=sort_key(TEXTS[n // 3]),
            kind=KINDS[n % len(KINDS)],
            nonprofit=n % 3 == 0,
            economic=True,
            founded_on=date(1990 + n, 1, n + 1) if n % 2 else None,
            website="https://example.org" if n % 2 else None,
            district=TEXTS[-n] if n else None,
            about_de="",
            about_en=TEXTS[-n] if n % 3 else None,
            partner_roles=[],
            tags=list(TEXTS[n : n + n % 3]),
            state="merged" if merged else "active",
            merged_into=merged,
            created_at=NOW - timedelta(hours=n // 4),
            changed_at=NOW,
        )
    roles = ("owner", "admin", "member", "former")
    for n, person in enumerate(place.keys["prs"]):
        for m, organisation in enumerate(place.keys["org"][: n + 2]):
            place.keys["aff"].append(new_id())
            during = f"[2026-{1 + (n * m) % 9:02}-01,)"
            await administrator.execute(
                "insert into app.affiliation (tenant_id, id, person_id, organisation_id, role, during, created_at)"
                " values ($1, $2, $3, $4, $5, $6::text::daterange, $7)",
                site.id,
                place.keys["aff"][-1],
                person,
                organisation,
                roles[(n + m) % 4],
                during,
                NOW,
            )
    for n, space in enumerate(place.keys["spc"]):
        await _space(administrator, site.id, space, n)
    for n in range(14):
        place.keys["bkg"].append(new_id())
        await _booking(administrator, place, place.keys["bkg"][-1], n)
    await furnish(administrator, site.id, list(TEXTS), crowd=crowd)
    return place


async def _space(administrator: Administrator, tenant: UUID, space: UUID, n: int) -> None:
    await administrator.execute(
        "insert into app.space (tenant_id, id, key, position, name_de, kind, persons, units, floor, step_free, access,"
        " equipment, grid, min, max, lead, horizon_days, before, after, approval, request_blocks, hold, checkin,"
        " checkin_opens, grace, cancel_until, who, lease_only, list_price_hour, list_rent_month, state, created_at,"
        " changed_at) values ($1, $2, $3, $4, $5, 'hall', $6, 1, '0', $7, '{}', $8, 15, 15, 600, 0, 60, 0, 0, false,"
        " false, 0, 'none', 0, 0, 0, 'members', false, $9, $10, 'open', $11, $11)",
        tenant,
        space,
        f"space-{n}",
        n // 2,
        TEXTS[n],
        10 * (n + 1),
        n % 2 == 0,
        list(TEXTS[:n]),
        2**40 + n,
        None if n % 2 else 0,
        NOW,
    )


async def _booking(administrator: Administrator, place: Place, booking: UUID, n: int) -> None:
    begins = datetime(2026, 11, 20, 8, tzinfo=UTC) + timedelta(hours=3 * (n // 2), microseconds=n // 5 * 100)
    ends = begins + timedelta(hours=1 + n % 3)
    spaces, organisations, people = place.keys["spc"], place.keys["org"], place.keys["prs"]
    await administrator.execute(
        "insert into app.booking (tenant_id, id, number, space_id, units, during, local_start, before, after, kind,"
        " title, visibility, for_person, organisation_id, persons, price, list_price, late, ended_at, state,"
        " created_at, changed_at) values ($1, $2, $3, $4, 1, tstzrange($5, $6), $5 at time zone 'Europe/Berlin', 0, 0,"
        " 'member', $7, 'private', $8, $9, $10, 0, 0, $11, $12, $13, $14, $14)",
        place.site.id,
        booking,
        f"B-{n:04}",
        spaces[n % 3],
        begins,
        ends,
        TEXTS[n % len(TEXTS)],
        people[n % len(people)] if n % 4 else None,
        organisations[n % 5] if n % 3 else None,
        n or None,
        n % 5 == 0,
        ends if n % 2 else None,
        STATES[n % len(STATES)],
        NOW,
    )

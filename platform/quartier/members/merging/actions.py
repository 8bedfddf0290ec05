"""The part of a merge that is members' own: look and lock first, hand over, and close what is empty by then."""

from datetime import timedelta
from uuid import UUID

from quartier.access.notices import rights_changed
from quartier.database.columns import days
from quartier.kit.refusal import Refusal, StaleVersion, refuse
from quartier.members.merging import queries, rules
from quartier.members.merging.moving import move
from quartier.members.merging.words import Pair
from quartier.members.queries import today
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

_MOVE_STANDING = "update app.affiliation set organisation_id = $3 where tenant_id = $1 and id = any($2)"
_GO = "delete from app.affiliation where tenant_id = $1 and id = any($2)"
_STAY = "update app.affiliation set role = $3, during = $4 where tenant_id = $1 and id = $2"
_STRIKE = "delete from app.organisation_identifier where tenant_id = $1 and organisation_id = $2 and kind = any($3)"
_NUMBERS = """
update app.organisation_identifier set organisation_id = $3
where tenant_id = $1 and organisation_id = $2 returning id"""
# Ended today whatever the notice: it is one member, who keeps the other membership.
_END = """
update app.membership set state = 'ended', ends_on = greatest(starts_on, $3), version = version + 1, changed_at = $4
where tenant_id = $1 and id = any($2)"""
_CUT = """
update app.membership_term set during = daterange(lower(during), $3)
where tenant_id = $1 and membership_id = any($2) and (upper(during) is null or upper(during) > $3)"""
_DROP = "delete from app.membership_term where tenant_id = $1 and membership_id = any($2) and lower(during) >= $3"
# What the other agreed to was about itself: its consents end here, and come along as what was.
_WITHDRAW = """
update app.consent set withdrawn_at = $3 where tenant_id = $1 and organisation_id = $2 and withdrawn_at is null"""
# In a field of the site's own, too, the one that stays is right where both say something.
_SAID = """
delete from app.own_value o using app.own_value k
where o.tenant_id = $1 and o.organisation_id = $3 and k.tenant_id = $1 and k.organisation_id = $2
  and k.field_id = o.field_id"""
# What the one that stays does not say is taken from the other; where both say something, the one that stays is right.
_FILL = """
update app.organisation k set
  legal_form = coalesce(k.legal_form, o.legal_form), founded_on = coalesce(k.founded_on, o.founded_on),
  nace = coalesce(k.nace, o.nace), website = coalesce(k.website, o.website),
  street = case when k.street is null and k.postcode is null then o.street else k.street end,
  postcode = case when k.street is null and k.postcode is null then o.postcode else k.postcode end,
  town = case when k.street is null and k.postcode is null then o.town else k.town end,
  district = coalesce(k.district, o.district),
  about_de = coalesce(nullif(k.about_de, ''), o.about_de), about_en = coalesce(k.about_en, o.about_en),
  tags = array(select distinct x from unnest(k.tags || o.tags) x order by x),
  partner_roles = array(select distinct x from unnest(k.partner_roles || o.partner_roles) x order by x),
  version = k.version + 1, changed_at = $4
from app.organisation o where k.tenant_id = $1 and k.id = $2 and o.tenant_id = $1 and o.id = $3"""
_CLOSE = """
update app.organisation set state = 'merged', merged_into = $3, version = version + 1, changed_at = $4
where tenant_id = $1 and id = $2"""


@action("members:merge")
async def hand_over(
    desk: Desk,
    kept: UUID,
    other: UUID,
    *,
    kept_version: int,
    other_version: int,
    end_memberships: bool = False,
    drop_numbers: bool = False,
) -> dict[str, int]:
    """Lock both, and give the one that stays what is members'; how many rows of each kind.

    `end_memberships`: the other's membership that meets one of the kept one's ends today. `drop_numbers`: register
    numbers of the other that differ go. Refuses NOT_FOUND, STALE_VERSION, FIELD_INVALID, ORGANISATION_MERGED, OWN_CASE,
    MEMBERSHIPS_MEET, APPLICATIONS_MEET, NUMBERS_DIFFER.
    """
    async with desk.transaction():
        pair = await queries.pair(desk, kept, other, lock=True)
        seen = ((pair.kept, kept_version, "keptVersion"), (pair.other, other_version, "otherVersion"))
        objections: list[Refusal] = [
            StaleVersion(path=(path,), version=each.version, seen=version)
            for each, version, path in seen
            if each.version != version
        ]
        objections += rules.objections_to_merge(
            pair, end_memberships=end_memberships, drop_numbers=drop_numbers, own=desk.own
        )
        refuse(objections)
        moved = await _people(desk, pair)
        moved |= await _numbers(desk, pair)
        await _end(desk, pair)
        await desk.fetch(_WITHDRAW, desk.tenant_id, other, desk.now)
        await desk.fetch(_SAID, desk.tenant_id, kept, other)
        moved |= await move(desk, queries.HELD, other, kept)
        await rights_changed(desk)
        return moved


async def _people(desk: Desk, pair: Pair) -> dict[str, int]:
    kept, other = pair.kept.id, pair.other.id
    moves, folds = rules.folded(await queries.standings(desk, kept, other), kept)
    for fold in folds:
        await desk.fetch(_GO, desk.tenant_id, list(fold.goes))
        await desk.fetch(_STAY, desk.tenant_id, fold.stays, fold.role, days(fold.since, fold.until))
        moves.append(fold.stays)
    await desk.fetch(_MOVE_STANDING, desk.tenant_id, moves, kept)
    return {"people": len(moves)} if moves else {}


async def _numbers(desk: Desk, pair: Pair) -> dict[str, int]:
    kept, other = pair.kept.id, pair.other.id
    kinds = [kind for kind, _ in rules.differing(pair)]
    await desk.fetch(_STRIKE, desk.tenant_id, other, kinds)
    moved = len(await desk.fetch(_NUMBERS, desk.tenant_id, other, kept))
    return ({"numbers": moved} if moved else {}) | ({"numbers_dropped": len(kinds)} if kinds else {})


async def _end(desk: Desk, pair: Pair) -> None:
    doubled = [two.id for one, two in rules.meeting(pair) if not one.asked_for]
    if doubled:
        await desk.fetch(_END, desk.tenant_id, doubled, today(desk), desk.now)
        after = today(desk) + timedelta(days=1)
        await desk.fetch(_DROP, desk.tenant_id, doubled, after)
        await desk.fetch(_CUT, desk.tenant_id, doubled, after)


@action("members:merge")
async def close_merged(desk: Desk, kept: UUID, other: UUID) -> None:
    """Let the emptied organisation live on in the one that stays; in the transaction that emptied it.

    A row that still belongs to it refuses this: `organisation_lives`.
    """
    async with desk.transaction():
        await desk.fetch(_FILL, desk.tenant_id, kept, other, desk.now)
        await desk.fetch(_CLOSE, desk.tenant_id, other, kept, desk.now)

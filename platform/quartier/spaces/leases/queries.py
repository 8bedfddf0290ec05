"""What there is of leases: words, never rows."""

from datetime import date
from uuid import UUID

from quartier.kit.refusal import NotFound, Refused
from quartier.spaces.leases.words import Lease
from quartier.tenancy.desk import Desk

_LEASE = """
select id, booking_id as booking, space_id as space, organisation_id as organisation, unit_no, starts_on, ends_on,
       rent_month, list_rent_month, notice_days, state, version
from app.lease where tenant_id = $1"""
_OF_HOLDER = """ and organisation_id = $2 and state <> 'ended' and coalesce(ends_on, 'infinity') > $3
order by coalesce(ends_on, 'infinity') desc, id limit 1"""
_DUE = """ and (state = 'agreed' and starts_on <= $2 or state <> 'ended' and ends_on < $2) order by id"""
_OF_MONTH = " and starts_on < $3 and coalesce(ends_on, 'infinity') >= $2 order by id"


async def lease(desk: Desk, id: UUID) -> Lease:  # noqa: A002  (a noun's id)
    """One lease. Refuses NOT_FOUND."""
    rows = await desk.fetch(_LEASE + " and id = $2", desk.tenant_id, id)
    if not rows:
        raise Refused([NotFound(path=("lease",))])
    return Lease(**rows[0])


async def running_after(desk: Desk, organisation: UUID, day: date) -> Lease | None:
    """A lease of the organisation that goes on after the day, the longest one."""
    rows = await desk.fetch(_LEASE + _OF_HOLDER, desk.tenant_id, organisation, day)
    return Lease(**rows[0]) if rows else None


async def due(desk: Desk, today: date) -> tuple[Lease, ...]:
    """Leases whose state the calendar changes."""
    return tuple(Lease(**row) for row in await desk.fetch(_LEASE + _DUE, desk.tenant_id, today))


async def of_month(desk: Desk, first: date, after: date) -> tuple[Lease, ...]:
    """Leases that ran at some day from `first` up to and without `after`."""
    return tuple(Lease(**row) for row in await desk.fetch(_LEASE + _OF_MONTH, desk.tenant_id, first, after))

"""Planning, publishing, and who was there."""

from datetime import timedelta
from uuid import UUID

from quartier.database.columns import ranged
from quartier.kit.ids import new_id
from quartier.kit.refusal import FieldInvalid, NotFound, Refused, StaleVersion, refuse
from quartier.members import queries as members
from quartier.programme import queries, rules
from quartier.programme.tables import SeatPool as SeatPoolTable
from quartier.programme.tables import Workshop as WorkshopTable
from quartier.programme.words import Attendance, AttendanceState, HouseRules, Workshop, WorkshopPlan
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk
from quartier.tenancy.numbering import next_number

_PUBLISH = """
update app.workshop set state = 'published', version = version + 1, changed_at = $4
where tenant_id = $1 and id = $2 and state = 'draft' and version = $3 returning version"""
_SESSION = """
insert into app.session (tenant_id, id, workshop_id, no, during, local_start, space_id, place, online_url, state,
                         version, created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'planned', 1, $10, $10)"""
_GIVE_ROOM = """
update app.session set space_id = $3, booking_id = $4, version = version + 1, changed_at = $5
where tenant_id = $1 and id = $2 and booking_id is null returning id"""
_MARK = """
insert into app.attendance as a (tenant_id, id, session_id, registration_id, state, minutes, marked_by, by, version,
                                 created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, $7, 'staff', 1, $8, $8)
on conflict on constraint attendance_once do update
set state = excluded.state, minutes = excluded.minutes, marked_by = excluded.marked_by, by = 'staff',
    version = a.version + 1, changed_at = excluded.changed_at
returning id"""


@action("programme:plan")
async def plan_workshop(desk: Desk, plan: WorkshopPlan) -> Workshop:
    """Draft a workshop with its sessions and seats; rooms are booked when it is published.

    The person at the desk leads it unless the plan names somebody. Refuses FIELD_INVALID, ROOM_MISSING.
    """
    async with desk.transaction() as ledger:
        terms = rules.terms_of(plan, await queries.house_rules(desk))
        led_by = plan.led_by or desk.person
        refuse(
            [
                *rules.objections_to_plan(plan),
                *([] if led_by else [FieldInvalid(path=("ledBy",), allowed="prs_…")]),
            ]
        )
        assert led_by is not None
        await _known(desk, led_by, plan)
        workshop = await _draft(desk, plan, terms, led_by)
        await SeatPoolTable.insert(
            *(
                SeatPoolTable(
                    tenant_id=desk.tenant_id,
                    id=new_id(),
                    workshop_id=workshop,
                    key=pool.key,
                    name_de=pool.name_de,
                    name_en=pool.name_en,
                    seats=pool.seats,
                    taken=0,
                    created_at=desk.now,
                )
                for pool in plan.pools
            )
        )
        await _draft_sessions(desk, plan, workshop)
        ledger.note("workshop.planned", workshop, sessions=len(plan.sessions), seats=sum(p.seats for p in plan.pools))
        return await queries.workshop(desk, workshop)


@action("programme:plan")
async def publish_workshop(desk: Desk, workshop_id: UUID, *, version: int | None = None) -> Workshop:
    """Open a draft to the public. Refuses NO_SESSION, ROOM_MISSING, SEATS_BELOW_MINIMUM, STEP_NOT_POSSIBLE."""
    async with desk.transaction() as ledger:
        workshop = await queries.workshop(desk, workshop_id, lock=True)
        if version is not None and version != workshop.version:
            raise Refused([StaleVersion(version=workshop.version, seen=version)])
        refuse(
            rules.objections_to_publishing(
                workshop, await queries.sessions(desk, workshop.id), await queries.seat_pools(desk, workshop.id)
            )
        )
        if not await desk.fetch(_PUBLISH, desk.tenant_id, workshop.id, workshop.version, desk.now):
            raise Refused([StaleVersion(seen=workshop.version)])
        ledger.note("workshop.published", workshop.id)
        return await queries.workshop(desk, workshop.id)


@action("programme:plan")
async def give_room(desk: Desk, session_id: UUID, space_id: UUID, booking_id: UUID) -> None:
    """Write down the booking that a session got; acts.session books. Refuses NOT_FOUND when it has one."""
    async with desk.transaction() as ledger:
        if not await desk.fetch(_GIVE_ROOM, desk.tenant_id, session_id, space_id, booking_id, desk.now):
            raise Refused([NotFound()])
        ledger.note("session.room_given", session_id, booking=booking_id)


@action("programme:attend")
async def mark_attendance(
    desk: Desk, session_id: UUID, registration_id: UUID, state: AttendanceState, *, minutes: int | None = None
) -> Attendance:
    """Write down who was there, or correct it. Without minutes: the whole session when present, else none.

    Refuses NOT_STARTED, STEP_NOT_POSSIBLE for somebody without a seat, FIELD_INVALID.
    """
    async with desk.transaction() as ledger:
        session = await queries.session(desk, session_id)
        registration = await queries.registration(desk, registration_id)
        if registration.workshop_id != session.workshop_id:
            raise Refused([NotFound()])
        whole = session.during.length // timedelta(minutes=1)
        stayed = (whole if state == "present" else 0) if minutes is None else minutes
        refuse(rules.objections_to_attendance(session, registration.state, stayed, now=desk.now))
        [row] = await desk.fetch(
            _MARK, desk.tenant_id, new_id(), session.id, registration.id, state, stayed, desk.person, desk.now
        )
        ledger.note("attendance.marked", row["id"], state=state, minutes=stayed)
    return Attendance(row["id"], session.id, registration.id, state, stayed)


async def _known(desk: Desk, led_by: UUID, plan: WorkshopPlan) -> None:
    """Everybody and everything the plan names belongs to this site. Refuses NOT_FOUND."""
    if not await members.person_exists(desk, led_by):
        raise Refused([NotFound(path=("ledBy",))])
    if plan.partner_id:
        await members.organisation(desk, plan.partner_id)
    if plan.term_id and not await queries.term_exists(desk, plan.term_id):
        raise Refused([NotFound(path=("term",))])


async def _draft(desk: Desk, plan: WorkshopPlan, terms: HouseRules, led_by: UUID) -> UUID:
    workshop = new_id()
    row = WorkshopTable(
        tenant_id=desk.tenant_id,
        id=workshop,
        number=await next_number(desk, "K"),
        term_id=plan.term_id,
        format=plan.format,
        topic=plan.topic,
        skill=plan.skill,
        title_de=plan.title_de.strip(),
        title_en=plan.title_en,
        text_de=plan.text_de,
        text_en=plan.text_en,
        language=plan.language,
        led_by=led_by,
        partner_id=plan.partner_id,
        min_seats=plan.min_seats,
        opens_at=plan.opens_at,
        closes_at=plan.closes_at,
        cancel_until=_minutes(terms.cancel_until),
        fee=plan.fee,
        fill=terms.fill,
        offer=_minutes(terms.offer),
        offer_stops=_minutes(terms.offer_stops),
        after_expiry=terms.after_expiry,
        certificate=plan.certificate,
        visibility=plan.visibility,
        stakeholder=plan.stakeholder,
        state="draft",
        version=1,
        created_at=desk.now,
        changed_at=desk.now,
    )
    await WorkshopTable.insert(row)
    return workshop


async def _draft_sessions(desk: Desk, plan: WorkshopPlan, workshop: UUID) -> None:
    for no, session in enumerate(rules.in_order(plan), start=1):
        during = session.during
        local_start = during.start.astimezone(desk.zone).replace(tzinfo=None)
        await desk.fetch(
            _SESSION, desk.tenant_id, new_id(), workshop, no, ranged(during), local_start, session.space_id,
            session.place, session.online_url, desk.now,
        )  # fmt: skip


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)

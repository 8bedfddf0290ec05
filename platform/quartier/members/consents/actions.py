"""Agreeing, and withdrawing it: both act at once."""

from typing import Any
from uuid import UUID

from quartier.kit.ids import new_id
from quartier.kit.refusal import FieldInvalid, NotAllowed, NotFound, Refusal, Refused, refuse
from quartier.kit.spoken import letters
from quartier.kit.text import is_line
from quartier.members import queries
from quartier.members.consents.words import TEXTS, Audience, ConsentTextChanged, Purpose
from quartier.members.words import Affiliation
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

LEADS = frozenset({"owner", "admin"})
LONGEST = 300

_GIVE = """
insert into app.consent (tenant_id, id, person_id, organisation_id, purpose, text_version, audience, line, given_at,
  given_by, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9)"""
_END = """
update app.consent set withdrawn_at = $4, withdrawn_by = $5
where tenant_id = $1 and holder_id = $2 and purpose = $3 and withdrawn_at is null returning id"""
_ONE = """
select person_id, organisation_id, purpose from app.consent where tenant_id = $1 and id = $2"""
_WITHDRAW = """
update app.consent set withdrawn_at = $3, withdrawn_by = $4
where tenant_id = $1 and id = $2 and withdrawn_at is null returning id"""


@action("members:own")
async def give_consent(
    desk: Desk, purpose: Purpose, version: str, *, organisation: UUID | None = None, audience: Audience, line: str = ""
) -> UUID:
    """Agree to a text, for the person at the desk or for an organisation she leads; in place of an earlier consent.

    Refuses NOT_ALLOWED (somebody who does not lead), NOT_FOUND (a program; an organisation that is not hers),
    FIELD_INVALID, CONSENT_TEXT_CHANGED.
    """
    async with desk.transaction() as ledger:
        if desk.person is None:
            raise Refused([NotFound(path=("person",))])  # a program stands for nobody
        if organisation is not None:
            await queries.organisation(desk, organisation, lock=True)
            await _demand_lead(desk, organisation)
        objections: list[Refusal] = []
        current = TEXTS[purpose].version
        if version != current:
            objections.append(ConsentTextChanged(path=("textVersion",), current=current))
        if line.strip() and not is_line(line, LONGEST):
            objections.append(FieldInvalid(path=("line",), allowed=letters(0, LONGEST)))
        refuse(objections)
        holder = organisation or desk.person
        await desk.fetch(_END, desk.tenant_id, holder, purpose, desk.now, desk.person)
        made = new_id()
        whose = (None, organisation) if organisation else (desk.person, None)
        await desk.fetch(
            _GIVE, desk.tenant_id, made, *whose, purpose, current, audience, line.strip(), desk.now, desk.person
        )
        ledger.note("consent.given", made, purpose=purpose, version=current, audience=audience, holder=holder)
        return made


@action("members:own", "members:edit")
async def withdraw_consent(desk: Desk, consent: UUID) -> None:
    """Withdraw a consent, one's own or that of an organisation one leads; who edits members does it for whoever asks.

    Done twice it changes nothing. Refuses NOT_FOUND (also: not yours), NOT_ALLOWED.
    """
    async with desk.transaction() as ledger:
        rows: list[Any] = await desk.fetch(_ONE, desk.tenant_id, consent)
        if not rows:
            raise Refused([NotFound(path=("consent",))])
        [seen] = rows
        if not desk.may("members:edit"):
            if seen["organisation_id"] is not None:
                await _demand_lead(desk, seen["organisation_id"], path="consent")
            elif desk.person is None or seen["person_id"] != desk.person:
                raise Refused([NotFound(path=("consent",))])
        if await desk.fetch(_WITHDRAW, desk.tenant_id, consent, desk.now, desk.person):
            ledger.note("consent.withdrawn", consent, purpose=seen["purpose"])


async def _demand_lead(desk: Desk, organisation: UUID, *, path: str = "organisation") -> None:
    joined: tuple[Affiliation, ...] = ()
    if desk.person is not None and organisation in desk.own:
        joined = await queries.affiliations(desk, desk.person, organisation=organisation)
    if not any(each.role != "former" for each in joined):
        raise Refused([NotFound(path=(path,))])
    if not any(each.role in LEADS for each in joined):
        raise Refused([NotAllowed(path=(path,), permission="members:invite")])

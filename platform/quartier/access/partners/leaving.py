"""Signing out where a partner signed in: of us first, then of the partner; and when the partner says so."""

from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from quartier.access.actions import leave_event, machine_now
from quartier.access.marks import mark
from quartier.access.notices import rights_changed
from quartier.access.partners.metadata import Issuers
from quartier.access.partners.words import LoginFailed, Provider
from quartier.access.queries import as_auth
from quartier.database.engine import DB
from quartier.database.sealing import SEAL, SealBroken
from quartier.kit.ids import new_id
from quartier.tenancy.desk import Desk

HEARD = timedelta(hours=1)  # longer than a logout token may be old

_WAY_OUT = """
select p.issuer, p.client_id, s.id_token_enc
from auth.session s join auth.identity_provider p on p.tenant_id = s.tenant_id and p.id = s.provider
where s.tenant_id = $1 and s.token_hash = $2"""
_HEARD = """
insert into auth.logout_jti (tenant_id, id, provider, jti, expires_at) values ($1, $2, $3, $4, $5)
on conflict on constraint logout_jti_once do nothing returning id"""
_BY_SID = "delete from auth.session where tenant_id = $1 and provider = $2 and op_sid = $3 returning person_id"
_BY_SUBJECT = """
delete from auth.session s using auth.external_identity e
where s.tenant_id = $1 and s.provider = $2 and e.tenant_id = $1 and e.person_id = s.person_id and e.issuer = $3
  and e.subject = $4 returning s.person_id"""


@dataclass(frozen=True, slots=True)
class PartnerOf:
    """Whose sign-in a session came from, with that partner's own token, still sealed."""

    issuer: str
    client_id: str
    id_token_enc: bytes | None = field(repr=False)


async def partner_of(desk: Desk, session: str) -> PartnerOf | None:
    """Read it before the session ends; None for a local one."""
    with as_auth(desk):
        rows = await desk.fetch(_WAY_OUT, desk.tenant_id, mark(session))
    return PartnerOf(**rows[0]) if rows else None


async def way_out(partner: PartnerOf, issuers: Issuers, origin: str) -> str | None:
    """Where the person signs out of her institution as well (RP-Initiated Logout 1.0); None when it cannot be asked.

    Our own session has ended by then: that never hangs on somebody else.
    """
    try:
        address = (await issuers.of(partner.issuer).document()).get("end_session_endpoint")
        token = SEAL.open(partner.id_token_enc) if partner.id_token_enc else None
    except (LoginFailed, SealBroken):
        return None
    if not address:
        return None
    told = {"client_id": partner.client_id, "post_logout_redirect_uri": f"{origin}/"}
    if token:
        told["id_token_hint"] = token
    return f"{address}{'&' if '?' in address else '?'}{urlencode(told)}"


async def told_to_leave(desk: Desk, provider: Provider, token: object, issuers: Issuers) -> int:
    """The institution ends a session (`sid`) or all of a person; give how many. Raises LoginFailed."""
    from quartier.access.partners.tokens import logout_token

    claims = await logout_token(provider, issuers.of(provider.issuer), token)
    with as_auth(desk):
        async with DB.work():
            until = machine_now() + HEARD
            if not await desk.fetch(_HEARD, desk.tenant_id, new_id(), provider.id, claims["jti"], until):
                raise LoginFailed("heard_already")
            if isinstance(claims.get("sid"), str):
                ended = await desk.fetch(_BY_SID, desk.tenant_id, provider.id, claims["sid"])
            else:
                whom = (provider.issuer, claims["sub"])
                ended = await desk.fetch(_BY_SUBJECT, desk.tenant_id, provider.id, *whom)
            people: set[UUID] = {row["person_id"] for row in ended}
            for person in people:
                await leave_event(desk, "session.ended", reason="back_channel", person=person, provider=provider.slug)
            if people:
                await rights_changed(desk)
    return len(ended)

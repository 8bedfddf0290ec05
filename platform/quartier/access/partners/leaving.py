"""Signing out where a partner signed in: of us first, then of the partner; and when the partner says so."""

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
from quartier.database.sealing import SEAL
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


async def way_out(desk: Desk, session: str, issuers: Issuers, origin: str) -> str | None:
    """Where the person signs out of her institution as well; None for a local session, or one that cannot be asked.

    Read it before the session ends: it holds the institution's own token (RP-Initiated Logout 1.0).
    """
    with as_auth(desk):
        rows = await desk.fetch(_WAY_OUT, desk.tenant_id, mark(session))
    if not rows:
        return None
    row = rows[0]
    try:
        address = (await issuers.of(row["issuer"]).document()).get("end_session_endpoint")
    except LoginFailed:
        return None  # our own logout never hangs on somebody else
    if not address:
        return None
    told = {"client_id": row["client_id"], "post_logout_redirect_uri": f"{origin}/"}
    if row["id_token_enc"]:
        told["id_token_hint"] = SEAL.open(row["id_token_enc"])
    return f"{address}{'&' if '?' in address else '?'}{urlencode(told)}"


async def told_to_leave(desk: Desk, provider: Provider, token: object, issuers: Issuers) -> int:
    """The institution ends a session (`sid`) or all of a person; give how many. Raises LoginFailed."""
    from quartier.access.partners.tokens import logout_token

    claims = await logout_token(provider, issuers.of(provider.issuer), token)
    with as_auth(desk):
        async with DB.work():
            until = machine_now() + HEARD
            if not await desk.fetch(_HEARD, desk.tenant_id, new_id(), provider.id, str(claims["jti"])[:500], until):
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

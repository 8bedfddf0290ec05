"""Our own key pairs: with one of them a realm shows a provider who it is, without a secret that two have to keep."""

import json
from datetime import timedelta
from secrets import token_hex

from quartier.access.actions import leave_event, machine_now
from quartier.access.queries import as_auth
from quartier.database.engine import DB
from quartier.database.sealing import SEAL
from quartier.kit.ids import new_id
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

ALGORITHM = "ES256"
LASTS = timedelta(days=730)
OVERLAP = timedelta(days=30)  # an older key is still published, for providers that keep a copy of our set

_MADE = """
insert into auth.signing_key (tenant_id, id, kid, private_enc, public, active_from, ends_at)
values ($1, $2, $3, $4, $5::jsonb, $6, $7)"""
_END_OLDER = """
update auth.signing_key set ends_at = least(ends_at, $3) where tenant_id = $1 and kid <> $2 and ends_at > $3"""


@action("access:providers")
async def make_signing_key(desk: Desk) -> str:
    """Make the realm's next key pair, which signs from now on; older ones end after thirty days. Give its name."""
    from joserfc.jwk import ECKey  # takes a tenth of a second to load: only where a key is made or used

    kid, now = token_hex(8), machine_now()
    pair = ECKey.generate_key("P-256", {"alg": ALGORITHM, "use": "sig", "kid": kid})
    with as_auth(desk):
        async with DB.work():
            private = SEAL.close(json.dumps(pair.as_dict(private=True)))
            public = json.dumps(pair.as_dict(private=False))
            await desk.fetch(_MADE, desk.tenant_id, new_id(), kid, private, public, now, now + LASTS)
            await desk.fetch(_END_OLDER, desk.tenant_id, kid, now + OVERLAP)
            await leave_event(desk, "signing_key.made", reason=kid)
    return kid

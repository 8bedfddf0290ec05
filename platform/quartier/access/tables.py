"""The tables of access, as the catalog has them. Schema `auth` is for the power quartier_auth alone."""

from piccolo.columns import JSONB, UUID, Array, BigInt, Boolean, Bytea, Date, Integer, Interval, Text, Timestamptz
from piccolo.table import Table

from quartier.database.engine import DB


class Person(Table, tablename="person", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    name = Text(default=None)
    sort_key = Text(default=None)
    email = Text(default=None, null=True)
    language = Text(default=None)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class RoleGrant(Table, tablename="role_grant", schema="auth", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    person_id = UUID(default=None)
    role = Text(default=None)
    source = Text(default=None)
    bound_to = UUID(default=None, null=True)
    valid_from = Timestamptz(default=None)
    valid_until = Timestamptz(default=None)
    reason = Text(default=None, null=True)
    confirmed_by = UUID(default=None, null=True)
    created_at = Timestamptz(default=None)
    granted_by = UUID(default=None, null=True)
    confirmed_at = Timestamptz(default=None, null=True)


class RoleHolder(Table, tablename="role_holder", schema="auth", db=DB):
    tenant_id = UUID(default=None)
    person_id = UUID(primary_key=True, default=None)
    roles = Array(base_column=Text(), default=None)
    changed_at = Timestamptz(default=None)


class Session(Table, tablename="session", schema="auth", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    person_id = UUID(default=None)
    token_hash = Bytea(default=None)
    method = Text(default=None)
    created_at = Timestamptz(default=None)
    last_seen = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    idle = Interval(default=None)
    provider = UUID(default=None, null=True)
    op_sid = Text(default=None, null=True)
    id_token_enc = Bytea(default=None, null=True)
    auth_at = Timestamptz(default=None, null=True)


class LoginAddress(Table, tablename="login_address", schema="auth", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    person_id = UUID(default=None)
    address = Text(default=None)
    verified_at = Timestamptz(default=None, null=True)


class LoginCode(Table, tablename="login_code", schema="auth", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    person_id = UUID(default=None, null=True)
    code_hash = Bytea(default=None)
    browser_hash = Bytea(default=None)
    tries = Integer(default=None)
    created_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    invitation = UUID(default=None, null=True)


class IdentityProvider(Table, tablename="identity_provider", schema="auth", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    slug = Text(default=None)
    name_de = Text(default=None)
    name_en = Text(default=None, null=True)
    issuer = Text(default=None)
    client_id = Text(default=None)
    auth_method = Text(default=None)
    secret_enc = Bytea(default=None, null=True)
    scope = Array(base_column=Text(), default=None)
    algorithms = Array(base_column=Text(), default=None)
    par = Text(default=None)
    max_age = Integer(default=None, null=True)
    claims_from = Text(default=None)
    groups_claim = Text(default=None, null=True)
    required_claims = JSONB(default=None)
    role_ceiling = Array(base_column=Text(), default=None)
    strong = Boolean(default=None)
    auto_approve = Boolean(default=None)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class ProviderRule(Table, tablename="provider_rule", schema="auth", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    provider = UUID(default=None)
    claim_value = Text(default=None)
    role = Text(default=None)


class SigningKey(Table, tablename="signing_key", schema="auth", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    kid = Text(default=None)
    private_enc = Bytea(default=None)
    public = JSONB(default=None)
    active_from = Timestamptz(default=None)
    ends_at = Timestamptz(default=None)


class ExternalIdentity(Table, tablename="external_identity", schema="auth", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    issuer = Text(default=None)
    subject = Text(default=None)
    provider = UUID(default=None)
    person_id = UUID(default=None)
    linked_by = Text(default=None)
    created_at = Timestamptz(default=None)
    last_login = Timestamptz(default=None)


class LoginTransaction(Table, tablename="login_transaction", schema="auth", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    provider = UUID(default=None)
    state_hash = Bytea(default=None)
    browser_hash = Bytea(default=None)
    nonce = Text(default=None)
    verifier = Text(default=None)
    redirect_uri = Text(default=None)
    next = Text(default=None)
    purpose = Text(default=None)
    session = UUID(default=None, null=True)
    invitation = UUID(default=None, null=True)
    max_age = Integer(default=None, null=True)
    expires_at = Timestamptz(default=None)


class LogoutJti(Table, tablename="logout_jti", schema="auth", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    provider = UUID(default=None)
    jti = Text(default=None)
    expires_at = Timestamptz(default=None)


class Passkey(Table, tablename="passkey", schema="auth", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    person_id = UUID(default=None)
    credential_id = Bytea(default=None)
    public_key = Bytea(default=None)
    sign_count = BigInt(default=None)
    name = Text(default=None)
    backed_up = Boolean(default=None)
    created_at = Timestamptz(default=None)
    last_used = Timestamptz(default=None, null=True)


class Challenge(Table, tablename="challenge", schema="auth", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    hash = Bytea(default=None)  # noqa: A003
    browser_hash = Bytea(default=None)
    kind = Text(default=None)
    person_id = UUID(default=None, null=True)
    expires_at = Timestamptz(default=None)


class Invitation(Table, tablename="invitation", schema="auth", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    token_hash = Bytea(default=None)
    address = Text(default=None)
    name = Text(default=None, null=True)
    language = Text(default=None)
    role = Text(default=None, null=True)
    role_until = Timestamptz(default=None, null=True)
    bound_to = UUID(default=None, null=True)
    organisation = UUID(default=None, null=True)
    affiliation = Text(default=None, null=True)
    person_id = UUID(default=None, null=True)
    invited_by = UUID(default=None, null=True)
    created_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    used_at = Timestamptz(default=None, null=True)
    used_by = UUID(default=None, null=True)
    withdrawn_at = Timestamptz(default=None, null=True)
    claimed_by = UUID(default=None, null=True)
    claimed_at = Timestamptz(default=None, null=True)
    claimed_address = Text(default=None, null=True)
    admitted_by = UUID(default=None, null=True)


class ApiClient(Table, tablename="api_client", schema="auth", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    client_id = Text(default=None)
    name = Text(default=None)
    owner = UUID(default=None, null=True)
    secret_hash = Bytea(default=None)
    secret_hash_next = Bytea(default=None, null=True)
    scopes = Array(base_column=Text(), default=None)
    agreement = Text(default=None, null=True)
    state = Text(default=None)
    created_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    last_used = Timestamptz(default=None, null=True)


class ApiToken(Table, tablename="api_token", schema="auth", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    hash = Bytea(default=None)  # noqa: A003
    client = UUID(default=None)
    scopes = Array(base_column=Text(), default=None)
    issued_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    revoked_at = Timestamptz(default=None, null=True)


class Attempt(Table, tablename="attempt", schema="auth", db=DB):
    tenant_id = UUID(default=None)
    key_hash = Bytea(primary_key=True, default=None)
    window_start = Timestamptz(default=None)
    n = Integer(default=None)


class Event(Table, tablename="event", schema="auth", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    kind = Text(default=None)
    reason = Text(default=None, null=True)
    person = UUID(default=None, null=True)
    client = UUID(default=None, null=True)
    request_id = Text(default=None)
    created_at = Timestamptz(default=None)
    seq = BigInt(default=None, null=True)
    hash = Bytea(default=None, null=True)  # noqa: A003
    detail = JSONB(default=None)
    address_hash = Bytea(default=None, null=True)


class EventHead(Table, tablename="event_head", schema="auth", db=DB):
    tenant_id = UUID(primary_key=True, default=None)
    seq = BigInt(default=None)
    hash = Bytea(default=None)  # noqa: A003
    gone_seq = BigInt(default=None)
    gone_hash = Bytea(default=None)


class EventCount(Table, tablename="event_count", schema="auth", db=DB):
    tenant_id = UUID(primary_key=True, default=None)
    month = Date(default=None)
    kind = Text(default=None)
    reason = Text(default=None)
    n = BigInt(default=None)


class LookEntry(Table, tablename="look_entry", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    person = UUID(default=None, null=True)
    client = UUID(default=None, null=True)
    operation = Text(default=None, null=True)
    fields = Array(base_column=Text(), default=None)
    subjects = Array(base_column=UUID(), default=None)
    times = Integer(default=None)
    request_id = Text(default=None)
    created_at = Timestamptz(default=None)


class Webhook(Table, tablename="webhook", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    name = Text(default=None)
    url_enc = Bytea(default=None)
    host = Text(default=None)
    events = Array(base_column=Text(), default=None)
    secret_enc = Bytea(default=None)
    old_secret_enc = Bytea(default=None, null=True)
    old_until = Timestamptz(default=None, null=True)
    made_by = UUID(default=None, null=True)
    seen = BigInt(default=None)
    failing_since = Timestamptz(default=None, null=True)
    off_because = Text(default=None, null=True)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class Delivery(Table, tablename="delivery", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    webhook_id = UUID(default=None)
    event = Text(default=None)
    line = BigInt(default=None, null=True)
    part = Integer(default=None)
    body = Text(default=None)
    attempts = Integer(default=None)
    send_after = Timestamptz(default=None)
    tried_at = Timestamptz(default=None, null=True)
    code = Integer(default=None, null=True)
    fault = Text(default=None, null=True)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)

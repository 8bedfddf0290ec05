"""The tables of access, as the catalog has them. Schema `auth` is for the power quartier_auth alone."""

from piccolo.columns import UUID, Array, Bytea, Integer, Interval, Text, Timestamptz
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


class ApiClient(Table, tablename="api_client", schema="auth", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    client_id = Text(default=None)
    name = Text(default=None)
    owner = UUID(default=None, null=True)
    secret_hash = Bytea(default=None)
    secret_hash_next = Bytea(default=None, null=True)
    scopes = Array(base_column=Text(), default=None)
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

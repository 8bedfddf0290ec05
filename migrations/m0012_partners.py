"""Partner institutions: their providers, whom they know here, sign-ins on their way, and what a session owes them."""

from quartier.database.migrate import migration

ID = "0012"

UP = """
create table auth.identity_provider (          -- one institution's own sign-in, at this site or city alone
  tenant_id uuid not null references app.site, id uuid not null,
  slug text not null check (slug ~ '^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$'), name_de text not null, name_en text,
  issuer text not null, client_id text not null,
  auth_method text not null check (auth_method in ('private_key_jwt', 'client_secret_basic')), secret_enc bytea,
  scope text[] not null check ('openid' = any (scope)),
  algorithms text[] not null check (cardinality(algorithms) > 0 and algorithms <@
    array['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']),
  par text not null check (par in ('never', 'if_required', 'always')),
  max_age int check (max_age > 0),             -- seconds; null asks for no fresh sign-in
  claims_from text not null check (claims_from in ('id_token', 'userinfo', 'either')),
  groups_claim text, required_claims jsonb not null check (jsonb_typeof(required_claims) = 'object'),
  role_ceiling text[] not null, strong boolean not null, auto_approve boolean not null,
  state text not null check (state in ('draft', 'active', 'paused')),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), constraint provider_slug_once unique (tenant_id, slug),
  constraint provider_issuer_once unique (tenant_id, issuer, client_id),
  constraint provider_without_secret check (state = 'draft' or auth_method = 'private_key_jwt' or secret_enc is not null));

create table auth.provider_rule (              -- whoever is in this group there has this role here
  tenant_id uuid not null references app.site, id uuid not null, provider uuid not null,
  claim_value text not null, role text not null,
  primary key (tenant_id, id), constraint provider_rule_once unique (tenant_id, provider, claim_value, role),
  foreign key (tenant_id, provider) references auth.identity_provider on delete cascade);

create table auth.signing_key (                -- ours, for private_key_jwt; the private half is sealed
  tenant_id uuid not null references app.site, id uuid not null, kid text not null, private_enc bytea not null,
  public jsonb not null, active_from timestamptz not null, ends_at timestamptz not null check (active_from < ends_at),
  primary key (tenant_id, id), constraint signing_key_once unique (tenant_id, kid));

create table auth.external_identity (          -- the key is (issuer, subject): an address is never one
  tenant_id uuid not null references app.site, id uuid not null, issuer text not null,
  subject text not null check (length(subject) between 1 and 255), provider uuid not null, person_id uuid not null,
  linked_by text not null check (linked_by in ('first_login', 'link', 'invitation')),
  created_at timestamptz not null, last_login timestamptz not null,
  primary key (tenant_id, id), constraint identity_once unique (tenant_id, issuer, subject),
  foreign key (tenant_id, provider) references auth.identity_provider,
  foreign key (tenant_id, person_id) references app.person);
create index on auth.external_identity (tenant_id, person_id);
create index on auth.external_identity (tenant_id, provider);

create table auth.login_transaction (          -- a sign-in that is at the provider now: used once, by one browser, within minutes
  tenant_id uuid not null references app.site, id uuid not null, provider uuid not null,
  state_hash bytea not null check (length(state_hash) = 32), browser_hash bytea not null check (length(browser_hash) = 32),
  nonce text not null, verifier text not null, redirect_uri text not null, next text not null,
  purpose text not null check (purpose in ('login', 'link', 'step_up', 'invitation')),
  session uuid, invitation uuid, max_age int check (max_age > 0), expires_at timestamptz not null,
  primary key (tenant_id, id), constraint login_state_once unique (tenant_id, state_hash),
  foreign key (tenant_id, provider) references auth.identity_provider on delete cascade);
create index on auth.login_transaction (tenant_id, provider);
create index on auth.login_transaction (tenant_id, expires_at);

create table auth.logout_jti (                 -- a logout token that was heard already
  tenant_id uuid not null references app.site, id uuid not null, provider uuid not null, jti text not null,
  expires_at timestamptz not null,
  primary key (tenant_id, id), constraint logout_jti_once unique (tenant_id, provider, jti),
  foreign key (tenant_id, provider) references auth.identity_provider on delete cascade);

select sec.isolate(t) from unnest(array['auth.identity_provider', 'auth.provider_rule', 'auth.signing_key',
  'auth.external_identity', 'auth.login_transaction', 'auth.logout_jti']::regclass[]) t;

-- auth_at: when the person last proved who she is; null in sessions of before: then created_at.
alter table auth.session add column provider uuid, add column op_sid text, add column id_token_enc bytea,
  add column auth_at timestamptz;
alter table auth.session no force row level security;
alter table auth.identity_provider no force row level security;
alter table auth.session add foreign key (tenant_id, provider) references auth.identity_provider;
alter table auth.session force row level security;
alter table auth.identity_provider force row level security;
create index on auth.session (tenant_id, provider, op_sid);
"""

DOWN = """
alter table auth.session drop column provider, drop column op_sid, drop column id_token_enc, drop column auth_at;
drop table auth.logout_jti, auth.login_transaction, auth.external_identity, auth.signing_key, auth.provider_rule,
  auth.identity_provider;
"""


async def forwards():
    return migration(ID, "access", UP, DOWN)

"""The tables of members, as the catalog has them. `holder_id`, `during` and `live_id` are the database's."""

from piccolo.columns import JSONB, UUID, Array, BigInt, Boolean, Date, Integer, Text, Timestamptz
from piccolo.table import Table

from quartier.database.columns import DateRange
from quartier.database.engine import DB


class Organisation(Table, tablename="organisation", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    name = Text(default=None)
    sort_key = Text(default=None)
    kind = Text(default=None)
    legal_form = Text(default=None, null=True)
    nonprofit = Boolean(default=None)
    economic = Boolean(default=None)
    founded_on = Date(default=None, null=True)
    nace = Text(default=None, null=True)
    street = Text(default=None, null=True)
    postcode = Text(default=None, null=True)
    town = Text(default=None, null=True)
    district = Text(default=None, null=True)
    website = Text(default=None, null=True)
    about_de = Text(default=None)
    about_en = Text(default=None, null=True)
    partner_roles = Array(base_column=Text(), default=None)
    tags = Array(base_column=Text(), default=None)
    state = Text(default=None)
    merged_into = UUID(default=None, null=True)
    live_id = UUID(default=None, null=True)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class OrganisationIdentifier(Table, tablename="organisation_identifier", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    organisation_id = UUID(default=None)
    kind = Text(default=None)
    value = Text(default=None)
    created_at = Timestamptz(default=None)


class Affiliation(Table, tablename="affiliation", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    person_id = UUID(default=None)
    organisation_id = UUID(default=None)
    role = Text(default=None)
    during = DateRange(default=None)
    created_at = Timestamptz(default=None)


class Qualification(Table, tablename="qualification", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    person_id = UUID(default=None)
    key = Text(default=None)
    valid = DateRange(default=None)
    source = UUID(default=None, null=True)
    given_by = UUID(default=None, null=True)
    created_at = Timestamptz(default=None)


class Support(Table, tablename="support", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    organisation_id = UUID(default=None)
    kind = Text(default=None)
    on_day = Date(default=None)
    minutes = Integer(default=None)
    value = BigInt(default=None)
    structured = Boolean(default=None)
    source = UUID(default=None)
    created_at = Timestamptz(default=None)


class Plan(Table, tablename="plan", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    key = Text(default=None)
    position = Integer(default=None)
    name_de = Text(default=None)
    name_en = Text(default=None, null=True)
    family = Text(default=None)
    holder = Text(default=None)
    kinds = Array(base_column=Text(), default=None)
    nonprofit = Boolean(default=None, null=True)
    price = BigInt(default=None)
    per = Text(default=None)
    term_months = Integer(default=None)
    notice_days = Integer(default=None)
    pause_months = Integer(default=None)
    papers = Array(base_column=Text(), default=None)
    public = Boolean(default=None)
    valid = DateRange(default=None)
    created_at = Timestamptz(default=None)


class PlanAllowance(Table, tablename="plan_allowance", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    plan_id = UUID(default=None)
    kind = Text(default=None)
    space_kinds = Array(base_column=Text(), default=None)
    peak = Text(default=None)
    amount = Integer(default=None)
    per = Text(default=None)
    created_at = Timestamptz(default=None)


class AllowanceBalance(Table, tablename="allowance_balance", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    membership_id = UUID(default=None)
    allowance_id = UUID(default=None)
    period = DateRange(default=None)
    granted = Integer(default=None)
    used = Integer(default=None)
    created_at = Timestamptz(default=None)


class Membership(Table, tablename="membership", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    number = Text(default=None)
    person_id = UUID(default=None, null=True)
    organisation_id = UUID(default=None, null=True)
    holder_id = UUID(default=None)
    family = Text(default=None)
    starts_on = Date(default=None, null=True)
    ends_on = Date(default=None, null=True)
    during = DateRange(default=None, null=True)
    plan_id = UUID(default=None, null=True)
    applied_by = UUID(default=None, null=True)
    applied_at = Timestamptz(default=None, null=True)
    statement = Text(default=None, null=True)
    question = Text(default=None, null=True)
    answer = Text(default=None, null=True)
    reason = Text(default=None, null=True)
    decided_by = UUID(default=None, null=True)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class MembershipTerm(Table, tablename="membership_term", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    membership_id = UUID(default=None)
    plan_id = UUID(default=None)
    kind = Text(default=None)
    during = DateRange(default=None)
    price = BigInt(default=None)
    created_at = Timestamptz(default=None)


class MembershipPaper(Table, tablename="membership_paper", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    membership_id = UUID(default=None)
    kind = Text(default=None)
    file_id = UUID(default=None)
    given_by = UUID(default=None)
    given_at = Timestamptz(default=None)
    state = Text(default=None)
    note = Text(default=None, null=True)
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class Consent(Table, tablename="consent", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    person_id = UUID(default=None, null=True)
    organisation_id = UUID(default=None, null=True)
    holder_id = UUID(default=None)
    purpose = Text(default=None)
    text_version = Text(default=None)
    audience = Text(default=None)
    line = Text(default=None)
    given_at = Timestamptz(default=None)
    given_by = UUID(default=None)
    withdrawn_at = Timestamptz(default=None, null=True)
    withdrawn_by = UUID(default=None, null=True)
    created_at = Timestamptz(default=None)


class ImportRun(Table, tablename="import_run", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    name = Text(default=None)
    made_by = UUID(default=None, null=True)
    total = Integer(default=None)
    faulty = Integer(default=None)
    done = Integer(default=None)
    failed = Integer(default=None)
    organisations = Integer(default=None)
    people = Integer(default=None)
    memberships = Integer(default=None)
    state = Text(default=None)
    finished_at = Timestamptz(default=None, null=True)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class ImportRow(Table, tablename="import_row", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    run_id = UUID(default=None)
    line = Integer(default=None)
    cells = JSONB(default=None)
    makes_organisation = Boolean(default=None)
    makes_person = Boolean(default=None)
    makes_membership = Boolean(default=None)
    organisation_id = UUID(default=None, null=True)
    person_id = UUID(default=None, null=True)
    state = Text(default=None)
    created_at = Timestamptz(default=None)


class ImportFault(Table, tablename="import_fault", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    run_id = UUID(default=None)
    line = Integer(default=None)
    position = Integer(default=None)
    heading = Text(default=None)
    written = Text(default=None)
    code = Text(default=None)
    text_de = Text(default=None)
    text_en = Text(default=None)
    created_at = Timestamptz(default=None)


class OwnField(Table, tablename="own_field", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    key = Text(default=None)
    label_de = Text(default=None)
    label_en = Text(default=None, null=True)
    kind = Text(default=None)
    choices = Array(base_column=Text(), default=None)
    shared = Boolean(default=None)
    position = Integer(default=None)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class OwnValue(Table, tablename="own_value", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    field_id = UUID(default=None)
    kind = Text(default=None)
    organisation_id = UUID(default=None)
    value = Text(default=None)
    changed_by = UUID(default=None, null=True)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)

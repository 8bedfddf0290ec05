"""The tables of the grants, as the catalog has them. Amounts are EUR cents."""

from piccolo.columns import JSONB, UUID, Array, BigInt, Boolean, Bytea, Date, Integer, Text, Timestamptz
from piccolo.table import Table

from quartier.database.columns import DateRange
from quartier.database.engine import DB


class Fund(Table, tablename="fund", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    key = Text(default=None)
    name_de = Text(default=None)
    name_en = Text(default=None, null=True)
    source = Text(default=None)
    valid = DateRange(default=None)
    recovered_money_returns = Boolean(default=None)
    created_at = Timestamptz(default=None)


class BudgetLine(Table, tablename="budget_line", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    fund_id = UUID(default=None)
    year = Integer(default=None)
    purpose = Text(default=None)
    allocated = BigInt(default=None)
    reserved = BigInt(default=None)
    committed = BigInt(default=None)
    paid = BigInt(default=None)
    postings = Integer(default=None)
    created_at = Timestamptz(default=None)


class Guideline(Table, tablename="guideline", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    key = Text(default=None)
    edition = Integer(default=None)
    fund_id = UUID(default=None)
    name_de = Text(default=None)
    name_en = Text(default=None, null=True)
    valid = DateRange(default=None)
    rules = JSONB(default=None)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class Call(Table, tablename="call", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    number = Text(default=None)
    guideline_id = UUID(default=None)
    title_de = Text(default=None)
    title_en = Text(default=None, null=True)
    purposes = Array(base_column=Text(), default=None)
    opens_at = Timestamptz(default=None)
    closes_at = Timestamptz(default=None)
    budget = BigInt(default=None)
    approved = BigInt(default=None)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class Application(Table, tablename="application", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    number = Text(default=None)
    call_id = UUID(default=None)
    organisation_id = UUID(default=None)
    carrier_id = UUID(default=None, null=True)
    contact_id = UUID(default=None)
    purpose = Text(default=None)
    title = Text(default=None)
    requested = BigInt(default=None)
    total_cost = BigInt(default=None)
    eligible = BigInt(default=None)
    jobs = Integer(default=None)
    starts_on = Date(default=None, null=True)
    submitted_at = Timestamptz(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    approved = BigInt(default=None, null=True)
    reason = Text(default=None, null=True)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class Submission(Table, tablename="submission", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    application_id = UUID(default=None)
    no = Integer(default=None)
    payload = JSONB(default=None)
    sha256 = Bytea(default=None)
    receipt = Text(default=None)
    by_person = UUID(default=None)
    created_at = Timestamptz(default=None)


class Decision(Table, tablename="decision", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    application_id = UUID(default=None)
    no = Integer(default=None)
    outcome = Text(default=None)
    amount = BigInt(default=None)
    rank = Integer(default=None, null=True)
    money_left = BigInt(default=None)
    reason = Text(default=None)
    by_person = UUID(default=None, null=True)
    created_at = Timestamptz(default=None)


class Award(Table, tablename="award", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    number = Text(default=None)
    application_id = UUID(default=None)
    line_id = UUID(default=None)
    organisation_id = UUID(default=None)
    amount = BigInt(default=None)
    share = Integer(default=None)
    funding = Text(default=None)
    noticed_on = Date(default=None, null=True)
    accepted_at = Timestamptz(default=None, null=True)
    planned = BigInt(default=None)
    paid = BigInt(default=None)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class Instalment(Table, tablename="instalment", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    award_id = UUID(default=None)
    no = Integer(default=None)
    amount = BigInt(default=None)
    trigger = Text(default=None)
    requested_by = UUID(default=None, null=True)
    checked_by = UUID(default=None, null=True)
    approved_by = UUID(default=None, null=True)
    paid_by = UUID(default=None, null=True)
    paid_on = Date(default=None, null=True)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class Posting(Table, tablename="posting", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    line_id = UUID(default=None)
    seq = Integer(default=None)
    kind = Text(default=None)
    amount = BigInt(default=None)
    application_id = UUID(default=None, null=True)
    award_id = UUID(default=None, null=True)
    instalment_id = UUID(default=None, null=True)
    cause = Text(default=None)
    by_person = UUID(default=None, null=True)
    created_at = Timestamptz(default=None)


class FileEvent(Table, tablename="file_event", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    application_id = UUID(default=None)
    verb = Text(default=None)
    from_state = Text(default=None, null=True)
    to_state = Text(default=None, null=True)
    by_person = UUID(default=None, null=True)
    reason = Text(default=None)
    numbers = JSONB(default=None)
    created_at = Timestamptz(default=None)

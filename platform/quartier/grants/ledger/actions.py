"""The only writer of postings and of a line's sums."""

from uuid import UUID

from quartier.grants import queries
from quartier.grants.ledger.rules import effect
from quartier.grants.tables import Posting as PostingTable
from quartier.grants.words import BudgetSpent, Posting, PostingKind, Sums
from quartier.kit.ids import new_id
from quartier.kit.money import Cents
from quartier.kit.refusal import Refused
from quartier.tenancy.desk import Desk

# What the sums would break is not written: no row comes back. The constraint says the same to everybody else.
_POST = """
update app.budget_line l
set allocated = allocated + $3, reserved = reserved + $4, committed = committed + $5, paid = paid + $6,
    postings = postings + 1
where tenant_id = $1 and id = $2
  and reserved + $4 + committed + $5 <= allocated + $3 and paid + $6 <= committed + $5
  and reserved + $4 >= 0 and committed + $5 >= 0 and paid + $6 >= 0
returning postings, allocated, reserved, committed, paid"""
_RETURNS = """
select f.recovered_money_returns as returns from app.budget_line l
join app.fund f on f.tenant_id = l.tenant_id and f.id = l.fund_id where l.tenant_id = $1 and l.id = $2"""


async def post(
    desk: Desk,
    line: UUID,
    kind: PostingKind,
    amount: Cents,
    cause: str,
    *,
    application: UUID | None = None,
    award: UUID | None = None,
    instalment: UUID | None = None,
) -> Posting:
    """Write one posting and change the line's sums, or neither.

    `cause` names what led to it, such as `award:<uuid>`: the same kind for the same cause is refused
    (ALREADY_POSTED). Refuses BUDGET_SPENT with the money left. Only inside an action's transaction.
    """
    async with desk.transaction() as ledger:
        change = effect(kind, amount, money_returns=kind != "recover" or await _money_returns(desk, line))
        changes = (change.allocated, change.reserved, change.committed, change.paid)
        rows = await desk.fetch(_POST, desk.tenant_id, line, *changes)
        if not rows:
            found = await queries.line(desk, line)
            raise Refused([BudgetSpent(left_cents=found.sums.left, asked_cents=amount)])
        row = rows[0]
        posting = PostingTable(
            tenant_id=desk.tenant_id,
            id=new_id(),
            line_id=line,
            seq=row["postings"],
            kind=kind,
            amount=amount,
            application_id=application,
            award_id=award,
            instalment_id=instalment,
            cause=cause,
            by_person=desk.person,
            created_at=desk.now,
        )
        await PostingTable.insert(posting)
        ledger.note("budget.posted", line, kind=kind, amount_cents=amount, seq=row["postings"])
    after = Sums(row["allocated"], row["reserved"], row["committed"], row["paid"])
    return Posting(posting.id, line, row["postings"], kind, amount, after)


async def _money_returns(desk: Desk, line: UUID) -> bool:
    rows = await desk.fetch(_RETURNS, desk.tenant_id, line)
    return bool(rows and rows[0]["returns"])

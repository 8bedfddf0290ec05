"""Many awards and payments at the same moment: never a cent over, and the ledger is the replay of its postings."""

import random
from collections import Counter
from collections.abc import Awaitable
from uuid import UUID

import pytest
from crowd import outcomes
from grants.neighbours import Grants
from world import NOW

from quartier.grants.award.actions import award_application
from quartier.grants.ledger.rules import replay
from quartier.grants.payout.actions import pay_instalment
from quartier.grants.words import Award, Instalment, Sums
from quartier.kit.ids import new_id

pytestmark = pytest.mark.usefixtures("forty_connections", "at_west")
BUDGET = 20_000_000
APPLICATIONS = 500


async def applications(grants: Grants, luck: random.Random) -> list[UUID]:
    """Five hundred files of five organisations, written by the administrator: they only have to be there."""
    call = await grants.call(BUDGET)
    lichtfang = await grants.organisation()
    files = {new_id(): luck.randrange(100_000, 350_000) for _ in range(APPLICATIONS)}
    await grants.site.sql(
        "insert into app.application (tenant_id, id, number, call_id, organisation_id, contact_id, purpose, title, "
        "requested, total_cost, eligible, jobs, submitted_at, state, created_at, changed_at) "
        "select $1, f.id, 'T-' || f.no, $2, $3, $4, 'investment', 'Maschine', f.cents, 1000000, 1000000, 0, $7, "
        "'submitted', $7, $7 from unnest($5::uuid[], $6::bigint[]) with ordinality f(id, cents, no)",
        grants.site.id, call.id, lichtfang, grants.people["member"], list(files), list(files.values()), NOW,
    )  # fmt: skip
    return list(files)


async def test_five_hundred_awards_of_random_amounts(grants: Grants) -> None:
    luck = random.Random(2026)
    line = await grants.fund(BUDGET)
    files = await applications(grants, luck)
    authority = grants.desk("award_authority")
    deadlocks = await _deadlocks(grants)

    counted = await outcomes(award_application(authority, file) for file in files)

    assert counted["noticed"] + counted["CALL_BUDGET_SPENT"] == APPLICATIONS
    sums = await grants.sums(line)
    assert sums == replay(await grants.postings(line))
    awarded = await grants.site.sql("select sum(amount)::bigint s from app.award where tenant_id = $1", grants.site.id)
    assert sums == Sums(allocated=BUDGET, committed=awarded[0]["s"])
    # Whoever was refused would not have fitted: less is left than the smallest of them asked for.
    refused = await grants.site.sql(
        "select min(requested) m from app.application where tenant_id = $1 and state = 'submitted'", grants.site.id
    )
    assert 0 <= sums.left < refused[0]["m"]
    assert await grants.site.count("app.call", f"approved = {sums.committed}") == 1
    assert await _deadlocks(grants) == deadlocks


async def test_awards_and_payments_at_once(grants: Grants) -> None:
    """Half of the files are awarded already and their first parts approved: paid three times each, among awards."""
    luck = random.Random(4)
    line = await grants.fund(BUDGET)
    files = await applications(grants, luck)
    authority, finance = grants.desk("award_authority"), grants.desk("finance")
    for file in files[:40]:
        await award_application(authority, file)
    await grants.site.sql(
        "update app.instalment set state = 'approved', requested_by = $2, checked_by = $3, approved_by = $4 "
        "where tenant_id = $1 and no < 3",
        grants.site.id, grants.people["member"], grants.people["grants_officer"], grants.people["finance"],
    )  # fmt: skip
    parts = [
        row["id"]
        for row in await grants.site.sql(
            "select id from app.instalment where tenant_id = $1 and state = 'approved'", grants.site.id
        )
    ]
    deadlocks = await _deadlocks(grants)
    wishes: list[Awaitable[Award | Instalment]] = [pay_instalment(finance, part) for part in parts for _ in range(3)]
    wishes += [award_application(authority, file) for file in files[40:160]]
    luck.shuffle(wishes)

    counted = await outcomes(wishes)

    assert counted["paid"] == len(parts) == 80
    allowed = {"paid", "noticed", "CALL_BUDGET_SPENT", "STEP_NOT_POSSIBLE", "STALE_VERSION", "ALREADY_POSTED"}
    assert set(counted) <= allowed
    sums = await grants.sums(line)
    assert sums == replay(await grants.postings(line))
    assert sums.left >= 0
    [row] = await grants.site.sql(
        "select sum(amount)::bigint as amount, sum(paid)::bigint as paid from app.award where tenant_id = $1",
        grants.site.id,
    )
    assert (row["amount"], row["paid"]) == (sums.committed, sums.paid)
    kinds = Counter(kind for kind, _ in await grants.postings(line))
    assert kinds == {"allocate": 1, "reserve": 40 + counted["noticed"], "commit": 40 + counted["noticed"], "pay": 80}
    assert await _deadlocks(grants) == deadlocks


async def _deadlocks(grants: Grants) -> int:
    await grants.site.sql("select pg_stat_clear_snapshot()")
    [row] = await grants.site.sql("select deadlocks from pg_stat_database where datname = current_database()")
    return int(row["deadlocks"])

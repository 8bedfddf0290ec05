"""What is told of a webhook."""

from uuid import UUID

from quartier.acts.telling.saying import TRUE
from quartier.notices.outbox import Addressee
from quartier.notices.words import Notice, Told
from quartier.tenancy.desk import Desk

_WEBHOOK = "select name, host, off_because, state from app.webhook where tenant_id = $1 and id = $2"
OFF_BECAUSE = {
    ("failing", "de"): "drei Tage lang kam nichts an",
    ("failing", "en"): "for three days nothing arrived",
    ("gone", "de"): "der Empfänger sagt, dass es ihn nicht mehr gibt",
    ("gone", "en"): "the receiver says that it is gone",
}


async def webhook(desk: Desk, notice: Notice, whom: Addressee, there: str) -> Told | None:
    rows = await desk.fetch(_WEBHOOK, desk.tenant_id, UUID(notice.refs["webhook"]))
    if not rows or rows[0]["state"] not in TRUE[notice.key] or rows[0]["off_because"] == "hand":
        return None
    facts = {
        "name": whom.name,
        "hook": rows[0]["name"],
        "host": rows[0]["host"],
        "reason": OFF_BECAUSE[rows[0]["off_because"], notice.language],
        "link": f"{there}/verwaltung/webhooks",
        "site": desk.realm.name,
    }
    return Told(facts)

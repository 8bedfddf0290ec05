"""Plans and what they grant."""

from collections.abc import Iterator, Mapping

from quartier.tenancy.blueprint.findings import Finding, Path
from quartier.tenancy.blueprint.shape.members import Allowance, Plan


def objections_to_plans(plans: Mapping[str, Plan]) -> Iterator[Finding]:
    for key, plan in plans.items():
        path = ("plans", key)
        if plan.holder == "person" and plan.kinds:
            yield Finding(
                (*path, "kinds"),
                "Ein Tarif für Personen nennt keine Arten von Organisationen.",
                "A plan for persons names no kinds of organisations.",
                "[]",
            )
        if plan.holder == "organisation" and not plan.kinds:
            yield Finding(
                (*path, "kinds"),
                "Ein Tarif für Organisationen nennt mindestens eine Art.",
                "A plan for organisations names at least one kind.",
                '["company", …]',
            )
        if (plan.per == "none") != (plan.price_cents == 0):
            yield Finding(
                (*path, "per"),
                "Ein Preis wird je Monat oder Jahr gezahlt, kein Preis nie.",
                "A price is paid each month or year, no price never.",
                "none" if plan.price_cents == 0 else "month | year",
            )
        for place, allowance in enumerate(plan.allowances):
            yield from _objections_to_allowance(allowance, (*path, "allowances", place))


def _objections_to_allowance(allowance: Allowance, path: Path) -> Iterator[Finding]:
    rooms = allowance.kind == "room_minutes"
    if rooms != bool(allowance.spaces):
        yield Finding(
            (*path, "spaces"),
            "Raumminuten nennen ihre Raumarten, andere Kontingente keine.",
            "Room minutes name their kinds of spaces, other allowances none.",
            '["hall", …]' if rooms else "[]",
        )
    per = "moment" if allowance.kind == "open_bookings" else "month"
    if allowance.per != per:
        yield Finding(
            (*path, "per"),
            f"{allowance.kind} gilt nicht je „{allowance.per}“.",
            f"{allowance.kind} is not counted per “{allowance.per}”.",
            per,
        )
    if allowance.kind == "discount_permille" and allowance.amount > 1000:
        yield Finding(
            (*path, "amount"),
            "Mehr als alles lässt sich nicht nachlassen.",
            "No discount is more than all.",
            "0 … 1000",
        )

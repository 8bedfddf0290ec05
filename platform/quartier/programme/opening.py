"""Terms and house rules from the blueprint: written when a site opens, compared ever after."""

import json
from datetime import timedelta
from typing import Any

from quartier.database.columns import days
from quartier.kit.ids import new_id
from quartier.programme.tables import Term
from quartier.tenancy.blueprint import as_data
from quartier.tenancy.blueprint.shape.programme import Term as TermDeclared
from quartier.tenancy.blueprint.shape.whole import SiteBlueprint
from quartier.tenancy.desk import Desk
from quartier.tenancy.drift import Difference, differences
from quartier.tenancy.setting import put_setting, setting

SETTING = "programme"

_TERMS = """
select key, title_de, title_en, lower(during) as first_day, upper(during) - 1 as last_day from app.term
where tenant_id = $1 order by lower(during), key"""


async def furnish(desk: Desk, blueprint: SiteBlueprint) -> None:
    """Write terms as rows, formats and house rules as the setting `programme`; in the open transaction."""
    today = desk.now.astimezone(desk.zone).date()
    since = min(blueprint.site.opened_on, today)
    await put_setting(desk, SETTING, _house(blueprint), valid_from=since)
    for key, term in blueprint.programme.terms.items():
        await Term.insert(
            Term(
                tenant_id=desk.tenant_id,
                id=new_id(),
                key=key,
                title_de=term.title_de,
                title_en=term.title_en,
                during=days(term.first_day, term.last_day + timedelta(days=1)),
                created_at=desk.now,
            )
        )


async def drift(desk: Desk, blueprint: SiteBlueprint) -> list[Difference]:
    """Where terms, formats and house rules differ from the blueprint."""
    told = await setting(desk, SETTING) or {}
    in_blueprint = {key: _declared(term) for key, term in blueprint.programme.terms.items()}
    rows = [dict(row) for row in await desk.fetch(_TERMS, desk.tenant_id)]
    return [
        *differences("settings", {SETTING: _house(blueprint)}, {SETTING: told}),
        *differences("programme.terms", in_blueprint, {row.pop("key"): row for row in rows}),
    ]


def _house(blueprint: SiteBlueprint) -> dict[str, Any]:
    whole = {key: value for key, value in as_data(blueprint.programme).items() if key != "terms"}
    plain: dict[str, Any] = json.loads(json.dumps(whole))  # as it comes back from its column: lists, never tuples
    return plain


def _declared(term: TermDeclared) -> dict[str, Any]:
    return {name: getattr(term, name) for name in ("title_de", "title_en", "first_day", "last_day")}

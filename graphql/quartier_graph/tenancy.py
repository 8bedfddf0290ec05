"""What the graph shows of the site itself: its name, where it is, and the pages that every visitor may read."""

from datetime import date

from quartier_graph.declare import Plain, column, key, own, published, roots


def _setting(name: str, *path: str) -> str:
    """A text of a setting as it holds today; null where the site never said."""
    return f"""(select s.value #>> '{{{",".join(path)}}}' from app.setting s
  where s.tenant_id = {{t}}.tenant_id and s.key = '{name}'
    and s.valid_from <= ({{now}} at time zone {{t}}.zone)::date
  order by s.valid_from desc limit 1)"""


@published("app.site", may=("spaces:read", "public:read"), identity=key("{t}.tenant_id", "uuid"))
class Site(Plain):
    """The site whose host was asked."""

    slug: str = column("Its short name in addresses.")
    name: str = column("Its name in German.", sql="{t}.name_de")
    name_en: str | None = column("Its name in English, where there is one.")
    zone: str = column("The zone of its wall times, such as Europe/Berlin.")
    opened_on: date | None = column("The day it opened.")
    strapline_de: str | None = column("What it is for in one line, in German.", sql=_setting("brand", "strapline_de"))
    strapline_en: str | None = column("The same line in English.", sql=_setting("brand", "strapline_en"))
    operator_de: str | None = column("Who runs it.", sql=_setting("identity", "operator_de"))
    contact_mail: str | None = column("Where people write to.")
    street: str | None = column("Street and number.", sql=_setting("identity", "address", "street"))
    postcode: str | None = column("Postcode.", sql=_setting("identity", "address", "postcode"))
    town: str | None = column("Town.", sql=_setting("identity", "address", "town"))
    imprint_de: str | None = column("Impressum, in Markdown.", sql=_setting("legal_texts", "impressum"))
    privacy_de: str | None = column("Privacy notice, in Markdown.", sql=_setting("legal_texts", "datenschutz"))
    accessibility_de: str | None = column(
        "Accessibility statement, in Markdown.", sql=_setting("legal_texts", "barrierefreiheit")
    )
    rules_de: str | None = column("Rules of the house, in Markdown.", sql=_setting("legal_texts", "nutzungsordnung"))
    plain_de: str | None = column(
        "The site in plain language, in Markdown.", sql=_setting("legal_texts", "leichte-sprache")
    )


roots(site=own(Site, "The site whose host was asked."))

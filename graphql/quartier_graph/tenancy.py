"""What the graph shows of the site itself."""

from datetime import date

from quartier_graph.declare import Plain, column, key, own, published, roots


@published("app.site", may="spaces:read", identity=key("{t}.tenant_id", "uuid"))
class Site(Plain):
    """The site whose host was asked."""

    slug: str = column("Its short name in addresses.")
    name: str = column("Its name in German.", sql="{t}.name_de")
    name_en: str | None = column("Its name in English, where there is one.")
    zone: str = column("The zone of its wall times, such as Europe/Berlin.")
    opened_on: date | None = column("The day it opened.")


roots(site=own(Site, "The site whose host was asked."))

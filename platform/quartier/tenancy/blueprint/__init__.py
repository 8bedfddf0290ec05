"""A site as data: what stands in a folder of `tenants/`, read, checked and typed. Knows no database."""

from quartier.tenancy.blueprint.errors import BlueprintInvalid, BlueprintProblem
from quartier.tenancy.blueprint.read import Tenants, legal_texts, read_city, read_site, read_tenants
from quartier.tenancy.blueprint.shape.whole import CityBlueprint, SiteBlueprint, as_data

__all__ = [
    "BlueprintInvalid",
    "BlueprintProblem",
    "CityBlueprint",
    "SiteBlueprint",
    "Tenants",
    "as_data",
    "legal_texts",
    "read_city",
    "read_site",
    "read_tenants",
]

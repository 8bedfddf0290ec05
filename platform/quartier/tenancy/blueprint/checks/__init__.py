"""What fits the types and still cannot be: names that lead nowhere, sums that do not add up.

A check asks for the tables it needs by the names of its arguments, and is left out while one of them cannot
be read; so a slip in `[spaces]` hides no fault of `[guidelines]`.
"""

from collections.abc import Callable, Iterator, Mapping
from inspect import signature

from quartier.tenancy.blueprint.checks import access, grants, identity, legal, members, programme, spaces
from quartier.tenancy.blueprint.findings import Finding

CHECKS: tuple[Callable[..., Iterator[Finding]], ...] = (
    identity.objections_to_identity,
    identity.objections_to_colours,
    spaces.objections_to_hours,
    spaces.objections_to_closures,
    spaces.objections_to_house_rules,
    spaces.objections_to_parts,
    spaces.objections_to_spaces,
    members.objections_to_plans,
    programme.objections_to_formats,
    programme.objections_to_topics,
    programme.objections_to_terms,
    programme.objections_to_advice,
    grants.objections_to_funds,
    grants.objections_to_guidelines,
    grants.objections_to_rubrics,
    grants.objections_to_programme_dates,
    access.objections_to_roles,
    access.objections_to_partners,
    legal.objections_to_pages,
    legal.objections_to_files,
    legal.objections_to_retention,
    legal.objections_to_forms,
    legal.objections_to_unconfirmed,
)
_NEEDS = {check: tuple(signature(check).parameters) for check in CHECKS}


def faults_of_meaning(tables: Mapping[str, object]) -> Iterator[Finding]:
    """Run every check whose tables could be read."""
    for check, needs in _NEEDS.items():
        if all(name in tables for name in needs):
            yield from check(**{name: tables[name] for name in needs})

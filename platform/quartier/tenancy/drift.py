"""Drift: where a site's rows are not (any more) what its blueprint declares. Rooms compare, people decide."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs; None where one of the two does not know it. `what` is a dotted key of the blueprint."""

    what: str
    in_blueprint: object | None
    in_rows: object | None


def differences(
    of: str, in_blueprint: Mapping[str, Mapping[str, object]], in_rows: Mapping[str, Mapping[str, object]]
) -> Iterator[Difference]:
    """Compare two tables of facts by key and name, in the order of the blueprint, then of the rows.

    >>> list(differences("plans", {"pass": {"price": 500}}, {"pass": {"price": 600}}))
    [Difference(what='plans.pass.price', in_blueprint=500, in_rows=600)]
    >>> list(differences("plans", {"pass": {"price": 500}}, {}))
    [Difference(what='plans.pass', in_blueprint={'price': 500}, in_rows=None)]
    """
    for key in (*in_blueprint, *(key for key in in_rows if key not in in_blueprint)):
        declared, stored = in_blueprint.get(key), in_rows.get(key)
        if declared is None or stored is None:
            yield Difference(f"{of}.{key}", declared, stored)
            continue
        for name in (*declared, *(name for name in stored if name not in declared)):
            if declared.get(name) != stored.get(name):
                yield Difference(f"{of}.{key}.{name}", declared.get(name), stored.get(name))

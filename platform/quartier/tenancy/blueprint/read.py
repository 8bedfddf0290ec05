"""Read the blueprints of `tenants/`: whole or not at all, and with every problem at once."""

from collections.abc import Iterator
from pathlib import Path as File
from typing import get_type_hints

import msgspec

from quartier.tenancy.blueprint.checks import faults_of_meaning
from quartier.tenancy.blueprint.checks.identity import (
    objections_to_hosts,
    objections_to_pair,
    objections_to_zone,
)
from quartier.tenancy.blueprint.documents import document
from quartier.tenancy.blueprint.errors import BlueprintInvalid, BlueprintProblem
from quartier.tenancy.blueprint.findings import Finding, Path
from quartier.tenancy.blueprint.inherit import Source, gather
from quartier.tenancy.blueprint.shape.whole import CityBlueprint, SiteBlueprint
from quartier.tenancy.blueprint.typed import convert, faults_of_shape, faults_of_writing

_TABLES = get_type_hints(SiteBlueprint, include_extras=True)


class Tenants(msgspec.Struct, frozen=True):
    """Everything under `tenants/`: the city, and its sites by folder name in alphabetical order."""

    city: CityBlueprint
    sites: dict[str, SiteBlueprint]


def read_site(folder: File, *, demo: bool = True) -> SiteBlueprint:
    """Read a site's folder, with what it inherits from the folder beside it.

    Without `demo`, partners of the practice provider ($DEMO_IDP) are a problem. Raises BlueprintInvalid.
    """
    return _site(folder, demo=demo)[0]


def _site(folder: File, *, demo: bool) -> tuple[SiteBlueprint, Source]:
    source = gather(folder)
    findings = [*source.findings, *faults_of_writing(source.data)]
    site: SiteBlueprint | None = None
    try:
        site = convert(source.data, SiteBlueprint)
        tables = {name: getattr(site, name) for name in site.__struct_fields__}
    except msgspec.ValidationError as error:
        faults = list(faults_of_shape(source.data, SiteBlueprint))
        findings += faults or [Finding((), str(error), str(error))]
        tables = dict(_readable(source, {fault.path[0] for fault in faults if fault.path}))
    findings += faults_of_meaning(tables | {"folder": folder, "demo": demo, "data": source.data})
    if findings or source.faults or site is None:
        raise BlueprintInvalid([*source.faults, *map(source.problem, findings)])
    return site, source


def _readable(source: Source, faulty: set[str | int]) -> Iterator[tuple[str, object]]:
    """The tables without a fault: what they mean is checked although another one cannot be read."""
    for name in source.data.keys() & _TABLES.keys() - faulty:
        yield name, convert(source.data[name], _TABLES[name])


def read_city(file: File) -> CityBlueprint:
    """Read `city.toml`. Raises BlueprintInvalid."""
    source = _city_source(file)
    try:
        city = convert(source.data, CityBlueprint)
    except msgspec.ValidationError as error:
        findings = list(faults_of_shape(source.data, CityBlueprint))
        raise BlueprintInvalid(map(source.problem, findings or [Finding((), str(error), str(error))])) from None
    findings = [
        *objections_to_zone(city.zone, ("zone",)),
        *objections_to_hosts(city.hosts, ("hosts",)),
        *objections_to_pair(city.brand.accent, city.brand.on_accent, ("brand", "accent")),
        *objections_to_pair(city.brand.accent_dark, city.brand.on_accent_dark, ("brand", "accent_dark")),
    ]
    if findings:
        raise BlueprintInvalid(map(source.problem, findings))
    return city


def _city_source(file: File) -> Source:
    read = document(file)
    return Source(file.parent, (read,), data=read.data)


def read_tenants(folder: File, *, demo: bool = True) -> Tenants:
    """Read the city and every site; two realms never share a slug or a host.

    Raises BlueprintInvalid with the problems of all folders.
    """
    problems: list[BlueprintProblem] = []
    read: dict[str, tuple[SiteBlueprint, Source]] = {}
    city: CityBlueprint | None = None
    try:
        city = read_city(folder / "city.toml")
    except BlueprintInvalid as invalid:
        problems += invalid.problems
    for file in sorted(folder.glob("*/site.toml")):
        try:
            read[file.parent.name] = _site(file.parent, demo=demo)
        except BlueprintInvalid as invalid:
            problems += invalid.problems
    taken: dict[tuple[str, str], str] = {}
    if city:
        taken = {("host", host): "city.toml" for host in city.hosts.every} | {("slug", city.slug): "city.toml"}
    for name, (site, source) in read.items():
        if city and site.site.city != city.slug:
            finding = Finding(
                ("site", "city"),
                f"„{site.site.city}“ ist nicht die Stadt dieser Anlage.",
                f"“{site.site.city}” is not the city of this installation.",
                city.slug,
            )
            problems.append(source.problem(finding))
        for kind, word, path in _lasting_names(site):
            if owner := taken.get((kind, word)):
                finding = Finding(
                    path, f"„{word}“ ist schon vergeben ({owner}).", f"“{word}” is taken already ({owner})."
                )
                problems.append(source.problem(finding))
            taken.setdefault((kind, word), name)
    if problems or city is None:
        raise BlueprintInvalid(problems)
    return Tenants(city, {name: site for name, (site, _) in read.items()})


def _lasting_names(site: SiteBlueprint) -> Iterator[tuple[str, str, Path]]:
    hosts = ("site", "hosts")
    yield "slug", site.slug, ("slug",)
    yield "host", site.site.hosts.primary, (*hosts, "primary")
    yield "host", site.site.hosts.demo, (*hosts, "demo")
    for place, alias in enumerate(site.site.hosts.aliases):
        yield "host", alias, (*hosts, "aliases", place)


def legal_texts(site: SiteBlueprint, folder: File) -> dict[str, str]:
    """The Markdown of each legal page by its key, read in the site's own folder."""
    return {key: (folder / page.text).read_text("utf-8") for key, page in site.legal.pages.items()}

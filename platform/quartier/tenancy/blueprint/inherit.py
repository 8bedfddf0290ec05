"""Where each value of a site comes from: its own folder, or the site it extends."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from quartier.tenancy.blueprint.documents import Data, Document, documents, dotted, found, joined
from quartier.tenancy.blueprint.errors import BlueprintInvalid, BlueprintProblem
from quartier.tenancy.blueprint.findings import Finding, Path, choice, unknown

ABOUT_INHERITING = ("extends", "replace", "remove")
# What another site's folder says of these is never taken over: who it is, its secrets and its people.
NEVER_INHERITED: tuple[Path, ...] = (
    ("slug",),
    ("site", "hosts"),
    ("mail", "smtp_env"),
    ("partners", "*", "oidc", "secret_env"),
    ("partners", "*", "oidc", "demo_people"),
)


@dataclass(frozen=True)
class Source:
    """The values of a site, and where each of them was written.

    `hidden` are the paths that are not taken over from the inherited documents.
    """

    folder: File
    own: tuple[Document, ...]
    inherited: tuple[Document, ...] = ()
    hidden: tuple[Path, ...] = ()
    data: Data = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    faults: tuple[BlueprintProblem, ...] = ()

    def problem(self, finding: Finding) -> BlueprintProblem:
        document, line = self.place(finding.path)
        return BlueprintProblem(
            file=document.name,
            key=dotted(finding.path),
            line=line,
            message_de=finding.de,
            message_en=finding.en,
            allowed=finding.allowed,
        )

    def place(self, path: Path) -> tuple[Document, int]:
        """Find the file that decides about a key, and the line.

        What the site writes itself decides. A key nobody wrote is missing where its table begins: with an
        inherited table in the inherited file, unless the key is one that each site has to write itself.
        """
        for document in self.own:
            if document.holds(path):
                return document, document.line(path)
        if not self.hides(path):
            for end in range(len(path), 0, -1):
                for document in (*self.inherited, *self.own):
                    visible = document in self.own or not self.hides(path[:end])
                    if visible and document.holds(path[:end]):
                        return document, document.line(path)
        for end in range(len(path), 0, -1):
            for document in self.own:
                if document.holds(path[:end]):
                    return document, document.line(path)
        return self.own[0], self.own[0].line(("extends",))

    def hides(self, path: Path) -> bool:
        return any(_begins(path, hidden) for hidden in self.hidden)


def gather(folder: File) -> Source:
    """Read a site's folder. Raises BlueprintInvalid when a file cannot be read as TOML at all."""
    own = documents(folder)
    top, doubles = joined(own)
    alone = Source(folder, own, data=top, faults=tuple(doubles))
    if "extends" not in top:
        stray = (
            Finding((key,), f"„{key}“ gilt nur mit „extends“.", f"“{key}” needs “extends”.")
            for key in ABOUT_INHERITING[1:]
            if key in top
        )
        return Source(folder, own, data=_without(top), findings=tuple(stray), faults=alone.faults)
    return _extended(alone)


def _extended(site: Source) -> Source:
    top = site.data
    objections = list(_objections_to_heads(top))
    if objections:
        raise BlueprintInvalid([*site.faults, *map(site.problem, objections)])
    base_folder = site.folder.parent / top["extends"]
    others = sorted(each.parent.name for each in site.folder.parent.glob("*/site.toml"))
    others = [name for name in others if name != site.folder.name]
    if top["extends"] not in others:
        finding = unknown(("extends",), top["extends"], others, de="kein anderer Standort", en="not another site")
        raise BlueprintInvalid([*site.faults, site.problem(finding)])
    inherited = documents(base_folder)
    base, doubles = joined(inherited)
    if "extends" in base:
        finding = Finding(
            ("extends",),
            f"„{top['extends']}“ erweitert selbst einen Standort; das geht nur eine Stufe tief.",
            f"“{top['extends']}” itself extends a site; this goes one step deep only.",
            choice(others),
        )
        raise BlueprintInvalid([*site.faults, site.problem(finding)])

    replaced = tuple(tuple(name.split(".")) for name in top.get("replace", []))
    removed = tuple(tuple(name.split(".")) for name in top.get("remove", []))
    hidden: tuple[Path, ...] = (*replaced, *removed, *NEVER_INHERITED)
    findings = [
        *_objections_to_paths("replace", replaced, (base, top)),
        *_objections_to_paths("remove", removed, (base,)),
    ]
    merged = _laid_over(_cut(base, hidden, ()), _without(top))
    listed = base.get("unconfirmed", [])
    if "unconfirmed" not in top and isinstance(listed, list):
        # The list is inherited for what is inherited; what was removed needs no confirmation.
        merged["unconfirmed"] = [name for name in listed if found(merged, tuple(str(name).split(".")))]
    merged["extends"] = top["extends"]
    return Source(site.folder, site.own, inherited, hidden, merged, tuple(findings), (*site.faults, *doubles))


def _objections_to_heads(top: Data) -> Iterator[Finding]:
    if not isinstance(top["extends"], str):
        yield Finding(("extends",), "Hier steht kein Standort.", "This names no site.", '"…"')
    for key in ABOUT_INHERITING[1:]:
        names = top.get(key, [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            yield Finding((key,), "Hier stehen keine Schlüssel.", "These are no keys.", '["spaces", …]')


def _objections_to_paths(key: str, paths: tuple[Path, ...], among: tuple[Data, ...]) -> Iterator[Finding]:
    for place, path in enumerate(paths):
        if not any(found(data, path) for data in among):
            known = sorted({name for data in among for name in _names_beside(data, path)})
            yield unknown((key, place), dotted(path), known, de="nicht vererbt", en="not inherited")


def _names_beside(data: Data, path: Path) -> Iterator[str]:
    for end in range(len(path) - 1, -1, -1):
        table: Any = data
        for step in path[:end]:
            table = table.get(step) if isinstance(table, dict) else None
        if isinstance(table, dict):
            yield from (dotted((*path[:end], name)) for name in table)
            return


def _cut(data: Data, hidden: tuple[Path, ...], path: Path) -> Data:
    kept: Data = {}
    for key, value in data.items():
        here = (*path, key)
        if not any(_begins(here, each) for each in hidden):
            kept[key] = _cut(value, hidden, here) if isinstance(value, dict) else value
    return kept


def _begins(path: Path, start: Path) -> bool:
    return len(path) >= len(start) and all(step in ("*", here) for step, here in zip(start, path, strict=False))


def _laid_over(base: Data, own: Data) -> Data:
    merged = dict(base)
    for key, value in own.items():
        below = merged.get(key)
        merged[key] = _laid_over(below, value) if isinstance(value, dict) and isinstance(below, dict) else value
    return merged


def _without(top: Data) -> Data:
    return {key: value for key, value in top.items() if key not in ABOUT_INHERITING}

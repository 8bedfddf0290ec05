"""Legal pages and their texts, retention, forms, and the list of values to be confirmed."""

from collections.abc import Iterator, Mapping
from pathlib import Path as File

from quartier.tenancy.blueprint.documents import found
from quartier.tenancy.blueprint.findings import Finding, Path, twice, unknown
from quartier.tenancy.blueprint.shape.aid import Erdf
from quartier.tenancy.blueprint.shape.forms import Form, Question
from quartier.tenancy.blueprint.shape.identity import Brand
from quartier.tenancy.blueprint.shape.legal import Legal, Retention


def objections_to_pages(legal: Legal) -> Iterator[Finding]:
    for place, page in enumerate(legal.required_to_open):
        if page not in legal.pages:
            path = ("legal", "required_to_open", place)
            yield unknown(path, page, legal.pages, de="keine Seite", en="no page")


def objections_to_files(legal: Legal, brand: Brand, erdf: Erdf, folder: File) -> Iterator[Finding]:
    named: dict[Path, str] = {("brand", "mark"): brand.mark, ("erdf", "emblem"): erdf.emblem}
    for key, page in legal.pages.items():
        named[("legal", "pages", key, "text")] = page.text
        if page.data:
            named[("legal", "pages", key, "data")] = page.data
    for path, name in named.items():
        if not (folder / name).is_file():
            yield Finding(
                path,
                f"Im Ordner {folder.name} fehlt die Datei {name}.",
                f"The file {name} is missing in the folder {folder.name}.",
                f"{folder.name}/{name}",
            )


def objections_to_retention(retention: Mapping[str, Retention]) -> Iterator[Finding]:
    for key, kept in retention.items():
        if (kept.days is None) == (kept.years is None):
            yield Finding(
                ("retention", key),
                "Eine Frist steht in Tagen oder in Jahren, eines von beiden.",
                "A term is given in days or in years, one of the two.",
                "days | years",
            )


def objections_to_forms(forms: Mapping[str, Form]) -> Iterator[Finding]:
    for key, form in forms.items():
        keys = [question.key for question in form.fields]
        for place, question in enumerate(form.fields):
            path = ("forms", key, "fields", place)
            if question.key in keys[:place]:
                yield twice((*path, "key"), question.key)
            yield from _objections_to_question(question, path)


def _objections_to_question(question: Question, path: Path) -> Iterator[Finding]:
    written = question.kind in ("line", "text")
    counted = question.kind in ("integer", "scale")
    for name, value, needed in (
        ("max_chars", question.max_chars, written),
        ("min", question.min, counted),
        ("max", question.max, counted),
    ):
        if (value is not None) != needed:
            yield Finding(
                (*path, name),
                f"Zu einer Frage der Art „{question.kind}“ gehört „{name}“"
                + (", es fehlt hier." if needed else " nicht."),
                f"A question of kind “{question.kind}” has “{name}”" + (", it is missing here." if needed else " not."),
                "1, 2, …" if needed else "",
            )
    if question.min is not None and question.max is not None and question.max < question.min:
        yield Finding(
            (*path, "max"),
            f"Der größte Wert ({question.max}) ist kleiner als der kleinste ({question.min}).",
            f"The largest value ({question.max}) is below the smallest ({question.min}).",
            f"≥ {question.min}",
        )


def objections_to_unconfirmed(unconfirmed: tuple[str, ...], data: Mapping[str, object]) -> Iterator[Finding]:
    for place, name in enumerate(unconfirmed):
        path = tuple(name.split("."))
        if not found(data, path):
            table = data
            for step in path[:-1]:
                inner = table.get(step)
                table = inner if isinstance(inner, Mapping) else {}
            known = [".".join((*path[:-1], key)) for key in table]
            yield unknown(
                ("unconfirmed", place),
                name,
                known,
                de="kein Wert dieses Bauplans",
                en="no value of this blueprint",
            )

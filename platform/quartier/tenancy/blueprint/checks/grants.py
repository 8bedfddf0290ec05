"""Funds and guidelines: years, shares and weights add up, and every purpose has a line to pay it from."""

from collections.abc import Iterator, Mapping

from quartier.tenancy.blueprint.checks.spaces import objections_to_days
from quartier.tenancy.blueprint.findings import Finding, Path, choice, twice, unknown
from quartier.tenancy.blueprint.shape.aid import Erdf
from quartier.tenancy.blueprint.shape.grants import Fund, Guideline


def objections_to_funds(funds: Mapping[str, Fund]) -> Iterator[Finding]:
    for key, fund in funds.items():
        path = ("funds", key)
        yield from objections_to_days(fund.valid_from, fund.valid_to, (*path, "valid_to"))
        years = range(fund.valid_from.year, fund.valid_to.year + 1)
        seen = set()
        for place, line in enumerate(fund.lines):
            if line.year not in years:
                yield Finding(
                    (*path, "lines", place, "year"),
                    f"{line.year} liegt außerhalb der Laufzeit des Topfes.",
                    f"{line.year} is outside the life of the fund.",
                    choice(years),
                )
            if (line.year, line.purpose) in seen:
                yield twice((*path, "lines", place), f"{line.year} {line.purpose}")
            seen.add((line.year, line.purpose))


def objections_to_guidelines(guidelines: Mapping[str, Guideline], funds: Mapping[str, Fund]) -> Iterator[Finding]:
    for key, guideline in guidelines.items():
        path = ("guidelines", key)
        if guideline.fund not in funds:
            yield unknown((*path, "fund"), guideline.fund, funds, de="kein Fördertopf", en="no fund")
        else:
            paid = [line.purpose for line in funds[guideline.fund].lines]
            for place, purpose in enumerate(guideline.purposes):
                if purpose not in paid and "any" not in paid:
                    known = list(dict.fromkeys(paid))
                    yield unknown(
                        (*path, "purposes", place),
                        purpose,
                        known,
                        de="ohne Haushaltslinie",
                        en="without a budget line",
                    )
        for purpose in guideline.cap_by_purpose_cents:
            if purpose not in guideline.purposes:
                yield unknown(
                    (*path, "cap_by_purpose_cents", purpose),
                    purpose,
                    guideline.purposes,
                    de="kein Zweck der Richtlinie",
                    en="no purpose of the guideline",
                )
        if guideline.max_cents < guideline.cap_cents:
            yield Finding(
                (*path, "max_cents"),
                "Der Höchstbetrag liegt unter der Obergrenze ohne Zuschlag.",
                "The maximum is below the cap without bonus.",
                f"≥ {guideline.cap_cents}",
            )
        yield from _objections_to_instalments(guideline, path)


def _objections_to_instalments(guideline: Guideline, path: Path) -> Iterator[Finding]:
    instalments = guideline.pay.instalments
    path = (*path, "pay", "instalments")
    for place, instalment in enumerate(instalments):
        if instalment.no != place + 1:
            yield Finding(
                (*path, place, "no"),
                f"Die Raten sind fortlaufend gezählt; {instalment.no} steht an Stelle {place + 1}.",
                f"Instalments are counted in order; {instalment.no} stands at place {place + 1}.",
                str(place + 1),
            )
    yield from _objections_to_sum(sum(each.permille for each in instalments), path)


def objections_to_rubrics(guidelines: Mapping[str, Guideline]) -> Iterator[Finding]:
    for key, guideline in guidelines.items():
        path = ("guidelines", key, "rubric")
        yield from _objections_to_sum(sum(each.weight_permille for each in guideline.rubric.values()), path)
        for name, criterion in guideline.rubric.items():
            for points in criterion.anchors_de:
                if not 0 <= points <= guideline.review.scale_max:
                    yield Finding(
                        (*path, name, "anchors_de", str(points)),
                        f"{points} Punkte gibt es auf dieser Skala nicht.",
                        f"{points} points do not exist on this scale.",
                        f"0 … {guideline.review.scale_max}",
                    )


def _objections_to_sum(permille: int, path: Path) -> Iterator[Finding]:
    if permille != 1000:
        yield Finding(
            path,
            f"Die Anteile ergeben zusammen {permille} von 1000.",
            f"The shares add up to {permille} of 1000.",
            "1000",
        )


def objections_to_programme_dates(erdf: Erdf) -> Iterator[Finding]:
    yield from objections_to_days(erdf.programme_from, erdf.programme_to, ("erdf", "programme_to"))

"""Formats, topics, terms and advice offers."""

from collections.abc import Iterator, Mapping

from quartier.tenancy.blueprint.checks.spaces import objections_to_days
from quartier.tenancy.blueprint.findings import Finding, twice, unknown
from quartier.tenancy.blueprint.shape.programme import Advice, Programme
from quartier.tenancy.blueprint.shape.spaces import Space


def objections_to_formats(programme: Programme) -> Iterator[Finding]:
    for key, form in programme.formats.items():
        path = ("programme", "formats", key)
        if form.min_seats > form.seats:
            yield Finding(
                (*path, "min_seats"),
                f"Mindestens {form.min_seats} Teilnahmen passen nicht auf {form.seats} Plätze.",
                f"At least {form.min_seats} people do not fit on {form.seats} seats.",
                f"0 … {form.seats}",
            )
        kept = sum(pool.seats for pool in form.pools)
        if kept > form.seats:
            yield Finding(
                (*path, "pools"),
                f"Die Kontingente halten {kept} von {form.seats} Plätzen.",
                f"The pools keep {kept} of {form.seats} seats.",
                f"0 … {form.seats}",
            )
        keys = [pool.key for pool in form.pools]
        for place, pool in enumerate(keys):
            if pool in keys[:place]:
                yield twice((*path, "pools", place, "key"), pool)


def objections_to_topics(programme: Programme) -> Iterator[Finding]:
    for topic in programme.skills:
        if topic not in programme.topics:
            yield unknown(("programme", "skills", topic), topic, programme.topics, de="kein Thema", en="no topic")


def objections_to_terms(programme: Programme) -> Iterator[Finding]:
    for key, term in programme.terms.items():
        yield from objections_to_days(term.first_day, term.last_day, ("programme", "terms", key, "to"))


def objections_to_advice(advice: Advice, programme: Programme, spaces: Mapping[str, Space]) -> Iterator[Finding]:
    for key, offer in advice.offers.items():
        path = ("advice", "offers", key)
        if offer.topic not in programme.topics:
            yield unknown((*path, "topic"), offer.topic, programme.topics, de="kein Thema", en="no topic")
        if offer.space is not None and offer.space not in spaces:
            yield unknown((*path, "space"), offer.space, spaces, de="kein Raum", en="no space")
        if offer.walk_in and not offer.weekly:
            yield Finding(
                (*path, "weekly"),
                "Wer ohne Termin kommen kann, muss wissen, wann.",
                "Whoever may come without an appointment has to know when.",
                '{ tue = "16:00-18:00" }',
            )

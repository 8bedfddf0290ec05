"""The figures, defined once for all sites: text, formula, unit, whom they guard. Data, and its way into the database.

A changed formula is a new version here; `city.indicator` keeps the old ones beside the figures made with them.
"""

from typing import Any

from quartier.database.administrator import connect
from quartier.insight.words import Definition, Group

ORGANISATIONS = ("company", "cooperative", "association", "foundation", "initiative", "research", "public_body")
SPACES = ("hall", "think_room", "consulting", "kitchen", "studio", "office", "desk", "locker")

DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        code="memberships",
        unit="count",
        subject="person",
        least=5,
        least_slice=5,
        flow=False,
        groups=(Group("kind", (*ORGANISATIONS, "person")),),
        name_de="Mitgliedschaften",
        name_en="Memberships",
        formula_de="Mitgliedschaften, die am letzten Tag des Zeitraums gelten, nach Art des Mitglieds.",
        formula_en="Memberships in force on the last day of the period, by kind of member.",
    ),
    Definition(
        code="room_use",
        unit="permille",
        subject="minutes",
        least=1,
        least_slice=5,
        flow=True,
        # One period for the slices: months beside their quarter could be subtracted from it.
        sliced=frozenset({"quarter"}),
        groups=(Group("kind", SPACES), Group("payer", ("company", "nonprofit", "public", "house"))),
        name_de="Raumauslastung",
        name_en="Room use",
        formula_de=(
            "Gebuchte Minuten innerhalb der Öffnungszeiten (ohne Sperrungen, Mietverhältnisse und fremde Kalender) je "
            "buchbare Minute (Öffnungszeiten ohne Schließzeiten, mal Einheiten, je Raumteil). Dahinter stehen die, "
            "die gebucht haben."
        ),
        formula_en=(
            "Booked minutes within opening hours (without blockings, leases and outside calendars) per bookable minute "
            "(opening hours without closures, times units, per part of a space). Behind it stand those who booked."
        ),
    ),
    Definition(
        code="sessions",
        unit="count",
        subject="house",
        least=1,
        least_slice=1,
        flow=True,
        name_de="Termine",
        name_en="Sessions",
        formula_de="Termine von Veranstaltungen, die im Zeitraum endeten und stattfanden.",
        formula_en="Sessions of workshops that ended in the period and took place.",
    ),
    Definition(
        code="seats",
        unit="count",
        subject="house",
        least=1,
        least_slice=1,
        flow=True,
        name_de="Plätze",
        name_en="Seats",
        formula_de="Summe der Plätze der Veranstaltungen, deren letzter Termin im Zeitraum endete.",
        formula_en="Sum of the seats of workshops whose last session ended in the period.",
    ),
    Definition(
        code="attendance",
        unit="permille",
        subject="person",
        least=5,
        least_slice=5,
        flow=True,
        name_de="Teilnahme",
        name_en="Attendance",
        formula_de=(
            "Anwesend oder verspätet je zu Beginn angemeldet, über alle Termine des Zeitraums. Dahinter stehen die "
            "angemeldeten Personen, jede einmal."
        ),
        formula_en=(
            "Present or late per registered at the start, over all sessions of the period. Behind it stand the people "
            "registered, each once."
        ),
    ),
    Definition(
        code="money",
        unit="cents",
        subject="money",
        least=1,
        least_slice=1,
        flow=False,
        parts=("allocated", "reserved", "committed", "paid", "open"),
        name_de="Mittel",
        name_en="Money",
        formula_de=(
            "Stand der Haushaltslinien des Jahres am Ende des Zeitraums, aus den Buchungen nachgerechnet; offen = "
            "zugewiesen − vorgemerkt − bewilligt."
        ),
        formula_en=(
            "State of the year's budget lines at the end of the period, replayed from the postings; open = allocated − "
            "reserved − committed."
        ),
    ),
)

BY_CODE = {definition.code: definition for definition in DEFINITIONS}

_KNOWN = "select code, version, unit, subject, min_n from city.indicator"
_PUBLISH = """
insert into city.indicator (code, version, unit, subject, min_n, name_de, name_en, formula, formula_en, adds)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'sum')
on conflict (code, version) do update
set name_de = excluded.name_de, name_en = excluded.name_en, formula = excluded.formula,
  formula_en = excluded.formula_en"""


class DefinitionChanged(RuntimeError):
    """A definition says something else than the database does under the same version: it needs a new version."""


async def publish(dsn: str) -> None:
    """Write the definitions into `city.indicator`, as the administrator, after each migrate.

    Texts may be corrected; unit, subject and smallest cell belong to the version. Raises DefinitionChanged.
    """
    connection = await connect(dsn)
    try:
        async with connection.transaction():
            await _write(connection)
    finally:
        await connection.close(timeout=5)


async def _write(connection: Any) -> None:
    known = {(row["code"], row["version"]): row for row in await connection.fetch(_KNOWN)}
    for one in DEFINITIONS:
        fixed = (one.unit, one.subject, one.least)
        row = known.get((one.code, one.version))
        if row is not None and (row["unit"], row["subject"], row["min_n"]) != fixed:
            raise DefinitionChanged(f"{one.code} {one.version}: unit, subject and smallest cell need a new version")
        texts = (one.name_de, one.name_en, one.formula_de, one.formula_en)
        await connection.execute(_PUBLISH, one.code, one.version, *fixed, *texts)

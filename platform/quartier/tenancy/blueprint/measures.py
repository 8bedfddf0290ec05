"""The small types of a blueprint. The unit of a number stands in its key: `_cents`, `_minutes`, `_permille`."""

import re
from typing import Annotated, Literal

from msgspec import Meta

# The upper ends are those of the columns: what is read can also be stored.
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Positive = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Whole = Annotated[int, Meta(ge=-1_000_000_000, le=1_000_000_000)]
Cents = Annotated[int, Meta(ge=0, le=1_000_000_000_000)]
TargetValue = Annotated[int, Meta(ge=0, le=1_000_000_000_000)]
Permille = Annotated[int, Meta(ge=0, le=1000)]
Year = Annotated[int, Meta(ge=2000, le=2199)]

Text = Annotated[str, Meta(min_length=1)]


def _written(pattern: str, example: str, de: str, en: str, longest: int = 253) -> Meta:
    return Meta(pattern=rf"^{pattern}\Z", max_length=longest, examples=[example], extra={"de": de, "en": en})


_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
Key = Annotated[
    str,
    _written(
        r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*",
        "halle-nord",
        "Kleinbuchstaben, Ziffern, einzelne Bindestriche",
        "small letters, digits, single hyphens",
        63,
    ),
]
Word = Annotated[
    str,
    _written(
        r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*",
        "bank_account",
        "Kleinbuchstaben, Ziffern, einzelne Unterstriche",
        "small letters, digits, single underscores",
    ),
]
Host = Annotated[
    str,
    _written(
        rf"{_LABEL}(?:\.{_LABEL})*", "zentrum.example", "klein geschrieben, ohne Port", "lower case, without port"
    ),
]
Mail = Annotated[
    str, _written(r"[^@\s]+@[^@\s]+\.[^@\s]+", "hallo@zentrum.example", "eine E-Mail-Adresse", "a mail address")
]
Postcode = Annotated[str, _written(r"[0-9]{5}", "04229", "fünf Ziffern in Anführungszeichen", "five digits in quotes")]
Colour = Annotated[str, _written(r"#[0-9a-f]{6}", "#a8321e", "eine Farbe in sechs Zeichen", "a colour of six digits")]
Prefix = Annotated[str, _written(r"[A-Z]{1,4}", "LW", "ein bis vier Großbuchstaben", "one to four capitals")]
EnvName = Annotated[
    str,
    _written(
        r"[A-Z][A-Z0-9_]*",
        "QUARTIER_SMTP",
        "der Name einer Umgebungsvariablen, nie das Geheimnis selbst",
        "the name of an environment variable, never the secret itself",
    ),
]
# Never upwards and never absolute: a blueprint reads its own folder and nothing else of the machine.
File = Annotated[
    str,
    _written(
        r"(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_./-]*",
        "texts/impressum.de.md",
        "eine Datei im Ordner des Standorts",
        "a file in the site's folder",
    ),
]
Nace = Annotated[str, _written(r"[0-9]{2}(?:\.[0-9]{1,2})?", "47.3", "ein NACE-Code", "a NACE code")]

# Nationwide, and with the holidays of one state.
Calendar = Literal[
    "DE", "DE-BB", "DE-BE", "DE-BW", "DE-BY", "DE-HB", "DE-HE", "DE-HH", "DE-MV", "DE-NI", "DE-NW", "DE-RP",
    "DE-SH", "DE-SL", "DE-SN", "DE-ST", "DE-TH",
]  # fmt: skip
Language = Literal["de", "en"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

SpaceKind = Literal["hall", "think_room", "consulting", "kitchen", "studio", "office", "desk", "locker"]
OrganisationKind = Literal[
    "company", "cooperative", "association", "foundation", "initiative", "research", "public_body"
]
Purpose = Literal["investment", "prototype", "advertising"]

_HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


class WallHours:
    """Hours of one day in the site's wall time, "08:00-21:00"; the end is excluded and may be 24:00.

    >>> hours = WallHours("08:30-24:00")
    >>> hours.start_minute, hours.end_minute, str(hours)
    (510, 1440, '08:30-24:00')
    """

    __slots__ = ("end_minute", "start_minute")

    def __init__(self, written: object) -> None:
        found = _HOURS.fullmatch(written) if isinstance(written, str) else None
        if not found:
            raise ValueError("hours are written as 08:00-21:00")
        hour, minute, end_hour, end_minute = map(int, found.groups())
        self.start_minute = hour * 60 + minute
        self.end_minute = end_hour * 60 + end_minute
        if not self.start_minute < self.end_minute <= 1440:
            raise ValueError("hours end later than they start, at 24:00 the latest")

    def overlaps(self, other: "WallHours") -> bool:
        return self.start_minute < other.end_minute and other.start_minute < self.end_minute

    def __str__(self) -> str:
        start, end = divmod(self.start_minute, 60), divmod(self.end_minute, 60)
        return f"{start[0]:02}:{start[1]:02}-{end[0]:02}:{end[1]:02}"

    def __repr__(self) -> str:
        return f"WallHours('{self}')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WallHours) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash((self.start_minute, self.end_minute))

"""The small types of a blueprint. The unit of a number stands in its key: `_cents`, `_minutes`, `_permille`."""

import re
from typing import Annotated, Literal

from msgspec import Meta

Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1)]
Cents = Annotated[int, Meta(ge=0)]
Permille = Annotated[int, Meta(ge=0, le=1000)]
Year = Annotated[int, Meta(ge=2000, le=2199)]

Text = Annotated[str, Meta(min_length=1)]
Key = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z", max_length=63, examples=["halle-nord"])]
Word = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)*\Z", examples=["bank_account"])]
Host = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*\Z",
        max_length=253,
        examples=["zentrum.example"],
    ),
]
Mail = Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+\Z", examples=["hallo@zentrum.example"])]
Postcode = Annotated[str, Meta(pattern=r"^[0-9]{5}\Z", examples=["04229"])]
Colour = Annotated[str, Meta(pattern=r"^#[0-9a-f]{6}\Z", examples=["#a8321e"])]
Prefix = Annotated[str, Meta(pattern=r"^[A-Z]{1,4}\Z", examples=["LW"])]
EnvName = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]*\Z", examples=["QUARTIER_SMTP"])]
# Never upwards and never absolute: a blueprint reads its own folder and nothing else of the machine.
File = Annotated[str, Meta(pattern=r"^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_./-]*\Z", examples=["texts/impressum.de.md"])]
Nace = Annotated[str, Meta(pattern=r"^[0-9]{2}(?:\.[0-9]{1,2})?\Z", examples=["47.3"])]

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

"""How instants, money and figures are written on pages: by Babel, in the reader's language and the site's zone."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal, format_percent

from quartier.console.words import WORDS
from quartier.kit.spoken import shown

NARROW = "\u00a0"  # a no-break space: an ordinary one lets the € slip onto the next line
LOCALES = {"de": Locale("de", "DE"), "en": Locale("en", "GB")}
Moment = str | datetime


class Formats:
    """The filters of one language and one zone."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.language, self.zone = language, zone
        self.locale = LOCALES[language]

    def local(self, moment: Moment) -> datetime:
        """An instant as wall time of the site."""
        instant = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return instant.astimezone(self.zone)

    def time(self, moment: Moment) -> str:
        return format_time(self.local(moment), "HH:mm", locale=self.locale)

    def day(self, day: str | date) -> str:
        """Written out: Donnerstag, 19. November 2026."""
        return format_date(_date(day), "full", locale=self.locale)

    def short(self, day: str | date) -> str:
        """In figures: 19.11.2026."""
        return format_date(_date(day), "dd.MM.y" if self.language == "de" else "d MMM y", locale=self.locale)

    def weekday(self, day: str | date) -> str:
        """With its weekday: Do. 19.11."""
        return format_date(_date(day), "EEE dd.MM." if self.language == "de" else "EEE d MMM", locale=self.locale)

    def month(self, day: str | date) -> str:
        return format_date(_date(day), "LLLL y", locale=self.locale)

    def when(self, moment: Moment) -> str:
        """An instant with weekday, day and time: Do., 19.11.2026, 14:30 Uhr."""
        if self.language == "en":
            return format_datetime(self.local(moment), "EEE, d MMM y, HH:mm", locale=self.locale)
        return format_datetime(self.local(moment), "EEE, dd.MM.y, HH:mm 'Uhr'", locale=self.locale)

    def span(self, start: Moment, end: Moment) -> str:
        """Both ends of a span; the day of the end is named when it is another one, whole days go without hours."""
        begins, ends = self.local(start), self.local(end)
        if begins.time() == ends.time() == time() and begins < ends:
            last = ends.date() - timedelta(days=1)
            return self._full(begins.date()) + (f" – {self._full(last)}" if last != begins.date() else "")
        if begins.date() == ends.date():
            clock = f"{begins:%H:%M}–{ends:%H:%M}"
            return f"{clock}{NARROW}Uhr" if self.language == "de" else clock
        return f"{self.when(begins)} – {self.when(ends)}"

    def _full(self, day: date) -> str:
        return format_date(day, "EEE, dd.MM.y" if self.language == "de" else "EEE, d MMM y", locale=self.locale)

    def euro(self, cents: int | None, digits: int = 2) -> str:
        """Money; `digits` 0 writes whole euros."""
        if cents is None:
            return "–"
        pattern = (
            f"#,##0{'.00' if digits else ''}{NARROW}¤" if self.language == "de" else f"¤#,##0{'.00' if digits else ''}"
        )
        amount = Decimal(cents) / 100
        return format_currency(amount, "EUR", pattern, locale=self.locale, currency_digits=False)

    def number(self, value: float | None, digits: int = 0) -> str:
        if value is None:
            return "–"
        return format_decimal(round(value, digits), locale=self.locale)

    def share(self, value: float | None) -> str:
        return "–" if value is None else format_percent(value, "#,##0 %".replace(" ", NARROW), locale=self.locale)

    def word(self, stored: str | None) -> str:
        """A stored word as people call it; a room's own word comes first."""
        if stored is None:
            return ""
        key = stored.lower()
        said = shown("word", key, self.zone, self.language)
        return WORDS[key][self.language == "en"] if said == key and key in WORDS else said

    def minutes(self, count: int) -> str:
        """A length: 45 min, 2 h, 1:30 h."""
        hours, rest = divmod(count, 60)
        return f"{count}{NARROW}min" if hours == 0 else f"{hours}:{rest:02}{NARROW}h" if rest else f"{hours}{NARROW}h"

    def clock(self, minute: int) -> str:
        """A minute of the day: 540 is 09:00."""
        return f"{minute // 60:02}:{minute % 60:02}"


def _date(day: str | date) -> date:
    return date.fromisoformat(day[:10]) if isinstance(day, str) else day

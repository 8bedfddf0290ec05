"""What the house's letters say, in its own words or in the built-in ones."""

import enum
from datetime import datetime
from typing import Annotated

import strawberry

from quartier.notices.editions import actions
from quartier.notices.editions.queries import editions, wording
from quartier.notices.editions.rules import needed
from quartier.notices.editions.words import Edition
from quartier.notices.texts import FACTS, Language, text
from quartier.notices.words import Key
from quartier.tenancy.desk import Desk
from quartier_graph.declare import Done, asked, asking, roots, verb, wish
from quartier_graph.scalars import described

LANGUAGES: tuple[Language, ...] = ("de", "en")
PREVIEW = {
    "subject": (str | None, "The subject with invented values."),
    "body": (str | None, "The letter with invented values."),
}
OfKey = Annotated[str | None, strawberry.argument(description="Of this text alone, such as booking_moved.")]


@described
class TextLanguage(enum.Enum):
    """The language of a text."""

    DE = "de"
    EN = "en"


@strawberry.type(description="One of a site's own texts, in force from an instant on.")
class NoticeEdition:
    edition: int = strawberry.field(description="Counts the editions of this text.")
    subject: str | None = strawberry.field(description="Its subject; null where it went back to the built-in text.")
    body: str | None = strawberry.field(description="Its letter; null where it went back to the built-in text.")
    valid_from: datetime = strawberry.field(description="From when on it is said.")
    made_at: datetime = strawberry.field(description="When it was made.")

    @classmethod
    def of(cls, each: Edition) -> "NoticeEdition":
        said = (each.text.subject, each.text.body) if each.text else (None, None)
        return cls(
            edition=each.edition, subject=said[0], body=said[1], valid_from=each.valid_from, made_at=each.made_at
        )


@strawberry.type(description="A text of a letter in one language, with placeholders in braces.")
class NoticeText:
    key: str = strawberry.field(description="Which letter, such as booking_moved.")
    language: TextLanguage = strawberry.field(description="In which language.")
    subject: str = strawberry.field(description="The subject that is said now.")
    body: str = strawberry.field(description="The letter that is said now.")
    own: bool = strawberry.field(description="Whether that is the site's own text.")
    built_in_subject: str = strawberry.field(description="The built-in subject.")
    built_in_body: str = strawberry.field(description="The built-in letter.")
    placeholders: list[str] = strawberry.field(description="The placeholders that it may hold.")
    needed: list[str] = strawberry.field(description="Those that it has to hold.")
    last: int = strawberry.field(description="The number of the last edition, 0 where there is none.")
    editions: list[NoticeEdition] = strawberry.field(description="Every own text there was, the newest first.")


async def notice_texts(desk: Desk, *, key: OfKey = None) -> list[NoticeText]:
    known: list[Key] = [each for each in FACTS if key in (None, each)]
    made = await editions(desk, known[0] if key and known else None)
    return [
        await _shown(desk, each, language, [one for one in made if (one.key, one.language) == (each, language)])
        for each in known
        for language in LANGUAGES
    ]


async def _shown(desk: Desk, key: Key, language: Language, made: list[Edition]) -> NoticeText:
    built_in = text(key, language)
    now = await wording(desk, key, language) if made else built_in
    return NoticeText(
        key=key,
        language=TextLanguage(language),
        subject=now.subject,
        body=now.body,
        own=now != built_in,
        built_in_subject=built_in.subject,
        built_in_body=built_in.body,
        placeholders=sorted(FACTS[key]),
        needed=sorted(needed(key)),
        last=made[0].edition if made else 0,
        editions=[NoticeEdition.of(each) for each in made],
    )


roots(
    notice_texts=asking(
        notice_texts, list[NoticeText], "What the house's letters say, in both languages.", may=[actions.MAY]
    ),
)


@wish
class WordNoticeInput:
    """A text in the site's own words."""

    key: str = asked("Which letter.")
    language: TextLanguage = asked("In which language.")
    subject: str = asked("The subject, one line.")
    body: str = asked("The letter, plain text.")
    edition: int = asked("The number of the last edition that was seen, 0 where there was none.")
    valid_from: datetime | None = asked("From when on it is said; now by default.", default=None)


@verb(actions.MAY, values=PREVIEW)
async def word_notice(desk: Desk, wish: WordNoticeInput) -> Done:
    """Say it in the site's own words from an instant on. A dry run shows how it reads."""
    read = await actions.word_notice(
        desk, wish.key, wish.language.value, wish.subject, wish.body, seen=wish.edition, valid_from=wish.valid_from
    )
    return {"subject": read.subject, "body": read.body}


@wish
class UnwordNoticeInput:
    """A text that goes back to the built-in one."""

    key: str = asked("Which letter.")
    language: TextLanguage = asked("In which language.")
    edition: int = asked("The number of the last edition that was seen.")
    valid_from: datetime | None = asked("From when on; now by default.", default=None)


@verb(actions.MAY, values=PREVIEW)
async def unword_notice(desk: Desk, wish: UnwordNoticeInput) -> Done:
    """Go back to the built-in text from an instant on. What was said before stays readable."""
    read = await actions.unword_notice(
        desk, wish.key, wish.language.value, seen=wish.edition, valid_from=wish.valid_from
    )
    return {"subject": read.subject, "body": read.body}

"""Which text is said, and those before it."""

from typing import Any

from quartier.notices.editions.words import Edition
from quartier.notices.texts import FACTS, Language, Text, places
from quartier.notices.texts import text as built_in
from quartier.notices.words import Key
from quartier.tenancy.desk import Desk

_EDITIONS = """
select id, key, language, edition, subject, body, valid_from, created_at from app.notice_text
where tenant_id = $1 and ($2::text is null or key = $2) order by key, language, edition desc"""
_NOW = """
select subject, body from app.notice_text where tenant_id = $1 and key = $2 and language = $3 and valid_from <= $4
order by valid_from desc, edition desc limit 1"""


async def editions(desk: Desk, key: Key | None = None) -> tuple[Edition, ...]:
    """Every edition there ever was, of one text or of all, the newest first."""
    return tuple(map(_edition, await desk.fetch(_EDITIONS, desk.tenant_id, key)))


async def wording(desk: Desk, key: Key, language: Language) -> Text:
    """What is said now: the edition that came into force last, of two at one instant the later made, else the built-in
    text. A language without an own text has the built-in one: a translation is better than a foreign language.

    An own text that names what a newer release does not know any more is passed over: a letter is always sent.
    """
    rows = await desk.fetch(_NOW, desk.tenant_id, key, language, desk.now)
    if rows and rows[0]["body"] is not None:
        own = Text(rows[0]["subject"], rows[0]["body"])
        if places(own) <= FACTS[key]:
            return own
    return built_in(key, language)


def _edition(row: Any) -> Edition:
    text = Text(row["subject"], row["body"]) if row["body"] is not None else None
    return Edition(row["id"], row["key"], row["language"], row["edition"], text, row["valid_from"], row["created_at"])

"""Saying it in one's own words, and going back to the built-in ones."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from quartier.kit.ids import new_id
from quartier.kit.refusal import NotFound, Refusal, Refused, refuse
from quartier.notices.editions import rules
from quartier.notices.editions.examples import examples
from quartier.notices.editions.words import TextChanged
from quartier.notices.texts import FACTS, Language, Text, filled
from quartier.notices.texts import text as built_in
from quartier.notices.words import Key
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

MAY = "notices:configure"
_LAST = """
select coalesce(max(edition), 0) as edition from app.notice_text
where tenant_id = $1 and key = $2 and language = $3"""
_WRITE = """
insert into app.notice_text (tenant_id, id, key, language, edition, subject, body, valid_from, made_by, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"""


@action(MAY)
async def word_notice(
    desk: Desk, key: str, language: Language, subject: str, body: str, *, seen: int, valid_from: datetime | None = None
) -> Text:
    """Make an edition of a text; give it as it reads with invented values.

    `seen`: the number of the last edition that was shown. Refuses NOT_FOUND, FIELD_INVALID, PLACEHOLDER_UNKNOWN,
    PLACEHOLDER_MISSING, TEXT_CHANGED.
    """
    known, text = _known(key), rules.tidy(subject, body)
    refuse(rules.objections_to_text(known, text))
    await _write(desk, known, language, text, seen, valid_from)
    return filled(text, examples(desk, language))


@action(MAY)
async def unword_notice(
    desk: Desk, key: str, language: Language, *, seen: int, valid_from: datetime | None = None
) -> Text:
    """Go back to the built-in text; give it as it reads. What was said before stays readable. Refuses as above."""
    known = _known(key)
    await _write(desk, known, language, None, seen, valid_from)
    return filled(built_in(known, language), examples(desk, language))


async def _write(
    desk: Desk, key: Key, language: Language, text: Text | None, seen: int, valid_from: datetime | None
) -> UUID:
    async with desk.transaction() as ledger:
        starts = valid_from or desk.now
        wrong: Sequence[Refusal] = list(rules.objections_to_start(starts, now=desk.now))
        [last] = await desk.fetch(_LAST, desk.tenant_id, key, language)
        refuse([*wrong, *([TextChanged()] if last["edition"] != seen else [])])
        made, what = new_id(), (text.subject, text.body) if text else (None, None)
        await desk.fetch(_WRITE, desk.tenant_id, made, key, language, seen + 1, *what, starts, desk.person, desk.now)
        done = "notice.worded" if text else "notice.unworded"
        ledger.note(done, made, key=key, language=language, edition=seen + 1, valid_from=starts.isoformat())
        return made


def _known(key: str) -> Key:
    found = next((each for each in FACTS if each == key), None)
    if found is None:
        raise Refused([NotFound(path=("key",))])
    return found

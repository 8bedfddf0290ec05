"""The texts say the same things in both languages, and nothing but the facts they are given."""

import string
from typing import get_args

import pytest

from quartier.notices.texts import FACTS, HERE, Language, filled, text
from quartier.notices.words import Key

LANGUAGES: tuple[Language, ...] = ("de", "en")


def facts_in(*parts: str) -> set[str]:
    return {name for part in parts for _, name, _, _ in string.Formatter().parse(part) if name is not None}


def test_every_notice_has_its_facts_named() -> None:
    assert set(FACTS) == set(get_args(Key))


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_a_file_for_every_notice_and_none_besides(language: str) -> None:
    assert {path.stem for path in (HERE / language).glob("*.txt")} == set(get_args(Key))


@pytest.mark.parametrize("key", get_args(Key))
def test_both_languages_tell_the_same_facts(key: Key) -> None:
    for language in LANGUAGES:
        found = text(key, language)
        assert facts_in(found.subject, found.body) == FACTS[key], language
        assert "\n" not in found.subject


def test_a_line_break_in_a_fact_never_begins_a_new_header() -> None:
    facts = dict.fromkeys(FACTS["session_reminder"], "x") | {"workshop": "Bau\r\nBcc: alle@example.test"}
    assert filled(text("session_reminder", "de"), facts).subject == "Erinnerung: Bau Bcc: alle@example.test, x"


def test_a_missing_fact_is_an_error_and_never_a_blank() -> None:
    with pytest.raises(KeyError):
        filled(text("session_reminder", "de"), {"workshop": "Bau"})

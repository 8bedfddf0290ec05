"""What people read: the same facts in both languages, and no word of the database."""

import importlib
import re
import string
from datetime import UTC, datetime, timedelta

import pytest
from world import BERLIN

from quartier.kit.refusal import REFUSALS, FieldInvalid, StepNotPossible
from quartier.kit.spoken import after, at_least_cents, called, shown
from quartier.settings import home

for room in ("access", "members", "spaces", "programme", "grants"):
    importlib.import_module(f"quartier.{room}.words")

CODES = sorted(code for code, kind in REFUSALS.items() if kind.__module__.startswith("quartier."))
# Tables whose state stands in a refusal.
STATEFUL = {"booking", "workshop", "registration", "membership", "application", "award", "instalment"}


def facts(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("code", CODES)
def test_a_refusal_says_the_same_in_both_languages(code: str) -> None:
    refusal = REFUSALS[code]
    assert facts(refusal.de) == facts(refusal.en)
    for sentence in (refusal.de, refusal.en):
        assert sentence.endswith((".", "}"))
        assert not re.search(r"\b(du|dein|dir|dich)\b", sentence, re.IGNORECASE)


def stored_states() -> list[str]:
    found: set[str] = set()
    for file in home("migrations").glob("m*.py"):
        for table in file.read_text("utf-8").split("create table app.")[1:]:
            if table.split(" ", 1)[0] in STATEFUL:
                states = re.search(r"\bstate text not null check \(state in \(([^)]*)\)", table)
                found |= set(re.findall(r"'(\w+)'", states[1] if states else ""))
    return sorted(found)


def test_the_states_are_read_from_the_migrations() -> None:
    assert {"checked_in", "waitlisted", "ending", "jury", "recovering", "ordered"} <= set(stored_states())


@pytest.mark.parametrize("state", stored_states())
def test_a_state_has_a_german_name(state: str) -> None:
    assert shown("state", state, BERLIN, "de") != state


def test_a_step_that_is_not_possible_names_the_states_in_words() -> None:
    refusal = StepNotPossible(state="cancelled_late", possible="confirmed, requested")
    assert refusal.message("de", BERLIN) == (
        "Dieser Schritt geht nur, solange der Stand so ist: bestätigt, angefragt. Jetzt ist er: zu spät abgesagt."
    )
    assert refusal.message("en", BERLIN) == (
        "This step needs one of these states: confirmed, requested. The state now is: cancelled late."
    )
    assert refusal.numbers == {"state": "cancelled_late", "possible": "confirmed, requested"}


def test_what_is_allowed_comes_with_its_unit_in_the_time_of_the_site() -> None:
    nine = datetime(2026, 11, 19, 8, tzinfo=UTC)
    assert FieldInvalid(allowed=after(nine)).message("de", BERLIN) == (
        "Diese Angabe passt nicht. Möglich ist: nach 19.11.2026, 09:00 Uhr."
    )
    assert FieldInvalid(allowed=at_least_cents(1)).message("en", BERLIN) == (
        "This value does not fit. Allowed: at least 0,01 €."
    )
    assert shown("grid", timedelta(minutes=15), BERLIN, "de") == "15 min"


def test_two_rooms_cannot_call_a_word_differently() -> None:
    with pytest.raises(TypeError, match="confirmed is called"):
        called(confirmed=("genehmigt", "granted"))

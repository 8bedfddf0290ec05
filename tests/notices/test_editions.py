"""A site says it in its own words: editions from a day on, placeholders alone, and back to the built-in text."""

import asyncio
from datetime import timedelta
from typing import get_args

import pytest
from notices.office import MINUTE, Office, office
from refusing import refusals
from spaces.conftest import blueprint, house, house_east
from spaces.house import House
from world import NOW, Site

from quartier.notices.editions.actions import unword_notice, word_notice
from quartier.notices.editions.examples import examples
from quartier.notices.editions.queries import editions, wording
from quartier.notices.editions.rules import BODY, SUBJECT, needed, objections_to_text
from quartier.notices.texts import FACTS, Language, Text, filled, text
from quartier.notices.words import Key
from quartier.tenancy.desk import Desk

__all__ = ["blueprint", "house", "house_east", "office"]
KEY: Key = "booking_confirmed"
SUBJECT_TEXT, BODY_TEXT = "Ihr Raum: {space}", "Hallo {name},\n\n{space} ab {starts_at}. Mehr: {link}\n\nIhr Zentrum"


def admin(site: Site) -> Desk:
    return site.desk("site_admin")


async def worded(site: Site, subject: str = SUBJECT_TEXT, body: str = BODY_TEXT, **more: object) -> Text:
    wish = {"key": KEY, "language": "de", "seen": 0} | more
    with site.speaking():
        return await word_notice(admin(site), subject=subject, body=body, **wish)  # type: ignore[arg-type]


async def test_a_letter_is_told_in_the_site_s_own_words_and_elsewhere_in_the_built_in_ones(
    office: Office, house_east: House
) -> None:
    read = await worded(office.site)
    assert read.body.startswith("Hallo Kim Beispiel,\n\nWerkraum ab 24.11.2026, 18:00 Uhr.")
    await office.book()
    assert await office.send() == ["Ihr Raum: Denkwerkstatt"]
    assert "Hallo Lena Voss,\n\nDenkwerkstatt ab 20.11.2026, 09:00 Uhr. Mehr: https://" in office.text()
    with house_east.site.speaking():
        assert await wording(admin(house_east.site), KEY, "de") == text(KEY, "de")
        assert await editions(admin(house_east.site)) == ()
    rows = await office.site.sql(
        "select action, numbers from app.audit_entry where tenant_id = $1 and action like 'notice.%'", office.site.id
    )
    assert [(row["action"], '"edition": 1' in row["numbers"]) for row in rows] == [("notice.worded", True)]
    assert not any("Hallo" in row["numbers"] for row in rows)


async def test_who_reads_english_has_the_built_in_english_where_the_site_has_only_german(office: Office) -> None:
    await worded(office.site)
    await office.site.sql("update app.person set language = 'en' where tenant_id = $1", office.site.id)
    made = await office.book()
    assert await office.send() == [f"Booking {made.number}: Think room"]


async def test_an_edition_holds_from_its_day_on_and_a_letter_that_waits_is_written_when_it_is_sent(
    office: Office,
) -> None:
    tomorrow = NOW + timedelta(days=1)
    await worded(office.site, valid_from=tomorrow)
    made = await office.book()
    assert await office.send() == [f"Buchung {made.number}: Denkwerkstatt"]
    await office.book(day=23)
    assert await office.send(tomorrow) == ["Ihr Raum: Denkwerkstatt"]


async def test_of_two_at_one_instant_the_later_made_holds_and_the_history_keeps_both(office: Office) -> None:
    await worded(office.site)
    await worded(office.site, subject="Gebucht: {space}", seen=1)
    with office.site.speaking():
        assert (await wording(admin(office.site), KEY, "de")).subject == "Gebucht: {space}"
        await unword_notice(admin(office.site), KEY, "de", seen=2)
        assert await wording(admin(office.site), KEY, "de") == text(KEY, "de")
        kept = [(each.edition, each.text and each.text.subject) for each in await editions(admin(office.site), KEY)]
        assert kept == [(3, None), (2, "Gebucht: {space}"), (1, SUBJECT_TEXT)]


async def test_whoever_comes_too_late_is_told_also_when_both_are_there_at_once(office: Office) -> None:
    await worded(office.site)
    assert list(await refusals(worded(office.site))) == ["TEXT_CHANGED"]
    found = await asyncio.gather(*(refusals(worded(office.site, seen=1)) for _ in range(4)), return_exceptions=True)
    assert await office.site.count("app.notice_text") == 2
    codes = [list(each) for each in found if not isinstance(each, BaseException)]
    assert sorted(codes) == [[], *[["TEXT_CHANGED"]] * 3]


async def test_only_who_may_configure_notices_words_them(office: Office) -> None:
    with office.site.speaking():
        for role in ("member", "front_desk", "grants_officer"):
            desk = office.site.desk(role)
            assert list(await refusals(word_notice(desk, KEY, "de", SUBJECT_TEXT, BODY_TEXT, seen=0))) == [
                "NOT_ALLOWED"
            ]
            assert list(await refusals(unword_notice(desk, KEY, "de", seen=0))) == ["NOT_ALLOWED"]
        wish = word_notice(admin(office.site), "sign_in_code", "de", SUBJECT_TEXT, BODY_TEXT, seen=0)
        assert list(await refusals(wish)) == ["NOT_FOUND"]
    assert await office.site.count("app.notice_text") == 0


@pytest.mark.parametrize(
    ("subject", "body", "codes"),
    [
        ("Bau {colour}", BODY_TEXT, {"PLACEHOLDER_UNKNOWN"}),
        (SUBJECT_TEXT, BODY_TEXT + " {name.__class__}", {"PLACEHOLDER_UNKNOWN"}),
        (SUBJECT_TEXT, BODY_TEXT + " {{ 7 * 7 }}", {"PLACEHOLDER_UNKNOWN"}),
        (SUBJECT_TEXT, BODY_TEXT + " {name!r} {name:>99}", {"PLACEHOLDER_UNKNOWN"}),
        (SUBJECT_TEXT, BODY_TEXT + " {", {"PLACEHOLDER_UNKNOWN"}),
        (SUBJECT_TEXT, BODY_TEXT + " }", {"PLACEHOLDER_UNKNOWN"}),
        (SUBJECT_TEXT, BODY_TEXT + " {}", {"PLACEHOLDER_UNKNOWN"}),
        (SUBJECT_TEXT, BODY_TEXT + " {reason}", {"PLACEHOLDER_UNKNOWN"}),  # of another letter
        ("Hallo", "Hallo {name}", {"PLACEHOLDER_MISSING"}),
        ("Hallo\r\nBcc: alle@example.test", BODY_TEXT, {"FIELD_INVALID"}),
        ("Hallo\nBcc: alle@example.test", BODY_TEXT, {"FIELD_INVALID"}),
        ("Hallo\u202e", BODY_TEXT, {"FIELD_INVALID"}),
        ("", BODY_TEXT, {"FIELD_INVALID"}),
        ("x" * (SUBJECT + 1), BODY_TEXT, {"FIELD_INVALID"}),
        (SUBJECT_TEXT, BODY_TEXT + "x" * BODY, {"FIELD_INVALID"}),
        (SUBJECT_TEXT, BODY_TEXT + "\x00", {"FIELD_INVALID"}),
        (SUBJECT_TEXT, "  \n ", {"FIELD_INVALID", "PLACEHOLDER_MISSING"}),
    ],
)
async def test_a_text_that_cannot_be_is_refused_by_name(house: House, subject: str, body: str, codes: set[str]) -> None:
    found = await refusals(worded(house.site, subject, body))
    assert set(found) == codes
    if "PLACEHOLDER_UNKNOWN" in found:
        assert str(found["PLACEHOLDER_UNKNOWN"].numbers["allowed"]).startswith("{cancel_until}, {ends_at}, {link}")
    if "PLACEHOLDER_MISSING" in found:
        assert found["PLACEHOLDER_MISSING"].numbers["needed"] == "{link}, {space}, {starts_at}"
    assert await house.site.count("app.notice_text") == 0


@pytest.mark.parametrize("start", [timedelta(seconds=-1), timedelta(days=401)])
async def test_nobody_says_afterwards_what_was_told_or_for_ever_ahead(house: House, start: timedelta) -> None:
    found = await refusals(worded(house.site, valid_from=NOW + start))
    assert [(code, each.path) for code, each in found.items()] == [("FIELD_INVALID", ("valid_from",))]


async def test_a_text_that_names_what_is_not_known_any_more_is_passed_over(office: Office) -> None:
    """A newer release may know other facts; a letter is sent all the same."""
    await worded(office.site)
    await office.site.sql("update app.notice_text set body = body || '{gone}' where tenant_id = $1", office.site.id)
    made = await office.book()
    assert await office.send(NOW + MINUTE) == [f"Buchung {made.number}: Denkwerkstatt"]


def test_what_stands_in_a_fact_is_never_read_as_a_text() -> None:
    facts = dict.fromkeys(FACTS[KEY], "x") | {"space": "{name} {link.__class__} %s", "name": "{space}"}
    assert filled(Text("{space}\n", "{name}: {space}\n"), facts).body == "{space}: {name} {link.__class__} %s\n"


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("key", list(FACTS))
def test_every_built_in_text_could_be_an_own_one_and_has_examples(
    key: Key, language: Language, west_desk: Desk
) -> None:
    built_in = text(key, language)
    assert [each.code for each in objections_to_text(key, built_in)] == []
    assert needed(key) <= FACTS[key]
    read = filled(built_in, examples(west_desk, language))
    assert "{" not in read.subject + read.body


@pytest.fixture
def west_desk(west: Site) -> Desk:
    return west.desk()

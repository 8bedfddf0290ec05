"""Every page for every role: who is let in, and that each page stands on its own feet whatever rows hold."""

import os
import re
from pathlib import Path

import pytest
from console.conftest import Town
from console.reader import Reader, signed_in, words

from quartier.access.permissions import CITY_ROLES, ROLES

STORED = Path(__file__).parent / "pages.txt"
HEAD = """# Which page answers whom. Generated and reviewed: QUARTIER_WRITE=1 ./quartier test tests/console
# The others are turned away: 403, strangers to the sign-in (303), 404 where the thing is not theirs to know.
"""
SITE_PAGES = (
    "/", "/heute", "/heute?tag=2026-11-20", "/raeume", "/raeume?tag=2026-11-20", "/raeume/monat", "/raeume/buchen",
    "/raeume/schliessungen", "/raeume/vermietung", "/raeume/preise", "/raeume/kalender", "/raeume/bilder",
    "/raumangebot", "/tuer", "/tuer/{spc}",
    "/buchungen/{bkg}", "/serien/{ser}", "/mitglieder", "/mitglieder/neu", "/mitglieder/antraege", "/mitglieder/{org}",
    "/mitglieder/{org}/angaben", "/mitglieder/menschen/{prs}", "/mitglieder/felder",
    "/mitglieder/import", "/mitglieder/import/{imp}", "/mitglieder/import/vorlage.csv",
    "/mitglieder/dubletten", "/mitglieder/dubletten?von={org}&mit=ko",
    "/mitglieder/zusammenfuehren?bleibt={org}&dublette={org2}",
    "/suche?q=Kontor",
    "/programm", "/programm?welche=war", "/programm/{wsp}", "/programm/{wsp}/anwesenheit", "/foerderung",
    "/foerderung/antraege", "/foerderung/antraege/{apl}", "/foerderaufrufe", "/foerderaufrufe/{cll}/antrag",
    "/mein", "/mein/verzeichnis", "/mein/benachrichtigungen",
    "/netzwerk", "/netzwerk?wer=menschen&q=a",
    "/aufgaben", "/kennzahlen", "/verwaltung/zugang", "/verwaltung/partner", "/verwaltung/clients",
    "/verwaltung/webhooks", "/verwaltung/texte", "/verwaltung/texte/booking_moved/de", "/verwaltung/protokoll",
    "/wieder-da",
)  # fmt: skip
CITY_PAGES = ("/", "/vergleich", "/vergleich?zeitraum=YEAR", "/vergleich.csv", "/vergleich.xlsx")
BOTH_PAGES = ("/verwaltung/zugang", "/verwaltung/partner", "/verwaltung/clients", "/verwaltung/protokoll")
SITE_ROLES = [role for role in ROLES if role not in CITY_ROLES and not role.startswith("member")]
ONE_TITLE = re.compile(r"<title>[^<]+ · [^<]+</title>")


async def paths(town: Town) -> dict[str, str]:
    """An id of each kind that pages are about."""
    found = {"bkg": town.west.ids("bkg")[1], "org": town.west.ids("org")[0], "org2": town.west.ids("org")[1]}
    found["prs"] = town.west.ids("prs")[0]
    tables = {
        "ser": "app.series",
        "wsp": "app.workshop",
        "apl": "app.application",
        "cll": "app.call",
        "imp": "app.import_run",
        "spc": "app.space",
    }
    only = {
        "wsp": " and state = 'published' and visibility = 'public'",
        "spc": " and state = 'open' and not lease_only",
    }
    for prefix, table in tables.items():
        kept = only.get(prefix, "")
        rows = await town.west.site.sql(
            f"select id from {table} where tenant_id = $1{kept} order by created_at, id limit 1", town.west.site.id
        )
        found[prefix] = f"{prefix}_{rows[0]['id']}"
    return found


def stands(answer_text: str) -> list[str]:
    """What is wrong with the frame of a page."""
    wrong = []
    if not ONE_TITLE.search(answer_text):
        wrong.append("title")
    if answer_text.count("<h1") != 1:
        wrong.append(f"{answer_text.count('<h1')} h1")
    if re.search(r"<[^>]+ (style|on[a-z]+)=", answer_text):
        wrong.append("inline style or script")
    if "<b>" in answer_text.replace("it&#39;s", "").split("<main", 1)[-1]:
        wrong.append("a text became markup")
    return wrong


async def visited(reader: Reader, pages: tuple[str, ...], ids: dict[str, str]) -> dict[str, int]:
    found = {}
    for page in pages:
        answer = await reader.get(page.format(**ids))
        found[page] = answer.status_code
        if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
            assert stands(answer.text) == [], page
    return found


async def test_every_page_answers_whom_it_should_and_turns_the_others_away(town: Town) -> None:
    ids = await paths(town)
    answers = {role: await visited(await town.reader(role), SITE_PAGES, ids) for role in SITE_ROLES}
    answers["stranger"] = await visited(town.stranger(), SITE_PAGES, ids)
    lines = []
    for page in SITE_PAGES[1:]:
        statuses = {role: answers[role][page] for role in answers}
        assert set(statuses.values()) <= {200, 403, 303, 404}, (page, statuses)
        let_in = [role for role, status in statuses.items() if status == 200]
        lines.append(f"{page}: {'everybody' if len(let_in) == len(statuses) else ' '.join(let_in) or 'nobody'}")
    found = HEAD + "\n".join([*lines, ""])
    if os.environ.get("QUARTIER_WRITE"):
        STORED.write_text(found, "utf-8")
    assert found.splitlines() == STORED.read_text("utf-8").splitlines()


async def test_the_city_s_pages_are_the_city_s_alone(town: Town) -> None:
    analyst = await signed_in(town.app, town.city, "city_analyst")
    for page in CITY_PAGES[1:]:
        assert (await analyst.get(page)).status_code == 200, page
        assert (await (await town.reader("manager")).get(page)).status_code == 404, page
    for page in ("/heute", "/mitglieder", "/raumangebot", "/programm"):
        assert (await analyst.get(page)).status_code in {403, 404}, page


async def test_the_city_administers_itself(town: Town) -> None:
    operator = await signed_in(town.app, town.city, "platform_operator")
    for page in BOTH_PAGES:
        answer = await operator.get(page)
        assert answer.status_code == 200, page
        assert stands(answer.text) == [], page


async def test_a_stranger_reads_the_door_and_is_asked_to_sign_in_elsewhere(town: Town) -> None:
    stranger = town.stranger()
    front = await stranger.get("/")
    assert front.status_code == 200
    assert "Anmelden" in words(front)
    assert "Heute offen 08:00–18:00" in words(front)
    away = await stranger.get("/heute?tag=2026-11-20")
    assert (away.status_code, away.headers["location"]) == (303, "/auth/login?next=%2Fheute%3Ftag%3D2026-11-20")


async def test_whoever_is_signed_in_begins_at_the_first_page_of_her_day(town: Town) -> None:
    begins = {
        "front_desk": "/heute", "manager": "/heute", "grants_officer": "/aufgaben", "finance": "/aufgaben",
        "award_authority": "/aufgaben", "jury": "/aufgaben", "mentor": "/aufgaben", "observer": "/aufgaben",
    }  # fmt: skip
    for role, path in begins.items():
        answer = await (await town.reader(role)).get("/")
        assert (answer.status_code, answer.headers["location"]) == (303, path), role


async def test_the_neighbour_s_things_are_not_there(town: Town) -> None:
    manager = await town.reader("manager")
    for path in (f"/buchungen/{town.east.ids('bkg')[1]}", f"/mitglieder/{town.east.ids('org')[0]}"):
        assert (await manager.get(path)).status_code == 404, path


async def test_a_page_that_is_nowhere_says_so_in_words(town: Town) -> None:
    answer = await town.stranger().get("/gibt/es/nicht")
    assert answer.status_code == 404
    assert "Diese Seite gibt es hier nicht" in words(answer)


@pytest.mark.parametrize("path", ["/buchungen/quatsch", "/mitglieder/prs_1", "/programm/%00", "/raeume?tag=gestern"])
async def test_bent_addresses_are_never_a_fault(town: Town, path: str) -> None:
    assert (await (await town.reader("manager")).get(path)).status_code in {200, 404, 422}

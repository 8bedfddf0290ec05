"""German first, English complete: nothing that a page says is left without its English."""

import io
import re
from pathlib import Path

from console.conftest import Town
from console.reader import words
from jinja2.ext import babel_extract

from quartier.console import navigation, page
from quartier.console.pages import programme

TEMPLATES = Path(page.__file__).parent / "templates"
WORDS_OF_CODE = {link.label for link in (*navigation.SITE, *navigation.CITY)} | set(programme.TABS.values())
OUTSIDE = re.compile(r">([^<>{}]*[A-Za-zÄÖÜäöüß]{2}[^<>{}]*)<")
ALLOWED = {"GraphQL", "English", "Deutsch", "CSV", "XLSX", "NACE"}


def said() -> set[str]:
    """Every text that the templates hand to gettext, by its singular."""
    found: set[str] = set()
    for file in TEMPLATES.glob("*.html"):
        for _, _, message, _ in babel_extract(io.BytesIO(file.read_bytes()), ["_", "gettext", "ngettext"], [], {}):
            if message:
                found.add(str(message if isinstance(message, str) else message[0]))
    return found


def test_every_text_has_its_english_and_none_is_left_over() -> None:
    wanted, known = said() | WORDS_OF_CODE, set(page.english())
    assert wanted - known == set()
    assert known - wanted == set()


def test_no_template_says_anything_past_gettext() -> None:
    wrong = []
    for file in TEMPLATES.glob("*.html"):
        text = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", file.read_text("utf-8"), flags=re.DOTALL)
        texts = (each.strip() for each in OUTSIDE.findall(text))
        wrong += [(file.name, each) for each in texts if each not in ALLOWED and "/" not in each and '="' not in each]
    assert wrong == []


def test_no_word_has_a_star_or_colon_inside() -> None:
    texts = [*said(), *(p.read_text("utf-8") for p in TEMPLATES.glob("*.html"))]
    assert [text for text in texts if re.search(r"\w[*:_](in|innen)\b", text)] == []


async def test_the_switch_turns_the_house_english_and_stays(town: Town) -> None:
    stranger = town.stranger()
    answer = await stranger.get("/sprache/en?next=/programm")
    assert (answer.status_code, answer.headers["location"]) == (303, "/programm")
    cookie = answer.headers["set-cookie"].partition(";")[0]
    english = await stranger.get("/programm", headers={"cookie": cookie})
    assert 'lang="en"' in english.text
    assert "Programme" in words(english)
    assert "Anmelden" not in words(english)
    foreign = await stranger.get("/sprache/en?next=//evil.example")
    assert foreign.headers["location"] == "/"

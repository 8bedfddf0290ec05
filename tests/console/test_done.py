"""What a form did is said on the page it leads to."""

import re
from importlib.resources import files

from quartier.console.done import DONE, said


def test_a_page_says_what_a_form_did_and_no_word_that_is_not_ours() -> None:
    assert said("/mein?getan=gespeichert", "de") == "Gespeichert."
    assert said("/raeume/bilder?raum=x&getan=entfernt", "en") == "Removed."
    assert said("/mein?getan=%3Cb%3Ehallo", "de") is None
    assert said("/mein", "de") is None


def test_every_word_that_a_form_leads_on_with_has_a_sentence_or_a_place_of_its_own() -> None:
    pages = files("quartier.console").joinpath("pages")
    written = {
        word
        for file in pages.iterdir()
        if file.name.endswith(".py")
        for word in re.findall(r'"([a-z-]+)"', " ".join(re.findall(r"getan=([^)]*)", file.read_text("utf-8"))))
    }
    own = {"verschieben", "unterlage", "kennung", "probe", "nochmal", "invite", "endAffiliation", "answers"}
    assert "gespeichert" in written
    assert written - own <= set(DONE)

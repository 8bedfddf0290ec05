"""German order is stored beside the text: the embedded database has no collation for it."""

import re
import unicodedata

_PHONEBOOK = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})


def sort_key(text: str) -> str:
    """Give the key that sorts as DIN 5007 variant 1 does: umlauts as their vowels, case ignored.

    >>> sorted(["Zeder", "Äpfel", "Apfelbaum", "öde"], key=sort_key)
    ['Äpfel', 'Apfelbaum', 'öde', 'Zeder']
    """
    plain = text.strip().lower().translate(_PHONEBOOK)
    folded = unicodedata.normalize("NFKD", plain)
    return "".join(c for c in folded if not unicodedata.combining(c))


def is_line(text: str, most: int) -> bool:
    """One line that says something.

    >>> is_line("Löffelweise e. V.", 200), is_line("  ", 200), is_line("a\\nb", 200)
    (True, False, False)
    """
    return 0 < len(text.strip()) <= most and text.isprintable()


def is_web_address(text: str) -> bool:
    """Something to follow from a page: http or https, so that no link of ours runs a script.

    >>> is_web_address("https://meet.example/kurs"), is_web_address("javascript:alert(1)")
    (True, False)
    """
    return is_line(text, 300) and re.match(r"https?://[^\s/]", text) is not None

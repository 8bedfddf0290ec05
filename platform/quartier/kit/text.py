"""German order is stored beside the text: the embedded database has no collation for it."""

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

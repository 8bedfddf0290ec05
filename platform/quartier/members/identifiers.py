"""Register numbers as one spelling each: two spellings of one enterprise would be counted as two."""

import re
from collections.abc import Callable

from quartier.members.words import IdentifierKind

# In this order the first one an organisation has is its register key.
ORDER: tuple[IdentifierKind, ...] = ("w_id", "vat", "register", "tax_no")

ALLOWED: dict[IdentifierKind, str] = {
    "w_id": "DE123456789-00001",
    "vat": "DE123456789",
    "register": "Leipzig HRB 12345 (GnR, HRA, HRB, PR, VR)",
    "tax_no": "232/123/45678",
}


def normalised(kind: IdentifierKind, written: str) -> str | None:
    """Give the number's one spelling, or None when it cannot be a number of this kind.

    >>> normalised("w_id", "de 123 456 789 - 00001"), normalised("vat", "DE12345")
    ('DE123456789-00001', None)
    >>> normalised("register", "HRB 12345, Amtsgericht Leipzig")
    'LEIPZIG HRB 12345'
    """
    return _SPELLINGS[kind](" ".join(written.upper().split()))


def _w_id(text: str) -> str | None:
    found = re.fullmatch(r"DE(\d{9})-?(\d{5})?", text.replace(" ", ""), re.ASCII)
    # Without its last five digits the number means the enterprise's first activity.
    return f"DE{found[1]}-{found[2] or '00001'}" if found else None


def _vat(text: str) -> str | None:
    plain = re.sub(r"[ .\-]", "", text)
    fits = r"DE\d{9}" if plain.startswith("DE") else r"[A-Z]{2}[0-9A-Z+*]{2,12}"
    return plain if re.fullmatch(fits, plain, re.ASCII) else None


def _register(text: str) -> str | None:
    found = re.search(r"\b(GNR|HRA|HRB|PR|VR)\.? ?(\d{1,7})( ?[A-Z]{1,3})?\b", text, re.ASCII)
    if not found:
        return None
    around = text[: found.start()] + " " + text[found.end() :]
    court = re.sub(r"\b(AMTSGERICHT|AG|REGISTERGERICHT)\b|[,;()]", " ", around)
    court = " ".join(court.split())
    if not court or re.search(r"\d", court):
        return None
    return f"{court} {found[1]} {int(found[2])}{(found[3] or '').replace(' ', '')}"


def _tax_no(text: str) -> str | None:
    plain = re.sub(r"[ /\-.]", "", text)
    return plain if re.fullmatch(r"\d{10,13}", plain, re.ASCII) else None


_SPELLINGS: dict[IdentifierKind, Callable[[str], str | None]] = {
    "w_id": _w_id,
    "vat": _vat,
    "register": _register,
    "tax_no": _tax_no,
}

"""The two cookies of a browser, and the word that its forms carry. Nothing here asks the database.

`__Host-login` names the browser before anybody signs in; `__Host-session` is the session. Both are 256 random bits
that are kept nowhere: the database has their SHA-256.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from quartier.access.marks import BROWSER, SESSION
from quartier.access.problem import Problem

LOGIN_COOKIE, SESSION_COOKIE = "__Host-login", "__Host-session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORM = {
    LOGIN_COOKIE: re.compile(rf"{BROWSER}[A-Za-z0-9_-]{{43}}"),
    SESSION_COOKIE: re.compile(rf"{SESSION}[A-Za-z0-9_-]{{43}}"),
}


def shown(header: bytes | None, name: str) -> str | None:
    """Read one of ours from the Cookie header; None when it is missing, stands twice or is not of our making."""
    pairs = [part.strip().partition("=") for part in (header or b"").decode("latin-1").split(";")]
    found = [value for key, _, value in pairs if key == name]
    return found[0] if len(found) == 1 and _FORM[name].fullmatch(found[0]) else None


def baked(name: str, value: str) -> str:
    """Write a Set-Cookie line; an empty value ends the cookie. It ends with the browser and serves one host."""
    gone = "" if value else "; Max-Age=0"
    return f"{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{gone}"


def form_word(secret: str) -> str:
    """The `_csrf` of forms and the `X-CSRF-Token` of scripts: only a page of ours can know it."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def demand_form_word(secret: str, given: str) -> None:
    """Raise 403 unless the form came with the word of this browser or session."""
    if not hmac.compare_digest(form_word(secret).encode(), given.encode("utf-8", "replace")):
        raise Problem(
            403,
            "Diese Seite war zu lange offen. Bitte laden Sie sie neu und senden Sie noch einmal.",
            "This page was open for too long. Please load it again and send once more.",
        )


def demand_own_page(headers: Mapping[bytes, bytes], origin: str) -> None:
    """Raise 403 unless a page of this very host sends: a cookie travels with requests of others too."""
    told = headers.get(b"origin")
    if told is None:
        own = headers.get(b"sec-fetch-site") in {b"same-origin", b"none"}
    else:
        own = _origin(told.decode("latin-1")) == _origin(origin)
    if not own:
        raise Problem(403, "Das kam von einer fremden Seite.", "This came from a page of somebody else.")


def _origin(text: str) -> tuple[str, str]:
    found = urlsplit(text)
    return found.scheme, found.netloc.lower()

"""German first, English second: which of the two a reader asks for."""


def wanted(header: bytes | None) -> str | None:
    """Read Accept-Language; None when it names neither.

    >>> wanted(b"en-GB,en;q=0.9,de;q=0.8")
    'en'
    >>> wanted(b"fr, de;q=0.5, en;q=0.1")
    'de'
    """
    if not header:
        return None
    best: tuple[float, str] | None = None
    for part in header[:200].decode("latin-1").lower().split(","):
        name, _, rest = part.partition(";")
        language = name.strip()[:2]
        weight = _weight(rest.strip())
        if language in {"de", "en"} and weight > 0 and (best is None or weight > best[0]):
            best = weight, language
    return best[1] if best else None


def chosen(cookies: bytes | None) -> str | None:
    """The language that was chosen in this browser, by the switch on every page.

    >>> chosen(b"a=b; language=en"), chosen(b"language=fr"), chosen(None)
    ('en', None, None)
    """
    for part in (cookies or b"").split(b";"):
        name, _, value = part.strip().partition(b"=")
        if name == b"language" and value in (b"de", b"en"):
            return value.decode()
    return None


def _weight(text: str) -> float:
    try:
        return float(text.removeprefix("q=")) if text else 1.0
    except ValueError:
        return 0.0

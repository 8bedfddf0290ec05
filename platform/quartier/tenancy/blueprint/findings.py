"""A finding is a problem that does not know its file and line yet: only the path of the key."""

from collections.abc import Iterable
from difflib import get_close_matches

import msgspec

Path = tuple[str | int, ...]


class Finding(msgspec.Struct, frozen=True):
    """`path` leads to the key; where the key is missing, to the place it should have."""

    path: Path
    de: str
    en: str
    allowed: str = ""


def nearest(word: str, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """Guess what was meant; `likeness` from 0 to 1 is how alike two words must be.

    >>> nearest("grid_minute", ["grid_minutes", "hold_minutes"])
    'grid_minutes'
    """
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=likeness)), None)


def choice(known: Iterable[object]) -> str:
    """Write what may be chosen, in the order given.

    >>> choice(["hall", "desk"])
    'hall | desk'
    """
    return " | ".join(str(each) for each in known)


def unknown(path: Path, word: str, known: Iterable[str], *, de: str, en: str) -> Finding:
    """A word that is not among the known ones; `de` and `en` say what kind of word was expected."""
    known = list(known)
    guess = nearest(word, known)
    return Finding(
        path,
        f"„{word}“ ist hier {de}." + (f" Gemeint ist vielleicht „{guess}“." if guess else ""),
        f"“{word}” is {en} here." + (f" Perhaps “{guess}” is meant." if guess else ""),
        choice(known),
    )


def twice(path: Path, word: object) -> Finding:
    return Finding(path, f"„{word}“ steht hier zweimal.", f"“{word}” stands here twice.")

"""When a passkey may be set up, and when it may go."""

from collections.abc import Iterator

from quartier.access.passkeys.words import LastWayIn, PasskeysFull, Standing, StrongSignInMissing
from quartier.kit.refusal import FieldInvalid, Refusal, SignInAgain
from quartier.kit.spoken import Words, letters

MOST = 20  # passkeys of a person
NAME = 80  # letters
SET_UP = Words("Passkey einrichten", "set up a passkey")
REMOVE = Words("Passkey entfernen", "remove a passkey")


def objections_to_passkey(name: str, standing: Standing) -> Iterator[Refusal]:
    """Say why a passkey is not set up; all reasons.

    The first strong way in needs no more than a session: there is nothing stronger to show yet.
    """
    if not 0 < len(name) <= NAME or not name.isprintable():
        yield FieldInvalid(path=("name",), allowed=letters(1, NAME))
    if standing.passkeys >= MOST:
        yield PasskeysFull(most=MOST)
    if standing.has_strong:
        yield from unproven(standing, SET_UP)


def objections_to_removal(standing: Standing) -> Iterator[Refusal]:
    """Say why a passkey stays; all reasons.

    It wants the same proof as a further one: else a code would remove the old passkey and set up a first one.
    """
    if standing.ways <= 1:
        yield LastWayIn()
    yield from unproven(standing, REMOVE)


def unproven(standing: Standing, wish: Words) -> Iterator[Refusal]:
    """What is missing of a strong proof of the last five minutes."""
    if not standing.strong:
        yield StrongSignInMissing()
    elif not standing.fresh:
        yield SignInAgain(permission=wish)

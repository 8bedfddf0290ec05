"""What a machine may be given."""

from collections.abc import Collection, Iterator
from datetime import timedelta

from quartier.access.permissions import scopes_of
from quartier.access.words import ClientTooLong, ScopeNotOffered
from quartier.kit.refusal import FieldInvalid, Refusal
from quartier.kit.spoken import counts, letters

LONGEST = timedelta(days=365)
NAME = 120  # letters


def objections_to_client(name: str, scopes: Collection[str], lasts: timedelta, kind: str) -> Iterator[Refusal]:
    """Say why a client of this kind of realm cannot be made; all reasons."""
    if not 0 < len(name.strip()) <= NAME:
        yield FieldInvalid(path=("name",), allowed=letters(1, NAME))
    offered = scopes_of(kind)
    if not scopes:
        yield FieldInvalid(path=("scopes",), allowed=", ".join(sorted(offered)))
    for scope in sorted(set(scopes) - offered):
        yield ScopeNotOffered(path=("scopes",), scope=scope, offered=", ".join(sorted(offered)))
    if lasts > LONGEST:
        yield ClientTooLong(path=("lasts",), most_days=LONGEST.days)
    if lasts <= timedelta():
        yield FieldInvalid(path=("lasts",), allowed=counts(1, LONGEST.days, ("Tage", "days")))

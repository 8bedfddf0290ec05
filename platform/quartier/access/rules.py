"""What a machine may be given."""

from collections.abc import Collection, Iterator
from datetime import timedelta

from quartier.access.permissions import PERSONAL_SCOPES, scopes_of
from quartier.access.words import AgreementMissing, ClientTooLong, ScopeNotOffered
from quartier.kit.refusal import FieldInvalid, Refusal
from quartier.kit.spoken import counts, letters
from quartier.kit.text import is_line

LONGEST = timedelta(days=365)
NAME, AGREEMENT = 120, 200  # letters


def objections_to_client(
    name: str, scopes: Collection[str], lasts: timedelta, kind: str, agreement: str | None = None
) -> Iterator[Refusal]:
    """Say why a client of this kind of realm cannot be made; all reasons."""
    if not 0 < len(name.strip()) <= NAME:
        yield FieldInvalid(path=("name",), allowed=letters(1, NAME))
    offered = scopes_of(kind)
    if not scopes:
        yield FieldInvalid(path=("scopes",), allowed=", ".join(sorted(offered)))
    for scope in sorted(set(scopes) - offered):
        yield ScopeNotOffered(path=("scopes",), scope=scope, offered=", ".join(sorted(offered)))
    personal = sorted(PERSONAL_SCOPES & set(scopes) & offered)
    if personal and agreement is None:
        yield AgreementMissing(path=("agreement",), scopes=", ".join(personal))
    if agreement is not None and not is_line(agreement, AGREEMENT):
        yield FieldInvalid(path=("agreement",), allowed=letters(1, AGREEMENT))
    if lasts > LONGEST:
        yield ClientTooLong(path=("lasts",), most_days=LONGEST.days)
    if lasts <= timedelta():
        yield FieldInvalid(path=("lasts",), allowed=counts(1, LONGEST.days, ("Tage", "days")))

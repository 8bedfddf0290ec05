"""The way out that stands in a letter: a sealed word for one site, one person and one kind of notice (RFC 8058).

It says nothing to who reads it, opens nothing but this, and needs no row: whatever is altered, of another site or of
another installation is nobody's. It holds as long as the key of the installation, so old letters keep their way out.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from quartier.database.sealing import SEAL, SealBroken
from quartier.notices.choices.rules import KINDS
from quartier.notices.choices.words import Kind
from quartier.tenancy.desk import Desk

PLACE = "/abbestellen/"
LONGEST = 400
PURPOSE = "unsubscribe"  # other things are sealed with the same key


def way_out(desk: Desk, person: UUID, kind: Kind) -> str:
    """The path of it, at the site's host."""
    return PLACE + SEAL.close(f"{PURPOSE} {desk.tenant_id} {person} {kind}").decode("ascii")


def opened(desk: Desk, token: str) -> tuple[UUID, Kind] | None:
    """Whose it is and for what; None for every other word, whatever is wrong with it."""
    if len(token) > LONGEST or not token.isascii():
        return None
    try:
        if urlsafe_b64encode(urlsafe_b64decode(token)).decode("ascii") != token:  # one spelling alone
            return None
        said = SEAL.open(token.encode("ascii")).split(" ")
    except (SealBroken, ValueError):  # no seal, or no text in it
        return None
    if len(said) != 4 or said[:2] != [PURPOSE, str(desk.tenant_id)]:
        return None
    kind = next((each for each in KINDS if each == said[3]), None)
    return (UUID(said[2]), kind) if kind is not None else None

"""The nouns of partner sign-in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from quartier.kit.refusal import Refusal

AuthMethod = Literal["private_key_jwt", "client_secret_basic"]
Par = Literal["never", "if_required", "always"]
ClaimsFrom = Literal["id_token", "userinfo", "either"]
ProviderState = Literal["draft", "active", "paused"]
Purpose = Literal["login", "link", "step_up", "invitation"]


@dataclass(frozen=True, slots=True)
class Provider:
    """An institution's own sign-in at this realm; `repr` shows no secret.

    `required_claims`: each named claim must hold one of its values. `rules`: (value of the groups claim, role);
    no rule gives a role beyond `ceiling`. `max_age`: how old a sign-in there may be; None asks for no fresh one.
    `strong`: the institution asks its people for a second factor (a promise of the contract, not a claim).
    """

    id: UUID
    slug: str
    name_de: str
    name_en: str | None
    issuer: str
    client_id: str
    auth_method: AuthMethod
    secret: str | None = field(repr=False)
    scope: tuple[str, ...]
    algorithms: tuple[str, ...]
    par: Par
    max_age: timedelta | None
    claims_from: ClaimsFrom
    groups_claim: str | None
    required_claims: Mapping[str, frozenset[str]]
    ceiling: frozenset[str]
    rules: tuple[tuple[str, str], ...]
    strong: bool
    auto_approve: bool
    state: ProviderState
    version: int

    def name(self, language: str) -> str:
        """What people call it; German where nobody wrote an English name."""
        return (self.name_en if language == "en" else None) or self.name_de


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key pair of this realm for private_key_jwt (ES256), as JWK; `repr` shows the name alone."""

    kid: str
    private: Mapping[str, Any] = field(repr=False)
    public: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-in on its way: what its row keeps, taken once by the browser that began it."""

    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str
    next: str
    purpose: Purpose
    session: UUID | None
    invitation: UUID | None
    max_age: timedelta | None


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider said about a person, checked: `claims` of the ID token, `info` of userinfo."""

    claims: Mapping[str, Any] = field(repr=False)
    info: Mapping[str, Any] = field(repr=False)
    id_token: str = field(repr=False)

    @property
    def subject(self) -> str:
        return str(self.claims["sub"])


# Issuers that speak for many institutions: without a claim that names one, all of them would come in.
SHARED = (
    "https://accounts.google.com", "https://login.microsoftonline.com/common",
    "https://login.microsoftonline.com/organizations", "https://login.microsoftonline.com/consumers",
    "https://login.eduid.ch", "https://edu-id.dfn.de", "https://appleid.apple.com", "https://gitlab.com",
)  # fmt: skip


def shared_issuer(provider: Provider) -> bool:
    """Whether the issuer is one of many institutions', and the row does not say which of them is meant."""
    return not provider.required_claims and provider.issuer.rstrip("/").startswith(SHARED)


class ProviderWithoutSecret(Refusal):
    """Nobody can be let in by a provider whose secret is missing or cannot be read any more."""

    code = "PROVIDER_WITHOUT_SECRET"
    de = "Hier fehlt das Geheimnis, das die Einrichtung vergeben hat. Bitte erst eintragen."
    en = "The secret that the institution has issued is missing here. Please enter it first."


class RequiredClaimMissing(Refusal):
    """Many institutions share `issuer`; the row has to say by a claim which one is meant."""

    code = "REQUIRED_CLAIM_MISSING"
    de = "Über {issuer} kommen viele Einrichtungen. Bitte festlegen, an welcher Angabe man die richtige erkennt."
    en = "Many institutions come by {issuer}. Please say which claim tells the right one."


class IdentityTaken(Refusal):
    """One account at an institution is one person here."""

    code = "IDENTITY_TAKEN"
    de = (
        "Dieses Konto der Einrichtung gehört hier schon zu einer anderen Person. Ist das ein Irrtum, hilft der Empfang."
    )
    en = "This account of the institution belongs to another person here. If that is wrong, the front desk helps."


class LoginFailed(Exception):
    """Why a partner's sign-in ended; `reason` is for the log, the person sees one neutral page.

    `away`: the provider cannot be reached for now, so the same may go well in a moment.
    """

    def __init__(self, reason: str, *, away: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.away = reason, away

"""What goes to an authenticator and what may come back from it (W3C Web Authentication 2). Nothing here is kept.

The library is loaded with the first passkey: no other request waits for it.
"""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from quartier.access.passkeys.words import PasskeyRefused

TIMEOUT = 300_000  # ms: as long as the challenge holds


@dataclass(frozen=True, slots=True)
class House:
    """Where a passkey belongs: the realm's host for ever, and the origin that its pages have."""

    host: str
    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer before anything of it is believed, but for the challenge that is looked up by it."""

    credential: dict[str, Any] = field(repr=False)
    challenge: bytes = field(repr=False)

    @property
    def challenge_hash(self) -> bytes:
        return hashlib.sha256(self.challenge).digest()

    @property
    def credential_id(self) -> bytes:
        return unpacked(self.credential.get("rawId"))


@dataclass(frozen=True, slots=True)
class Made:
    """A new passkey, as its authenticator tells it."""

    credential_id: bytes
    public_key: bytes = field(repr=False)
    sign_count: int
    backed_up: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A passkey that was shown and signed; whether it counted on is for the row to say."""

    sign_count: int
    backed_up: bool


def wish_to_make(house: House, challenge: bytes, person: UUID, name: str, held: list[bytes]) -> str:
    """The options of navigator.credentials.create, as JSON. `held` ones are not made a second time."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=house.host,
        rp_name=house.name,
        user_id=person.bytes,
        user_name=name,
        user_display_name=name,
        challenge=challenge,
        timeout=TIMEOUT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in held],
    )
    return options_to_json(options)


def wish_to_show(house: House, challenge: bytes, held: list[bytes]) -> str:
    """The options of navigator.credentials.get, as JSON; with none `held` the browser offers what it has."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=house.host,
        challenge=challenge,
        timeout=TIMEOUT,
        allow_credentials=[PublicKeyCredentialDescriptor(id=each) for each in held],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def read(credential: object, house: House) -> Answered:
    """Take an answer apart as far as its challenge. Raises PasskeyRefused malformed, wrong_origin."""
    response = credential.get("response") if isinstance(credential, dict) else None
    told = response.get("clientDataJSON") if isinstance(response, dict) else None
    try:
        client = json.loads(unpacked(told))
        challenge = unpacked(client["challenge"])
        origin, framed = client["origin"], client.get("crossOrigin", False)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise PasskeyRefused("malformed") from None
    # The library looks at the origin again, but never at the frame: a foreign page around ours could steer the finger.
    if origin != house.origin or framed is not False:
        raise PasskeyRefused("wrong_origin")
    assert isinstance(credential, dict)
    return Answered(credential, challenge)


def made(answered: Answered, house: House) -> Made:
    """Check what navigator.credentials.create gave. Raises PasskeyRefused("bad_answer")."""
    from webauthn import verify_registration_response

    try:
        told = verify_registration_response(
            credential=answered.credential,
            expected_challenge=answered.challenge,
            expected_rp_id=house.host,
            expected_origin=house.origin,
            require_user_verification=True,
        )
    except Exception:  # CBOR and certificates of strangers: whatever breaks on them is their fault, not ours
        raise PasskeyRefused("bad_answer") from None
    return Made(told.credential_id, told.credential_public_key, told.sign_count, told.credential_backed_up)


def shown(answered: Answered, house: House, public_key: bytes, person: UUID) -> Shown:
    """Check what navigator.credentials.get gave. Raises PasskeyRefused bad_answer, wrong_handle.

    Every passkey of ours is discoverable, so its authenticator names whom it is for, each time.
    """
    from webauthn import verify_authentication_response

    try:
        told = verify_authentication_response(
            credential=answered.credential,
            expected_challenge=answered.challenge,
            expected_rp_id=house.host,
            expected_origin=house.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,  # the row's guard compares it, so that a step back has its own reason
            require_user_verification=True,
        )
        handle = answered.credential["response"].get("userHandle")
    except Exception:  # as above
        raise PasskeyRefused("bad_answer") from None
    if unpacked(handle) != person.bytes:
        raise PasskeyRefused("wrong_handle")
    return Shown(told.new_sign_count, told.credential_backed_up)


def unpacked(text: object) -> bytes:
    """Read base64url without padding. Raises PasskeyRefused("malformed").

    >>> unpacked("AQI")
    b'\\x01\\x02'
    """
    try:
        if not isinstance(text, str):
            raise ValueError
        plain = text.encode("ascii").rstrip(b"=")
        return base64.b64decode(plain + b"=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise PasskeyRefused("malformed") from None

"""Programs of a site or of the city: who answers for them, what they may, their secrets.

Rows of schema `auth` are read with their own power, so this root runs outside of the request's snapshot.
"""

from datetime import datetime, timedelta

import strawberry

from quartier.access import actions as clients
from quartier.access.people.queries import names as names_of
from quartier.access.queries import clients as all_clients
from quartier.tenancy.desk import Desk
from quartier_graph.declare import BOTH, Done, asked, asking, roots, verb, wish


@strawberry.type(description="A program that asks for tokens.")
class ApiClient:
    client_id: str = strawberry.field(description="Its id.")
    name: str = strawberry.field(description="What it is for.")
    scopes: list[str] = strawberry.field(description="What it may at most.")
    agreement: str | None = strawberry.field(description="Processing agreement of who runs it, where it shows people.")
    state: str = strawberry.field(description="active or off.")
    owner_name: str | None = strawberry.field(description="Who answers for it.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime = strawberry.field(description="When it ends.")
    last_used: datetime | None = strawberry.field(description="When it last asked for a token.")
    two_secrets: bool = strawberry.field(description="Whether an older secret still holds.")


async def api_clients(desk: Desk) -> list[ApiClient]:
    found = await all_clients(desk)
    names = await names_of(desk, {each.owner for each in found if each.owner})
    return [
        ApiClient(
            client_id=each.client_id, name=each.name, scopes=sorted(each.scopes), agreement=each.agreement,
            state=each.state,
            owner_name=names.get(each.owner) if each.owner else None, created_at=each.created_at,
            expires_at=each.expires_at, last_used=each.last_used, two_secrets=each.two_secrets,
        )
        for each in found
    ]  # fmt: skip


SECRET = (str, "The secret, shown this once; null when the key is sent again.")


@wish
class CreateApiClientInput:
    """A program, and what it may."""

    name: str = asked("What it is for; 1 to 120 letters.")
    scopes: list[str] = asked("What it may at most.")
    days: int = asked("How many days it lasts, up to 365.", default=365)
    agreement: str | None = asked(
        "Processing agreement of who runs it, by date or file number; needed for scopes that show people.", default=None
    )


@verb(
    "access:clients", realms=BOTH, power="auth", once_only=("secret",),
    values={"client_id": (str, "Its id."), "secret": SECRET, "expires_at": (datetime, "When it ends.")},
)  # fmt: skip
async def create_api_client(desk: Desk, wish: CreateApiClientInput) -> Done:
    """Make a client; its secret is shown this once."""
    made = await clients.create_client(
        desk, wish.name, wish.scopes, lasts=timedelta(days=wish.days), agreement=wish.agreement
    )
    return {"client_id": made.client_id, "secret": made.secret, "expires_at": made.expires_at.isoformat()}


@wish
class RotateApiClientInput:
    """A client that needs a new secret."""

    client_id: str = asked("Its id.")


@verb("access:clients", realms=BOTH, power="auth", once_only=("secret",), values={"secret": SECRET})
async def rotate_api_client(desk: Desk, wish: RotateApiClientInput) -> Done:
    """Issue a new secret beside the newest one; an older one ends."""
    return {"secret": (await clients.rotate_client(desk, wish.client_id)).secret}


@wish
class EndOldSecretInput:
    """A client whose older secret is to end."""

    client_id: str = asked("Its id.")


@verb("access:clients", realms=BOTH, power="auth")
async def end_old_secret(desk: Desk, wish: EndOldSecretInput) -> Done:
    """Leave the newest secret alone valid, and end every token."""
    await clients.end_old_secret(desk, wish.client_id)
    return {}


@wish
class DisableApiClientInput:
    """A client to switch off."""

    client_id: str = asked("Its id.")


@verb("access:clients", realms=BOTH, power="auth")
async def disable_api_client(desk: Desk, wish: DisableApiClientInput) -> Done:
    """Switch a client off for good, its tokens included."""
    await clients.disable_client(desk, wish.client_id)
    return {}


for realm in BOTH:
    roots(realm, api_clients=asking(api_clients, list[ApiClient], "Programs.", may=("access:clients",), apart=True))

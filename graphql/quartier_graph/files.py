"""Handing a file in: the graph gives the address, the file comes to it by PUT, another verb then uses it."""

import enum
from datetime import datetime

from strawberry import ID

from quartier.tenancy.desk import Desk
from quartier.tenancy.files import actions
from quartier.tenancy.once import ShownOnce
from quartier_graph import ids
from quartier_graph.declare import Done, asked, verb, wish
from quartier_graph.scalars import described


@described
class FilePurpose(enum.Enum):
    """What a file is handed in for; it decides who may, and which kinds."""

    MEMBERSHIP_PAPER = "membership_paper"
    SPACE_PHOTO = "space_photo"


@wish
class RequestUploadInput:
    """A file to hand in."""

    purpose: FilePurpose = asked("What it is for.")
    name: str = asked("What it is called, with an ending that fits what it is.")
    bytes: int = asked("How large it is; neither more nor less is taken.")


@verb(
    *actions.ANY,
    values={
        "file": (ID | None, "The file that will be; verbs that use it take this id once it has come."),
        "address": (
            str | None,
            "Path for one PUT by the same person. Shown once: the same key again, and a trial, answer null.",
        ),
        "good_until": (datetime | None, "When the address ends."),
    },
)
async def request_upload(desk: Desk, wish: RequestUploadInput) -> Done:
    """Give an address for one file: `PUT` its bytes there, answered by 201 or refusals. Unused files go after a day."""
    made = await actions.request_upload(desk, wish.purpose.value, wish.name, wish.bytes)
    return {
        "file": ids.write("fil", made.awaited.id),
        "address": ShownOnce(f"/uploads/{made.token}"),
        "good_until": made.awaited.expires_at.isoformat(),
    }

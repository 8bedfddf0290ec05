"""A mail server for each test, and letters to send by it."""

from collections.abc import Iterator
from typing import Any

import pytest
from notices.sink import Sink, sink
from world import NOW

from quartier.kit.ids import new_id
from quartier.notices.smtp import Account, account_of
from quartier.notices.words import Letter

MAIL = {"from": "hallo@west.example", "from_name_de": "Zentrum West", "reply_to": "post@west.example"}


@pytest.fixture
def server() -> Iterator[Sink]:
    with sink() as made:
        yield made


def account_at(port: int, **more: str) -> Account:
    found = account_of(MAIL, {"QUARTIER_SMTP": f"smtp://127.0.0.1:{port}?tls=none", **more})
    assert found is not None
    return found


def a_letter(**more: Any) -> Letter:
    facts: dict[str, Any] = {
        "id": new_id(), "realm": new_id(), "to": "mira@mail.example", "subject": "Gebucht: Denkraum",
        "text": "Guten Tag Mira,\n\nes grüßt das Haus.\n", "language": "de", "written_at": NOW,
    }  # fmt: skip
    return Letter(**facts | more)

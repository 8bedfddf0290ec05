"""Notices of the demo: they go into the letterbox that /dev/postfach shows, and never leave the machine."""

from quartier.access.post import Letter, Post
from quartier.notices.carrying import Carry
from quartier.notices.words import Letter as Mail
from quartier.tenancy.desk import Desk


class IntoLetterbox:
    """A carrier whose box stands once the web does: what is due before waits."""

    def __init__(self) -> None:
        self.box: Post | None = None

    async def __call__(self, desk: Desk) -> Carry | None:
        return self._put if self.box is not None else None

    async def _put(self, mail: Mail) -> None:
        assert self.box is not None
        self.box.take(Letter(mail.realm, mail.to, mail.subject, mail.text, mail.written_at, mail.language))

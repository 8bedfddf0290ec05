"""Somebody at the console: a browser's cookies and forms without the browser, at the real house with the real graph."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
from world import Site

from quartier.access.cookies import form_word
from quartier.access.queries import as_auth
from quartier.access.sessions import Proof, open_session
from quartier.app import App
from quartier.database.engine import DB

TAGS = re.compile(r"<[^>]+>")


@dataclass
class Reader:
    """One visitor; without a session a stranger."""

    app: App
    site: Site
    session: str | None = None
    language: str = "de"
    http: httpx2.AsyncClient = field(init=False, repr=False)

    def __post_init__(self) -> None:
        transport = httpx2.ASGITransport(self.app)
        self.http = httpx2.AsyncClient(transport=transport, base_url=f"https://{self.site.realm.host}")

    @property
    def headers(self) -> dict[str, str]:
        port = self.app.house.settings.port
        cookie = {"cookie": f"__Host-session={self.session}"} if self.session else {}
        return {"origin": f"http://{self.site.realm.host}:{port}", "accept-language": self.language} | cookie

    async def get(self, path: str, **options: Any) -> httpx2.Response:
        return await self.http.get(path, headers=self.headers | options.pop("headers", {}), **options)

    async def post(
        self,
        path: str,
        form: Mapping[str, str] | None = None,
        *,
        word: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Send a form, with its word unless the test says otherwise."""
        data = ({"_csrf": form_word(self.session)} if word and self.session else {}) | dict(form or {})
        return await self.http.post(path, data=data, headers=self.headers | dict(headers or {}))


async def signed_in(app: App, site: Site, *roles: str, person: Any = None, language: str = "de") -> Reader:
    """A reader whose session has a strong proof, so that no role sleeps."""
    who = person or await site.person("Jana Fried", *roles)
    desk = site.desk("site_admin")
    with as_auth(desk):
        async with DB.work():
            secret = await open_session(desk, who, Proof("passkey"))
    return Reader(app, site, secret, language)


def words(answer: httpx2.Response) -> str:
    """What a page says, without its marks."""
    return " ".join(TAGS.sub(" ", answer.text.split("<body>", 1)[-1]).split())

"""The practice provider's doors and its one page: who are you?"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qsl

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import NotFoundException

from quartier_demo.institutions import Client, Institution
from quartier_demo.provider import Asked, Provider

Asks = Request[Any, Any, Any]
Told = Callable[[Client, str], Coroutine[Any, Any, None]]
HTML = "text/html"
POLICY = "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'"
LASTS = 8 * 3600  # seconds that a browser stays signed in at an institution
STYLE = """:root{color-scheme:light dark;--ink:#1b1f27;--paper:#fff;--ground:#eef1f6;--edge:#767d8b;--accent:#14538c}
@media (prefers-color-scheme:dark){
:root{--ink:#eef0f4;--paper:#1d2129;--ground:#14171d;--edge:#8b93a1;--accent:#8ec2f5}}
*{box-sizing:border-box}
body{margin:0;font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground);overflow-wrap:anywhere}
main{max-inline-size:34rem;margin:0 auto;padding:1.5rem 1rem 3rem}h1{font-size:1.5rem;line-height:1.25}
.note{border-inline-start:4px solid var(--accent);background:var(--paper);padding:.75rem 1rem}
ul{list-style:none;padding:0;margin:1rem 0;display:grid;gap:.5rem}a{color:var(--accent)}
button{font:inherit;color:inherit;inline-size:100%;min-block-size:2.75rem;padding:.5rem 1rem;text-align:start;
cursor:pointer;background:var(--paper);border:1px solid var(--edge);border-radius:8px}button small{display:block}
button:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}"""


@dataclass
class Pages:
    """All institutions at one address. `told` carries a logout token to a site, `fresh` looks up the sites' keys."""

    base: str
    providers: dict[str, Provider]
    told: Told
    fresh: Callable[[], Awaitable[None]]
    sessions: dict[str, tuple[str, str, int]] = field(default_factory=dict)  # cookie: institution, person, since
    running: set["asyncio.Task[None]"] = field(default_factory=set)

    def app(self) -> Litestar:
        doors = [
            get("/")(self.index),
            get("/style.css")(self.style),
            get("/{key:str}/.well-known/openid-configuration")(self.document),
            get("/{key:str}/jwks")(self.jwks),
            get("/{key:str}/authorize")(self.authorize),
            post("/{key:str}/authorize", status_code=200)(self.chosen),
            post("/{key:str}/par", status_code=201)(self.par),
            post("/{key:str}/token", status_code=200)(self.token),
            get("/{key:str}/userinfo")(self.userinfo),
            get("/{key:str}/logout")(self.logout),
        ]
        return Litestar(doors, openapi_config=None, logging_config=None, debug=False)

    def of(self, key: str) -> Provider:
        found = self.providers.get(key)
        if found is None:
            raise NotFoundException
        return found

    async def index(self) -> Response[str]:
        """Who is here, for whoever looks at the address."""
        items = "".join(
            f"<li><strong>{escape(each.institution.name)}</strong><br>"
            f"{escape(', '.join(person.name for person in each.institution.people.values()))}</li>"
            for each in self.providers.values()
        )
        return _page("Übungs-Anmeldung", f"<p>Hier wohnen die Einrichtungen der Vorführung.</p><ul>{items}</ul>")

    async def style(self) -> Response[str]:
        return Response(STYLE, media_type="text/css", headers={"cache-control": "max-age=3600"})

    async def document(self, key: str) -> Response[Any]:
        return Response(self.of(key).document())

    async def jwks(self, key: str) -> Response[Any]:
        return Response({"keys": self.of(key).public_keys()})

    async def authorize(self, request: Asks, key: str) -> Response[str]:
        """Ask who it is; a browser that has said so lately is sent on, unless a fresh sign-in is wanted."""
        provider = self.of(key)
        query = {name: str(value) for name, value in request.query_params.items()}
        asked = provider.unpacked(query)
        if asked is None:
            return _page("Anfrage abgelehnt", "<p>Diese Anfrage hätte vorher abgegeben werden müssen.</p>", status=400)
        if refused := self._refused(provider, request, asked):
            return refused
        known = self.sessions.get(request.cookies.get(_cookie(key), ""))
        max_age = asked.get("max_age", "")
        wants_fresh = asked.get("prompt") in ("login", "select_account")
        young = known is not None and (not max_age.isdigit() or time.time() - known[2] <= int(max_age))
        if known and young and known[0] == key and not wants_fresh and known[1] in provider.institution.people:
            return self._granted(provider, request, asked, known[1], known[2])
        return _who(provider.institution, query)

    async def chosen(self, request: Asks, key: str) -> Response[str]:
        provider = self.of(key)
        form = _form(await request.body())
        query = {name: str(value) for name, value in request.query_params.items()}
        asked = provider.unpacked(query)
        if asked is None:
            return _page("Anfrage abgelehnt", "<p>Diese Anfrage gilt nicht mehr. Bitte neu beginnen.</p>", status=400)
        if refused := self._refused(provider, request, asked):
            return refused
        sub = form.get("sub", "")
        if sub not in provider.institution.people:
            return self._granted(provider, request, asked, None, 0)
        secret, now = secrets.token_urlsafe(24), int(time.time())
        self.sessions[secret] = (key, sub, now)
        answer = self._granted(provider, request, asked, sub, now)
        answer.headers["set-cookie"] = f"{_cookie(key)}={secret}; Path=/{key}; HttpOnly; SameSite=Lax; Max-Age={LASTS}"
        return answer

    async def par(self, request: Asks, key: str) -> Response[Any]:
        await self.fresh()
        provider = self.of(key)
        status, told = provider.push(_asked(request, _form(await request.body())))
        return Response(told, status_code=status, headers={"cache-control": "no-store"})

    async def token(self, request: Asks, key: str) -> Response[Any]:
        await self.fresh()
        provider = self.of(key)
        status, body, headers = provider.create_token_response(_asked(request, _form(await request.body())))
        return Response(body, status_code=status, headers=headers)

    async def userinfo(self, request: Asks, key: str) -> Response[Any]:
        told = self.of(key).userinfo(request.headers.get("authorization", "").removeprefix("Bearer "))
        if told is None:
            headers = {"www-authenticate": 'Bearer error="invalid_token"'}
            return Response({"error": "invalid_token"}, status_code=401, headers=headers)
        return Response(told)

    async def logout(self, request: Asks, key: str) -> Response[str]:
        """End the sign-in here, tell every site, and go back where a registered address says so."""
        provider = self.of(key)
        _, sub, _ = self.sessions.pop(request.cookies.get(_cookie(key), ""), ("", "", 0))
        for client, word in provider.logout_tokens(sub):
            task = asyncio.create_task(self.told(client, word))
            self.running.add(task)
            task.add_done_callback(self.running.discard)
        asking = provider.registered.get(request.query_params.get("client_id", ""))
        back = request.query_params.get("post_logout_redirect_uri", "")
        if asking is not None and back == f"{asking.client.origin}/":
            return Response("", status_code=303, headers={"location": back})
        return _page("Abgemeldet", "<p>Sie sind bei Ihrer Einrichtung abgemeldet.</p>")

    def _refused(self, provider: Provider, request: Asks, asked: dict[str, str]) -> Response[str] | None:
        try:
            provider.get_consent_grant(_asked(request, asked, method="GET"))
        except OAuth2Error as error:
            if getattr(error, "redirect_uri", None):
                told = [*error.get_body(), ("state", asked.get("state", "")), ("iss", provider.issuer)]
                return Response("", status_code=302, headers={"location": add_params_to_uri(error.redirect_uri, told)})
            return _page("Anfrage abgelehnt", f"<p>{escape(str(error))}</p>", status=400)
        return None

    def _granted(
        self, provider: Provider, request: Asks, asked: dict[str, str], sub: str | None, since: int
    ) -> Response[str]:
        wish = _asked(request, asked, method="GET")
        grant = provider.get_consent_grant(wish)
        user = (sub, since) if sub else None
        _, _, headers = provider.create_authorization_response(wish, grant_user=user, grant=grant)
        location = add_params_to_uri(headers["Location"], [("iss", provider.issuer)])
        return Response("", status_code=303, headers={"location": location, "cache-control": "no-store"})


def _who(institution: Institution, query: Mapping[str, str]) -> Response[str]:
    buttons = "".join(
        f'<li><button name="sub" value="{escape(each.sub)}">{escape(each.name)}'
        f"<small>{escape(each.what or ', '.join(each.groups) or 'ohne Gruppe')}</small></button></li>"
        for each in institution.people.values()
    )
    action = escape(add_params_to_uri("authorize", list(query.items())))
    return _page(
        institution.name,
        '<p class="note">Übungs-Anmeldung der Vorführung: erfundene Personen, kein Passwort. '
        "Eine wirkliche Einrichtung fragt hier nach ihrem eigenen Zugang.</p><h2>Wer sind Sie?</h2>"
        f'<form method="post" action="{action}"><ul>{buttons}</ul>'
        '<button name="sub" value="">Abbrechen</button></form>',
    )


def _page(title: str, body: str, *, status: int = 200) -> Response[str]:
    text = (
        '<!doctype html><html lang="de"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/style.css"></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    headers = {"content-security-policy": POLICY, "cache-control": "no-store", "x-content-type-options": "nosniff"}
    return Response(text, status_code=status, media_type=HTML, headers=headers)


def _asked(request: Asks, data: dict[str, str], *, method: str | None = None) -> Asked:
    headers = {"Authorization": request.headers.get("authorization", "")}
    return Asked(method or request.method, request.url.path, headers, data)


def _form(text: bytes) -> dict[str, str]:
    with contextlib.suppress(ValueError):
        return dict(parse_qsl(text.decode("ascii"), keep_blank_values=True, max_num_fields=50))
    return {}


def _cookie(key: str) -> str:
    return f"signed-in-{key}"


def providers(base: str, institutions: Sequence[Institution]) -> dict[str, Provider]:
    """A provider for each institution. Raises NotHere when `base` is no address of this machine."""
    return {each.key: Provider(base, each) for each in institutions}

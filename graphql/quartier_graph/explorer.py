"""The explorer: GraphiQL from this host alone, for whoever has a client's secret or a token.

The page itself is open and knows nothing; the graph answers its token or refuses. The secret goes to
`/oauth/token` of the same host, the token stays in the page's memory and dies with it. Whoever is signed in here asks
with her session; the footer of a page brings its trusted document and its variables along.
"""

import functools
import json
from html import escape
from typing import Any

from litestar import MediaType, Request, Response, get

from quartier.access.arrival import arrived
from quartier.access.cookies import form_word
from quartier.console.assets import address, static
from quartier_graph.documents import Documents

# CodeMirror writes style attributes and elements, GraphiQL's fonts are in its style sheet; nothing inline runs.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "img-src 'self' data:; connect-src 'self' {socket}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LATER = {  # loaded once somebody has signed in
    "styles": ["vendor/graphiql/graphiql.min.css"],
    "scripts": [
        "vendor/react/react.production.min.js",
        "vendor/react/react-dom.production.min.js",
        "vendor/graphiql/graphiql.min.js",
    ],
}
WORDS = {
    "de": {
        "title": "GraphQL-Explorer",
        "intro": "Mit dem Zugang eines Programms anmelden. Das Geheimnis geht nur an diesen Server; "
        "das Token bleibt im Speicher dieser Seite, bis sie geschlossen wird.",
        "client": "Kennung des Programms (client_id)",
        "secret": "Geheimnis (client_secret)",
        "sign_in": "Anmelden",
        "or": "Oder mit einem fertigen Token",
        "token": "Zugriffstoken",
        "use_token": "Token verwenden",
        "sign_out": "Abmelden",
        "working": "Einen Moment …",
        "refused": "Kennung oder Geheimnis stimmt nicht.",
        "bad_token": "Dieses Token gilt hier nicht (mehr).",
        "over": "Die Anmeldung ist abgelaufen. Bitte neu anmelden.",
        "too_many": "Zu viele Versuche. Bitte kurz warten.",
        "away": "Der Server antwortet gerade nicht. Bitte gleich noch einmal versuchen.",
        "missing": "Bitte beide Felder ausfüllen.",
        "no_script": "Der Explorer braucht JavaScript.",
        "example": "# Strg+Leertaste zeigt, was es gibt. Strg+Eingabe fragt.\n",
    },
    "en": {
        "title": "GraphQL explorer",
        "intro": "Sign in as a program. The secret goes to this server only; the token stays in this page's memory "
        "until it is closed.",
        "client": "The program's id (client_id)",
        "secret": "Secret (client_secret)",
        "sign_in": "Sign in",
        "or": "Or with a token you have",
        "token": "Access token",
        "use_token": "Use the token",
        "sign_out": "Sign out",
        "working": "One moment …",
        "refused": "Unknown id, or not its secret.",
        "bad_token": "This token does not hold here (any more).",
        "over": "This sign-in is over. Please sign in again.",
        "too_many": "Too many attempts. Please wait a moment.",
        "away": "The server does not answer. Please try again in a moment.",
        "missing": "Please fill in both fields.",
        "no_script": "The explorer needs JavaScript.",
        "example": "# Ctrl+Space shows what there is. Ctrl+Enter asks.\n",
    },
}
LONGEST = 2_000  # characters of variables in an address
EXAMPLES = {
    "site": "{\n  site { name zone }\n}\n",
    "city": "{\n  sites { nodes { name state } }\n}\n",
}


@get("/explorer", media_type=MediaType.HTML, sync_to_thread=False)
def explorer(request: Request[Any, Any, Any]) -> Response[str]:
    """The page: a sign-in form, behind it GraphiQL."""
    arrival = arrived(request.scope)
    language = arrival.language if arrival.language in WORDS else "de"
    words = WORDS[language]
    document = _documents(arrival.realm.kind).text(request.query_params.get("document", ""))
    seed = {
        "words": words,
        "query": document or words["example"] + EXAMPLES[arrival.realm.kind],
        "variables": _variables(request.query_params.get("variables", "")),
        "word": form_word(arrival.session) if arrival.session else None,
        "styles": [address(name) for name in LATER["styles"]],
        "scripts": [address(name) for name in LATER["scripts"]],
    }
    say = {name: escape(text) for name, text in words.items()}
    text = f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{say["title"]} – {escape(arrival.realm.name)}</title>
<link rel="stylesheet" href="{address("explorer/explorer.css")}">
<script type="application/json" id="seed">{_inside_script(seed)}</script>
<script src="{address("explorer/explorer.js")}" defer></script>
</head>
<body>
<main id="door">
<h1>{say["title"]} <span>{escape(arrival.realm.name)}</span></h1>
<p>{say["intro"]}</p>
<noscript><p>{say["no_script"]}</p></noscript>
<form id="client-form" autocomplete="off" novalidate>
<label for="client">{say["client"]}</label>
<input id="client" name="client" required autocapitalize="off" spellcheck="false" autocomplete="off">
<label for="secret">{say["secret"]}</label>
<input id="secret" name="secret" type="password" required autocomplete="off">
<button>{say["sign_in"]}</button>
</form>
<details>
<summary>{say["or"]}</summary>
<form id="token-form" autocomplete="off" novalidate>
<label for="token">{say["token"]}</label>
<input id="token" name="token" type="password" required autocomplete="off">
<button>{say["use_token"]}</button>
</form>
</details>
<p id="status" role="status" aria-live="polite"></p>
</main>
<div id="room" hidden>
<header><strong>{say["title"]}</strong> <span>{escape(arrival.realm.name)}</span>
<button id="leave" type="button">{say["sign_out"]}</button></header>
<div id="graphiql"></div>
</div>
</body>
</html>
"""
    headers = {
        "content-security-policy": POLICY.format(socket=arrival.origin.replace("http", "ws", 1)),
        "content-language": language,
        "cache-control": "no-store",
        "vary": "Accept-Language",
    }
    return Response(text, headers=headers)


@functools.cache
def _documents(kind: str) -> Documents:
    return Documents(kind)


def _variables(text: str) -> str:
    """The variables of a page, written to be read; whatever is no object of JSON is left out."""
    try:
        found = json.loads(text[:LONGEST])
    except (ValueError, RecursionError):
        return ""
    return json.dumps(found, indent=2, ensure_ascii=False) if isinstance(found, dict) and found else ""


def _inside_script(value: object) -> str:
    """JSON that cannot end the element it stands in."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


PAGES = (explorer, static)

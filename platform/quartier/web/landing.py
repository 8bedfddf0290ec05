"""The plain page at a realm's front door: whose it is, and where programs and people go on."""

from html import escape
from typing import Any

from litestar import MediaType, Request, Response, get

from quartier.access.arrival import arrived

_WORDS = {
    "de": {
        "site": "Standort eines Quartierszentrums: Mitglieder, Räume, Programm und Förderung.",
        "city": "Stadtweite Zahlen der Quartierszentren: nur Summen, nie Personen.",
        "explorer": "GraphQL-Explorer",
        "program": "Programme melden sich mit einem eigenen Zugang an und fragen über GraphQL. "
        "Wie das geht, steht in der README im Abschnitt „One query over every module“.",
        "endpoint": "Adresse der Schnittstelle",
        "metadata": "Angaben für OAuth-Programme",
    },
    "en": {
        "site": "Site of a neighbourhood center: members, rooms, programme and grants.",
        "city": "City-wide figures of the neighbourhood centers: sums only, never persons.",
        "explorer": "GraphQL explorer",
        "program": "Programs sign in with a client of their own and ask by GraphQL. "
        "The README's section “One query over every module” shows how.",
        "endpoint": "Address of the API",
        "metadata": "Facts for OAuth clients",
    },
}


@get("/", media_type=MediaType.HTML, sync_to_thread=False)
def landing(request: Request[Any, Any, Any]) -> Response[str]:
    arrival = arrived(request.scope)
    language = arrival.language if arrival.language in _WORDS else "de"
    words = _WORDS[language]
    name = escape(arrival.realm.name)
    text = f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
</head>
<body>
<main>
<h1>{name}</h1>
<p>{words[arrival.realm.kind]}</p>
<p>{words["program"]}</p>
<ul>
<li><a href="/explorer">{words["explorer"]}</a></li>
<li>{words["endpoint"]}: <code>{escape(arrival.origin)}/graphql</code></li>
<li><a href="/.well-known/oauth-authorization-server">{words["metadata"]}</a></li>
</ul>
</main>
</body>
</html>
"""
    return Response(text, headers={"content-language": language, "vary": "Accept-Language"})

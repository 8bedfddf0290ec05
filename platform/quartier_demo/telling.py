"""What the demo says while it starts, and when it is ready. For programs one line of JSON, and all else on stderr."""

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

import msgspec

from quartier.tenancy.realm import Realm
from quartier_demo.institutions import PRACTICE, Institution
from quartier_demo.keys import Keys

STEP = 0.25  # a line each quarter: fewer seem to stand still, more run past


class Teller:
    """Says how far it is. `as_json`: stdout gets the one line of readiness alone."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json, self._begun, self._said = as_json, time.monotonic(), ("", 0.0)

    def doing(self, what: str) -> None:
        self._say(f"[{time.monotonic() - self._begun:5.1f} s] {what} ...")

    def progress(self, what: str, share: float) -> None:
        """Say how much of something is done; not each time."""
        said, until = self._said
        if said != what:
            self.doing(f"Filling {what}")
            self._said = (what, STEP)
        elif share >= until:
            self.doing(f"Filling {what}: {share:.0%}")
            self._said = (what, until + STEP)

    def remark(self, text: str) -> None:
        self._say(text)

    def done(self, text: str) -> None:
        self._say(text)

    def ready(
        self, realms: Sequence[Realm], port: int, keys: Keys, provider: str, institutions: Mapping[str, Institution]
    ) -> None:
        """Tell where everything is and what opens it."""
        in_order = sorted(realms, key=lambda realm: (realm.kind == "city", realm.slug))
        if self.as_json:
            facts = _facts(in_order, port, keys) | {"provider": provider}
            for person in facts["people"]:
                person["login"] = _login(person["host"], port, person["name"], institutions)
            print(msgspec.json.encode(facts).decode(), flush=True)
        self._say(f"\nReady after {time.monotonic() - self._begun:.1f} s.\n")
        for realm in in_order:
            client = keys[realm.slug].client
            self._say(f"  {realm.name}\n    {_url(realm, port)}")
            self._say(f"    client id {client.id}   secret {client.secret}")
        self._say(f"\nSign in as anybody: choose “Vorführung: alle Personen” on the sign-in page ({provider}).")
        self._say("Invented people with their tokens: demo-keys.json in the data folder, or --json.")
        self._say("Ctrl-C ends it; the data stay.")

    def _say(self, text: str) -> None:
        print(text, file=self._out, flush=True)

    @property
    def _out(self) -> TextIO:
        return sys.stderr if self.as_json else sys.stdout


def _facts(realms: Sequence[Realm], port: int, keys: Keys) -> dict[str, Any]:
    """`sites` are those that people enter; `city` is the realm that compares them."""
    [city] = [{"slug": realm.slug, "url": _url(realm, port)} for realm in realms if realm.kind == "city"]
    of = [(realm.host, keys[realm.slug]) for realm in realms]
    return {
        "ready": True,
        "sites": [{"slug": realm.slug, "url": _url(realm, port)} for realm in realms if realm.kind == "site"],
        "city": city,
        "clients": [{"host": host, **msgspec.structs.asdict(realm.client)} for host, realm in of],
        "people": [{"host": host, **msgspec.structs.asdict(each)} for host, realm in of for each in realm.people],
    }


def _login(host: str, port: int, name: str, institutions: Mapping[str, Institution]) -> dict[str, Any]:
    """How a person signs in: at her own institution where she has one, else by the demo's own way."""
    found = [
        (client.slug == PRACTICE, client, sub, institution)
        for institution in institutions.values()
        for client in institution.clients.values()
        for sub, person in institution.people.items()
        if client.host == host and person.name == name
    ]
    if not found:
        return {"kind": "code", "mailbox": f"http://{host}:{port}/dev/postfach"}
    _, client, sub, institution = min(found, key=lambda each: each[0])
    url = f"{client.origin}/auth/oidc/{client.slug}/start"
    return {"kind": "oidc", "provider": client.slug, "institution": institution.name, "url": url, "sub": sub}


def _url(realm: Realm, port: int) -> str:
    return f"http://{realm.host}:{port}"

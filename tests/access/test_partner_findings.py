"""What keeps a partner's people out is told to the administrator, provider by provider, and hinders no other."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from access.test_partner_rows import institute
from joserfc.jwk import ECKey
from rows import add
from world import Site

from quartier.access.partners.checking import findings
from quartier.access.partners.metadata import Issuers


@dataclass
class Published:
    """A real server on this machine that publishes what a provider does; `changed` overwrites parts of it."""

    port: int = 0
    changed: dict[str, Any] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readline()).split()[1].decode()
        while (await reader.readline()).strip():
            pass
        if path == "/keys":
            body = {"keys": [ECKey.generate_key("P-256").as_dict(private=False)]}
        else:
            body = {
                "issuer": self.issuer, "authorization_endpoint": self.issuer + "/auth",
                "token_endpoint": self.issuer + "/token", "jwks_uri": self.issuer + "/keys",
                "id_token_signing_alg_values_supported": ["ES256"],
            } | self.changed  # fmt: skip
        text = json.dumps(body).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(text) + text)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def publishing(**changed: Any) -> AsyncIterator[Published]:
    published = Published(changed=changed)
    server = await asyncio.start_server(published.answer, "127.0.0.1", 0)
    published.port = server.sockets[0].getsockname()[1]
    async with server:
        yield published


async def told(site: Site, *, closed: bool = False) -> dict[str, list[str]]:
    issuers = Issuers(loopback=True)
    found: dict[str, list[str]] = {}
    try:
        for slug, words in await findings(site.desk("site_admin"), issuers, closed=closed):
            found.setdefault(slug, []).append(words.de.format_map(words.values))
    finally:
        await issuers.close()
    return found


async def test_a_provider_that_answers_and_fits_has_no_finding(west: Site) -> None:
    async with publishing() as good:
        await institute(west, "gut", issuer=good.issuer)
        assert await told(west) == {}


async def test_one_that_is_away_or_wrong_is_named_and_the_others_are_not(west: Site) -> None:
    async with publishing() as good, publishing(issuer="https://evil.example") as wrong:
        await institute(west, "gut", issuer=good.issuer)
        await institute(west, "falsch", issuer=wrong.issuer)
        await institute(west, "weg", issuer="http://127.0.0.1:9")
        found = await told(west)
    assert set(found) == {"falsch", "weg"}
    assert "„issuer“" in found["falsch"][0]
    assert "antwortet nicht" in found["weg"][0]


async def test_an_outage_is_told_though_a_copy_still_lets_people_in(west: Site) -> None:
    issuers, desk = Issuers(loopback=True), west.desk("site_admin")
    async with publishing() as good:
        await institute(west, "gut", issuer=good.issuer)
        await issuers.of(good.issuer).document()
    assert (await issuers.of(good.issuer).document())["issuer"] == good.issuer
    assert [slug for slug, _ in await findings(desk, issuers)] == ["gut"]
    await issuers.close()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"jwks_uri": "ftp://x"}, "„jwks_uri“"),
        ({"code_challenge_methods_supported": ["plain"]}, "„code_challenge_methods_supported“"),
        ({"id_token_signing_alg_values_supported": ["HS256"]}, "Signaturverfahren"),
    ],
)
async def test_what_does_not_go_together_is_named(west: Site, changed: dict[str, Any], said: str) -> None:
    async with publishing(**changed) as odd:
        await institute(west, "schief", issuer=odd.issuer)
        [words] = (await told(west))["schief"]
    assert said in words


async def test_a_rule_with_an_unknown_role_or_a_lost_secret_is_named_with_the_rest(west: Site) -> None:
    async with publishing() as good:
        await institute(west, "gut", issuer=good.issuer, secret_enc=b"of a key that is gone")
        [row] = await west.sql("select id from auth.identity_provider where tenant_id = $1", west.id)
        await add(west, "auth.provider_rule", provider=row["id"], claim_value="alle", role="koenigin")
        await add(west, "auth.provider_rule", provider=row["id"], claim_value="chefs", role="finance")
        found = (await told(west))["gut"]
    assert len(found) == 3
    assert any("Geheimnis" in each for each in found)
    assert any("koenigin" in each for each in found)
    assert any("Obergrenze" in each for each in found)


async def test_drafts_are_looked_at_when_somebody_wants_to_open_them(west: Site) -> None:
    await institute(west, "bald", issuer="http://127.0.0.1:9", state="draft")
    assert await told(west) == {}
    assert set(await told(west, closed=True)) == {"bald"}

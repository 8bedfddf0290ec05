"""Machines at the door: what they get, and why they are refused (the reason, not only the number)."""

import asyncio
import base64
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from doorway import logged
from rows import organisation
from world import Site

from quartier.access import speaker
from quartier.access.actions import create_client, disable_client, end_old_secret, machine_now, rotate_client
from quartier.access.marks import mark
from quartier.access.people.actions import block_person, unblock_person
from quartier.access.speaker import TokenRefused
from quartier.access.words import ClientSecret
from quartier.app import App
from quartier.kit.ids import new_id


async def a_client(site: Site, *scopes: str) -> ClientSecret:
    wanted = scopes or ("spaces:read", "members:read")
    return await create_client(site.desk("site_admin"), "Aushang im Foyer", wanted, agreement="AVV vom 1.3.2026")


def asking(scope: str = "spaces:read", **more: str) -> dict[str, str]:
    return {"grant_type": "client_credentials", "scope": scope, **more}


async def a_token(http: httpx2.AsyncClient, of: ClientSecret, scope: str = "spaces:read") -> str:
    answer = await http.post("/oauth/token", auth=(of.client_id, of.secret), data=asking(scope))
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


async def speaks(http: httpx2.AsyncClient, token: str, **options: Any) -> httpx2.Response:
    return await http.post("/graphql", headers={"authorization": f"Bearer {token}"}, **options)


async def reasons(site: Site) -> list[tuple[str, str | None]]:
    rows = await site.sql("select kind, reason from auth.event where tenant_id = $1 order by id", site.id)
    return [(row["kind"], row["reason"]) for row in rows if row["kind"] != "client.created"]


async def test_a_token_lives_fifteen_minutes_and_carries_the_asked_scopes(
    at_west: httpx2.AsyncClient, west: Site
) -> None:
    of = await a_client(west, "spaces:read", "members:read", "grants:read")
    answer = await at_west.post("/oauth/token", auth=(of.client_id, of.secret), data=asking("spaces:read members:read"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    token = told.pop("access_token")
    assert token.startswith("qtr_")
    assert told == {"token_type": "Bearer", "expires_in": 900, "scope": "spaces:read members:read"}
    said = (await speaks(at_west, token)).json()
    assert said["permissions"] == ["members:read", "spaces:read"]
    assert said["realm"] == west.realm.slug
    [row] = await west.sql(
        "select hash, expires_at - issued_at as lasts, issued_at from auth.api_token where tenant_id = $1", west.id
    )
    assert row["hash"] == mark(token)
    assert row["lasts"] == timedelta(minutes=15)
    assert abs(row["issued_at"] - machine_now()) < timedelta(minutes=1)  # never the clock of the demo
    assert await reasons(west) == [("token.issued", None)]


async def test_the_secret_may_come_in_the_form_and_encoded_in_the_header(
    at_west: httpx2.AsyncClient, west: Site
) -> None:
    of = await a_client(west)
    form = asking(client_id=of.client_id, client_secret=of.secret)
    assert (await at_west.post("/oauth/token", data=form)).status_code == 200
    encoded = "".join(f"%{byte:02X}" for byte in of.secret.encode())
    header = "Basic " + base64.b64encode(f"{of.client_id}:{encoded}".encode()).decode()
    assert (await at_west.post("/oauth/token", headers={"authorization": header}, data=asking())).status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "error", "reason"),
    [
        (asking("insight:compare"), 400, "invalid_scope", "invalid_scope"),
        (asking("spaces:read grants:read"), 400, "invalid_scope", "invalid_scope"),
        (asking("spaces:read everything"), 400, "invalid_scope", "invalid_scope"),
        (asking("spaces:read access:clients"), 400, "invalid_scope", "invalid_scope"),
        (asking(" "), 400, "invalid_scope", "invalid_scope"),
        ({"grant_type": "client_credentials"}, 400, "invalid_scope", "invalid_scope"),
        (
            {"grant_type": "password", "username": "mira", "password": "x", "scope": "spaces:read"},
            400,
            "unsupported_grant_type",
            "unsupported_grant_type",
        ),
        ({"scope": "spaces:read"}, 400, "unsupported_grant_type", "unsupported_grant_type"),
    ],
)
async def test_53_what_is_not_offered_is_refused(
    at_west: httpx2.AsyncClient, west: Site, form: dict[str, str], status: int, error: str, reason: str
) -> None:
    of = await a_client(west)
    answer = await at_west.post("/oauth/token", auth=(of.client_id, of.secret), data=form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert await reasons(west) == [("token.refused", reason)]
    assert await west.count("auth.api_token") == 0


async def test_53_who_is_not_known_is_answered_alike_whatever_was_wrong(
    at_west: httpx2.AsyncClient, at_east: httpx2.AsyncClient, west: Site, east: Site
) -> None:
    of, off, old = await a_client(west), await a_client(west), await a_client(west)
    await disable_client(west.desk("site_admin"), off.client_id)
    await west.sql("update auth.api_client set expires_at = $2 where client_id = $1", old.client_id, machine_now())
    answers = [
        await at_west.post("/oauth/token", auth=(of.client_id, of.secret + "x"), data=asking()),
        await at_west.post("/oauth/token", auth=("qtrc_nobody", of.secret), data=asking()),
        await at_west.post("/oauth/token", data=asking(client_id="qtrc_nobody", client_secret="x")),
        await at_west.post("/oauth/token", data=asking(client_id=of.client_id)),
        await at_west.post("/oauth/token", data=asking()),
        await at_west.post("/oauth/token", auth=(off.client_id, off.secret), data=asking()),
        await at_west.post("/oauth/token", auth=(old.client_id, old.secret), data=asking()),
    ]
    assert {(a.status_code, a.text, a.headers["www-authenticate"]) for a in answers} == {
        (
            401,
            '{"error":"invalid_client","error_description":"Unknown client, or not its secret."}',
            f'Basic realm="{west.realm.host}"',
        )
    }
    assert [reason for kind, reason in await reasons(west) if kind == "token.refused"] == [
        "secret_wrong", "client_unknown", "client_unknown", "secret_wrong", "client_missing", "client_off",
        "client_expired",
    ]  # fmt: skip
    answer = await at_east.post("/oauth/token", auth=(of.client_id, of.secret), data=asking())
    assert (answer.status_code, await reasons(east)) == (401, [("token.refused", "client_unknown")])


BASIC = {"authorization": "Basic " + base64.b64encode(b"a:b").decode()}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        ({"json": {"grant_type": "client_credentials"}}, 415, "application/x-www-form-urlencoded senden."),
        (
            {"content": b"a=b", "headers": {"content-type": "text/plain"}},
            415,
            "application/x-www-form-urlencoded senden.",
        ),
        ({"content": b"scope=a&scope=b", "headers": FORM}, 400, "A parameter stands twice."),
        ({"content": b"client_id=%FF", "headers": FORM}, 400, "The body is not a form."),
        ({"content": b"\xff", "headers": FORM}, 400, "The body is not a form."),
        ({"content": b"grant_type", "headers": FORM}, 400, "The body is not a form."),
        ({"content": b"&".join(b"p%d=1" % n for n in range(30)), "headers": FORM}, 400, "The body is not a form."),
        ({"content": b"client_id=a%00b", "headers": FORM}, 400, "A parameter holds a zero byte."),
        ({"data": {"client_id": "a", "client_secret": "b"}, "headers": BASIC}, 400, "not in both"),
        ({"data": {"client_id": "other"}, "headers": BASIC}, 400, "name two clients"),
        ({"data": {}, "headers": FORM | {"authorization": "Bearer qtr_x"}}, 400, "takes HTTP Basic"),
        ({"data": {}, "headers": FORM | {"authorization": "Basic !!!"}}, 400, "not HTTP Basic"),
        ({"data": {}, "headers": FORM | {"authorization": "Basic YQ=="}}, 400, "not HTTP Basic"),
        ({"data": {}, "headers": FORM | {"authorization": "Basic /zr/"}}, 400, "not HTTP Basic"),
    ],
)
@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/oauth/introspect"])
async def test_what_is_not_a_plain_form_is_refused_before_anything_is_asked(
    at_west: httpx2.AsyncClient, west: Site, path: str, options: dict[str, Any], status: int, words: str
) -> None:
    answer = await at_west.post(path, **options)
    told = answer.json()
    assert answer.status_code == status
    assert words in told.get("error_description", told.get("detail", ""))
    assert await west.count("auth.event") == 0


async def test_53_a_token_of_west_is_nothing_at_east(
    at_west: httpx2.AsyncClient, at_east: httpx2.AsyncClient, west: Site, app: App
) -> None:
    token = await a_token(at_west, await a_client(west))
    assert (await speaks(at_west, token)).status_code == 200
    answer = await speaks(at_east, token)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("hearing", [True, False])
@pytest.mark.parametrize(
    ("ended_by", "reason"),
    [
        ("client_off", "client_off"),
        ("client_ended", "client_expired"),
        ("revoked", "revoked"),
        ("old_secret", "revoked"),
    ],
)
async def test_53_a_token_ends_with_its_client_and_its_revocation(
    at_west: httpx2.AsyncClient, west: Site, app: App, hearing: bool, ended_by: str, reason: str
) -> None:
    """Also one that was used a moment ago, so that this process remembers it; and in a deaf process."""
    if not hearing:
        await app.house.ear.stop()
    assert app.house.ear.hearing is hearing
    of = await a_client(west)
    token = await a_token(at_west, of)
    assert (await speaks(at_west, token)).status_code == 200
    await END[ended_by](at_west, west, of, token)
    answer = await speaks(at_west, token)
    for _ in range(500):
        if answer.status_code == 401 or not hearing:  # who hears nothing asks every time
            break
        await asyncio.sleep(0.01)  # the notice is on its way
        answer = await speaks(at_west, token)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert logged(answer.headers["x-request-id"])["reason"] == reason
    if not hearing:
        await app.house.ear.start()


async def test_53_expiry_is_looked_at_on_every_use(
    at_west: httpx2.AsyncClient, west: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await a_token(at_west, await a_client(west))
    assert (await speaks(at_west, token)).status_code == 200
    monkeypatch.setattr(speaker, "machine_now", lambda: machine_now() + timedelta(minutes=15, seconds=1))
    answer = await speaks(at_west, token)
    assert answer.status_code == 401
    assert logged(answer.headers["x-request-id"])["reason"] == "expired"


async def switch_off(http: httpx2.AsyncClient, west: Site, of: ClientSecret, token: str) -> None:
    await disable_client(west.desk("site_admin"), of.client_id)


async def end_client(http: httpx2.AsyncClient, west: Site, of: ClientSecret, token: str) -> None:
    await west.sql("update auth.api_client set expires_at = $2 where client_id = $1", of.client_id, machine_now())
    await west.sql("select pg_notify('quartier_access', $1)", str(west.id))


async def revoke(http: httpx2.AsyncClient, west: Site, of: ClientSecret, token: str) -> None:
    answer = await http.post("/oauth/revoke", auth=(of.client_id, of.secret), data={"token": token})
    assert answer.status_code == 200


async def rotate_away(http: httpx2.AsyncClient, west: Site, of: ClientSecret, token: str) -> None:
    await rotate_client(west.desk("site_admin"), of.client_id)
    assert (await speaks(http, token)).status_code == 200  # a new secret alone ends nothing
    await end_old_secret(west.desk("site_admin"), of.client_id)


END = {
    "client_off": switch_off,
    "client_ended": end_client,
    "revoked": revoke,
    "old_secret": rotate_away,
}


async def test_a_scope_taken_from_the_client_is_gone_from_its_tokens(
    at_west: httpx2.AsyncClient, west: Site, app: App
) -> None:
    of = await a_client(west)
    token = await a_token(at_west, of, "spaces:read members:read")
    await west.sql("update auth.api_client set scopes = '{spaces:read}' where client_id = $1", of.client_id)
    assert (await speaks(at_west, token)).json()["permissions"] == ["spaces:read"]


@pytest.mark.parametrize("token", ["", "qtr_", "qtr_" + "x" * 43, "qtrs_" + "x" * 43, "a b", "qtr_" + "ä" * 43])
async def test_whatever_is_no_token_is_never_a_stranger(at_west: httpx2.AsyncClient, token: str) -> None:
    answer = await at_west.post("/graphql", headers={b"authorization": f"Bearer {token}".encode()})
    assert answer.status_code == 401
    answer = await at_west.post("/graphql", headers={b"authorization": f"Basic {token}".encode()})
    assert answer.status_code == 401


async def test_without_a_token_it_is_a_stranger_who_may_nothing(at_west: httpx2.AsyncClient) -> None:
    told = (await at_west.post("/graphql")).json()
    assert (told["client"], told["person"], told["permissions"]) == (None, None, [])


async def test_introspection_tells_a_client_of_its_own_token_only(at_west: httpx2.AsyncClient, west: Site) -> None:
    mine, other = await a_client(west), await a_client(west)
    token = await a_token(at_west, mine)
    told = (await at_west.post("/oauth/introspect", auth=(mine.client_id, mine.secret), data={"token": token})).json()
    assert told["exp"] - told["iat"] == 900
    assert (told["active"], told["client_id"], told["scope"]) == (True, mine.client_id, "spaces:read")
    for shown in (token, "qtr_nothing", ""):
        answer = await at_west.post("/oauth/introspect", auth=(other.client_id, other.secret), data={"token": shown})
        assert (answer.status_code, answer.json()) == (200, {"active": False})


async def test_nobody_revokes_anothers_token(at_west: httpx2.AsyncClient, west: Site) -> None:
    mine, other = await a_client(west), await a_client(west)
    token = await a_token(at_west, mine)
    answer = await at_west.post("/oauth/revoke", auth=(other.client_id, other.secret), data={"token": token})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (await reasons(west))[-1] == ("revocation.refused", "invalid_grant")
    assert (await speaks(at_west, token)).status_code == 200


async def test_two_secrets_are_valid_while_one_is_replaced(at_west: httpx2.AsyncClient, west: Site) -> None:
    desk = west.desk("site_admin")
    first = await a_client(west)
    second = await rotate_client(desk, first.client_id)
    assert await a_token(at_west, first)
    assert await a_token(at_west, second)
    third = await rotate_client(desk, first.client_id)
    refused = await at_west.post("/oauth/token", auth=(first.client_id, first.secret), data=asking())
    assert refused.status_code == 401
    assert await a_token(at_west, second)
    assert await a_token(at_west, third)


async def test_45_ten_wrong_secrets_a_minute_close_the_door_for_this_account_at_this_site(
    at_west: httpx2.AsyncClient, at_east: httpx2.AsyncClient, west: Site, east: Site
) -> None:
    of, other, at_home = await a_client(west), await a_client(west), await a_client(east)
    for number in range(10):
        answer = await at_west.post(
            "/oauth/token",
            auth=(of.client_id, "wrong"),
            data=asking(),
            headers={"x-forwarded-for": f"192.0.2.{number}"},  # whoever rotates this is the same visitor
        )
        assert answer.status_code == 401
    closed = await at_west.post("/oauth/token", auth=(of.client_id, of.secret), data=asking())
    if closed.status_code == 200:  # the minute turned in the meantime: the counters began anew
        return
    assert closed.status_code == 429
    assert 1 <= int(closed.headers["retry-after"]) <= 61
    assert await a_token(at_west, other)
    assert await a_token(at_east, at_home)


async def test_the_metadata_come_from_the_directory(at_west: httpx2.AsyncClient, west: Site) -> None:
    answer = await at_west.get(
        "/.well-known/oauth-authorization-server",
        headers={"host": west.realm.host.upper() + ":1234", "x-forwarded-host": "evil.example"},
    )
    told = answer.json()
    assert told["issuer"] == f"http://{west.realm.host}:8000"  # the demo's; elsewhere https
    assert told["token_endpoint"] == told["issuer"] + "/oauth/token"
    assert told["grant_types_supported"] == ["client_credentials"]
    assert "insight:compare" not in told["scopes_supported"]


@pytest.mark.parametrize(("scope", "known"), [("spaces:book", True), ("spaces:read", False)])
async def test_a_program_that_books_stands_for_its_owner_s_organisations(
    app: App, at_west: httpx2.AsyncClient, west: Site, scope: str, *, known: bool
) -> None:
    jana, garden = await west.person("Jana Fried"), await organisation(west, "Stadtgarten e. V.")
    await west.sql(
        "insert into app.affiliation (tenant_id, id, person_id, organisation_id, role, during, created_at) "
        "values ($1, $2, $3, $4, 'owner', daterange('2026-01-01', null), now())",
        west.id, new_id(), jana, garden,
    )  # fmt: skip
    of = await create_client(west.desk("site_admin"), "Anzeige", [scope], owner=jana)
    token = await a_token(at_west, of, scope)
    desk = await app.house.speakers.desk(west.realm, f"Bearer {token}", language=None, request_id="test")
    assert (desk.person, desk.own) == (None, frozenset({garden} if known else ()))


async def test_40_a_program_of_somebody_who_is_kept_out_opens_nothing_from_then_on(
    app: App, at_west: httpx2.AsyncClient, west: Site
) -> None:
    admin = west.desk("site_admin", person=await west.person("Ralf Zeidler", "site_admin"))
    jana = await west.person("Jana Fried", "site_admin")
    of = await create_client(admin, "Anzeige", ["members:read"], owner=jana, agreement="AV 7")
    token = await a_token(at_west, of, "members:read")

    async def asked() -> str:
        try:
            await app.house.speakers.desk(west.realm, f"Bearer {token}", language=None, request_id="test")
        except TokenRefused as refused:
            return refused.reason
        return "heard"

    assert await asked() == "heard"
    with west.speaking():
        await block_person(admin, jana, 1, reason="hat das Haus verlassen")
    assert await asked() == "owner_gone"
    with west.speaking():
        await unblock_person(admin, jana, 2)
    assert await asked() == "heard"

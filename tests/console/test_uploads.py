"""Attack 54 over HTTP: an address from the graph, one PUT by the same person, and nobody else's bytes."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
from console.conftest import Town
from console.reader import Reader, signed_in
from doorway import logged
from handed import PDF, picture

from quartier.access.cookies import form_word
from quartier.kit.ids import new_id

MB = 1024 * 1024


def with_word(reader: Reader) -> dict[str, str]:
    return reader.headers | ({"x-csrf-token": form_word(reader.session)} if reader.session else {})


async def asked(reader: Reader, size: int, name: str = "raum.png", purpose: str = "SPACE_PHOTO") -> dict[str, Any]:
    wish = {"purpose": purpose, "name": name, "bytes": size, "idempotencyKey": str(new_id())}
    body = {"documentId": "requestUpload", "variables": {"input": wish}}
    answer = await reader.http.post("/graphql", json=body, headers=with_word(reader))
    return dict(answer.json()["data"]["requestUpload"])


async def put(reader: Reader, address: str, body: Any, **headers: str) -> httpx2.Response:
    return await reader.http.put(address, content=body, headers=with_word(reader) | headers)


def codes(answer: httpx2.Response) -> list[str]:
    return [each["code"] for each in answer.json()["refusals"]]


async def test_a_file_goes_to_the_address_that_the_graph_gave_once(town: Town) -> None:
    manager, body = await town.reader("manager"), picture()
    given = await asked(manager, len(body))
    assert given["file"].startswith("fil_")
    answer = await put(manager, given["address"], body)
    assert (answer.status_code, answer.content) == (201, b"")
    [row] = await town.west.site.sql(
        "select state, media from app.file where tenant_id = $1 and id = $2", town.west.site.id, given["file"][4:]
    )
    assert (row["state"], row["media"]) == ("taken", "image/jpeg")
    again = await put(manager, given["address"], body)
    assert (again.status_code, codes(again)) == (409, ["UPLOAD_USED"])
    assert again.json()["refusals"][0]["message"].startswith("Unter dieser Adresse kam schon")
    token = given["address"].rpartition("/")[2]
    line = logged(answer.headers["x-request-id"])
    assert line["path"] == "/uploads/…"
    assert token not in json.dumps(line)


async def test_the_address_alone_opens_nothing(town: Town) -> None:
    manager, body = await town.reader("manager"), picture()
    given = await asked(manager, len(body))
    stranger = await put(town.stranger(), given["address"], body)
    assert stranger.status_code == 401
    other = await put(await town.reader("manager"), given["address"], body)
    assert (other.status_code, codes(other)) == (404, ["NOT_FOUND"])
    east = await put(await town.reader("manager", place=town.east), given["address"], body)
    assert (east.status_code, codes(east)) == (404, ["NOT_FOUND"])
    operator = await put(await signed_in(town.app, town.city, "platform_operator"), given["address"], body)
    assert operator.status_code == 404
    elsewhere = manager.headers | {"origin": "https://evil.example"}
    assert (await manager.http.put(given["address"], content=body, headers=elsewhere)).status_code == 403
    assert (await manager.http.put(given["address"], content=body, headers=manager.headers)).status_code == 403
    assert (await put(manager, given["address"], body)).status_code == 201


async def test_54_ten_gigabytes_are_stopped_early(town: Town) -> None:
    manager = await town.reader("manager")
    refused = await asked(manager, 2**31 - 1)
    assert refused["address"] is None
    assert "FILE_TOO_LARGE" in [each["code"] for each in refused["refusals"]]
    given = await asked(manager, 10 * MB)
    sent = 0

    async def ten_gigabytes() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 10 * 1024 * MB:
            sent += MB
            yield bytes(MB)

    told = await put(manager, given["address"], ten_gigabytes(), **{"content-length": str(10 * 1024 * MB)})
    assert (told.status_code, sent) == (413, 0)
    untold = await put(manager, given["address"], ten_gigabytes())
    assert untold.status_code == 413
    assert untold.headers["connection"] == "close"
    assert sent <= 12 * MB
    before = sent
    desk = await put(await town.reader("front_desk"), given["address"], ten_gigabytes())
    assert (desk.status_code, codes(desk)) == (403, ["NOT_ALLOWED"])
    assert sent - before <= MB  # the client has begun before it was answered


async def test_54_what_is_no_picture_is_refused_with_words(town: Town) -> None:
    manager = await town.reader("manager")
    for body, name, status, code in (
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "raum.png", 415, "FILE_KIND_UNFIT"),
        (PDF, "raum.png", 415, "FILE_KIND_UNFIT"),
        (picture(), "raum.png.exe", 422, "FILE_NAME_UNFIT"),
        (picture()[:200], "raum.png", 422, "PICTURE_BROKEN"),
    ):
        given = await asked(manager, len(body), name)
        answer = await put(manager, given["address"], body)
        assert (answer.status_code, codes(answer)) == (status, [code])
    nothing = await asked(manager, 10)
    answer = await put(manager, nothing["address"], b"")
    assert (answer.status_code, codes(answer)) == (422, ["FILE_WITHOUT_CONTENT"])
    paper = await asked(manager, 10, "../x.pdf", "MEMBERSHIP_PAPER")
    assert [each["code"] for each in paper["refusals"]] == ["FILE_NAME_UNFIT"]

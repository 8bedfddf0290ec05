"""Who looked at whose data is written down: by page, by program, by subscription; one's own data is no look."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio
from console.conftest import Town
from console.reader import signed_in, words
from refusing import refusals
from world import Site

from quartier.access import looks as keeping
from quartier.access.actions import create_client
from quartier.access.log import Wanted, look_lines
from quartier.access.looks import ANYBODY, Looks
from quartier.database.engine import DB
from quartier.database.faults import Unavailable
from quartier.kit.ids import new_id
from quartier.members.importing.checking import check_import
from quartier_graph.edges import GraphEndpoint


def gathered(town: Town) -> Looks:
    assert isinstance(town.app.edges.graphql, GraphEndpoint)
    return town.app.edges.graphql.looks


async def lines(site: Site) -> list[dict[str, Any]]:
    rows = await site.sql(
        "select person, client, operation, fields, subjects, times from app.look_entry where tenant_id = $1"
        " order by created_at, id",
        site.id,
    )
    return [dict(row) for row in rows]


@pytest_asyncio.fixture
async def clean(town: Town) -> AsyncIterator[Town]:
    await gathered(town).write()
    for site in (town.west.site, town.east.site, town.city):
        await site.sql("delete from app.look_entry where tenant_id = $1", site.id)
    yield town


async def test_a_page_that_shows_people_is_a_look_and_a_catalogue_is_none(clean: Town) -> None:
    town, site = clean, clean.west.site
    mara = await site.person("Mara Ansicht", "manager")
    reader = await signed_in(town.app, site, person=mara)
    for page in ("/raumangebot", "/programm", "/foerderaufrufe"):
        assert (await reader.get(page)).status_code == 200
    await gathered(town).write()
    assert await lines(site) == []
    organisation = town.west.ids("org")[0]
    for _ in range(2):
        assert (await reader.get(f"/mitglieder/{organisation}")).status_code == 200
    await gathered(town).write()
    found = [line for line in await lines(site) if line["operation"] == "memberPage"]
    assert {(line["person"], line["client"]) for line in found} == {(mara, None)}
    assert sum(line["times"] for line in found) == 2  # one line, or two where they are written every few seconds
    assert all("Person.name" in line["fields"] for line in found)
    seen = {subject for line in found for subject in line["subjects"]}
    people = await site.sql(
        "select person_id from app.affiliation where tenant_id = $1 and organisation_id = $2",
        site.id, UUID(organisation.partition("_")[2]),
    )  # fmt: skip
    assert {row["person_id"] for row in people} - {mara} <= seen
    assert await lines(town.east.site) == []


async def test_one_s_own_data_is_no_look_and_a_member_s_is_none(clean: Town) -> None:
    town, site = clean, clean.west.site
    mara = await site.person("Mara Selbst", "manager")
    reader = await signed_in(town.app, site, person=mara)
    text = "query($id: ID!) { person(id: $id) { id name email } }"
    told = await asked(town, reader.headers, text, reader.session, id=f"prs_{mara}")
    assert told["data"]["person"]["name"] == "Mara Selbst"
    await gathered(town).write()
    assert await lines(site) == []
    other = town.west.ids("prs")[0]
    await asked(town, reader.headers, text, reader.session, id=other)
    await gathered(town).write()
    [line] = await lines(site)
    assert (line["subjects"], line["fields"]) == ([UUID(other[4:])], ["Person.email", "Person.name"])


async def asked(town: Town, headers: Any, text: str, session: str | None, **variables: Any) -> Any:
    from quartier.access.cookies import form_word

    transport = httpx2.ASGITransport(town.app)
    more = {"x-csrf-token": form_word(session)} if session else {}
    async with httpx2.AsyncClient(transport=transport, base_url=f"https://{town.west.site.realm.host}") as http:
        answer = await http.post("/graphql", json={"query": text, "variables": variables}, headers=headers | more)
    return answer.json()


@pytest.mark.parametrize("fields", ["id name", "name"])
async def test_a_program_s_looks_are_written_also_where_no_id_tells_at_whom(clean: Town, fields: str) -> None:
    town, site = clean, clean.west.site
    client = await create_client(site.desk("site_admin"), "Rundbrief", ["members:read"], agreement="AVV")
    transport = httpx2.ASGITransport(town.app)
    async with httpx2.AsyncClient(transport=transport, base_url=f"https://{site.realm.host}") as http:
        form = {"grant_type": "client_credentials", "scope": "members:read"}
        token = (await http.post("/oauth/token", auth=(client.client_id, client.secret), data=form)).json()
    headers = {"authorization": f"Bearer {token['access_token']}"}
    text = f"query letters {{ persons(first: 3) {{ nodes {{ {fields} }} }} }}"
    told = await asked(town, headers, text, None)
    assert len(told["data"]["persons"]["nodes"]) == 3
    await gathered(town).write()
    [line] = await lines(site)
    assert (line["person"], line["operation"], line["fields"]) == (None, "letters", ["Person.name"])
    assert line["client"] is not None
    assert (line["subjects"] == [ANYBODY]) == (fields == "name")
    assert len(line["subjects"]) == (1 if fields == "name" else 3)


async def test_many_people_are_several_lines_and_nothing_is_lost_while_the_database_is_away(
    clean: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = clean.west.site
    desk, gathering = site.desk("manager", person=await site.person("Mara Viele")), Looks()
    people = [new_id() for _ in range(keeping.LARGEST + 1)]
    gathering.take(desk, "all", ("Person.name",), people)
    put = keeping._put

    async def away(*_: Any) -> None:
        raise Unavailable

    monkeypatch.setattr(keeping, "_put", away)
    await gathering.write()
    monkeypatch.setattr(keeping, "_put", put)
    gathering.take(desk, "all", ("Person.name",), people[:1])
    await gathering.write()
    found = await lines(site)
    assert sorted(len(line["subjects"]) for line in found) == [1, keeping.LARGEST]
    assert {each for line in found for each in line["subjects"]} == set(people)
    await gathering.write()
    assert len(await lines(site)) == len(found)


async def test_what_is_seen_while_lines_wait_for_the_database_joins_them(
    clean: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = clean.west.site
    desk, gathering = site.desk("manager", person=await site.person("Mara Wieder")), Looks()
    first, second = new_id(), new_id()
    gathering.take(desk, "all", ("Person.name",), [first])
    put = keeping._put

    async def away(*_: Any) -> None:
        gathering.take(desk, "all", ("Person.name",), [second])
        raise Unavailable

    monkeypatch.setattr(keeping, "_put", away)
    await gathering.write()
    monkeypatch.setattr(keeping, "_put", put)
    await gathering.write()
    [line] = await lines(site)
    assert (set(line["subjects"]), line["times"]) == ({first, second}, 2)


async def test_a_list_of_members_that_is_looked_at_is_a_look(clean: Town) -> None:
    town, site = clean, clean.west.site
    mara = await site.person("Mara Liste", "manager")
    lines_of_it = ["Name;Art;E-Mail", "Ada Kern;Person;ada@kern.example"]
    with site.speaking():
        made = await check_import(site.desk("manager", person=mara), "liste.csv", lines_of_it)
    reader = await signed_in(town.app, site, person=mara)
    assert "Ada Kern" in words(await reader.get(f"/mitglieder/import/imp_{made}"))
    await gathered(town).write()
    fields = {field for line in await lines(site) for field in line["fields"]}
    assert {"ImportRow.personName", "ImportRow.address", "ImportFault.written"} <= fields


@pytest.mark.parametrize("field", ["written", "line written"])
async def test_what_is_wrong_with_a_cell_is_a_look_also_when_nothing_else_is_asked(clean: Town, field: str) -> None:
    town, site = clean, clean.west.site
    mara = await site.person("Mara Zelle", "manager")
    with site.speaking():
        made = await check_import(site.desk("manager", person=mara), "l.csv", ["Name;Art", "Ada Kern;Unfug"])
    reader = await signed_in(town.app, site, person=mara)
    text = f"query cells($id: ID!) {{ memberImport(id: $id) {{ faults(first: 9) {{ nodes {{ {field} }} }} }} }}"
    told = await asked(town, reader.headers, text, reader.session, id=f"imp_{made}")
    assert "Unfug" in json.dumps(told)
    await gathered(town).write()
    [line] = await lines(site)
    assert (line["fields"], line["subjects"]) == (["ImportFault.written"], [ANYBODY])


async def test_a_stop_writes_what_waits(clean: Town) -> None:
    site, gathering = clean.west.site, Looks()
    async with gathering.kept():
        gathering.take(site.desk("manager", person=await site.person("Mara Stopp")), None, ("Person.name",), [new_id()])
    assert len(await lines(site)) == 1


async def test_the_log_tells_who_saw_her_and_asking_is_noted_too(clean: Town) -> None:
    town, site = clean, clean.west.site
    mara = await site.person("Mara Neugier", "manager")
    seen, other = UUID(town.west.ids("prs")[0][4:]), UUID(town.west.ids("prs")[1][4:])
    gathered(town).take(site.desk("manager", person=mara), "memberPage", ("Person.name",), [seen])
    gathered(town).take(site.desk("manager", person=mara), "members", ("Person.email",), [other])
    await gathered(town).write()
    admin = await town.reader("site_admin")
    page = words(await admin.get("/verwaltung/protokoll"))
    assert all(each in page for each in ("Mara Neugier", "memberPage", "Person.email", "1 Mensch"))
    about = words(await admin.get(f"/verwaltung/protokoll?wer=prs_{seen}"))
    assert ("memberPage" in about, "Person.email" in about) == (True, False)
    kinds = await site.sql("select reason from auth.event where tenant_id = $1 and kind = 'audit.read'", site.id)
    assert {row["reason"] for row in kinds} == {"events", "acts", "looks"}
    [line] = await look_lines(site.desk("site_admin"), Wanted(seen), first=9)
    assert json.loads(line.detail)["subjects"] == [str(seen)]
    assert await look_lines(site.desk("site_admin"), Wanted(seen, until=line.at), first=9) == []
    assert list(await refusals(look_lines(site.desk("manager"), Wanted(), first=9))) == ["NOT_ALLOWED"]


async def test_nobody_changes_or_takes_back_a_look(clean: Town) -> None:
    site, gathering = clean.west.site, Looks()
    gathering.take(site.desk("manager", person=await site.person("Mara")), None, ("Person.name",), [new_id()])
    await gathering.write()
    for text in (
        "update app.look_entry set times = 9 where tenant_id = $1",
        "delete from app.look_entry where tenant_id = $1",
    ):
        with DB.speaking(site.id, "app"), pytest.raises(Exception, match="permission denied"):
            async with DB.work():
                await DB.fetch(text, site.id)


async def test_what_is_left_of_old_lines_are_numbers_on_the_page_of_logs(town: Town) -> None:
    site = town.west.site
    rows = "(tenant_id, log, month, kind, n) values ($1, 'looks', '2020-03-01', 'memberPage', 41)"
    await site.sql(f"insert into app.log_count {rows}", site.id)
    await site.sql(
        "insert into auth.event_count (tenant_id, month, kind, reason, n)"
        " values ($1, '2020-03-01', 'refused', 'bad_state', 3), ($1, '2020-03-01', 'refused', 'mix_up', 4)",
        site.id,
    )
    page = words(await (await town.reader("site_admin")).get("/verwaltung/protokoll"))
    assert "März 2020 Wer wen angesehen hat memberPage 41" in page
    assert "März 2020 Wer kam, wer nicht refused 7" in page
    other = words(await (await town.reader("site_admin", place=town.east)).get("/verwaltung/protokoll"))
    assert "Älter als drei Jahre" not in other

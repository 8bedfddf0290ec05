"""Who may come in, by the pages of the administration: each step with its reasons, and nothing of the neighbour."""

import re

import pytest
from access.test_partner_rows import institute
from conftest import Cluster
from console.conftest import Town
from console.reader import signed_in, words

from quartier.database import visit
from quartier.database.visit import VisitRefused
from quartier.kit.ids import new_id

ZUGANG = "/verwaltung/zugang"


async def test_somebody_who_waits_is_admitted_blocked_and_let_in_again(town: Town) -> None:
    site = town.west.site
    eve = await site.person("Eve Adler", "observer")
    await site.sql("update app.person set state = 'pending' where tenant_id = $1 and id = $2", site.id, eve)
    admin = await town.reader("site_admin")
    hers = await signed_in(town.app, site, person=eve)
    assert (await hers.get("/kennzahlen")).status_code == 303  # nobody has let her in
    page = await admin.get(ZUGANG)
    assert "Warten auf Einlass" in words(page)

    async def step(name: str, **more: str) -> int:
        [row] = await site.sql("select version from app.person where tenant_id = $1 and id = $2", site.id, eve)
        form = {"version": str(row["version"]), "key": str(new_id())} | more
        return (await admin.post(f"{ZUGANG}/person/prs_{eve}/{name}", form)).status_code

    assert await step("einlassen") == 303
    assert await step("einlassen") == 409  # she is here already
    hers = await signed_in(town.app, site, person=eve)
    assert (await hers.get("/kennzahlen")).status_code == 200
    assert await step("sperren", grund="Probe") == 303
    assert (await hers.get("/kennzahlen")).status_code == 303
    assert await site.count("auth.session", f"person_id = '{eve}'") == 0
    assert await step("entsperren") == 303
    assert (await hers.get("/kennzahlen")).status_code == 303  # the old session is gone for good
    rows = await site.sql(
        "select action from app.audit_entry where tenant_id = $1 and subject = $2 order by seq", site.id, eve
    )
    assert [row["action"] for row in rows] == ["person.admitted", "person.blocked", "person.unblocked"]


async def test_nobody_decides_about_herself(town: Town) -> None:
    site = town.west.site
    ralf = await site.person("Ralf Zeidler", "site_admin")
    admin = await signed_in(town.app, site, person=ralf)
    answer = await admin.post(f"{ZUGANG}/person/prs_{ralf}/sperren", {"version": "1", "key": str(new_id())})
    assert answer.status_code == 422
    assert "entscheidet jemand anderes" in words(answer)
    assert (await admin.get(ZUGANG)).status_code == 200


async def test_a_role_is_given_and_taken_and_one_of_money_waits(town: Town) -> None:
    site = town.west.site
    jana = await site.person("Jana Einmalig")
    admin, second = await town.reader("site_admin"), await town.reader("data_protection")
    form = {"wer": "Jana Einmalig", "rolle": "finance", "bis": "2027-11-01", "warum": "neu", "key": str(new_id())}
    assert (await admin.post(f"{ZUGANG}/rolle", form)).status_code == 303
    hers = await signed_in(town.app, site, person=jana)
    assert (await hers.get("/foerderung")).status_code == 403  # it waits for a second person
    [row] = await site.sql("select id from auth.role_grant where tenant_id = $1 and person_id = $2", site.id, jana)
    confirm = {"key": str(new_id())}
    assert (await admin.post(f"{ZUGANG}/rolle/rgr_{row['id']}/bestaetigen", confirm)).status_code == 409
    # Who protects the data confirms as well, though she gives no role: through the graph, by the same verb.
    assert (await second.post(f"{ZUGANG}/rolle/rgr_{row['id']}/bestaetigen", {"key": str(new_id())})).status_code == 303
    assert (await hers.get("/foerderung")).status_code == 200
    assert (await admin.post(f"{ZUGANG}/rolle/rgr_{row['id']}/nehmen", {"key": str(new_id())})).status_code == 303
    assert (await hers.get("/foerderung")).status_code == 403
    odd = form | {"wer": "Niemand", "bis": "", "key": str(new_id())}
    answer = await admin.post(f"{ZUGANG}/rolle", odd)
    assert answer.status_code == 422
    assert {'id="e-wer"', 'id="e-bis"'} <= set(re.findall(r'id="e-[a-z]+"', answer.text))


async def test_a_secret_is_shown_once_and_kept_nowhere(town: Town) -> None:
    admin = await town.reader("site_admin")
    form = {"name": "Anzeige im Foyer", "scope": "spaces:read", "key": str(new_id())}
    made = await admin.post("/verwaltung/clients", form)
    assert made.status_code == 200
    [secret] = re.findall(r"qtrs_[A-Za-z0-9_-]{43}", made.text)
    again = await admin.post("/verwaltung/clients", form)
    assert again.status_code == 200
    assert "qtrs_" not in again.text
    rows = await town.west.site.sql(
        "select answer::text as kept from auth.idempotency where tenant_id = $1", town.west.site.id
    )
    assert secret not in "".join(row["kept"] or "" for row in rows)
    assert await town.west.site.count("auth.api_client", "name = 'Anzeige im Foyer'") == 1
    empty = await admin.post("/verwaltung/clients", {"name": "", "key": str(new_id())})
    assert empty.status_code == 422


async def test_looking_at_the_log_is_in_the_log(town: Town) -> None:
    reader = await town.reader("data_protection")
    before = await town.west.site.count("auth.event", "kind = 'audit.read'")
    page = await reader.get("/verwaltung/protokoll")
    assert page.status_code == 200
    assert "session.opened" in words(page)
    assert await town.west.site.count("auth.event", "kind = 'audit.read'") == before + 3
    for role in ("manager", "front_desk", "finance"):
        assert (await (await town.reader(role)).get("/verwaltung/protokoll")).status_code == 403, role


async def test_the_neighbour_s_people_and_roles_are_not_here(town: Town) -> None:
    admin = await town.reader("site_admin")
    theirs = town.east.keys["prs"][0]
    answer = await admin.post(f"{ZUGANG}/person/prs_{theirs}/sperren", {"version": "1", "key": str(new_id())})
    assert answer.status_code == 404


async def test_the_site_lets_support_look_and_sends_it_away(town: Town, postgres: Cluster, database: str) -> None:
    address, site = postgres.address(database), town.west.site
    request = await visit.ask(address, site.id, "operator:anna", "Ticket 4711: <b>nothing</b> works here")
    admin = await town.reader("site_admin")
    page = await admin.get("/verwaltung/zugang")
    assert ("operator:anna" in words(page), "&lt;b&gt;nothing" in page.text) == (True, True)
    path = f"/verwaltung/zugang/betrieb/sup_{request}"
    assert (await admin.post(f"{path}/einlassen", {"stunden": "9", "key": str(new_id())})).status_code == 422
    assert (await admin.post(f"{path}/quatsch", {"key": str(new_id())})).status_code == 404
    assert (await admin.post(f"{path}/einlassen", {"stunden": "2", "key": str(new_id())})).status_code == 303
    await visit.look(address, request, "operator:anna", "select count(*) from app.booking")
    page = await admin.get("/verwaltung/zugang")
    assert ("darf sehen" in words(page), "select count(*) from app.booking" in words(page)) == (True, True)
    assert (await admin.post(f"{path}/beenden", {"key": str(new_id())})).status_code == 303
    assert "darf sehen" not in words(await admin.get("/verwaltung/zugang"))
    with pytest.raises(VisitRefused):
        await visit.look(address, request, "operator:anna", "select 1 as x")
    manager = await town.reader("manager")
    assert "operator:anna" not in words(await manager.get("/verwaltung/zugang"))
    assert (await manager.post(f"{path}/einlassen", {"stunden": "1", "key": str(new_id())})).status_code == 403


async def test_the_page_of_partners_says_who_cannot_come_in_and_does_so_without_a_script(town: Town) -> None:
    site = town.west.site
    admin = await town.reader("site_admin")
    await institute(site, "fern", issuer="http://127.0.0.1:9", name_de="Ferninstitut")
    try:
        page = await admin.get("/verwaltung/partner")
        assert 'hx-get="/verwaltung/partner?pruefen=1"' in page.text
        assert 'href="/verwaltung/partner?pruefen=1"' in page.text
        assert "antwortet nicht" not in words(page)
        checked = words(await admin.get("/verwaltung/partner?pruefen=1"))
        assert "Ferninstitut : Der Anbieter antwortet nicht." in checked
        english = await signed_in(town.app, site, "site_admin", language="en")
        assert "The provider does not answer." in words(await english.get("/verwaltung/partner?pruefen=1"))
        assert (await (await town.reader("manager")).get("/verwaltung/partner?pruefen=1")).status_code == 403
    finally:
        await site.sql("delete from auth.provider_rule where tenant_id = $1", site.id)
        await site.sql("delete from auth.identity_provider where tenant_id = $1 and slug = 'fern'", site.id)

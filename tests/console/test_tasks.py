"""What awaits whoever is signed in: her roles with their end and their call, and the steps that are hers alone."""

from datetime import timedelta
from uuid import UUID

from console.applicants import open_call
from console.conftest import Town
from console.reader import signed_in, words
from world import NOW, Site

from quartier.kit.ids import new_id


async def juror(site: Site, call: str) -> UUID:
    """Somebody of a partner in the jury of a call, for ten days, and by hand for three."""
    nora = await site.person("Nora Jury")
    await site.sql(
        "insert into auth.role_grant (tenant_id, id, person_id, role, source, bound_to, valid_from, valid_until,"
        " created_at) values ($1, $2, $3, 'jury', 'idp:x', $4, $5, $6, $5)",
        site.id, new_id(), nora, UUID(call), NOW, NOW + timedelta(days=10),
    )  # fmt: skip
    await site.sql(
        "insert into auth.role_grant (tenant_id, id, person_id, role, source, bound_to, valid_from, valid_until,"
        " created_at) values ($1, $2, $3, 'jury', 'person:x', $4, $5, $6, $5)",
        site.id, new_id(), nora, UUID(call), NOW, NOW + timedelta(days=3),
    )  # fmt: skip
    return nora


async def checked(site: Site) -> UUID:
    """An instalment that other people have called for and found in order."""
    asks, checks = await site.person("Frida Ruf"), await site.person("Carl Prüf")
    [row] = await site.sql(
        "update app.instalment set state = 'checked', requested_by = $2, checked_by = $3 where tenant_id = $1 and id ="
        " (select id from app.instalment where tenant_id = $1 and state = 'planned' order by id limit 1)"
        " returning id",
        site.id, asks, checks,
    )  # fmt: skip
    found: UUID = row["id"]
    return found


async def test_a_juror_reads_which_call_she_is_here_for_and_until_when(town: Town) -> None:
    site = town.west.site
    reader = await signed_in(town.app, site, person=await juror(site, await open_call(site)))
    begins = await reader.get("/")
    assert (begins.status_code, begins.headers["location"]) == (303, "/aufgaben")
    told = words(await reader.get("/aufgaben"))
    assert "Jury" in told
    assert told.count("Für den Aufruf „Prototyp“") == 1
    assert "bis einschließlich 29.11.2026 · über Ihre Institution" in told
    assert "endet bald" not in told  # the next sign-in prolongs it
    assert "Gerade wartet nichts auf Sie" in told


async def test_whoever_has_no_role_any_more_reads_whom_to_ask(town: Town) -> None:
    reader = await signed_in(town.app, town.west.site, person=await town.west.site.person("Nina Niemand"))
    begins = await reader.get("/")
    assert (begins.status_code, begins.headers["location"]) == (303, "/aufgaben")
    told = words(await reader.get("/aufgaben"))
    assert "Ihnen ist hier noch nichts zugeteilt" in told
    assert "Schreiben Sie dem Standort" in told


async def test_finance_releases_from_her_tasks_what_others_have_checked_and_then_books_it(town: Town) -> None:
    site = town.west.site
    instalment = await checked(site)
    reader = await town.reader("finance")
    path = f"/aufgaben/raten/ins_{instalment}"
    assert f"{path}/freigeben" in (await reader.get("/aufgaben")).text
    stale = await reader.post(f"{path}/freigeben", {"key": str(new_id()), "version": "99"})
    assert stale.status_code == 409
    [row] = await site.sql("select version from app.instalment where tenant_id = $1 and id = $2", site.id, instalment)
    done = await reader.post(f"{path}/freigeben", {"key": str(new_id()), "version": str(row["version"])})
    assert (done.status_code, done.headers["location"]) == (303, "/aufgaben?getan=freigeben")
    assert "Freigegeben. Nach der Überweisung" in words(await reader.get(done.headers["location"]))
    assert f"{path}/zahlen" in (await reader.get("/aufgaben")).text
    again = await reader.post(f"{path}/verschenken", {"key": str(new_id())})
    assert again.status_code == 404
    foreign = await (await town.reader("finance", place=town.east)).post(
        f"{path}/zahlen", {"key": str(new_id()), "version": "1"}
    )
    assert foreign.status_code == 404


async def test_data_protection_says_the_second_word_to_a_role_of_money(town: Town) -> None:
    site = town.west.site
    giver, taker = await site.person("Gerd Geber"), await site.person("Fine Finanz")
    grant = new_id()
    await site.sql(
        "insert into auth.role_grant (tenant_id, id, person_id, role, source, granted_by, valid_from, valid_until,"
        " created_at) values ($1, $2, $3, 'finance', 'person:x', $4, $5, $6, $5)",
        site.id, grant, taker, giver, NOW, NOW + timedelta(days=100),
    )  # fmt: skip
    sleeping = await signed_in(town.app, site, person=taker)
    assert "wartet auf Bestätigung" in words(await sleeping.get("/aufgaben"))
    reader = await town.reader("data_protection")
    told = words(await reader.get("/aufgaben"))
    assert "Fine Finanz" in told
    assert "gegeben von Gerd Geber" in told
    done = await reader.post(f"/aufgaben/rollen/rgr_{grant}/bestaetigen", {"key": str(new_id())})
    assert (done.status_code, done.headers["location"]) == (303, "/aufgaben?getan=rolle-bestaetigt")
    assert "Fine Finanz" not in words(await reader.get("/aufgaben"))


async def test_everybody_sees_only_what_she_may_decide(town: Town) -> None:
    wanted = {
        "award_authority": "Anträge, über die Sie entscheiden",
        "manager": "Buchungsanfragen",
    }
    for role, title in wanted.items():
        told = words(await (await town.reader(role)).get("/aufgaben"))
        assert title in told, role
        for other in set(wanted.values()) - {title}:
            assert other not in told, role


async def test_a_stranger_signs_in_first_and_the_city_has_no_such_page(town: Town) -> None:
    assert (await town.stranger().get("/aufgaben")).status_code == 303
    analyst = await signed_in(town.app, town.city, "city_analyst")
    assert (await analyst.get("/aufgaben")).status_code == 404

"""Two rows for one organisation at the console: found, compared, made one, and the old address leads on."""

from console.conftest import Town
from console.reader import words
from console.test_importing import hand_in

from quartier.kit.ids import new_id
from quartier.members import actions as members
from quartier.members.words import Profile

HERE = "/mitglieder/zusammenfuehren"


async def twins(town: Town, name: str) -> list[str]:
    site = town.west.site
    with site.speaking():
        made = [
            await members.register_organisation(
                site.desk(), Profile(f"{name} {form}", "association", True, False, identifiers={"vat": vat})
            )
            for form, vat in (("e. V.", f"DE{abs(hash(name)) % 10**9:09}"), ("e.V.", f"FR{abs(hash(name)) % 10**9:09}"))
        ]
    return [f"org_{each.id}" for each in made]


async def test_a_pair_is_found_compared_and_made_one(town: Town) -> None:
    kept, other = await twins(town, "Wandelgarten")
    manager = await town.reader("manager")
    found = await manager.get(f"/mitglieder/dubletten?von={kept}")
    assert "Wandelgarten e. V. Wandelgarten e.V. der Name" in words(found)
    assert f"{HERE}?bleibt={kept}&amp;dublette={other}" in found.text
    shown = await manager.get(f"{HERE}?bleibt={kept}&dublette={other}")
    assert "Nummern 1" in words(shown)
    assert "Zwei Nummern (USt-IdNr.)" in words(shown) or "Zwei Nummern (vat)" in words(shown)
    form = {"bleibt": kept, "dublette": other, "bleibt_stand": "1", "dublette_stand": "1"}
    told = await manager.post(HERE, form | {"key": str(new_id())})
    assert told.status_code == 422
    assert "Zwei Nummern" in words(told)
    done = await manager.post(HERE, form | {"key": str(new_id()), "nummern": "1"})
    assert (done.status_code, done.headers["location"]) == (303, f"/mitglieder/{kept}?getan=zusammengefuehrt")
    gone = await manager.get(f"/mitglieder/{other}")
    assert (gone.status_code, gone.headers["location"]) == (303, f"/mitglieder/{kept}")
    again = await manager.post(HERE, form | {"key": str(new_id())})
    assert again.status_code == 409
    assert "Wandelgarten e.V." not in words(await manager.get("/suche?q=Wandelg"))


async def test_a_line_of_a_list_that_reads_like_a_member_leads_to_its_duplicates(town: Town) -> None:
    kept, _ = await twins(town, "Uferwerk")
    manager = await town.reader("manager")
    sent = await hand_in(manager, b"Name;Art\nUferwerk (eingetragener Verein);Verein\nGanz neu;Verein\n")
    shown = await manager.get(sent.headers["location"])
    assert "Vielleicht schon da 1" in words(shown)
    assert f'Zeile 2, Uferwerk (eingetragener Verein): <a href="/mitglieder/dubletten?von={kept}">' in shown.text


async def test_only_who_may_merge_sees_duplicates_and_the_neighbour_s_are_not_here(town: Town) -> None:
    kept, other = await twins(town, "Radhof")
    desk, manager = await town.reader("front_desk"), await town.reader("manager")
    assert (await desk.get("/mitglieder/dubletten")).status_code == 403
    assert "/mitglieder/dubletten" not in (await desk.get(f"/mitglieder/{kept}")).text
    form = {"bleibt": kept, "dublette": other, "bleibt_stand": "1", "dublette_stand": "1", "nummern": "1"}
    assert (await desk.post(HERE, form | {"key": str(new_id())})).status_code == 403
    theirs = town.east.ids("org")[0]
    assert (await manager.get(f"{HERE}?bleibt={kept}&dublette={theirs}")).status_code == 404
    assert (await manager.post(HERE, form | {"dublette": theirs, "key": str(new_id())})).status_code == 404
    assert (await manager.get(f"/mitglieder/dubletten?von={theirs}")).status_code == 404
    assert await town.west.site.count("app.organisation", f"id = '{other[4:]}' and state = 'active'") == 1

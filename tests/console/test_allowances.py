"""What is left of a plan stands on one's own page, on the member's, and where one books; more can be paid for."""

from console.conftest import Town
from console.reader import signed_in, words
from world import NOW

from quartier.kit.ids import new_id
from quartier.members import actions as members
from quartier.members.words import Profile


async def member(town: Town, minutes: int) -> tuple[str, str]:
    """An organisation under a plan with so many minutes of every room, and its lead; by their names and ids."""
    site, plan = town.west.site, new_id()
    await site.sql(
        "insert into app.plan (tenant_id, id, key, position, name_de, family, holder, kinds, price, per, term_months,"
        " notice_days, pause_months, papers, public, valid, created_at) values ($1, $2, $2::uuid::text, 99, 'Probe',"
        " 'probe', 'organisation', '{}', 100, 'month', 1, 0, 0, '{}', true, '[2025-01-01,)', $3)",
        site.id, plan, NOW,
    )  # fmt: skip
    for kind, amount in (("room_minutes", minutes), ("open_bookings", 3), ("advice_minutes", 777)):
        await site.sql(
            "insert into app.plan_allowance (tenant_id, id, plan_id, kind, space_kinds, peak, amount, per, created_at)"
            " values ($1, $2, $3, $4, '{}', 'any', $5, 'month', $6)",
            site.id, new_id(), plan, kind, amount, NOW,
        )  # fmt: skip
    jana = await site.person("Jana Kontingent")
    with site.speaking():
        body = await members.register_organisation(site.desk(), Profile(f"Kontor {plan}", "association", True, False))
        await members.add_affiliation(site.desk(), jana, body.id, "owner")
        await members.open_membership(site.desk(), plan, organisation=body.id)
    return f"org_{body.id}", str(jana)


async def test_what_is_left_is_shown_with_a_bar(town: Town) -> None:
    organisation, jana = await member(town, 600)
    own = await signed_in(town.app, town.west.site, person=jana)
    mine = words(await own.get("/mein"))
    assert "alle Räume: noch 10 h von 10 h im November 2026" in mine.replace("\u202f", " ")
    assert "Offene Buchungen: 0 von 3" in mine
    assert "777" not in mine  # nothing counts advice, so no page promises it
    desk = await town.reader("front_desk", language="en")
    page = await desk.get(f"/mitglieder/{organisation}")
    assert "still 10 h of 10 h in November 2026" in words(page).replace("\u202f", " ")
    assert 'class="bar"' in page.text


async def test_where_the_plan_has_no_more_it_can_be_paid_for(town: Town) -> None:
    organisation, _ = await member(town, 0)
    desk = await town.reader("front_desk")
    named = words(await desk.get(f"/mitglieder/{organisation}")).partition("Kontor ")[2][:36]
    wish = {"raum": town.west.ids("spc")[0], "tag": "2026-11-25", "von": "10:00", "bis": "12:00",
            "fuer": f"Kontor {named}", "nur": "pruefen", "key": str(new_id())}  # fmt: skip
    told = await desk.post("/raeume/buchen", wish)
    assert "noch 0 min von 0 min" in words(told).replace("\u202f", " ")
    assert "Das Kontingent reicht nicht: nötig 2 h, übrig 0 h bis 30.11.2026." in words(told)
    assert 'name="dazu" value="1" form="buchung">' in told.text
    paid = await desk.post("/raeume/buchen", wish | {"dazu": "1"})
    assert "Das Kontingent reicht nicht" not in words(paid)
    assert 'name="dazu" value="1" form="buchung" checked>' in paid.text

"""An organisation that is in no list is entered by hand, once, and what does not fit is said at its field."""

from console.conftest import Town
from console.reader import words

from quartier.kit.ids import new_id

HERE = "/mitglieder/neu"


async def test_an_organisation_is_entered_once_and_its_page_says_what_comes_next(town: Town) -> None:
    manager = await town.reader("manager")
    form = {"name": "Lampenladen Neu", "art": "COMPANY", "wirtschaftlich": "1", "plz": "04229", "key": str(new_id())}
    first, again = [await manager.post(HERE, form) for _ in range(2)]
    assert (first.status_code, again.headers["location"]) == (303, first.headers["location"])
    page = words(await manager.get(first.headers["location"]))
    assert "Lampenladen Neu" in page
    assert "Aufgenommen. Laden Sie jetzt ein" in page
    rows = await town.west.site.sql(
        "select kind, economic, nonprofit, postcode from app.organisation where tenant_id = $1 and name = $2",
        town.west.site.id, form["name"],
    )  # fmt: skip
    assert [tuple(row.values()) for row in rows] == [("company", True, False, "04229")]


async def test_what_does_not_fit_is_said_at_its_field_and_nothing_typed_is_lost(town: Town) -> None:
    manager = await town.reader("manager")
    empty = await manager.post(HERE, {"name": "Ohne Art", "key": str(new_id())})
    assert (empty.status_code, 'id="e-art"' in empty.text, 'value="Ohne Art"' in empty.text) == (422, True, True)
    form = {"name": "Netz", "art": "COMPANY", "web": "kein Netz", "gegruendet": "2099-01-01", "key": str(new_id())}
    wrong = await manager.post(HERE, form)
    assert wrong.status_code == 422
    for field in ("web", "gegruendet"):
        assert f'href="#f-{field}"' in wrong.text
        assert f'id="e-{field}"' in wrong.text
    assert 'value="kein Netz"' in wrong.text


async def test_who_may_not_edit_members_enters_none(town: Town) -> None:
    desk = await town.reader("front_desk")
    assert (await desk.get(HERE)).status_code == 403
    assert (await desk.post(HERE, {"name": "X", "art": "COMPANY", "key": "x"})).status_code == 403

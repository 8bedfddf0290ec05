"""Who may read what: hidden fields, refused fields, rows left out, types that are not admitted to exist."""

from uuid import uuid4

import pytest
from graph.both import given_up_fields
from graph.conftest import Village
from graph.places import speakers
from graph.village import GRAPH
from world import Site

from quartier.access.permissions import permissions_of
from quartier_graph.declare import Declarations, Node, column, one, published

SPEAKERS = speakers()
MEMBER = permissions_of(frozenset({"member"}))
MANAGER = permissions_of(frozenset({"manager"}))


async def test_a_masked_field_reads_null_without_a_word_and_stays_compiled(village: Village) -> None:
    text = "{ bookings(first: 1) { nodes { number title } } }"
    own = await village.both.run(village.west.desk(MANAGER), text)
    other = await village.both.run(village.west.desk(MEMBER), text)
    assert own.json == {"data": {"bookings": {"nodes": [{"number": "B-0000", "title": "Kontor Süd"}]}}}
    assert other.json == {"data": {"bookings": {"nodes": [{"number": "B-0000", "title": None}]}}}
    assert own.compiled
    assert other.compiled
    assert own.first == own.second
    assert other.first == other.second


async def test_a_refused_field_that_can_be_null_is_null_and_named_at_its_path(village: Village) -> None:
    answers = await village.both.run(
        village.west.desk(MEMBER), "{ organisations(first: 2) { nodes { name website } } }"
    )
    assert answers.first == answers.second
    assert answers.first.status == 200
    assert not answers.compiled
    assert [node["website"] for node in answers.json["data"]["organisations"]["nodes"]] == [None, None]
    assert [(e["path"], e["extensions"]["code"], e["extensions"]["permissions"]) for e in answers.json["errors"]] == [
        (["organisations", "nodes", n, "website"], "FORBIDDEN", ["members:read"]) for n in (0, 1)
    ]


async def test_refused_fields_that_cannot_be_null_refuse_the_operation_all_at_once(village: Village) -> None:
    text = "{ organisations(first: 1) { nodes { version } } bookings(first: 1) { nodes { late number } } }"
    answers = await village.both.run(village.west.desk(MEMBER), text)
    assert answers.first == answers.second
    assert answers.first.status == 403
    assert "data" not in answers.json
    assert [error["extensions"]["permissions"] for error in answers.json["errors"]] == [
        ["members:read"],
        ["spaces:approve"],
    ]


async def test_what_one_may_see_does_not_hang_on_a_variable(village: Village) -> None:
    text = "query($no: Boolean!) { bookings(first: 1) { nodes { number late @include(if: $no) } } }"
    answers = await village.both.run(village.west.desk(MEMBER), text, {"no": False})
    assert answers.first == answers.second
    assert answers.first.status == 403


async def test_rows_that_are_not_for_a_role_are_not_counted_either(village: Village) -> None:
    text = "{ organisations(first: 9) { nodes { isOwn people { totalCount nodes { role } } } } }"
    member = await village.both.answer(village.west.desk(MEMBER), text)
    manager = await village.both.answer(village.west.desk(MANAGER), text)
    seen = [(n["isOwn"], n["people"]["totalCount"]) for n in member["data"]["organisations"]["nodes"]]
    whole = [n["people"]["totalCount"] for n in manager["data"]["organisations"]["nodes"]]
    assert sorted(seen) == [(False, 0)] * 7 + [(True, 6)] * 2
    assert sum(whole) == 27
    for node in member["data"]["organisations"]["nodes"]:
        assert len(node["people"]["nodes"]) == node["people"]["totalCount"]


async def test_rows_that_are_hidden_are_null_behind_an_edge_and_behind_an_id(village: Village) -> None:
    member = village.west.desk(permissions_of(frozenset({"member"})))
    me, other = village.west.ids("prs")[:2]
    text = "query($id: ID!) { person(id: $id) { id } }"
    assert (await village.both.answer(member, text, {"id": me}))["data"] == {"person": {"id": me}}
    assert (await village.both.answer(member, text, {"id": other}))["data"] == {"person": None}
    at_house = await village.both.answer(village.west.desk(), text, {"id": other})
    assert at_house["data"] == {"person": {"id": other}}


@pytest.mark.parametrize("speaker", sorted(SPEAKERS))
async def test_node_answers_for_a_hidden_type_as_for_a_thing_that_does_not_exist(
    village: Village, speaker: str
) -> None:
    permissions = SPEAKERS[speaker]
    desk = village.west.desk(permissions)
    for entity in GRAPH.declarations.entities.values():
        if entity.prefix is None:
            continue
        for key in (village.west.ids(entity.prefix)[0], f"{entity.prefix}_{uuid4()}"):
            answer = await village.both.answer(desk, f'{{ node(id: "{key}") {{ id }} nodes(ids: ["{key}"]) {{ id }} }}')
            assert "errors" not in answer
            seen = bool(entity.may & permissions) and key in village.west.ids(entity.prefix)
            expected = {"id": key} if seen else None
            if entity.name == "Affiliation" and "members:read" not in permissions and "members:own" in permissions:
                expected = {"id": key} if seen else None  # of an organisation of one's own
            assert answer["data"] == {"node": expected, "nodes": [expected]}, (entity.name, speaker)


@pytest.mark.parametrize("name", ["person", "organisation", "space", "booking"])
async def test_1_an_id_of_the_east_is_answered_like_one_that_does_not_exist(village: Village, name: str) -> None:
    entity = GRAPH.declarations.entities[name.title()]
    prefix = str(entity.prefix)
    text = f"query($id: ID!) {{ {name}(id: $id) {{ id }} node(id: $id) {{ id }} }}"
    answers = [
        await village.both.run(village.west.desk(), text, {"id": key})
        for key in (village.east.ids(prefix)[0], f"{prefix}_{uuid4()}", "nonsense", village.west.ids("bkg")[0][4:])
    ]
    assert {answer.first.body for answer in answers} == {b'{"data":{"%s":null,"node":null}}' % name.encode()}
    assert all(answer.first == answer.second for answer in answers)


async def test_an_id_of_the_east_filters_like_one_that_does_not_exist(village: Village) -> None:
    text = "query($id: ID) { bookings(filter: {space: $id}) { totalCount nodes { id } } }"
    for key in (village.east.ids("spc")[0], f"spc_{uuid4()}", "nonsense", village.west.ids("org")[0]):
        answer = await village.both.answer(village.west.desk(), text, {"id": key})
        assert answer["data"]["bookings"] == {"totalCount": 0, "nodes": []}
    answer = await village.both.answer(village.west.desk(), text, {"id": village.west.ids("spc")[0]})
    assert answer["data"]["bookings"]["totalCount"] == 5


async def test_a_plan_made_for_a_manager_is_never_used_for_a_member(village: Village) -> None:
    text = "{ bookings(first: 3) { nodes { title person { name } } } house { prefix } }"
    manager, member = village.west.desk(MANAGER), village.west.desk(MEMBER)
    plans = []
    with given_up_fields():
        for desk in (manager, member, manager, member):
            answers = await village.both.run(desk, text)
            assert answers.first == answers.second
            plans.append(village.both.watched.used)
    assert plans[0] is plans[2] is not None
    assert plans[1] is plans[3] is None  # the member is refused `person`: ordinary execution, each time
    text = "{ bookings(first: 3) { nodes { title } } }"
    titles = []
    for desk in (manager, member, manager, member):
        answers = await village.both.run(desk, text)
        titles.append({node["title"] for node in answers.json["data"]["bookings"]["nodes"]})
        plans.append(village.both.watched.used)
    assert plans[4] is plans[6] is not plans[5]
    assert plans[5] is plans[7] is not None
    assert titles[1] == titles[3] == {None}
    assert None not in titles[0] | titles[2]


async def test_two_members_share_a_plan_and_not_its_rows(village: Village) -> None:
    text = '{{ person(id: "{}") {{ isMe }} house {{ now }} }}'.format(village.west.ids("prs")[0])
    one = village.west.desk(MEMBER)
    other = village.west.site.desk("member", person=village.west.keys["prs"][1])
    first = await village.both.run(one, text)
    plan = village.both.watched.used
    second = await village.both.run(other, text)
    assert village.both.watched.used is plan is not None
    assert first.json["data"]["person"] == {"isMe": True}
    assert second.json["data"]["person"] is None


async def test_33_a_cursor_is_of_one_site_one_list_and_one_order(village: Village) -> None:
    text = "query($at: String!) { organisations(first: 1, after: $at, order: NAME) { nodes { id } } }"
    west, east = village.west, village.east
    mark = west.cursors["Organisation.name"][0]
    good = await village.both.run(west.desk(), text, {"at": mark})
    assert good.compiled
    assert len(good.json["data"]["organisations"]["nodes"]) == 1
    altered = mark[:40] + ("A" if mark[40] != "A" else "B") + mark[41:]
    wrong = [
        east.cursors["Organisation.name"][0],
        west.cursors["Organisation.-name"][0],
        west.cursors["Organisation.created"][0],
        west.cursors["Person.name"][0],
        altered,
        mark[:-4],
        "",
        "ä",
        "AAAA",
    ]
    with given_up_fields():
        for cursor in wrong:
            answers = await village.both.run(west.desk(), text, {"at": cursor})
            assert answers.first == answers.second
            assert [error["extensions"]["code"] for error in answers.json["errors"]] == ["INVALID_CURSOR"], cursor


async def test_a_wrong_cursor_is_told_even_where_only_the_count_is_asked(village: Village) -> None:
    text = "query($at: String) { organisations(after: $at) { totalCount } }"
    answer = await village.both.answer(village.west.desk(), text, {"at": "AAAA"})
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_CURSOR"
    right = village.west.cursors["Organisation.name"][0]
    answers = await village.both.run(village.west.desk(), text, {"at": right})
    assert answers.compiled
    assert answers.json == {"data": {"organisations": {"totalCount": 9}}}


async def test_somebody_without_permissions_reads_nothing_but_the_schema(village: Village) -> None:
    for name in ("people", "organisations", "spaces", "bookings"):
        answers = await village.both.run(village.west.stranger(), f"{{ {name} {{ totalCount }} }}")
        assert answers.first == answers.second
        assert answers.first.status == 403
        assert "data" not in answers.json


async def test_an_empty_site_answers_with_empty_pages(village: Village, east: Site) -> None:
    text = "{ organisations { totalCount nodes { id } edges { cursor } pageInfo { hasNextPage startCursor } } }"
    answer = await village.both.answer(east.desk(), text)
    info = {"hasNextPage": False, "startCursor": None}
    assert answer["data"] == {"organisations": {"totalCount": 0, "nodes": [], "edges": [], "pageInfo": info}}


def test_an_edge_to_rows_that_may_be_hidden_has_to_be_nullable() -> None:
    with pytest.raises(TypeError, match=r"Lane.owner: rows of Owner may be hidden"):
        Hidden("predicate", {"members:own": "{t}.id = {person}"}).settle()
    with pytest.raises(TypeError, match=r"Lane.owner: rows of Owner may be hidden"):
        Hidden("another permission", {"members:edit": None}).settle()
    Hidden("nothing", {"members:read": None}).settle()


def test_a_masked_field_has_to_be_nullable() -> None:
    lanes = Declarations("site", "masked")

    @published("app.space", prefix="lan", may="spaces:read", realm=lanes)
    class Lane(Node):
        """A lane."""

        key: str = column("Key.", masked="spaces:desk")

    with pytest.raises(TypeError, match=r"Lane.key is masked"):
        lanes.settle()


class Hidden(Declarations):
    """A lane that has an owner, of whom rows are hidden by some rule."""

    def __init__(self, name: str, rows: dict[str, str | None]) -> None:
        super().__init__("site", name)

        @published("app.person", prefix="own", may="members:read", rows=rows, realm=self)
        class Owner(Node):
            """An owner."""

            name: str = column("Name.")

        @published("app.space", prefix="lan", may="spaces:read", realm=self)
        class Lane(Node):
            """A lane."""

            owner: "Owner" = one("Whose.", by="owner_id")

"""The invented world is the one that the design tells: every figure of it exact."""

from world import Administrator

from quartier_demo.story import World

Town = dict[str, World]


async def test_the_budget_of_west_stands_where_the_story_says(town: Town, administrator: Administrator) -> None:
    rows = await administrator.fetch(
        "select purpose, allocated / 100, reserved / 100, committed / 100, paid / 100 from app.budget_line"
        " where tenant_id = $1 and year = 2026 order by purpose",
        town["leipzig-west"].realm.id,
    )
    assert [tuple(row) for row in rows] == [
        ("advertising", 10_000, 600, 2_300, 800),
        ("investment", 45_000, 0, 22_260, 9_555),
        ("prototype", 20_000, 0, 4_800, 3_360),
    ]

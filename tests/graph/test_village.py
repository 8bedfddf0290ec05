"""One hand-written document before the generated ones."""

from graph.conftest import Village

PAGE = """{
  people(first: 2) { totalCount pageInfo { hasNextPage endCursor } nodes {
    id name createdAt isMe
    affiliations(first: 3) { nodes { role since organisation { name tags mergedInto { name } } } } } }
  house { slug zone nameEn languages prefix now }
  bookings(filter: {states: [CONFIRMED, REQUESTED]}, order: STARTS_DESC, first: 50) { edges { cursor node {
    number title startsAt endedAt state persons late isLong
    space { name price rent } person { email } organisation { kind } } } }
}"""


async def test_a_page_across_modules_is_one_statement_and_the_same_bytes(village: Village) -> None:
    answers = await village.both.run(village.west.desk(), PAGE)
    assert answers.second.body == answers.first.body
    assert answers.compiled
    assert answers.json["data"]["people"]["totalCount"] == 6

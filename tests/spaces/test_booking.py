from spaces.house import House, span
from quartier.spaces import actions


async def test_x(at_west: House) -> None:
    b = await actions.book_space(
        at_west.member, at_west.rooms["denkwerkstatt"], span(20, 9, 11), organisation=at_west.kitchen, title="Hallo"
    )
    print(b, await at_west.occupied(), await at_west.lines())
    from quartier.kit.refusal import Refused

    try:
        await actions.book_space(
            at_west.member, at_west.rooms["denkwerkstatt"], span(20, 10, 12), organisation=at_west.kitchen
        )
    except Refused as r:
        for x in r.refusals:
            print(x.code, x.numbers, x.alternatives, x.message("de", at_west.member.zone))

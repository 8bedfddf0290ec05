"""A hall and its halves: where one is held, the other cannot be let, and a calendar must not call it free."""

from collections.abc import Iterable, Mapping

from quartier.console.visitor import Data, Visitor

FREE = ("REQUESTED", "NO_SHOW")  # states that keep nobody else out of a space


async def halls(visitor: Visitor) -> dict[str, set[str]]:
    """The ids of the parts, by the id of each space that has some."""
    spaces = (await visitor.ask("halls"))["spaces"]["nodes"]
    return {each["id"]: {one["part"]["id"] for one in each["parts"]["nodes"]} for each in spaces}


def elsewhere(space: str, parts: Mapping[str, set[str]], bookings: Iterable[Data]) -> list[Data]:
    """The spans in which a space is kept by its parts, or by the whole it is a part of; what touches is one span.

    `by` names the ids of the spaces that are held then.
    """
    related = parts.get(space, set()) | {whole for whole, several in parts.items() if space in several}
    held = [each for each in bookings if each["space"]["id"] in related and each["state"] not in FREE]
    spans: list[Data] = []
    for each in sorted(held, key=lambda each: (each["startsAt"], each["endsAt"])):
        if spans and each["startsAt"] <= spans[-1]["endsAt"]:
            spans[-1]["endsAt"] = max(spans[-1]["endsAt"], each["endsAt"])
            spans[-1]["by"] |= {each["space"]["id"]}
        else:
            spans.append({"startsAt": each["startsAt"], "endsAt": each["endsAt"], "by": {each["space"]["id"]}})
    return spans

"""Files that come with a form: each goes to an address of its own, as a program's would; the form then names them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from quartier.console.forms import Form
from quartier.console.visitor import Data, Visitor


@dataclass
class Handed:
    """Files by the name of their field: their ids, what they are called, and what was refused of them."""

    ids: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    refusals: list[Data] = field(default_factory=list)

    @property
    def kept(self) -> dict[str, tuple[str, str]]:
        """Id and name by field, for a form that is shown once more: nobody chooses a file twice."""
        return {name: (self.ids[name], self.names[name]) for name in self.ids}


async def handed_in(visitor: Visitor, sent: Form, purpose: str, fields: Iterable[str]) -> Handed:
    """Hand in what was chosen in these fields; one that was handed in before carries the file's id in `<field>-id`."""
    found = Handed()
    for name in fields:
        chosen = sent.files.get(name)
        if chosen is None:
            if known := sent.one(f"{name}-id"):
                found.ids[name], found.names[name] = known, sent.one(f"{name}-name")[:150]
            continue
        called, body = chosen
        wish: Data = {"purpose": purpose, "name": called, "bytes": len(body)}
        done = await visitor.do("requestUpload", idempotencyKey=f"{sent.one('key')}-{name}", **wish)
        refusals = done["refusals"]
        if not refusals and done["address"] is not None:  # else the same form came twice, and the file with the first
            refusals = await visitor.hand_in(done["address"], body)
        if refusals:
            found.refusals += [each | {"path": [name], "message": f"{called}: {each['message']}"} for each in refusals]
        else:
            found.ids[name], found.names[name] = done["file"], called
    return found

"""Documents over the site's schema: reads are answered both ways and have to be equal."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from graph.both import Both

from quartier.tenancy.desk import Desk


@dataclass(frozen=True)
class Ask:
    both: Both

    async def read(self, desk: Desk, text: str, /, **variables: Any) -> Any:
        """The data of a query that is compiled and answered alike both ways; errors are failures."""
        answers = await self.both.run(desk, text, variables)
        assert answers.first == answers.second, text
        assert "errors" not in answers.json, answers.json
        assert answers.compiled, text
        return answers.json["data"]

    async def told(self, desk: Desk, text: str, /, **variables: Any) -> list[str]:
        """The codes of the errors of a query."""
        answers = await self.both.run(desk, text, variables)
        assert answers.first == answers.second, text
        return [error["extensions"]["code"] for error in answers.json.get("errors", [])]

    async def do(self, desk: Desk, verb: str, wish: Mapping[str, Any], fields: str = "") -> Any:
        """The payload of a mutation, with the codes of its refusals under `refusals`."""
        name = verb[0].upper() + verb[1:] + "Input"
        text = f"mutation ($input: {name}!) {{ done: {verb}(input: $input) {{ refusals {{ code path }} {fields} }} }}"
        given = {"idempotencyKey": str(uuid4()), **wish}
        reply = await self.both.watched.run(desk, text, {"input": given}, None)
        answer = json.loads(reply.body)
        assert "errors" not in answer, answer
        done = answer["data"]["done"]
        return {**done, "refusals": [refusal["code"] for refusal in done["refusals"]]}

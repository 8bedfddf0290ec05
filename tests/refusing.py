"""Tests name refusals by their code, never by their text."""

from collections.abc import Awaitable
from typing import Any

from quartier.kit.refusal import Refusal, Refused


async def refusals(wish: Awaitable[Any]) -> dict[str, Refusal]:
    """Do what is to be refused; give the refusals by code, in their order. Empty when it was done."""
    try:
        await wish
    except Refused as refused:
        return {refusal.code: refusal for refusal in refused.refusals}
    return {}

"""The canary: a sample of live reads is answered both ways, after the client has its answer.

A compiled statement whose text differs from the reference's is taken out of service and counted; the
operation goes on the ordinary way. Rows may change between the two readings, so a difference counts only
when the compiled one still stands after the reference has been asked.
"""

import asyncio
import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import structlog
from prometheus_client import Counter

from quartier.tenancy.desk import Desk
from quartier_graph.compile import Plan
from quartier_graph.plans import Operation

if TYPE_CHECKING:
    from quartier_graph.service import Service

MISMATCHES = Counter("quartier_graph_mismatches_total", "Compiled answers that differ from the reference.", ["schema"])
WAITING = 4  # comparisons at once; further ones are left out: they are a sample
log = structlog.get_logger("quartier.graph")


class Canary:
    """Compares a share of the reads of one service; 0 compares none, 1 all."""

    def __init__(self, service: "Service", share: float) -> None:
        self.service, self.share = service, share
        self.tasks: set[asyncio.Task[None]] = set()

    def sing(self, desk: Desk, operation: Operation, plan: Plan, variables: Mapping[str, Any], body: bytes) -> None:
        """Begin a comparison, if the dice say so."""
        if not self.share or random.random() >= self.share or len(self.tasks) >= WAITING:
            return
        task = asyncio.create_task(self._compare(desk, operation, plan, variables, body))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _compare(
        self, desk: Desk, operation: Operation, plan: Plan, variables: Mapping[str, Any], body: bytes
    ) -> None:
        with self.service.speaking(desk):
            reference = await self.service.ordinary(desk, operation, variables)
            if reference.status != 200 or reference.body == body:
                return
            again = await self.service.compiled_answer(desk, plan, variables)
        if again is None or again.status != 200 or again.body != body:
            return  # the rows have changed meanwhile: nothing can be said
        MISMATCHES.labels(self.service.name).inc()
        operation.retire(plan)
        name = operation.node.name.value if operation.node.name else "-"
        log.error("plan retired", operation=name, request_id=desk.request_id)

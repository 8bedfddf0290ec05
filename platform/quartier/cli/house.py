"""What commands that stay are made of. The graph is found by name: nothing here knows it."""

import importlib

from quartier.access.permissions import EVERY
from quartier.acts.handlers import KINDS as ACTS
from quartier.acts.handlers import sending
from quartier.app import Edges
from quartier.database.attach import Installation
from quartier.insight.figures import publish
from quartier.insight.handlers import KINDS as INSIGHT
from quartier.jobs.kinds import House
from quartier.kit.moments import Clock
from quartier.notices.carrying import Carrier, by_smtp
from quartier.settings import Settings


def edges_of(installation: Installation) -> Edges:
    """The graph's endpoint, and what it wants to hear."""
    made: Edges = importlib.import_module("quartier_graph.edges").edges(installation.settings, installation)
    return made


def jobs_of(settings: Settings, carrier: Carrier = by_smtp) -> House:
    """The work by name, at the house's desk and by the installation's clock; letters go by `carrier`."""
    return House(
        kinds={**ACTS, **sending(settings.origin, carrier), **INSIGHT},
        permissions=EVERY,
        clock=Clock(settings.clock_ahead),
    )


async def furnished(installation: Installation) -> None:
    """See to it that schema and figures' definitions are this code's. Raises NotMigrated, DefinitionChanged.

    A server of somebody else's gets both by `./quartier migrate` alone.
    """
    await installation.ready()
    if installation.embedded:
        await publish(installation.administrator)

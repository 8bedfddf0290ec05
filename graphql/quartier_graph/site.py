"""The schema of a site: every module, one tenant. Importing a room's file declares its part."""

import functools
import importlib

from quartier_graph.build import Graph, build
from quartier_graph.declare import SITE

ROOMS = (
    "tenancy", "members", "memberships", "registering", "joining", "membership_steps", "papers", "merging", "tagging",
    "fields", "consents", "imports", "spaces", "series", "bookings", "allowances", "availability", "doors", "prices",
    "closing", "leases", "briefing", "feeds", "outside", "programme", "grants", "insight",
    "access", "machines", "logs", "partners", "invitations", "support", "changes", "tasks", "files", "photos", "hooks",
    "choices", "wording",
)  # fmt: skip


@functools.cache
def site() -> Graph:
    """Build the schema once per process."""
    from quartier_graph.subscriptions import subscription

    for room in ROOMS:
        importlib.import_module(f"quartier_graph.{room}")
    SITE.arrange(ROOMS)
    return build(SITE, subscription)

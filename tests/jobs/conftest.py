"""The queue of the run's database."""

from typing import Any

import pytest
from conftest import Cluster
from jobs.workers import Queue


@pytest.fixture
def queue(postgres: Cluster, database: str, administrator: Any, engine: object) -> Queue:
    return Queue(postgres.address(database), administrator)

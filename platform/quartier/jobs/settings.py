"""Names of the queue's objects, every one given: pgqueuer would take them from the environment else."""

from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel

QUEUE = DBSettings(
    prefix="",
    db_schema="jobs",
    channel=Channel("ch_pgqueuer"),
    function="fn_pgqueuer_changed",
    trigger="tg_pgqueuer_changed",
    queue_table="pgqueuer",
    queue_table_log="pgqueuer_log",
    statistics_table="pgqueuer_statistics",
    schedules_table="pgqueuer_schedules",
    queue_status_type="pgqueuer_status",
    durability=Durability.durable,
)

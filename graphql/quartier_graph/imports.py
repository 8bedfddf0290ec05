"""Lists of members from elsewhere: what would come of each line, how far the job is, and what went wrong."""

import enum
from datetime import datetime
from typing import TYPE_CHECKING

from strawberry import ID

from quartier.members import tables
from quartier.members.importing import actions, checking
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import (
    Done,
    Filter,
    Node,
    Page,
    asked,
    by_id,
    column,
    key,
    many,
    one,
    page,
    published,
    roots,
    verb,
    where,
    wish,
)
from quartier_graph.scalars import described

if TYPE_CHECKING:
    from quartier_graph.members import Organisation, Person


@described
class ImportState(enum.Enum):
    """Where an import stands. Nothing but the import itself changes before RUNNING."""

    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    DROPPED = "dropped"


@described
class ImportRowState(enum.Enum):
    """What becomes of a line: KNOWN has nothing new, FAULTY is left out, FAILED became wrong since it was checked."""

    READY = "ready"
    KNOWN = "known"
    FAULTY = "faulty"
    DONE = "done"
    FAILED = "failed"


class ImportRowFilter(Filter):
    """Which lines."""

    states: list[ImportRowState] | None = where("In one of these states.", "{t}.state = any({v})")


@published(
    tables.ImportRun,
    prefix="imp",
    may="members:import",
    orders={"made": key("{t}.created_at", "timestamptz")},
)
class Import(Node):
    """A list of members. Before it is confirmed the counts say what would come of it, afterwards what came of it."""

    name: str = column("What its file is called.")
    state: ImportState = column("Where it stands.")
    total: int = column("How many lines it has, the headings aside.")
    faulty: int = column("How many of them have faults.")
    done: int = column("How many the job has been through.")
    failed: int = column("How many of those became wrong since.")
    organisations: int = column("New organisations.")
    people: int = column("New people.")
    memberships: int = column("New memberships.")
    made_at: datetime = column("When it was checked.", sql="{t}.created_at")
    finished_at: datetime | None = column("When it was done or thrown away.")
    version: int = column("Counts its changes; send it with a change to be told of others'.")
    made_by: "Person | None" = one("Whose list it is.", by="made_by")
    rows: Page["ImportRow"] = many("Its lines.", by="run_id", orders=("line",), filter=ImportRowFilter)
    faults: Page["ImportFault"] = many("What is wrong, by line and column.", by="run_id", orders=("line",))


@published(
    tables.ImportRow,
    prefix="imr",
    may="members:import",
    orders={"line": key("{t}.line", "integer")},
    personal=True,
)
class ImportRow(Node):
    """A line of a list. What it says is forgotten some days after."""

    line: int = column("Where it begins in the file.")
    state: ImportRowState = column("What becomes of it.")
    name: str = column("The name in it.", sql="coalesce({t}.cells ->> 'name', '')")
    kind: str = column("The kind in it, as it is written.", sql="coalesce({t}.cells ->> 'kind', '')")
    person_name: str | None = column("The person in it.", sql="{t}.cells ->> 'person'")
    address: str | None = column("Her address.", sql="{t}.cells ->> 'email'")
    plan_name: str | None = column("The plan in it, as it is written.", sql="{t}.cells ->> 'plan'")
    makes_organisation: bool = column("Whether it makes an organisation.")
    makes_person: bool = column("Whether it makes a person.")
    makes_membership: bool = column("Whether it makes a membership.")
    organisation: "Organisation | None" = one("The organisation that was there, or that it made.", by="organisation_id")
    person: "Person | None" = one("The person who was there, or whom it made.", by="person_id")


@published(
    tables.ImportFault,
    prefix="imf",
    may="members:import",
    orders={"line": key("{t}.line * 1000 + {t}.position", "integer")},
    personal=True,
)
class ImportFault(Node):
    """What is wrong with one cell."""

    line: int = column("In which line.")
    position: int = column("In which column, from 0.")
    heading: str = column("What stands above that column.")
    written: str = column("What stands in it.")
    code: str = column("The code of the refusal.")
    text_de: str = column("Why, in German.")
    text_en: str = column("Why, in English.")


roots(
    member_import=by_id(Import, "One list of members."),
    member_imports=page(Import, "Lists of members, looked at or taken in.", orders=("-made", "made")),
)


@wish
class CheckImportInput:
    """A list of members as a file of columns: CSV."""

    name: str = asked("What the file is called.")
    lines: list[str] = asked("Its lines, the headings first; a quoted text may go on in the next one.")


@verb("members:import", changes={"list": Import})
async def check_import(desk: Desk, wish: CheckImportInput) -> Done:
    """Look at a list, line by line. Nothing changes until it is confirmed."""
    return {"list": await checking.check_import(desk, wish.name, wish.lines)}


@wish
class ConfirmImportInput:
    """A list to take in."""

    run: ID = asked("The import.")
    version: int = asked("The version that was seen.")
    leave_out_faulty: bool = asked("Whether lines with faults are left out on purpose.", default=False)


@verb("members:import", changes={"list": Import})
async def confirm_import(desk: Desk, wish: ConfirmImportInput) -> Done:
    """Take the good lines of a list in, by a job."""
    run = ids.read(wish.run, "imp")
    await actions.confirm_import(desk, run, wish.version, leave_out_faulty=wish.leave_out_faulty)
    return {"list": run}


@wish
class DropImportInput:
    """A list to throw away."""

    run: ID = asked("The import.")
    version: int = asked("The version that was seen.")


@verb("members:import", changes={"list": Import})
async def drop_import(desk: Desk, wish: DropImportInput) -> Done:
    """Throw a list away that is not taken in."""
    run = ids.read(wish.run, "imp")
    await actions.drop_import(desk, run, wish.version)
    return {"list": run}

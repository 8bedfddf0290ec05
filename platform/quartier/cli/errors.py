"""What went wrong, for whoever runs the installation: what it is, where, and what to do. No stack trace."""

import os
import traceback
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from quartier.access.demo import DemoLeft
from quartier.cli.run import Failed, Misused, Stopped
from quartier.database.attach import NotMigrated
from quartier.database.catalog import WallBroken
from quartier.database.embedded import ServerProblem
from quartier.database.faults import DATABASE, Unavailable
from quartier.database.keyring import SecretsExposed
from quartier.database.migrate import KeyDiffers
from quartier.insight.figures import DefinitionChanged
from quartier.kit.refusal import Refused
from quartier.settings import SettingInvalid, read
from quartier.tenancy.blueprint import BlueprintInvalid
from quartier.tenancy.opening import OpeningRefused, SiteUnknown
from quartier.web.port import PortClosed, PortTaken

FAILED, MISUSED = 1, 2
_UTC = ZoneInfo("UTC")


def described(error: BaseException) -> tuple[int, str]:
    """Give the exit code and the words."""
    match error:
        case Misused() | SettingInvalid() | SiteUnknown():
            return MISUSED, str(error)
        case BlueprintInvalid():
            return FAILED, "\n".join(problem.told("en") for problem in error.problems)
        case Refused():
            return FAILED, "\n".join(f"{r.code}: {r.message('en', _UTC)}" for r in error.refusals)
        case Failed() | OpeningRefused() | ServerProblem() | SecretsExposed() | KeyDiffers() | DefinitionChanged():
            return FAILED, str(error)
        case WallBroken():
            return FAILED, f"The walls between the sites do not stand; nothing is served.\n{error}"
        case NotMigrated():
            return FAILED, f"The database at {_where()} lacks {', '.join(error.missing)}. Run: ./quartier migrate"
        case DemoLeft():
            return FAILED, (
                f"Sessions of invented people stand at {', '.join(error.slugs)}: whoever knows their tokens gets in.\n"
                "End them with ./quartier check --end-demo, or start the demo: ./quartier demo"
            )
        case PortTaken():
            return FAILED, (
                f"Port {error.port} is taken. Who has it: ss -ltnp 'sport = :{error.port}'\n"
                f"Another one for us: --port {error.port + 1}"
            )
        case PortClosed():
            return FAILED, f"We may not listen at {error}. Choose another --host or --port (below 1024 needs rights)."
        case Unavailable():
            return FAILED, _away()
        case DATABASE():
            return FAILED, _refused(error)
        case Stopped():
            return 128 + error.sign, "Stopped."
        case _:
            return FAILED, _fault(error)


def _where() -> str:
    """The address of DATABASE_URL without its password."""
    url = read().database_url
    if not url:
        return "the embedded server"
    parts = urlsplit(url)
    return f"{parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path}"


def _away() -> str:
    if not read().database_url:
        return f"The embedded PostgreSQL does not answer. Its log: {read().data / 'postgres' / 'log'}"
    return (
        f"No PostgreSQL answers at {_where()} (DATABASE_URL).\n"
        "Start that server (systemctl start postgresql), or unset DATABASE_URL: then one is started beside the data."
    )


def _refused(error: BaseException) -> str:
    state = str(getattr(error, "sqlstate", ""))
    if state.startswith("28"):
        return (
            f"The server at {_where()} takes this user or password not. Migrations and opening need an administrator\n"
            "in DATABASE_URL; the other roles get their passwords from secrets.json by ./quartier migrate."
        )
    if state == "3D000":
        return f"There is no database at {_where()} yet. Run: ./quartier migrate"
    if state == "42501":
        return f"The user of DATABASE_URL may not do this at {_where()}. Migrations need a superuser, once."
    if state in {"42P01", "3F000"}:
        return f"The database at {_where()} is not set up. Run: ./quartier migrate"
    return f"The database refused ({state}, {type(error).__name__})." + _hint()


def _fault(error: BaseException) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" at {last[0].filename.rsplit('/', 2)[-1]}:{last[0].lineno}" if last else ""
    return f"This should not have happened: {type(error).__name__}{place}." + _hint()


def _hint() -> str:
    if os.environ.get("QUARTIER_DEBUG"):
        return "\n" + traceback.format_exc()
    return " QUARTIER_DEBUG=1 shows where."

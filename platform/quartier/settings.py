"""Settings of an installation, read once from the environment into a frozen struct."""

import math
import os
import shlex
import sysconfig
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import msgspec

CHECKOUT = Path(__file__).resolve().parents[2]


class SettingInvalid(ValueError):
    """A setting that cannot be used; the text says which values are allowed."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One installation. `clock_ahead` moves the world's clock and is refused outside demo mode."""

    data: Path
    database_url: str | None = None
    demo: bool = False
    host: str = "127.0.0.1"
    port: int = 8000
    compile_reads: bool = True
    canary: float = 0  # share of compiled reads that are compared with ordinary execution
    clock_ahead: timedelta = timedelta()
    log_level: str = "INFO"
    citus: bool = False
    trusted_proxies: frozenset[str] = frozenset()  # addresses whose X-Forwarded-For counts
    metrics_token: str | None = None  # without one, /metrics answers the machine itself alone
    scanner: tuple[str, ...] = ()  # command that looks at uploaded files; without one nobody does

    def origin(self, host: str) -> str:
        """What people see in front of the path: the demo is plain HTTP at its port, anything else stands behind TLS."""
        return f"http://{host}:{self.port}" if self.demo else f"https://{host}"

    def __post_init__(self) -> None:
        if self.clock_ahead and not self.demo:
            raise SettingInvalid("QUARTIER_CLOCK_AHEAD_SECONDS is for the demo; unset it here.")
        if not 0 <= self.canary <= 1:
            raise SettingInvalid("QUARTIER_GRAPH_CANARY is a share from 0 to 1.")
        if not 0 <= self.port <= 65535:
            raise SettingInvalid("QUARTIER_PORT is a number from 0 to 65535.")


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the environment. Refuses SettingInvalid with what is allowed."""
    return Settings(
        data=Path(environment.get("QUARTIER_DATA", CHECKOUT / ".data")).resolve(),
        database_url=environment.get("DATABASE_URL") or None,
        demo=environment.get("QUARTIER_DEMO", "") == "1",
        host=environment.get("QUARTIER_HOST", "127.0.0.1"),
        port=int(_number(environment, "QUARTIER_PORT", "8000")),
        canary=_number(environment, "QUARTIER_GRAPH_CANARY", "0"),
        compile_reads=_switch(environment, "QUARTIER_GRAPH_COMPILE", default=True),
        clock_ahead=timedelta(seconds=_number(environment, "QUARTIER_CLOCK_AHEAD_SECONDS", "0")),
        log_level=environment.get("QUARTIER_LOG_LEVEL", "INFO").upper(),
        citus=_switch(environment, "QUARTIER_CITUS", default=False),
        trusted_proxies=frozenset(environment.get("QUARTIER_TRUSTED_PROXIES", "").replace(",", " ").split()),
        metrics_token=environment.get("QUARTIER_METRICS_TOKEN") or None,
        scanner=tuple(shlex.split(environment.get("QUARTIER_SCANNER", ""))),
    )


def _number(environment: Mapping[str, str], name: str, default: str) -> float:
    value = environment.get(name, default)
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise SettingInvalid(f"{name} is a number, not {value!r}.")
    return number


def _switch(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = environment.get(name, "on" if default else "off").lower()
    if value not in {"on", "off"}:
        raise SettingInvalid(f"{name} is on or off, not {value!r}.")
    return value == "on"


def home(part: str) -> Path:
    """Find tenants/, graphql/ or migrations/: in the checkout, else where the wheel put them."""
    here = CHECKOUT / part
    return here if here.exists() else Path(sysconfig.get_path("data"), "share", "quartier", part)

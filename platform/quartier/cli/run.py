"""From a command to its coroutine: settings, one event loop in the main thread, an orderly end when told to stop."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import rich_click as click
import uvloop

from quartier.settings import Settings, read

DEMO = "demo.json"


class Misused(Exception):
    """A command that cannot mean anything here; the text says what it could have been."""


class Failed(Exception):
    """A command that could not be done; the text says why and what to do."""


class Stopped(Exception):
    """A signal ended the command before it was done."""

    def __init__(self, sign: int) -> None:
        super().__init__(signal.Signals(sign).name)
        self.sign = sign


class Demo(msgspec.Struct, frozen=True):
    """What a demo leaves in its data folder, so that commands beside it live in the same world."""

    clock_ahead_seconds: float
    port: int | None = None  # where its pages are, for the links that a command prints


def settings(**given: Any) -> Settings:
    """The environment's settings, and over them the options that were given. Raises SettingInvalid."""
    if given.get("data") is not None:
        given["data"] = Path(given["data"]).resolve()
    named = {name: value for name, value in given.items() if value is not None}
    whole = msgspec.structs.replace(read(), **named)
    whole.__post_init__()
    return whole


def settings_beside(**given: Any) -> Settings:
    """The same for a command that only visits: in the data folder of a demo it is part of the demo.

    `serve` and `work` never take it from there: a demo's tokens must not open a house by accident.
    """
    whole = settings(**given)
    with contextlib.suppress(FileNotFoundError, msgspec.DecodeError):
        demo = msgspec.json.decode((whole.data / DEMO).read_bytes(), type=Demo)
        ahead, port = timedelta(seconds=demo.clock_ahead_seconds), demo.port or whole.port
        return msgspec.structs.replace(whole, demo=True, clock_ahead=ahead, port=port)
    return whole


def remember_demo(chosen: Settings) -> None:
    """Say in the data folder that it is a demo's, and how its clock goes."""
    chosen.data.mkdir(parents=True, exist_ok=True)
    (chosen.data / DEMO).write_bytes(msgspec.json.encode(Demo(chosen.clock_ahead.total_seconds(), chosen.port)))


def run(work: Coroutine[Any, Any, Any]) -> None:
    """Run to the end; SIGTERM and Ctrl-C cancel, so that what was opened is closed. Raises Stopped."""
    told: list[int] = []

    async def until_told() -> None:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None

        def stop(sign: int) -> None:
            told.append(sign)
            task.cancel()

        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, stop, sign)
        await work

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(until_told())
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise Stopped(told[0] if told else signal.SIGINT) from None


def say(text: str) -> None:
    """Progress and remarks go to stderr: stdout is for what a program reads."""
    click.echo(text, err=True)


data_option = click.option("--data", type=click.Path(file_okay=False), help="Data folder (QUARTIER_DATA; .data).")
host_option = click.option("--host", help="Address to listen at (QUARTIER_HOST; 127.0.0.1).")
port_option = click.option("--port", type=click.IntRange(0, 65535), help="Port to listen at (QUARTIER_PORT; 8000).")

"""test and bench: every check the project has, and its figures. They need the checkout."""

import os
import subprocess
import sys
import time
from pathlib import Path

import rich_click as click

from quartier.cli.run import Failed, say
from quartier.settings import CHECKOUT

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports", "--no-cache"),
    # By file, so that what a file shares is made once; two at a time where there are two cores.
    ("pytest", "-q", "-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadfile"),
)
PASS_ON = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": ["--help"]}


@click.command(context_settings=PASS_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PYTEST ARGUMENTS]...")
def test(arguments: tuple[str, ...]) -> None:
    """Run every check: style, types, import contracts, tests. With arguments: pytest alone, with those.

    \b
    ./quartier test                            what CI runs
    ./quartier test tests/spaces -k overlap    passed on to pytest
    ./quartier test -x --lf
    """
    _in_checkout("pyproject.toml")
    if arguments:
        sys.exit(_call("pytest", *arguments))
    failed = []
    for command in CHECKS:
        say(f"── {' '.join(command)}")
        begun = time.monotonic()
        code = _call(*command)
        say(f"   {'ok' if code == 0 else f'failed ({code})'} after {time.monotonic() - begun:.0f} s")
        failed += [" ".join(command)] if code else []
    if failed:
        raise Failed(f"Failed: {', '.join(failed)}.")
    say("Everything holds.")


@click.command(context_settings=PASS_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> None:
    """Measure the compiled reads against ordinary execution and a hand-written floor, in one run.

    \b
    ./quartier bench                     2 sites; figures go to bench.json
    ./quartier bench --sites 10          more of them
    ./quartier bench --pages             how long the console's pages take

    All options: tests/bench/README.md.
    """
    _of_the_tests("bench", *arguments)


@click.command()
@click.option("--only", metavar="NAME", help="One of them alone, such as heute.")
def pictures(only: str | None) -> None:
    """Draw the console's pages for the README, on a desk and on a phone. Needs Chromium.

    \b
    ./quartier pictures                  all of them, from a demo of its own
    ./quartier pictures --only heute     one
    """
    _of_the_tests("pictures", *(("--only", only) if only else ()))


def _of_the_tests(module: str, *arguments: str) -> None:
    """Run a program that stands beside the tests, and end with its exit code."""
    _in_checkout(f"tests/{module}/__main__.py")
    paths = os.pathsep.join(str(CHECKOUT / part) for part in ("platform", "graphql", "tests"))
    command = [sys.executable, "-P", "-m", module, *arguments]
    sys.exit(subprocess.call(command, cwd=CHECKOUT, env={**os.environ, "PYTHONPATH": paths}))


def _call(name: str, *arguments: str) -> int:
    program = Path(sys.executable).parent / name
    if not program.exists():
        raise Failed(f"{name} is not installed here: start this by ./quartier test, which installs what it needs.")
    return subprocess.call([str(program), *arguments], cwd=CHECKOUT)


def _in_checkout(file: str) -> None:
    if not (CHECKOUT / file).exists():
        raise Failed("This needs the checkout: tests and figures are not in the installed package.")

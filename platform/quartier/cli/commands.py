"""All commands under one roof."""

import importlib
from collections.abc import Sequence
from typing import Any

import rich_click as click

# Name -> module and attribute: a command's module is loaded when it is asked for, so `--help` stays quick.
COMMANDS = {
    "demo": ("serving", "demo"),
    "serve": ("serving", "serve"),
    "work": ("serving", "work"),
    "migrate": ("keeping", "migrate"),
    "site": ("sites", "site"),
    "client": ("clients", "client"),
    "jobs": ("jobs", "jobs"),
    "support": ("support", "support"),
    "schema": ("keeping", "schema"),
    "check": ("keeping", "check"),
    "test": ("checks", "test"),
    "bench": ("checks", "bench"),
    "pictures": ("checks", "pictures"),
}


class Lazy(click.RichGroup):
    """A group that knows its commands by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        return getattr(importlib.import_module(f"quartier.cli.{module}"), name)


@click.group(cls=Lazy)
def cli() -> None:
    """Quartier: neighbourhood co-creation centers, one codebase, walled-off sites, one graph.

    \b
    ./quartier demo                   everything at once, with invented people
    ./quartier test                   every check the project has

    \b
    An installation of your own:
    export DATABASE_URL=postgresql://...   else one is started beside the data
    ./quartier migrate
    ./quartier site open my-site
    ./quartier client create my-site "My program" --scope spaces:read
    ./quartier serve   and beside it   ./quartier work

    Every command has --help with examples. Exit codes: 0 done, 1 not done, 2 misused.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; give its exit code."""
    try:
        result = cli.main(
            args=list(arguments) if arguments is not None else None, prog_name="./quartier", standalone_mode=False
        )
    except click.ClickException as misuse:
        misuse.show()
        return misuse.exit_code
    except click.Abort:
        click.echo("Stopped.", err=True)
        return 130
    except Exception as error:
        from quartier.cli.errors import described

        code, words = described(error)
        click.echo(words, err=True)
        return code
    return result if isinstance(result, int) else 0

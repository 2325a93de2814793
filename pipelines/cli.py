"""The `quincena` command (CONTRACT §13): options and nothing else; each command is a module of ``commands``.

A command's module is imported when it is called: `quincena --help` and a mistyped option answer at once.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.guarding import GuardedGroup
from pipelines.commands.session import Session, default_policy, language_of_environment

app = typer.Typer(
    cls=GuardedGroup,
    help="Reconcile bank and remittance payments with capture lines, and say who is covered next month.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_DEFAULT_PORT = 3000


class Language(StrEnum):
    """The languages of summaries and errors."""

    es = "es"
    en = "en"


AsJson = Annotated[bool, typer.Option("--json", help="For programs: JSON on stdout, one object a line.")]


@app.callback()
def options(
    ctx: typer.Context,
    home: Annotated[
        Path, typer.Option(envvar="QUINCENA_HOME", help="Holds inbox, tables, outbox and run history.", metavar="DIR")
    ] = Path("var"),
    policy: Annotated[
        Path | None,
        typer.Option(envvar="QUINCENA_POLICY", help="The dated rules; default: policy.toml.", metavar="FILE"),
    ] = None,
    lang: Annotated[Language | None, typer.Option(envvar="QUINCENA_LANG", help="Default: es.")] = None,
) -> None:
    """What holds for every command."""
    ctx.obj = Session(home.absolute(), policy or default_policy(), lang or language_of_environment())


@app.command()
def run(
    ctx: typer.Context,
    month: Annotated[str, typer.Option(help="Payment month YYYY-MM, or a range A..B.", metavar="M|A..B")],
    inbox: Annotated[Path | None, typer.Option(help="Default: inbox/ of the home.", metavar="DIR")] = None,
    received_at: Annotated[
        str | None, typer.Option(help="When the files were received; default: now.", metavar="T")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why it is run, for the record.", metavar="TEXT")] = "",
    as_json: AsJson = False,
) -> None:
    """Land what is new, reconcile the month, publish; exit 1 if a month was not published."""
    from pipelines.commands import run as command  # noqa: PLC0415 - loads Dagster

    raise typer.Exit(command.run(ctx.obj, month, inbox, received_at, reason, as_json=as_json))


@app.command()
def table(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the table, e.g. dispositions.", metavar="NAME")],
    output: Annotated[Path, typer.Option(help="File ending in .parquet, .csv or .xlsx.", metavar="FILE")],
    month: Annotated[str | None, typer.Option(help="Payment month YYYY-MM.", metavar="M")] = None,
    version: Annotated[
        int | None, typer.Option(help="Number of an older publication of the month.", metavar="N", min=1)
    ] = None,
) -> None:
    """Write a published table to a file."""
    from pipelines.commands import table as command  # noqa: PLC0415 - loads the store

    command.write(ctx.obj, name, output, month, version)


@app.command()
def check(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="The files to look at.", metavar="FILE...")],
    as_json: AsJson = False,
) -> None:
    """Say what landing would say of these files, changing nothing."""
    from pipelines.commands import check as command  # noqa: PLC0415 - loads the readers

    command.check(ctx.obj, files, as_json=as_json)


@app.command()
def sample(
    ctx: typer.Context,
    output: Annotated[Path, typer.Option(help="Where inbox/ and truth/ are written.", metavar="DIR")],
    month: Annotated[str, typer.Option(help="Payment month YYYY-MM, or a range A..B.", metavar="M|A..B")],
    registrants: Annotated[int, typer.Option(help="How many persons.", metavar="N", min=1)],
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.", metavar="S", min=0)] = 0,
) -> None:
    """Write a made-up inbox of any size, with the truth beside it."""
    from pipelines.commands import sample as command  # noqa: PLC0415 - loads the generator

    command.sample(ctx.obj, output, month, registrants, seed)


@app.command()
def ui(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(help="Port on this machine.", min=1, max=65535)] = _DEFAULT_PORT,
) -> None:
    """Open the Dagster UI on this home, for this machine only."""
    from pipelines.commands import ui as command  # noqa: PLC0415 - only this command needs it

    command.serve(ctx.obj, port)


def main() -> None:
    """The entry point of the `quincena` command."""
    app(prog_name="quincena")

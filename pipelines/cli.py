"""The `quincena` command (CONTRACT §13): options and nothing else; each command is a module of ``commands``.

A command's module is imported when it is called: `quincena --help` and a mistyped option answer at once.
"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.collecting import loading, uncollected
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


class EngineName(StrEnum):
    """On what the stages run."""

    local = "local"
    dask = "dask"


class Kind(StrEnum):
    """The kinds of canonical file."""

    registrants = "registrants"
    capture_lines = "capture_lines"
    bank_transfers = "bank_transfers"
    remittances = "remittances"
    settlements = "settlements"
    decisions = "decisions"


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
    store: Annotated[
        str,
        typer.Option(
            envvar="QUINCENA_STORE", help="Keeps what lasts at s3://bucket/prefix; default: in the home.", metavar="URL"
        ),
    ] = "",
    lang: Annotated[Language | None, typer.Option(envvar="QUINCENA_LANG", help="Default: es.")] = None,
) -> None:
    """What holds for every command."""
    language = lang.value if lang else language_of_environment()
    ctx.obj = Session(home.absolute(), policy or default_policy(), language, store)


@app.command()
def run(
    ctx: typer.Context,
    month: Annotated[str, typer.Option(help="Payment month YYYY-MM, or a range A..B.", metavar="M|A..B")],
    inbox: Annotated[
        str | None,
        typer.Option(
            envvar="QUINCENA_INBOX", help="Folder, sftp:// or s3://; default: inbox/ of the home.", metavar="DIR|URL"
        ),
    ] = None,
    received_at: Annotated[
        str | None, typer.Option(help="When the files were received; default: now.", metavar="T")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why it is run, for the record.", metavar="TEXT")] = "",
    engine: Annotated[
        EngineName, typer.Option(envvar="QUINCENA_ENGINE", help="Where the rules run: here, or on a Dask cluster.")
    ] = EngineName.local,
    shards: Annotated[
        int, typer.Option(envvar="QUINCENA_SHARDS", help="Parts of a month; 0: as the memory asks.", metavar="N", min=0)
    ] = 0,
    memory: Annotated[
        str, typer.Option(envvar="QUINCENA_MEMORY", help="What a run may take; the rest lies on disk.")
    ] = "4GB",
    scheduler: Annotated[
        str, typer.Option(envvar="QUINCENA_SCHEDULER", help="Address of a Dask scheduler; default: a cluster here.")
    ] = "",
    workers: Annotated[
        int, typer.Option(envvar="QUINCENA_WORKERS", help="Processes for shards; 0: by cores.", metavar="N", min=0)
    ] = 0,
    as_of: Annotated[
        str | None, typer.Option(help="Rebuild what was known then; publishes nothing, needs --output.", metavar="T")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Where --as-of writes.", metavar="DIR")] = None,
    afresh: Annotated[bool, typer.Option("--afresh", help="Work it out again also where nothing is new.")] = False,
    as_json: AsJson = False,
) -> None:
    """Land what is new, reconcile the month, publish; exit 1 if a month was not published."""
    if as_of is not None or output is not None:
        from pipelines.commands import as_of as rebuilding  # noqa: PLC0415 - without Dagster
        from pipelines.commands import engines  # noqa: PLC0415 - without Dagster

        asked = engines.asked(engine.value, shards, memory, scheduler, workers)
        raise typer.Exit(rebuilding.run(ctx.obj, month, as_of, output, asked, _typed(ctx), as_json=as_json))
    with loading():
        from pipelines.commands import run as command  # noqa: PLC0415 - loads Dagster
        from pipelines.defs.running import Engine  # noqa: PLC0415 - loads Dagster

    on = Engine(engine.value, shards, memory, scheduler, workers)
    raise typer.Exit(command.run(ctx.obj, month, inbox, received_at, reason, on, afresh=afresh, as_json=as_json))


def _typed(ctx: typer.Context) -> set[str]:
    """The options that are on the command line; what the environment says holds for all commands."""
    sources = {name: ctx.get_parameter_source(name) for name in ctx.params}
    return {name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"}


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
def explain(
    ctx: typer.Context,
    key: Annotated[
        str,
        typer.Argument(help="A payment_id, natural key or its last part; a capture line; an NSS.", metavar="KEY"),
    ],
    month: Annotated[str | None, typer.Option(help="Look into this month's publication alone.", metavar="M")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what was decided of a payment, a line or an NSS, by which rule, from which file and row. It shows values."""
    with uncollected():
        from pipelines.commands import explain as command  # noqa: PLC0415 - loads the rules

        raise typer.Exit(command.explain(ctx.obj, key, month, as_json=as_json))


@app.command()
def diff(
    ctx: typer.Context,
    first: Annotated[int, typer.Argument(help="Number of a publication.", metavar="A", min=1)],
    second: Annotated[int, typer.Argument(help="Number of another one.", metavar="B", min=1)],
    month: Annotated[str, typer.Option(help="Payment month YYYY-MM.", metavar="M")],
    as_json: AsJson = False,
) -> None:
    """Say what changed between two publications of a month, and why. It shows values of rows."""
    from pipelines.commands import diff as command  # noqa: PLC0415 - loads the store

    raise typer.Exit(command.diff(ctx.obj, month, first, second, as_json=as_json))


@app.command()
def verify(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Compute every digest again and follow the chain; name what was altered, with exit 1."""
    from pipelines.commands import verify as command  # noqa: PLC0415 - loads the store

    raise typer.Exit(command.run(ctx.obj, as_json=as_json))


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


layout_commands = typer.Typer(
    help="Layouts: how each sender writes its files.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(layout_commands, name="layout")


@layout_commands.command(name="list")
def list_layouts(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the layouts: name, kind, mechanics, names of files, days on which it holds, description."""
    from pipelines.commands import layout as command  # noqa: PLC0415 - loads the readers

    command.list_all(ctx.obj, as_json=as_json)


@layout_commands.command(name="check")
def check_layout(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="The files to read.", metavar="FILE...")],
    layout: Annotated[
        str, typer.Option(help="Read by this layout, whatever the name of the file.", metavar="NAME|FILE.toml")
    ] = "",
    rows: Annotated[int, typer.Option(help="How many rows to show.", metavar="N", min=0)] = 20,
    as_json: AsJson = False,
) -> None:
    """Say which layout fits a file and what each of its rows gives. It shows values of rows."""
    from pipelines.commands import layout as command  # noqa: PLC0415 - loads the readers

    command.check(ctx.obj, files, layout, rows, as_json=as_json)


@layout_commands.command(name="new")
def new_layout(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the layout, e.g. giros_del_sur.", metavar="NAME")],
    sample_file: Annotated[
        Path | None, typer.Option("--from", help="A file of the sender, to begin with.", metavar="FILE")
    ] = None,
    kind: Annotated[Kind | None, typer.Option(help="What its rows are.")] = None,
    output: Annotated[Path, typer.Option(help="Where a folder NAME is made.", metavar="DIR")] = Path(),
) -> None:
    """Begin a layout: its file, with a question where nothing is certain, and its folder of fixtures."""
    from pipelines.commands import layout as command  # noqa: PLC0415 - loads the readers

    command.begin(ctx.obj, name, sample_file, kind or "", output)


def main() -> None:
    """The entry point of the `quincena` command."""
    if "CS_GNU_LIBC_VERSION" in os.confstr_names:  # where memory is kept for all (engine.memory); before Arrow loads
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    app(prog_name="quincena")

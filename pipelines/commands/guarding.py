"""The guard around every command: what goes wrong is told in one line, with the exit of CONTRACT §13."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from pipelines.commands import console
from pipelines.commands.messages import INTERRUPTED, NOT_PUBLISHED, Fault
from pipelines.commands.session import Session, language_of_environment
from pipelines.outputs.labels import say


class GuardedGroup(TyperGroup):
    """The commands, with no traceback for anybody."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # noqa: ANN401 - whatever a command gives
        """Run the command; turn what it raises into a message and an exit."""
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort):
            raise
        except BrokenPipeError:
            # The reader of stdout went away (`| head`): nothing is wrong, and nothing more can be said there.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            raise typer.Exit(0) from None
        except KeyboardInterrupt:
            console.message(console.text(say(INTERRUPTED, _language(ctx))))
            raise typer.Exit(NOT_PUBLISHED) from None
        except Exception as error:  # noqa: BLE001 - nothing may reach the terminal as it is: it may quote a row
            fault = _fault(error, ctx)
            console.message(console.text(fault.told(_language(ctx)), "bold red"))
            raise typer.Exit(fault.exit_code) from None


def _fault(error: Exception, ctx: typer.Context) -> Fault:
    if isinstance(error, Fault):
        return error
    if _is_usage(error):
        raise error
    from pipelines.commands.faults import as_fault  # noqa: PLC0415 - loads the store, which help and usage do not need

    return as_fault(error, ctx.obj.home if isinstance(ctx.obj, Session) else Path("var"))


def _is_usage(error: Exception) -> bool:
    """Whether the parser of the command line tells of it by itself."""
    return hasattr(error, "exit_code") and hasattr(error, "format_message")


def _language(ctx: typer.Context) -> str:
    return ctx.obj.language if isinstance(ctx.obj, Session) else language_of_environment()

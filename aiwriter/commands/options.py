"""What the command line's verbs have in common: their usual options, and the way from a verb to its work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiwriter.bootstrap import Tools

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object; progress as JSON lines on stderr.")]
MANNER: dict[str, Any] = {"add_completion": False, "pretty_exceptions_enable": False, "rich_markup_mode": None}


def go(work: Callable[[Tools], Awaitable[int]], *, as_json: bool = False, needs_database: bool = True) -> None:
    """Do the work of a verb and end with its exit code."""
    from aiwriter.commands import edge

    raise typer.Exit(edge.run(work, as_json=as_json, needs_database=needs_database))


def alone(app: typer.Typer, verb: str) -> typer.Typer:
    """The command line of this verb alone: to describe all of them takes a tenth of a second. `app` if it has none."""
    groups = app.registered_groups
    apps = (app, *(group.typer_instance for group in groups if not isinstance(group.name, str)))
    one = typer.Typer(callback=_nothing_first, **MANNER)
    one.registered_groups = [group for group in groups if group.name == verb]
    one.registered_commands = [
        command
        for each in apps
        if each
        for command in each.registered_commands
        if command.callback and (command.name or command.callback.__name__.replace("_", "-")) == verb
    ]
    return one if one.registered_groups or one.registered_commands else app


def _say_version(wanted: bool) -> None:
    if wanted:
        from aiwriter import __version__

        typer.echo(f"aiwriter {__version__}")
        raise typer.Exit


def before_a_verb(
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options that stand before any verb."""


def _nothing_first() -> None:
    """What keeps it a group of verbs, though it has but one."""

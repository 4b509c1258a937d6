"""What the command line's verbs have in common: their usual options, and the way from a verb to its work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiwriter.bootstrap import Tools

Json = Annotated[bool, typer.Option("--json", help="One JSON object at the end; progress as JSON lines on stderr.")]


def go(work: Callable[[Tools], Awaitable[int]], *, as_json: bool = False, needs_database: bool = True) -> None:
    """Do the work of a verb and end with its exit code."""
    from aiwriter.commands import edge

    raise typer.Exit(edge.run(work, as_json=as_json, needs_database=needs_database))

"""`aiwriter budgets …`: its verbs and their options. Imports typer alone at the top, like cli.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from aiwriter.commands.options import Json, go

if TYPE_CHECKING:
    from aiwriter.bootstrap import Tools

app = typer.Typer(help="Spending caps shared by all runs: list, set.", no_args_is_help=True)


@app.command("list")
def list_budgets(as_json: Json = False) -> None:
    """List caps and spending of the workspace, today and each provider."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import budgets

        return await budgets.show(tools, as_json=as_json)

    go(work, as_json=as_json)


@app.command("set", context_settings={"ignore_unknown_options": True})  # -1 is an amount, if not one that will do
def set_budget(
    what: Annotated[str, typer.Argument(help="workspace, day (each day), or a provider such as openai.")],
    cap: Annotated[str, typer.Argument(help="US dollars, or none for no cap.")],
    as_json: Json = False,
) -> None:
    """Set a spending cap. For a single run use `write --budget`."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import budgets

        return await budgets.cap(tools, what, cap, as_json=as_json)

    go(work, as_json=as_json)

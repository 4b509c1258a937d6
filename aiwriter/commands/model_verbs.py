"""`aiwriter models …`: its verbs and their options. Imports typer alone at the top, like cli.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from aiwriter.commands.options import Json, go

if TYPE_CHECKING:
    from aiwriter.bootstrap import Tools

app = typer.Typer(help="Language models: list, try.", invoke_without_command=True)


@app.callback()
def list_without_a_verb(context: typer.Context) -> None:
    """Language models: list (the default), try."""
    if context.invoked_subcommand is None:
        list_models()


@app.command("list")
def list_models(as_json: Json = False) -> None:
    """List known models with price, context and state."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import models

        return await models.show(tools, as_json=as_json)

    go(work, as_json=as_json)


@app.command("try")
def try_model(
    model: Annotated[str, typer.Argument(help="provider:model, such as openai:gpt-5-mini.")],
    as_json: Json = False,
) -> None:
    """Make one call; show the answer, time and cost."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import models

        return await models.try_out(tools, model, as_json=as_json)

    go(work, as_json=as_json)

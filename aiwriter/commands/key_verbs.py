"""`aiwriter keys …`: its verbs and their options. Imports typer alone at the top, like cli.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from aiwriter.commands.options import Json, go

if TYPE_CHECKING:
    from aiwriter.bootstrap import Tools

app = typer.Typer(help="API keys: add, list, revoke.", no_args_is_help=True)


@app.command("add")
def add_key(
    name: Annotated[str, typer.Argument(help="Name of its user.")],
    scope: Annotated[
        list[str] | None, typer.Option(metavar="SCOPE", help="read, write or admin; read and write by default.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=3650, metavar="NUMBER", help="Days until it expires; never by default.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Create a key and print it once."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import keys

        return await keys.add(tools, name, scope or [], days, as_json=as_json)

    go(work, as_json=as_json)


@app.command("list")
def list_keys(as_json: Json = False) -> None:
    """List keys, newest first."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import keys

        return await keys.show(tools, as_json=as_json)

    go(work, as_json=as_json)


@app.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(help="Key id, as shown by `aiwriter keys list`.")], as_json: Json = False
) -> None:
    """Revoke a key."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import keys

        return await keys.revoke(tools, key, as_json=as_json)

    go(work, as_json=as_json)


@app.command("make")
def make_key(as_json: Json = False) -> None:
    """Print a new key without storing it. For AIWRITER_API__BOOTSTRAP_KEY."""

    async def work(_tools: Tools) -> int:
        from aiwriter.commands import keys

        return keys.make(as_json=as_json)

    go(work, as_json=as_json, needs_database=False)

"""`aiwriter keys`: a key is printed once, listed without its secret, and revoked."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from aiwriter import settings
from aiwriter.bootstrap import open_tools
from aiwriter.commands import keys
from aiwriter.documents import utc_now
from aiwriter.errors import NotFound
from aiwriter.services import keys as service


async def test_a_key_is_made_shown_once_listed_and_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    async with open_tools(settings.load()) as tools:
        assert await keys.show(tools, as_json=False) == 0
        assert "No keys yet" in capsys.readouterr().out
        await keys.add(tools, "the dashboard", [], 30, as_json=False)
        printed = capsys.readouterr()
        secret = printed.out.strip()
        assert secret not in printed.err
        assert await service.authenticate(tools.database, secret, utc_now()) is not None
        await keys.add(tools, "root", ["admin"], None, as_json=True)
        made = json.loads(capsys.readouterr().out)
        assert (made["name"], made["scopes"]) == ("root", ["admin"])
        await keys.show(tools, as_json=False)
        listed = capsys.readouterr().out
        assert "the dashboard" in listed
        assert "until" in listed
        assert secret not in listed
        await keys.revoke(tools, made["id"], as_json=False)
        capsys.readouterr()
        await keys.show(tools, as_json=True)
        states = {key["name"]: key["revoked_at"] is None for key in json.loads(capsys.readouterr().out)}
        assert states == {"root": False, "the dashboard": True}
        with pytest.raises(NotFound):
            await keys.revoke(tools, "nobody", as_json=False)


def test_the_help_of_keys_names_its_commands() -> None:
    from aiwriter.cli import app

    text = CliRunner().invoke(app, ["keys", "--help"]).output
    assert all(command in text for command in ("add", "list", "revoke", "make"))

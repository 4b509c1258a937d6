"""The API on each database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aiwriter.documents import Brief
from tests.api.harness import Api, running, settings_for


@pytest.fixture
async def api(sql_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    async with running(settings_for(tmp_path / "home", sql_url)) as api:
        yield api


@pytest.fixture
async def sqlite_api(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    async with running(settings_for(tmp_path / "home", sqlite_url)) as api:
        yield api


@pytest.fixture
def brief(tmp_path: Path) -> Brief:
    """A brief whose one source is there."""
    source = tmp_path / "notes.md"
    source.write_text("# Ferries\n\nThe ferry carries 120 cars.\n", encoding="utf-8")
    return Brief(topic="What the ferry carries", sources=(str(source),))

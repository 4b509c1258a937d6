"""Homes that are ready to be used."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def home(store: str, tmp_path: Path, request: pytest.FixtureRequest, migrated_sqlite: Path) -> tuple[Path, str]:
    """A folder of state, and the address of its database, which has its tables."""
    folder = tmp_path / "state"
    folder.mkdir()
    if store == "postgresql":
        return folder, str(request.getfixturevalue("postgres_url"))
    shutil.copy(migrated_sqlite, folder / "aiwriter.db")
    return folder, f"sqlite+aiosqlite:///{folder / 'aiwriter.db'}"

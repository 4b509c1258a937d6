"""One process whose copies are killed, and homes that are ready to be used."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from aiwriter.testing.terminal import ROOT, Terminal
from tests.faults.forking import Forks


@pytest.fixture(scope="session")
def forks(prefect_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    home = tmp_path_factory.mktemp("forks")
    settings = {
        "PREFECT_API_URL": prefect_api,
        "PREFECT_HOME": str(home / "prefect"),
        "AIWRITER_EMBEDDER": "hashing:64",
        "OMP_NUM_THREADS": "1",
    }
    started = Forks(Terminal(home, settings).environment(), str(ROOT))
    yield started
    started.stop()


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

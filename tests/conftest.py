"""For every test: a home of its own, no settings of the developer's, no network. And databases for those that ask."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from aiwriter.servers import free_port
from aiwriter.testing.network import no_network
from aiwriter.testing.postgres import NoPostgres, PostgresServer, postgres_server
from aiwriter.testing.terminal import ROOT

START_SECONDS = 120

SETTINGS = (
    "AIWRITER_",
    "OPENAI_",
    "GEMINI_",
    "GOOGLE_",
    "ANTHROPIC_",
    "TAVILY_",
)  # ours, and what the SDKs read by themselves

# A busy machine is no finding: nothing is judged by how long it took.
hypothesis_settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("house")


@pytest.fixture(autouse=True)
def _apart_from_the_world(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    for name in list(os.environ):
        if name.startswith(SETTINGS) and not name.startswith("AIWRITER_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AIWRITER_HOME", str(tmp_path / "home"))
    with nullcontext() if request.node.get_closest_marker("network") else no_network():
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The one PostgreSQL server of the test run."""
    try:
        with postgres_server() as server:
            yield server
    except NoPostgres as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables of this version, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "aiwriter.db"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresServer) -> Iterator[str]:
    """The name of a PostgreSQL database with the tables of this version, to be a template."""
    with postgres.database() as url:
        _migrate(url)
        yield urlsplit(url).path[1:]


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A SQLite file with the tables of this version, for one test."""
    return f"sqlite+aiosqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'aiwriter.db')}"


@pytest.fixture
def postgres_url(postgres: PostgresServer, migrated_postgres: str) -> Iterator[str]:
    """A PostgreSQL database with the tables of this version, for one test."""
    with postgres.database(template=migrated_postgres) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def sql_url(request: pytest.FixtureRequest) -> str:
    """Each database with the tables of this version."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_sql_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Each database without tables; the SQLite file is not there yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'folder' / 'aiwriter.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        with server.database() as url:
            yield url


@pytest.fixture(scope="session")
def prefect_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The one Prefect server of the test run."""
    from flows.prefect_server import CLIENT_SETTINGS, SERVER_SETTINGS, is_healthy

    port = free_port()
    home = tmp_path_factory.mktemp("prefect")
    environment = os.environ | CLIENT_SETTINGS | SERVER_SETTINGS
    environment |= {"PREFECT_HOME": str(home), "PYTHONPATH": str(ROOT)}
    api = f"http://127.0.0.1:{port}/api"
    command = [sys.executable, "-m", "flows.prefect_child", str(port)]
    log = (home / "log").open("w")
    with log, subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True) as server:
        deadline = time.monotonic() + START_SECONDS
        while not is_healthy(api):
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the Prefect server did not start: {(home / 'log').read_text()[-2000:]}")
            time.sleep(0.1)
        yield api
        os.killpg(server.pid, signal.SIGTERM)


def _migrate(url: str) -> None:
    from aiwriter.storage import migrate

    with ThreadPoolExecutor(1) as thread:  # where no event loop runs, whoever asks for the fixture
        thread.submit(asyncio.run, migrate(url)).result()

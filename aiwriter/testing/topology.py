"""The installation for many users, for real and without containers: what docker-compose.yml says, as processes here.

    with topology(folder) as house:
        Client(house.url, house.key)
        house.kill("worker-1")

Commands and environments are the compose file's own, run from what the Dockerfile copies into the image; exchanged are
addresses (one loopback address, ports of its own) and folders. PostgreSQL and nginx are this machine's programs, with
our databases.sh and nginx.conf. Everything ends with the block, and with this process however that ends.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

from aiwriter.servers import answers, free_port
from aiwriter.testing.containers import compose, copied, environment_of, stages
from aiwriter.testing.postgres import OwnServer, own_server

ROOT = Path(__file__).resolve().parents[2]
LOCAL = "127.0.0.1"
PORTS = {"postgres": 5432, "chroma": 8000, "prefect-server": 4200, "api": 8000, "dashboard": 8501, "nginx": 8080}
START_SECONDS = 120.0
STOP_SECONDS = 10.0
MARK = "TOPOLOGY_PART"  # every process of a part carries it in its environment: home:name
PASSED_ON = ("LANG", "TMPDIR", "SSL_CERT_FILE")
HEALTH = {
    "chroma": "/api/v2/heartbeat",
    "prefect-server": "/api/health",
    "api": "/api/v1/health",
    "dashboard": "/_stcore/health",
    "nginx": "/nginx-health",
}


class NotStarted(Exception):
    """A part did not become ready; the message ends with the last lines of its log."""


@dataclass
class Topology:
    """A running installation. Its parts: chroma, prefect-server, worker-1 …, api-1 …, dashboard, nginx."""

    home: Path
    services: Mapping[str, Any]
    variables: Mapping[str, str]
    settings: Mapping[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    apis: list[str] = field(default_factory=list)
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where nginx listens."""
        return f"http://{LOCAL}:{self.ports['nginx']}"

    @property
    def prefect(self) -> str:
        """Prefect's API, past nginx."""
        return f"http://{LOCAL}:{self.ports['prefect-server']}/api"

    @property
    def prefect_login(self) -> str:
        """The value of Prefect's Authorization header."""
        return "Basic " + base64.b64encode(f"admin:{self.variables['PREFECT_PASSWORD']}".encode()).decode()

    @property
    def key(self) -> str:
        """The first API key, with every right."""
        return self.variables["AIWRITER_API__BOOTSTRAP_KEY"]

    @property
    def sources(self) -> str:
        """The folder whose files briefs may name."""
        return str(ROOT / "examples" / "sources")

    # ── parts ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def start(self, name: str) -> None:
        """Start a part and do not wait for it."""
        service = name if name in self.services else name.rpartition("-")[0]
        if service in ("api", "dashboard", "chroma", "prefect-server"):
            self.ports.setdefault(name, free_port())
        if service == "nginx":
            command, environment = self._nginx(), {"PATH": os.environ["PATH"]}
        else:
            command, environment = self._command(service, name), self._environment(service, name)
        self._spawn(name, command, environment)

    def run(self, name: str) -> None:
        """Run a part to its end. Raises NotStarted unless it ends well."""
        self.start(name)
        process = self._running[name]
        code = process.wait(START_SECONDS)
        self.stop(name)
        if code != 0:
            raise NotStarted(f"{name} ended with code {code}:\n{self.log(name)[-2000:]}")

    def until_ready(self, *names: str) -> None:
        """Wait until each answers. Raises NotStarted."""
        deadline = time.monotonic() + START_SECONDS
        for name in names:
            service = name if name in HEALTH else name.rpartition("-")[0]
            url = f"http://{LOCAL}:{self.ports[name]}{HEALTH[service]}"
            while not answers(url):
                if self._running[name].poll() is not None or time.monotonic() > deadline:
                    raise NotStarted(f"{name} is not ready:\n{self.log(name)[-2000:]}")
                time.sleep(0.1)

    def stop(self, name: str) -> None:
        """End a part and all it started, politely."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS + 2)
        except subprocess.TimeoutExpired:
            self._kill(process, name)
        process.stdin.close()  # type: ignore[union-attr]

    def kill(self, name: str) -> list[int]:
        """SIGKILL to a part and everything it started, at once; the process ids."""
        return self._kill(self._running.pop(name), name)

    def pids(self, name: str | None = None) -> list[int]:
        """The living processes of a part, or of all."""
        return [pid for pid, part in _marked(self.home) if name is None or part == name]

    def log(self, name: str) -> str:
        try:
            return (self.home / "logs" / f"{name}.log").read_text(errors="replace")
        except OSError:
            return ""

    def workers_online(self) -> int:
        """How many workers Prefect's server has heard of lately."""
        asked = Request(  # noqa: S310 - our own server
            f"{self.prefect}/work_pools/aiwriter/workers/filter",
            data=json.dumps({"workers": {"status": {"any_": ["ONLINE"]}}}).encode(),
            headers={"Content-Type": "application/json", "Authorization": self.prefect_login},
        )
        try:
            with build_opener(ProxyHandler({})).open(asked, timeout=5) as answer:
                return len(json.load(answer))
        except (URLError, OSError, ValueError):
            return 0

    def end(self) -> None:
        """Stop everything, those who use others first."""
        for name in reversed(list(self._running)):
            self.stop(name)

    # ── from compose file to processes ───────────────────────────────────────────────────────────────────────────────

    def _command(self, service: str, name: str) -> list[str]:
        own = {str(PORTS[service]): str(self.ports[name])} if name in self.ports else {}
        return [own.get(word, self._here(word, name)) for word in self.services[service]["command"]]

    def _environment(self, service: str, name: str) -> dict[str, str]:
        image = stages((ROOT / "deployments" / "Dockerfile").read_text(encoding="utf-8"))[-1]
        said = environment_of(image) | {
            key: str(value) for key, value in self.services[service]["environment"].items() if value is not None
        }
        own = {str(PORTS[service]): str(self.ports[name])} if name in self.ports else {}
        found = {key: own.get(value, self._here(value, name)) for key, value in said.items()}
        programs = str(Path(sys.executable).parent)
        kept = {key: os.environ[key] for key in PASSED_ON if key in os.environ}
        return kept | found | dict(self.settings) | {"PATH": f"{programs}:{os.environ['PATH']}"}

    def _here(self, text: str, name: str) -> str:
        """The same text for this machine: a part's own home, the others' addresses."""
        text = text.replace("/data/sources", self.sources).replace("/data/home", str(self.home / "homes" / name))
        text = re.sub(r"(?<![\w./])/data/", f"{self.home}/data/", text)
        text = text.replace("0.0.0.0", LOCAL)  # noqa: S104 - the other way round
        known = {service: f"{LOCAL}:{self.ports[service]}" for service in PORTS if service in self.ports}
        return re.sub(
            r"(?<![\w.-])([a-z-]+):(\d+)\b",
            lambda found: known.get(found[1], found[0]) if PORTS.get(found[1]) == int(found[2]) else found[0],
            text,
        )

    def _nginx(self) -> list[str]:
        """Our nginx.conf with these ports; its folder for files is this part's."""
        folder, files = self.home / "nginx", self.home / "nginx" / "tmp"
        files.mkdir(parents=True, exist_ok=True)
        text = (ROOT / "deployments" / "nginx" / "nginx.conf").read_text(encoding="utf-8")
        text = text.replace("/tmp/", f"{files}/")  # noqa: S108 - what stands in the file
        text = text.replace("listen 8080", f"listen {LOCAL}:{self.ports['nginx']}")
        text = text.replace("listen 8081", f"listen {LOCAL}:{self.ports['prefect-ui']}")
        if os.geteuid() == 0:
            text = f"user root;\n{text}"  # else its workers become somebody who may not enter this folder
        (folder / "nginx.conf").write_text(text, encoding="utf-8")
        shutil.copy(ROOT / "deployments" / "nginx" / "hosts.conf", folder)
        upstreams = (ROOT / "deployments" / "nginx" / "upstreams.conf").read_text(encoding="utf-8")
        (folder / "upstreams.conf").write_text(self._upstreams(upstreams), encoding="utf-8")
        return [nginx_program(), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]

    def _upstreams(self, text: str) -> str:
        """Servers by address; what only a name server of Docker's makes sense of is left out."""
        servers = {"api": [self.ports[name] for name in self.apis], "dashboard": [], "prefect-server": []}
        for name in ("dashboard", "prefect-server"):
            servers[name] = [self.ports.setdefault(name, free_port())]  # who is not there refuses the connection

        def by_address(found: re.Match[str]) -> str:
            rest = found["rest"].replace(" resolve", "")
            return "\n".join(f"    server {LOCAL}:{port}{rest};" for port in servers[found["name"]])

        text = re.sub(r"(?m)^resolver .*$", "", text)
        return re.sub(r"(?m)^ *server (?P<name>[a-z-]+):\d+(?P<rest>[^;]*);", by_address, text)

    def _spawn(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        log = self.home / "logs" / f"{name}.log"
        for folder in (log.parent, self.home / "homes" / name, self.home / "data"):
            folder.mkdir(parents=True, exist_ok=True)
        options = ["--log", str(log), "--grace", str(STOP_SECONDS)]
        self._running[name] = subprocess.Popen(  # noqa: S603 - what our own files say
            [sys.executable, "-m", "aiwriter.supervision.child", *options, "--", *command],
            stdin=subprocess.PIPE,  # closes when we are gone, however we end
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.home / "app",
            env={**environment, "PYTHONPATH": str(self.home / "app"), MARK: f"{self.home}:{name}"},
            start_new_session=True,
        )

    def _kill(self, process: subprocess.Popen[bytes], name: str) -> list[int]:
        pids = self.pids(name)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        process.stdin.close()  # type: ignore[union-attr]
        return pids


@contextmanager
def topology(
    home: Path,
    *,
    workers: int = 2,
    apis: int = 2,
    dashboard: bool = False,
    settings: Mapping[str, str] | None = None,
    **variables: str,
) -> Iterator[Topology]:
    """Everything, ready: when the block begins, workers are online and nginx answers. Raises NotStarted, NoPostgres.

    Variables are those of deployments/.env.example, such as RUNS_PER_WORKER="4"; settings, such as AIWRITER_EMBEDDER,
    are ours that the compose file leaves at their defaults.
    """
    given = made_variables() | variables
    services = compose((ROOT / "docker-compose.yml").read_text(encoding="utf-8"), given)["services"]
    house = Topology(home, services, given, settings or {})
    house.ports |= {name: free_port() for name in ("postgres", "nginx", "prefect-ui")}
    _lay_out_image(home / "app")
    with ExitStack() as ending:
        server = ending.enter_context(own_server(house.ports["postgres"], extension="pg_trgm"))
        make_databases(server, house.ports["postgres"], given)
        ending.callback(house.end)
        house.start("chroma")
        house.start("prefect-server")
        house.until_ready("chroma", "prefect-server")
        house.run("migrate")
        house.apis = [f"api-{number + 1}" for number in range(apis)]
        hands = [f"worker-{number + 1}" for number in range(workers)]
        pages = ["dashboard"] if dashboard else []
        for name in (*hands, *house.apis, *pages, "nginx"):
            house.start(name)
        house.until_ready(*house.apis, *pages, "nginx")
        _until(lambda: house.workers_online() == workers, "the workers are not online", house, hands)
        yield house


def made_variables() -> dict[str, str]:
    """What deployments/make_env.py prints."""
    from dotenv import dotenv_values

    command = [sys.executable, str(ROOT / "deployments" / "make_env.py")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    return {name: value or "" for name, value in dotenv_values(stream=StringIO(printed)).items()}


def make_databases(server: OwnServer, port: int, variables: Mapping[str, str]) -> None:
    """Run databases.sh as the postgres image does: on the server's socket, with its programs."""
    environment = {"PATH": f"{server.binaries}:{os.environ['PATH']}", "PGHOST": str(server.home), "PGPORT": str(port)}
    passwords = {name: variables[name] for name in ("DATABASE_PASSWORD", "PREFECT_DATABASE_PASSWORD")}
    script = ["sh", str(ROOT / "deployments" / "postgres" / "databases.sh")]
    subprocess.run(script, env=environment | passwords, check=True)  # noqa: S603


def nginx_program() -> str:
    """Raises NotStarted with the next step when there is none."""
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise NotStarted("there is no nginx. One command mends it: make setup-nginx")
    return found


def _lay_out_image(folder: Path) -> None:
    """What the Dockerfile copies into the image, as a folder; compiled as far as it is here."""
    image = stages((ROOT / "deployments" / "Dockerfile").read_text(encoding="utf-8"))[-1]
    for source, target in copied(image).items():
        place = folder / target
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, place, dirs_exist_ok=True)
        else:
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, place)


def _until(said: Callable[[], bool], trouble: str, house: Topology, names: Sequence[str]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not said():
        if time.monotonic() > deadline:
            raise NotStarted(f"{trouble}:\n" + "\n".join(house.log(name)[-2000:] for name in names))
        time.sleep(0.2)


def _marked(home: Path) -> Iterator[tuple[int, str]]:
    """Living processes of this topology, with the part each belongs to (Linux)."""
    mark = f"{MARK}={home}:".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes()
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue  # it has ended meanwhile, or is not ours
        found = next((part for part in environment.split(b"\0") if part.startswith(mark)), None)
        if found is not None and state not in "ZX":
            yield int(entry.name), found[len(mark) :].decode()

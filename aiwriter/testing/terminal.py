"""The command line as a user runs it: in a process and a session of its own, over a folder of state of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# Examples that are read as they are. For HTML and PDF each run starts processes that import parsers for a second.
TEXTS = tuple(
    str(ROOT / "examples" / "sources" / name)
    for name in ("faq.md", "fact-sheet-2024.md", "fact-sheet-2025.md", "history.md", "minutes-2025-05-24.txt")
)
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "OMP_NUM_THREADS", "SSL_CERT_FILE", "PREFECT_API_URL")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """The JSON object on standard output."""
        found: dict[str, Any] = json.loads(self.out)
        return found


@dataclass(frozen=True)
class Terminal:
    """Runs `aiwriter …` with AIWRITER_HOME at `home` and nothing of the caller's AIWRITER_ or OPENAI_ environment."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()  # such as ("unshare", "-rn") to take the network away

    def run(self, *words: str, seconds: float = 180) -> Ended:
        process = self.start(*words)
        try:
            out, err = process.communicate(timeout=seconds)
        finally:
            kill_group(process)
        return Ended(process.returncode, out, err)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A running command, the leader of its own process group."""
        return subprocess.Popen(  # noqa: S603 - our own command line
            [*self.prefix, sys.executable, "-m", "aiwriter", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=self.environment(),
            start_new_session=True,
        )

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        return kept | {"AIWRITER_HOME": str(self.home), "PYTHONPATH": str(ROOT)} | self.settings


def wait_for_line(process: subprocess.Popen[str], words: str) -> list[str]:
    """Standard error up to the first line that holds `words`. Raises AssertionError when the process ends before."""
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if words in line:
            return seen
    raise AssertionError(f"{words!r} was never said:\n{''.join(seen)}")


def interrupt_group(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What Ctrl-C in a terminal does: SIGINT to the whole process group; the rest of its output."""
    os.killpg(process.pid, signal.SIGINT)
    return process.communicate(timeout=60)


def kill_group(process: subprocess.Popen[str]) -> None:
    """SIGKILL to the process group, if anything is left of it; what it said is dropped."""
    with process:  # waits, and closes its pipes
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def processes_of(home: Path) -> list[str]:
    """Command lines of living processes whose environment names this folder of state (Linux)."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if str(home).encode() in (entry / "environ").read_bytes():
                    found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue  # it has ended meanwhile, or is not ours
    return found

"""`aiwriter up` in a fresh home, for measurements."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiwriter.testing.terminal import Terminal, kill_group

PORTS = ("API__PORT", "SERVE__DASHBOARD_PORT", "SERVE__PREFECT_PORT", "SERVE__CHROMA_PORT")


@dataclass(frozen=True)
class Opened:
    """What runs: its process, the addresses it told, a key with every right."""

    process: subprocess.Popen[str]
    addresses: dict[str, str]
    key: str


@contextmanager
def opened(folder: Path, **settings: str) -> Iterator[Opened]:
    """Ready when the block begins; whatever is left of it at the end is killed."""
    free = {f"AIWRITER_{name}": "0" for name in PORTS}
    terminal = Terminal(folder / "home", free | {"OMP_NUM_THREADS": "1"} | settings)
    up = terminal.start("up", "--json")
    try:
        assert up.stdout is not None
        addresses = json.loads(up.stdout.readline())["addresses"]
        yield Opened(up, addresses, terminal.run("keys", "add", "benchmark", "--json").result["api_key"])
    finally:
        kill_group(up)

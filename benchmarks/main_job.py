"""The main job, timed: `python benchmarks/main_job.py [--runs 5] [--cold]` prints a table of medians and ratios.

Each figure is the median of several runs, each in a process of its own. `--cold` also clones the committed tree and
runs `make demo` in an empty HOME once (it downloads the locked packages).
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from aiwriter.testing.terminal import ROOT, Terminal

BRIEF = str(ROOT / "examples" / "briefs" / "demo.toml")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--cold", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = [("aiwriter --help", timed(options.runs, help_seconds), "s")]
        rows += write_rows(Path(folder), options.runs)
        if options.cold:
            rows += cold_rows(Path(folder))
    rows.append(("base .venv", venv_megabytes(), "MB"))
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; medians of {options.runs} runs")
    for name, value, unit in rows:
        print(f"{name:<44} {value:10.2f} {unit}")


def timed(runs: int, measure: Any) -> float:
    return float(statistics.median(measure() for _ in range(runs)))


def help_seconds() -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "aiwriter", "--help"], cwd=ROOT, check=True, capture_output=True)
    return time.monotonic() - began


def write_rows(folder: Path, runs: int) -> list[tuple[str, float, str]]:
    """The first run of a fresh home, then later ones in the same home."""
    first, later, results = [], [], []
    for number in range(runs):
        terminal = Terminal(folder / f"home{number}")
        first.append(write_seconds(terminal)[0])
        seconds, result = write_seconds(terminal)
        later.append(seconds)
        results.append(result)
    stages = {
        stage: statistics.median(result["seconds_by_stage"][stage] for result in results)
        for stage in results[0]["seconds_by_stage"]
    }
    work = statistics.median(result["seconds"] for result in results)
    whole = statistics.median(later)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return [
        ("write, first run of a fresh home", statistics.median(first), "s"),
        ("write, later runs", whole, "s"),
        *((f"  stage {stage}", seconds, "s") for stage, seconds in stages.items()),
        ("  all stages", work, "s"),
        ("  orchestration and start: share of the time", 100 * (1 - work / whole), "%"),
        ("peak memory of the largest process", peak, "MB"),
    ]


def write_seconds(terminal: Terminal) -> tuple[float, dict[str, Any]]:
    began = time.monotonic()
    ended = terminal.run("write", "--brief", BRIEF, "--json")
    seconds = time.monotonic() - began
    if ended.code != 0:
        sys.exit(f"the run failed: {ended.err}")
    return seconds, ended.result


def cold_rows(folder: Path) -> list[tuple[str, float, str]]:
    """`make demo` in a fresh clone of what is committed, an empty HOME and empty package caches."""
    clone, home = folder / "clone", folder / "empty"
    home.mkdir()
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
    began = time.monotonic()
    subprocess.run(["make", "demo"], cwd=clone, env=environment, check=True, capture_output=True)
    seconds = time.monotonic() - began
    shutil.rmtree(clone)
    return [("make demo, cold (clone, set-up, article)", seconds, "s")]


def venv_megabytes() -> float:
    folder = Path(sys.prefix)
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink()) / 1e6


if __name__ == "__main__":
    main()

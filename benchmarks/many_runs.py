"""Many runs asked for at once: `python -m benchmarks.many_runs [--runs 20] [--at-once N] [--sqlite]`.

By default over the installation for many users (PostgreSQL, a Prefect server on PostgreSQL, two workers, two API
processes behind nginx; ten runs at once each), with `--sqlite` over `aiwriter up` in a fresh home, whose worker carries
two runs at once and lets the rest wait in line. Prints how the runs ended, seconds until all had ended, and the waits
in line.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiwriter.api.client import Client
from aiwriter.documents import Brief
from aiwriter.testing.terminal import ROOT, interrupt_group
from aiwriter.testing.topology import topology
from benchmarks.opening import opened

TOPIC = "How the islanders of Ostrel run a battery-powered night ferry"
FILES = ("fact-sheet-2025.md", "history.md", "faq.md")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--at-once", type=int, help="runs that a worker carries at once")
    parser.add_argument("--sqlite", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        opened = (single_user if options.sqlite else many_users)(Path(folder), options.at_once)
        with opened as (url, key, sources):
            print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
            asyncio.run(measure(url, key, sources, options.runs))


@contextmanager
def single_user(folder: Path, at_once: int | None) -> Iterator[tuple[str, str, str]]:
    with opened(folder, AIWRITER_SERVE__RUNS=str(at_once or 2)) as house:
        yield house.addresses["api"], house.key, str(ROOT / "examples" / "sources")
        interrupt_group(house.process)


@contextmanager
def many_users(folder: Path, at_once: int | None) -> Iterator[tuple[str, str, str]]:
    with topology(folder / "home", workers=2, RUNS_PER_WORKER=str(at_once or 10)) as house:
        yield house.url, house.key, house.sources


async def measure(url: str, key: str, sources: str, count: int) -> None:
    """Ask for all at once and follow each to its end."""
    briefs = [
        Brief(topic=f"{TOPIC}, part {number}", words=200, sources=tuple(f"{sources}/{file}" for file in FILES))
        for number in range(count)
    ]
    began = time.monotonic()
    async with Client(url, key, timeout=120) as api:
        asked = await asyncio.gather(*(api.generate(brief) for brief in briefs))
        accepted = time.monotonic() - began
        waits = await asyncio.gather(*(followed(api, one.run_id, began) for one in asked))
        ended = time.monotonic() - began
        runs = [(await api.run(one.run_id)).run for one in asked]
    print(f"{count} runs accepted in {accepted:.2f} s, all ended after {ended:.0f} s")
    print(f"ended as {dict(Counter(str(run.status) for run in runs))}; articles {len({r.article_id for r in runs})}")
    print(f"seconds until a worker took it: median {statistics.median(waits):.0f}, at most {max(waits):.0f}")


async def followed(api: Client, run_id: object, began: float) -> float:
    """Seconds until the run was first at work; returns when it has ended."""
    started = 0.0
    async for event in api.events(run_id, patience_seconds=1800):  # type: ignore[arg-type]
        if event.kind == "run.started" and not started:
            started = time.monotonic() - began
    return started


if __name__ == "__main__":
    main()

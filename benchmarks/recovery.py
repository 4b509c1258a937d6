"""How soon a killed run goes on: `python -m benchmarks.recovery [--runs 5] [--articles 1000] [--latency 0.5]`.

Over a home with that many stored articles (SQLite, the fake provider) a report is killed with SIGKILL while its
sections are being written; then `aiwriter resume` is started, which starts a Prefect server for itself. Prints seconds
from that start until the run is held again and until its first event of progress, which is anything but work found
done, against the goal of 10 s, and until the article is finished. Medians, and the longest.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aiwriter import storage
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.testing import sample_article
from aiwriter.testing.fake_provider import FakeProvider
from aiwriter.testing.terminal import ROOT, Terminal, kill_group, wait_for_line

TOPIC = "How the islanders of Ostrel run a battery-powered night ferry"
WISH = ("write", TOPIC, "-s", str(ROOT / "examples" / "sources"), "--model", "openai:fake", "--json")
GOAL_SECONDS = 10
NO_PROGRESS = ("run.started", "stage.reused")
PACE = 0.02  # seconds between the events of a stream: the sections take a while


@dataclass(frozen=True)
class Recovery:
    """Seconds from the start of `resume`."""

    held: float
    progress: float
    finished: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--latency", type=float, default=0.5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        asyncio.run(fill(f"sqlite:///{home / 'aiwriter.db'}", options.articles))
        print(
            f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {options.articles} articles", flush=True
        )
        show(asyncio.run(measure(home, options.runs, options.latency)))


async def fill(url: str, articles: int) -> None:
    await storage.migrate(url)
    database = storage.open_database(url)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        for _ in range(articles):
            await work.articles.add_version(sample_article(id=new_id()))
        await work.commit()
    await database.close()


async def measure(home: Path, runs: int, latency: float) -> list[Recovery]:
    async with FakeProvider(latency=latency, pace=PACE) as provider:
        settings = {
            "AIWRITER_OPENAI__BASE_URL": provider.base_url,
            "AIWRITER_OPENAI__INPUT_USD": "1.00",
            "AIWRITER_OPENAI__OUTPUT_USD": "2.00",
            "OMP_NUM_THREADS": "1",
        }
        return [await asyncio.to_thread(one, Terminal(home, settings)) for _ in range(runs)]


def one(terminal: Terminal) -> Recovery:
    """Kill a run in the middle and take it up again."""
    writing = terminal.start(*WISH)
    wait_for_line(writing, '"kind": "section.text"')
    kill_group(writing)
    newest = json.loads(terminal.run("runs", "--json").out)[0]
    if newest["status"] != "running":
        raise SystemExit(f"the run was not killed in the middle: it is {newest['status']}")
    return resumed(terminal, newest["id"])


def resumed(terminal: Terminal, run_id: str) -> Recovery:
    began = time.time()
    ended = terminal.run("resume", run_id, "--json")
    if ended.code not in (0, 1):
        raise SystemExit(f"the run ended with {ended.code}:\n{ended.err}")
    events = [json.loads(line) for line in ended.err.splitlines() if line.startswith('{"seq"')]
    seconds = [(event["kind"], datetime.fromisoformat(event["at"]).timestamp() - began) for event in events]
    progress = next(after for kind, after in seconds if kind not in NO_PROGRESS)
    return Recovery(seconds[0][1], progress, seconds[-1][1])


def show(found: Sequence[Recovery]) -> None:
    rows = {
        "resume to the run held again": [one.held for one in found],
        f"resume to its first progress (goal {GOAL_SECONDS})": [one.progress for one in found],
        "resume to the end": [one.finished for one in found],
    }
    for name, seconds in rows.items():
        print(f"{name:<44} {statistics.median(seconds):8.2f} s  longest {max(seconds):8.2f} s")


if __name__ == "__main__":
    main()

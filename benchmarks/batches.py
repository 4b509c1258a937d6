"""Many reports in one process: `python -m benchmarks.batches [--reports 1 10 50] [--rate 60] [--latency 0.5]`.

Writes batches of reports of the default length as `aiwriter batch` does, all of one batch at once, while a Prefect
server runs. The fake provider answers each call after `--latency` seconds and allows `--rate` calls a minute, of which
the process is told. Prints for each batch: how the reports ended, seconds, the share of the allowed rate that was used,
the most requests in any 60 seconds, calls whose outcome is unknown (time-outs), and the most memory that the
process held; then how memory grows a report.

Share of the rate: of all whole minutes from the first request on, but for the last, in which the work runs out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any
from uuid import UUID

from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.storage import open_database
from aiwriter.testing.fake_provider import FakeProvider
from aiwriter.testing.terminal import ROOT, Terminal
from benchmarks.opening import opened

TOPIC = "How the islanders of Ostrel run a battery-powered night ferry"
MODEL = "openai:fake"
MINUTE = 60.0


@dataclass(frozen=True)
class Batch:
    """What came of one batch."""

    reports: int
    ended: dict[str, int]
    seconds: float
    calls: int
    used: float | None
    most: int
    unknown: int
    megabytes: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, nargs="+", default=[1, 10, 50])
    parser.add_argument("--rate", type=int, default=60)
    parser.add_argument("--latency", type=float, default=0.5)
    parser.add_argument("--words", type=int, default=900)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as house:
        load, cores = os.getloadavg()[0], os.cpu_count()
        print(f"load average {load:.1f} on {cores} cores, {options.latency} s a call, {options.rate} calls a minute")
        batches = enumerate([1, *options.reports])  # the first fills the caches and is not shown
        found = [asyncio.run(measured(Path(folder) / "home", number, count, options)) for number, count in batches][1:]
        house.process.terminate()
    if len(found) > 1:
        small, large = found[0], found[-1]
        more = (large.megabytes - small.megabytes) / max(1, large.reports - small.reports)
        print(f"memory grows by {more:.1f} MB a report between {small.reports} and {large.reports}")


async def measured(home: Path, batch: int, count: int, options: argparse.Namespace) -> Batch:
    """One batch, of topics that no other has: what embeds them is loaded in each."""
    async with FakeProvider(latency=options.latency) as provider:
        terminal = Terminal(
            home,
            {
                "AIWRITER_OPENAI__BASE_URL": provider.base_url,
                "AIWRITER_OPENAI__INPUT_USD": "1.00",
                "AIWRITER_OPENAI__OUTPUT_USD": "2.00",
                "AIWRITER_LIMITS": json.dumps({MODEL: {"rpm": options.rate}}),
                "OMP_NUM_THREADS": "1",
            },
        )
        file = home.parent / f"{count}.csv"
        sources = ROOT / "examples" / "sources"
        lines = [f'"{TOPIC}, part {batch}.{number}",{sources},{options.words}' for number in range(count)]
        file.write_text("\n".join(["topic,sources,words", *lines]) + "\n")
        began = time.monotonic()
        process = terminal.start("batch", str(file), "--model", MODEL, "--at-once", str(min(50, count)), "--json")
        megabytes, (out, err) = await asyncio.gather(peak(process), asyncio.to_thread(process.communicate))
        if not out:
            raise SystemExit(err[-3000:])
        seconds = time.monotonic() - began
        arrivals = sorted(call.time for call in provider.calls)
    told = json.loads(out)
    made = Batch(
        reports=count,
        ended=dict(Counter(run["status"] for run in told["runs"])),
        seconds=seconds,
        calls=len(arrivals),
        used=share(arrivals, options.rate),
        most=most_in_a_minute(arrivals),
        unknown=await unknown(home, told["runs"]),
        megabytes=megabytes,
    )
    if batch:
        show(made)
        for reason, times in Counter(run["reason"] for run in told["runs"] if run["status"] == "failed").items():
            print(f"    {times} failed: {reason}", flush=True)
        if set(made.ended) - {"done", "refused"}:  # as one repeats another, which is what the fake provider writes
            print(err[-2000:], flush=True)
    return made


async def peak(process: Popen[str]) -> float:
    """The most memory that the process held at once, in MB, as the kernel counts it."""
    most = 0.0
    while process.poll() is None:
        try:
            lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        except OSError:
            break
        most = max([most, *(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))])
        await asyncio.sleep(0.2)
    return most


def share(arrivals: Sequence[float], rate: int) -> float | None:
    """Of what was allowed in whole minutes, how much was used; None when the work did not last a minute."""
    minutes = int((arrivals[-1] - arrivals[0]) // MINUTE)
    within = bisect_left(arrivals, arrivals[0] + minutes * MINUTE)
    return within / (rate * minutes) if minutes else None


def most_in_a_minute(arrivals: Sequence[float]) -> int:
    return max(bisect_left(arrivals, at + MINUTE) - number for number, at in enumerate(arrivals))


async def unknown(home: Path, told: Sequence[dict[str, Any]]) -> int:
    """Calls of these runs of which nobody knows how they ended."""
    database = open_database(f"sqlite+aiosqlite:///{home / 'aiwriter.db'}")
    journal = database.journal(LOCAL_WORKSPACE)
    calls = [call for run in told for call in await journal.calls(UUID(run["run_id"]))]
    await database.close()
    return sum(call.status == "unknown" for call in calls)


def show(batch: Batch) -> None:
    used = "less than a minute" if batch.used is None else f"{batch.used:.0%} of the rate"
    print(
        f"{batch.reports:>3} reports: {batch.ended}, {batch.seconds:.0f} s, {batch.calls} calls, {used}, "
        f"at most {batch.most} in 60 s, {batch.unknown} unknown, {batch.megabytes:.0f} MB",
        flush=True,
    )


if __name__ == "__main__":
    main()

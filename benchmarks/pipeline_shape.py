"""The shape of the main job: `python -m benchmarks.pipeline_shape [--runs 5] [--latency 0.5] [--documents FOLDER]`.

Writes the default report through the fake provider, which answers each call after `--latency` seconds, while a Prefect
server runs. Prints model calls in all and one after another, seconds until the outline and the first prose are on
screen, seconds from the run's start to its end against the goal of 1.15 × (sequential calls × latency) + 2 s, and
seconds and tokens for 1,000 words that passed the checks. Medians.

`--repairs 1`: every section's first answer has another form than was asked for, so that it is asked for again.

Calls one after another: the longest chain in which each call arrived after the one before had been answered.
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
from typing import Any

from aiwriter.testing.fake_provider import FakeProvider, LoggedCall
from aiwriter.testing.terminal import ROOT, Terminal
from benchmarks.opening import opened

TOPIC = "How the islanders of Ostrel run a battery-powered night ferry"


@dataclass(frozen=True)
class Shape:
    """One run."""

    calls: int
    sequential: int
    outline: float
    prose: float
    seconds: float
    in_flow: float
    words: int
    tokens: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--latency", type=float, default=0.5)
    parser.add_argument("--documents", type=Path, default=ROOT / "examples" / "sources")
    parser.add_argument("--topic", default=TOPIC)
    parser.add_argument("--words", type=int, default=900)
    parser.add_argument("--repairs", type=int, default=0, help="how often every section must be asked for again")
    options = parser.parse_args()
    wish = ("write", options.topic, "-s", str(options.documents), "--words", str(options.words), "--json")
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as house:
        print(
            f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {options.latency} s a call", flush=True
        )
        shapes = asyncio.run(measure(Path(folder) / "home", wish, options))
        house.process.terminate()
    show(shapes, options.latency)


async def measure(home: Path, wish: Sequence[str], options: argparse.Namespace) -> list[Shape]:
    found: list[Shape] = []
    faults: dict[int, str] = {}
    for number in range(options.runs + 1):
        async with FakeProvider(latency=options.latency, faults=faults) as provider:
            settings = {
                "AIWRITER_OPENAI__BASE_URL": provider.base_url,
                "AIWRITER_OPENAI__INPUT_USD": "1.00",
                "AIWRITER_OPENAI__OUTPUT_USD": "2.00",
                "OMP_NUM_THREADS": "1",
            }
            terminal = Terminal(home, settings)
            shape = await asyncio.to_thread(one, terminal, [*wish, "--model", "openai:fake"])
            if number:  # the first run fills caches: passages are embedded once
                found.append(shaped(shape, provider.calls, options.latency))
            else:
                sections = len(provider.calls) - 1
                faults = dict.fromkeys(range(2, 2 + sections * options.repairs), "wrong_schema")
    return found


def one(terminal: Terminal, words: Sequence[str]) -> dict[str, Any]:
    """What a run told, with the seconds from its start to each first event of a kind."""
    began, wall = time.monotonic(), time.time()
    process = terminal.start(*words)
    out, err = process.communicate(timeout=600)
    if process.returncode not in (0, 1):
        raise SystemExit(f"the run ended with {process.returncode}:\n{err}")
    seconds = time.monotonic() - began
    first: dict[str, float] = {}
    for line in err.splitlines():
        event = json.loads(line) if line.startswith("{") else {}
        kind = f"{event.get('kind')} {event.get('stage', '')}".strip()
        if "at" in event:
            first.setdefault(kind, datetime.fromisoformat(event["at"]).timestamp() - wall)
    return {"result": json.loads(out), "seconds": seconds, "first": first}


def shaped(told: dict[str, Any], calls: Sequence[LoggedCall], latency: float) -> Shape:
    result, first = told["result"], told["first"]
    return Shape(
        calls=len(calls),
        sequential=longest_chain([call.time for call in calls], latency),
        outline=first["stage.finished outline"] - first["stage.started outline"],
        prose=first["section.text"] - first["stage.started outline"],
        seconds=told["seconds"],
        in_flow=first["run.finished"] - first["run.started"],
        words=result["counts"]["words"],
        tokens=sum(call.input_tokens + call.output_tokens for call in calls),
    )


def longest_chain(arrivals: Sequence[float], latency: float) -> int:
    """Calls of which each arrived after the one before was answered."""
    depth: list[tuple[float, int]] = []
    for arrived in sorted(arrivals):
        before = [deep for at, deep in depth if at + latency <= arrived]
        depth.append((arrived, 1 + max(before, default=0)))
    return max((deep for _at, deep in depth), default=0)


def show(shapes: Sequence[Shape], latency: float) -> None:
    def middle(value: Any) -> float:
        return statistics.median(value(shape) for shape in shapes)

    goal = 1.15 * middle(lambda one: one.sequential) * latency + 2
    rows = [
        ("model calls", middle(lambda one: one.calls), ""),
        ("… one after another", middle(lambda one: one.sequential), ""),
        ("outline asked for to outline on screen", middle(lambda one: one.outline), "s"),
        ("… to first prose", middle(lambda one: one.prose), "s"),
        ("command to its end", middle(lambda one: one.seconds), "s"),
        ("… of that, the run", middle(lambda one: one.in_flow), "s"),
        ("goal: 1.15 × (sequential × latency) + 2", goal, "s"),
        ("seconds for 1,000 words", middle(lambda one: one.in_flow / one.words * 1000), "s"),
        ("tokens for 1,000 words", middle(lambda one: one.tokens / one.words * 1000), ""),
    ]
    for name, value, unit in rows:
        print(f"{name:<44} {value:10.2f} {unit}")


if __name__ == "__main__":
    main()

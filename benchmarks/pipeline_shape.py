"""The shape of the main job: `python -m benchmarks.pipeline_shape [--runs 5] [--latency 0.5] [--documents FOLDER]`.

Writes the default report through the fake provider, which answers each call after `--latency` seconds, while everything
that `aiwriter up` starts runs: by `aiwriter write`, a new process each time, and by the worker, asked through the API.
Prints model calls in all and one after another, seconds until the outline and the first prose are on screen, seconds
from the run's start to its end against the goal of 1.15 × (sequential calls × latency) + 2 s, and seconds and tokens
for 1,000 words that passed the checks. Medians; the first run of each way fills caches and is not counted.

`--repairs 1`: every section's first answer has another form than was asked for, so that it is asked for again.

Calls one after another: the longest chain in which each call arrived after the one before had been answered.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from aiwriter.api.client import Client
from aiwriter.documents import Brief
from aiwriter.testing.fake_provider import FakeProvider
from aiwriter.testing.fake_replies import reply_text
from aiwriter.testing.terminal import ROOT, Terminal
from benchmarks.opening import Opened, opened

TOPIC = "How the islanders of Ostrel run a battery-powered night ferry"
MODEL = "openai:fake"
_SECTION = re.compile(r"^Section to write: .+$", re.MULTILINE)


@dataclass(frozen=True)
class Told:
    """What a run told: seconds from its being asked for to the first event of each kind, and to its end; its words."""

    first: dict[str, float]
    seconds: float
    words: int


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


Way = Callable[[Brief], Awaitable[Told]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--latency", type=float, default=0.5)
    parser.add_argument("--documents", type=Path, default=ROOT / "examples" / "sources")
    parser.add_argument("--topic", default=TOPIC)
    parser.add_argument("--words", type=int, default=900)
    parser.add_argument("--repairs", type=int, default=0, help="how often every section must be asked for again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), options))


async def measure(folder: Path, options: argparse.Namespace) -> None:
    brief = Brief(topic=options.topic, words=options.words, sources=(str(options.documents),))
    async with FakeProvider(latency=options.latency) as provider:
        settings = {
            "AIWRITER_OPENAI__BASE_URL": provider.base_url,
            "AIWRITER_OPENAI__INPUT_USD": "1.00",
            "AIWRITER_OPENAI__OUTPUT_USD": "2.00",
            "OMP_NUM_THREADS": "1",
        }
        with opened(folder, **settings) as house:
            print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {options.latency} s a call")
            ways = {"a command": by_command(Terminal(folder / "home", settings)), "the worker": by_worker(house)}
            for name, way in ways.items():
                shapes = [await shaped(way, brief, provider, options) for _ in range(options.runs + 1)]
                show(name, shapes[1:], options.latency)
            house.process.terminate()


def by_command(terminal: Terminal) -> Way:
    async def write(brief: Brief) -> Told:
        wish = (brief.topic, "-s", brief.sources[0], "--words", str(brief.words), "--model", MODEL, "--json")
        began, wall = time.monotonic(), time.time()
        process = terminal.start("write", *wish)
        out, err = await asyncio.to_thread(process.communicate, timeout=600)
        if process.returncode not in (0, 1):
            raise SystemExit(f"the run ended with {process.returncode}:\n{err}")
        events = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
        times = [(f"{e['kind']} {e.get('stage', '')}", datetime.fromisoformat(e["at"])) for e in events if "at" in e]
        return Told(firsts(times, wall), time.monotonic() - began, json.loads(out)["counts"]["words"])

    return write


def by_worker(house: Opened) -> Way:
    async def ask(brief: Brief) -> Told:
        async with Client(house.addresses["api"], house.key, timeout=120) as api:
            began, wall = time.monotonic(), time.time()
            asked = await api.generate(brief, model=MODEL)
            times = [
                (f"{event.kind} {event.data.get('stage', '')}", event.at)
                async for event in api.events(asked.run_id, patience_seconds=600)
            ]
            seconds = time.monotonic() - began
            run = (await api.run(asked.run_id)).run
            if run.article_id is None:
                raise SystemExit(f"the run ended as {run.status}: {run.reason}")
            return Told(firsts(times, wall), seconds, (await api.article(run.article_id)).words)

    return ask


def firsts(times: Iterable[tuple[str, datetime]], wall: float) -> dict[str, float]:
    found: dict[str, float] = {}
    for kind, at in times:
        found.setdefault(kind.strip(), at.timestamp() - wall)
    return found


async def shaped(way: Way, brief: Brief, provider: FakeProvider, options: argparse.Namespace) -> Shape:
    provider.says, before = misunderstanding(options.repairs), len(provider.calls)
    told = await way(brief)
    calls = provider.calls[before:]
    return Shape(
        calls=len(calls),
        sequential=longest_chain([call.time for call in calls], options.latency),
        outline=told.first["stage.finished outline"] - told.first["stage.started outline"],
        prose=told.first["section.text"] - told.first["stage.started outline"],
        seconds=told.seconds,
        in_flow=told.first["run.finished"] - told.first["run.started"],
        words=told.words,
        tokens=sum(call.input_tokens + call.output_tokens for call in calls),
    )


def misunderstanding(repairs: int) -> Callable[[str, str], str]:
    """What the provider says when it has to be asked for each section so many times more."""
    asked: Counter[str] = Counter()

    def says(prompt: str, form: str) -> str:
        section = _SECTION.search(prompt)
        if section is not None:
            asked[section[0]] += 1
            if asked[section[0]] <= repairs:
                return json.dumps({"unexpected": 1})
        return reply_text(prompt, form)

    return says


def longest_chain(arrivals: Sequence[float], latency: float) -> int:
    """Calls of which each arrived after the one before was answered."""
    depth: list[tuple[float, int]] = []
    for arrived in sorted(arrivals):
        before = [deep for at, deep in depth if at + latency <= arrived]
        depth.append((arrived, 1 + max(before, default=0)))
    return max((deep for _at, deep in depth), default=0)


def show(name: str, shapes: Sequence[Shape], latency: float) -> None:
    def middle(value: Any) -> float:
        return float(statistics.median(value(shape) for shape in shapes))

    goal = 1.15 * middle(lambda one: one.sequential) * latency + 2
    rows = [
        ("model calls", middle(lambda one: one.calls), ""),
        ("… one after another", middle(lambda one: one.sequential), ""),
        ("outline asked for to outline on screen", middle(lambda one: one.outline), "s"),
        ("… to first prose", middle(lambda one: one.prose), "s"),
        ("asked for to its end", middle(lambda one: one.seconds), "s"),
        ("… of that, the run", middle(lambda one: one.in_flow), "s"),
        ("goal: 1.15 × (sequential × latency) + 2", goal, "s"),
        ("seconds for 1,000 words", middle(lambda one: one.in_flow / one.words * 1000), "s"),
        ("tokens for 1,000 words", middle(lambda one: one.tokens / one.words * 1000), ""),
    ]
    print(f"by {name}")
    for row, value, unit in rows:
        print(f"  {row:<44} {value:10.2f} {unit}", flush=True)


if __name__ == "__main__":
    main()

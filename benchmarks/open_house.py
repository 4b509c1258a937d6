"""`aiwriter up`, timed: `python -m benchmarks.open_house [--runs 5]`: to ready, to the first stage, events, pages.

In a fresh home: seconds from the command to all parts ready (once), then, as medians of several runs, from the request
to its answer and to the first event of a stage, and how late events arrive over server-sent events; memory of each
process; and for each page of the dashboard, in headless Chromium: first contentful paint, bytes and requests.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from aiwriter.testing.terminal import ROOT, interrupt_group
from benchmarks.opening import opened

SOURCES = str(ROOT / "examples" / "sources")
BRIEF = {"topic": "How Ostrel runs its night ferry on a battery", "sources": [SOURCES], "words": 300}
PAGES = ("", "library", "runs", "analytics")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as house:
        print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        print(f"{'up to ready, and a key made':<44} {time.monotonic() - began:8.2f} s", flush=True)
        asyncio.run(runs(house.addresses["api"], house.key, options.runs))
        print_memory(house.process.pid)
        print_pages(house.addresses["dashboard"])
        began = time.monotonic()
        interrupt_group(house.process)
        print(f"{'Ctrl-C to gone':<44} {time.monotonic() - began:8.2f} s")


async def runs(api: str, key: str, count: int) -> None:
    """Ask for articles one after the other and follow each."""
    figures: dict[str, list[float]] = defaultdict(list)
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=f"{api}/api/v1", headers=headers, timeout=120) as client:
        for number in range(count):
            began = time.monotonic()
            asked = await client.post(
                "/generate/content", json={"brief": BRIEF | {"topic": f"{BRIEF['topic']}, {number}"}}
            )
            asked.raise_for_status()
            figures["request to its answer"].append(time.monotonic() - began)
            async for event, late in events(client, asked.json()["run_id"]):
                figures["event to its arrival"].append(late)
                if event == "run.started":
                    figures["request to a worker"].append(time.monotonic() - began)
                if event == "stage.started" and len(figures["request to first stage"]) == number:
                    figures["request to first stage"].append(time.monotonic() - began)
            figures["request to the end"].append(time.monotonic() - began)
    for name, seconds in figures.items():
        print(f"{name:<44} {statistics.median(seconds):8.2f} s   at most {max(seconds):.2f}", flush=True)


async def events(client: httpx.AsyncClient, run: str) -> Any:
    """Each event's kind, and by how many seconds it came later than it happened."""
    async with client.stream("GET", f"/runs/{run}/events") as stream:
        kind = ""
        async for line in stream.aiter_lines():
            if line.startswith("event:"):
                kind = line.removeprefix("event:").strip()
            if line.startswith("data:"):
                data = json.loads(line.removeprefix("data:"))
                if "at" in data:  # not the last one, which says that there are no more
                    yield kind, (datetime.now(UTC) - datetime.fromisoformat(data["at"])).total_seconds()


def print_memory(up: int) -> None:
    """Resident memory of `up` and of everything under it, by what it is."""
    parents = {int(e.name): _stat(e) for e in Path("/proc").iterdir() if e.name.isdigit()}
    family = {up}
    while grown := {pid for pid, (parent, _) in parents.items() if parent in family} - family:
        family |= grown
    total = 0.0
    for pid in sorted(family):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        megabytes = parents[pid][1]
        total += megabytes
        print(f"  memory of {b' '.join(words[1:5]).decode()[:50]:<50} {megabytes:6.0f} MB")
    print(f"{'memory of all':<44} {total:8.0f} MB", flush=True)


def _stat(entry: Path) -> tuple[int, float]:
    try:
        parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        pages = int((entry / "statm").read_text().split()[1])
    except OSError:
        return 0, 0.0
    return parent, pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def print_pages(dashboard: str) -> None:
    """First contentful paint, bytes and requests of each page, in a new browser for each."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        for page in PAGES:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
            )
            tab = browser.new_page(viewport={"width": 1280, "height": 900})
            bytes_, hosts = list[int](), set[str]()
            tab.on("response", partial(_hear, hosts))
            session = tab.context.new_cdp_session(tab)
            session.send("Network.enable")
            session.on("Network.loadingFinished", lambda done, bytes_=bytes_: bytes_.append(done["encodedDataLength"]))
            tab.goto(f"{dashboard}/{page}")
            tab.get_by_role("heading", level=1).first.wait_for()
            paint = tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
            name = f"page /{page}: first contentful paint"
            print(f"{name:<44} {paint / 1000:8.2f} s   {sum(bytes_) / 1e6:.2f} MB in {len(bytes_)} requests, {hosts}")
            browser.close()


def _hear(hosts: set[str], got: Any) -> None:
    hosts.add(got.url.split("/")[2])


if __name__ == "__main__":
    main()

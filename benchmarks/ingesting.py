"""How fast a place becomes known, and what looking again costs: `python -m benchmarks.ingesting FOLDER [--runs 3]`.

The documents of FOLDER (Markdown, text) become known from the folder itself, and from a web server on loopback that
serves them as pages, with ETags and without. For each: documents a second at the first look, seconds of the second look
over what has not changed, and its share of the first (goal 5 %). SQLite, a Chroma folder, the default embedder without
its cache; medians.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from html import escape
from pathlib import Path

from aiwriter import settings
from aiwriter.bootstrap import Tools, open_tools
from aiwriter.ports import Feed
from aiwriter.preparing import prepare_database
from aiwriter.services import feeds, ingesting
from aiwriter.testing.webserver import Page, WebServer

GOAL = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    for way in ("folder", "pages with ETags", "pages without"):
        looks = [asyncio.run(measure(options.folder, way)) for _ in range(options.runs)]
        count = looks[0][0]
        first, second = (statistics.median(look[place] for look in looks) for place in (1, 2))
        speed = f"{count} documents: {count / first:6.1f} a second"
        share = f"{second / first:.1%} of the first (goal {GOAL:.0%})"
        print(f"{way:<18} {speed}, second look {second:5.2f} s, {share}", flush=True)


async def measure(folder: Path, way: str) -> tuple[int, float, float]:
    """Documents, and seconds of the first and the second look."""
    with tempfile.TemporaryDirectory() as home, WebServer({}) as web:
        place = str(folder) if way == "folder" else served(web, folder, tagged=way.endswith("ETags"))
        chosen = settings.load(
            home=Path(home),
            sources={"allow_private_hosts": [web.host], "host_pause_seconds": 0, "feed_entries": 500},
        )
        async with open_tools(chosen) as tools:
            await prepare_database(tools.settings)
            feed = (await feeds.add(tools.database, tools.principal, tools.finder, place, limit=1000)).feed
            await tools.embedder(tools.settings.embedder).embed(["warm"])
            return await look(tools, feed)


def served(web: WebServer, folder: Path, *, tagged: bool) -> str:
    """A feed of the folder's documents as pages."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".md", ".txt"))
    items = "".join(f"<item><link>{web.url(f'/{number}')}</link></item>" for number in range(len(files)))
    web.put(
        "/feed.xml", Page(f"<rss version='2.0'><channel>{items}</channel></rss>", content_type="application/rss+xml")
    )
    for number, path in enumerate(files):
        text = "".join(f"<p>{escape(part)}</p>" for part in path.read_text("utf-8").split("\n\n"))
        page = f"<html><head><title>{escape(path.stem)}</title></head><body><main>{text}</main></body></html>"
        web.put(f"/{number}", Page(page, etag=f'"{number}"' if tagged else ""))
    return f"feed:{web.url('/feed.xml')}"


async def look(tools: Tools, feed: Feed) -> tuple[int, float, float]:
    seconds, count = [], 0
    for _ in range(2):
        begun = time.perf_counter()
        looked = await ingesting.look_at_feed(tools.database, tools.principal, feed, tools.finder, tools.shelf())
        seconds.append(time.perf_counter() - begun)
        count = sum(looked.counts.values())
        if looked.failed:
            raise SystemExit(f"not read: {looked.failed[0].reason}")
    return count, seconds[0], seconds[1]


if __name__ == "__main__":
    main()

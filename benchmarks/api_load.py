"""The API under load: `python benchmarks/api_load.py [--articles 10000] [--clients 50] [--seconds 10] [--postgres]`.

Fills a fresh database with copies of the sample article (words and scores vary), and a Chroma server with vectors; then
so many clients ask one process of the API for lists, articles and searches, as fast as they are answered. Prints p50
and p95 in milliseconds, answers a second, and the memory of each process. The clients share the machine's cores with
the server, so the first row, which asks for the health of the API alone, is the floor.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from aiwriter import embeddings
from aiwriter.documents import Article, utc_now
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.knowledge import vectors
from aiwriter.ports import Principal, VectorEntry
from aiwriter.servers import answers, free_port
from aiwriter.services import keys
from aiwriter.storage import migrate, open_database
from aiwriter.testing import sample_article
from aiwriter.testing.postgres import postgres_server
from aiwriter.testing.terminal import ROOT

WORDS = [
    "harbour",
    "ferry",
    "battery",
    "winter",
    "quay",
    "signal",
    "tide",
    "crossing",
    "engine",
    "captain",
    "pier",
    "fog",
]
BATCH = 200
ENTRIES = 3  # vectors an article
EMBEDDER = "minilm"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite+aiosqlite:///{home / 'aiwriter.db'}"
        if options.postgres:
            url = stack.enter_context(stack.enter_context(postgres_server()).database())
        chroma = stack.enter_context(chroma_server(home))
        began = time.monotonic()
        key, ids = asyncio.run(fill(url, chroma, options.articles))
        print(f"{options.articles} articles stored in {time.monotonic() - began:.0f} s", flush=True)
        process, address = stack.enter_context(api(home, url, chroma))
        print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {options.clients} clients")
        for name, paths in requests(ids).items():
            times = asyncio.run(load(address, key, paths, options.clients, options.seconds))
            print(row(name, times, options.seconds), flush=True)
        print(f"memory of the API {resident_megabytes(process.pid):.0f} MB")


def requests(ids: list[str]) -> dict[str, list[str]]:
    """Paths by kind of request; each client takes them in its own order."""
    two = [f"{a} {b}" for a in WORDS for b in WORDS if a != b]
    return {
        "health": ["/api/v1/health"],
        "list": [f"/api/v1/content?limit=20&offset={offset}" for offset in range(0, len(ids) // 2, 97)],
        "list, filtered and sorted": [
            f"/api/v1/content?min_score={score}&sort=-score,title" for score in range(40, 90)
        ],
        "get": [f"/api/v1/content/{article}" for article in ids[::7]],
        "search": [f"/api/v1/content/search?q={words.replace(' ', '+')}" for words in two],
    }


async def load(address: str, key: str, paths: list[str], clients: int, seconds: float) -> list[float]:
    """Seconds of each answer."""
    times: list[float] = []
    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=address, headers=headers, limits=limits, timeout=60) as client:
        (await client.get(paths[0])).raise_for_status()  # what is loaded at first use is loaded
        until = time.monotonic() + seconds

        async def ask(number: int) -> None:
            order = random.Random(number)
            while time.monotonic() < until:
                began = time.monotonic()
                (await client.get(order.choice(paths))).raise_for_status()
                times.append(time.monotonic() - began)

        await asyncio.gather(*(ask(number) for number in range(clients)))
    return times


def row(name: str, times: list[float], seconds: float) -> str:
    cuts = statistics.quantiles(times, n=20)
    return (
        f"{name:<28} p50 {cuts[9] * 1000:7.1f} ms  p95 {cuts[18] * 1000:7.1f} ms  {len(times) / seconds:7.1f} a second"
    )


# ── what is asked ────────────────────────────────────────────────────────────────────────────────────────────────────


async def fill(url: str, chroma: str, count: int) -> tuple[str, list[str]]:
    """A key, and the ids of the articles."""
    await migrate(url)
    database = open_database(url)
    who = Principal("benchmark", LOCAL_WORKSPACE)
    made = await keys.add(database, who, "benchmark", ("read",))
    index = vectors.create(f"chroma:{chroma}", Path(), LOCAL_WORKSPACE, embeddings.create(EMBEDDER).name)
    articles = [varied(number) for number in range(count)]
    for start in range(0, count, BATCH):
        async with database.unit_of_work(LOCAL_WORKSPACE) as work:
            for article in articles[start : start + BATCH]:
                await work.articles.add_version(article)
                await work.articles.set_index_state(article.id, article.version, "indexed")
            await work.commit()
    shapes = await embeddings.create(EMBEDDER).embed([" ".join(random.Random(n).sample(WORDS, 4)) for n in range(300)])
    dice = np.random.default_rng(1)
    entries = []
    for article in articles:
        rows = shapes[dice.integers(0, len(shapes), ENTRIES)] + dice.normal(0, 0.05, (ENTRIES, shapes.shape[1]))
        entries += [
            VectorEntry(f"{article.id}:{n}", article.id, article.title, vector) for n, vector in enumerate(rows)
        ]
    await index.replace(articles[0].id, entries)  # each entry names its own article: one request for all is quicker
    await database.close()
    return made.secret, [str(article.id) for article in articles]


def varied(number: int) -> Article:
    """A copy of the sample article with words, score, times and ids of its own."""
    dice = random.Random(number)
    article = sample_article()
    at = utc_now() - timedelta(minutes=number)
    title = f"{' '.join(dice.sample(WORDS, 3)).capitalize()} {number}"
    renamed = {sentence.id: new_id() for sentence in article.sentences}
    sections = tuple(
        section.model_copy(
            update={
                "paragraphs": tuple(
                    paragraph.model_copy(
                        update={
                            "sentences": tuple(
                                sentence.model_copy(
                                    update={
                                        "id": renamed[sentence.id],
                                        "text": f"{sentence.text[:-1]}, {dice.choice(WORDS)} {dice.choice(WORDS)}.",
                                    }
                                )
                                for sentence in paragraph.sentences
                            )
                        }
                    )
                    for paragraph in section.paragraphs
                )
            }
        )
        for section in article.sections
    )
    quality = article.quality.model_copy(update={"score": dice.uniform(30, 100), "findings": (), "sentences": ()})
    fields: dict[str, Any] = {"id": new_id(), "title": title, "slug": title.lower().replace(" ", "-"), "created_at": at}
    return article.model_copy(update=fields | {"sections": sections, "quality": quality})


# ── what answers ─────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def chroma_server(home: Path) -> Iterator[str]:
    port = free_port()
    chroma = Path(sys.executable).with_name("chroma")
    command = [str(chroma), "run", "--path", str(home / "chroma"), "--host", "127.0.0.1", "--port", str(port)]
    with running(command, {}, f"http://127.0.0.1:{port}/api/v2/heartbeat"):
        yield f"127.0.0.1:{port}"


@contextmanager
def api(home: Path, url: str, chroma: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    port = free_port()
    settings = {
        "AIWRITER_HOME": str(home),
        "AIWRITER_DATABASE_URL": url,
        "AIWRITER_VECTORS": f"chroma:{chroma}",
        "AIWRITER_API__PORT": str(port),
        "PREFECT_API_URL": "http://127.0.0.1:9/api",  # nobody: what is measured needs no orchestrator
    }
    address = f"http://127.0.0.1:{port}"
    with running([sys.executable, "-m", "aiwriter.api"], settings, f"{address}/api/v1/health") as process:
        yield process, address


@contextmanager
def running(command: list[str], settings: dict[str, str], healthy: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)} | settings
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, env=environment, **quiet) as process:  # type: ignore[call-overload]
        try:
            deadline = time.monotonic() + 60
            while not answers(healthy):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"{command} did not start")
                time.sleep(0.1)
            yield process
        finally:
            process.terminate()


def resident_megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()

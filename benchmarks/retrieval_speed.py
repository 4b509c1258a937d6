"""How fast passages are found, and kept, at 1,000 to 100,000 of them, with filters and without.

    python -m benchmarks.retrieval_speed FOLDER [--sizes 1000 10000 100000] [--stores sqlite postgresql] [--rounds 3]

Passages are made: words by Zipf's law over 40,000, vectors of 384 dimensions around 300 centres (pure random ones say
nothing: stack.md). Chroma is a server of its own, as under `aiwriter up`. What embedding takes is not in the figures.
Each figure is the median of its rounds; beside it the highest p95 of a round.
FOLDER, new or of an earlier run, is emptied and holds what is built; it can be thrown away.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.request import urlopen

import numpy as np
import psycopg

from aiwriter import servers
from aiwriter.documents import Passage, Source, SourceKind
from aiwriter.ids import LOCAL_WORKSPACE, content_hash
from aiwriter.knowledge import passage_vectors
from aiwriter.knowledge.retrieval import HybridRetriever
from aiwriter.ports import KnownPassage, KnownSource, PassageFilter, PassageIndex, PassageVector
from aiwriter.storage import migrate, open_database
from aiwriter.storage.database import SqlDatabase
from aiwriter.testing.postgres import postgres_server
from benchmarks.scratch import emptied

DIMENSIONS, CENTRES, VOCABULARY, WORDS, OF_SOURCE = 384, 300, 40_000, 90, 20
FIRST_DAY = datetime(2021, 1, 1, tzinfo=UTC)
QUERIES = 100


class Given:
    """An embedder that knows the vectors beforehand."""

    name, dimensions = "given:384", DIMENSIONS

    def __init__(self) -> None:
        self.vectors: dict[str, np.ndarray] = {}

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack([self.vectors[text] for text in texts])


class World:
    """The made sources, each time the same."""

    def __init__(self) -> None:
        self.chance, self.numbers = random.Random(5), np.random.default_rng(5)
        self.centres = unit(self.numbers.standard_normal((CENTRES, DIMENSIONS)))
        self.words = [f"w{number:x}" for number in range(VOCABULARY)]
        self.weights = np.cumsum(1 / np.arange(1, VOCABULARY + 1)).tolist()

    def text(self, count: int) -> str:
        return " ".join(self.chance.choices(self.words, cum_weights=self.weights, k=count))

    def vectors(self, count: int) -> np.ndarray:
        near = self.centres[self.numbers.integers(0, CENTRES, count)]
        return unit(near + self.numbers.standard_normal((count, DIMENSIONS)) * 0.6 / DIMENSIONS**0.5)

    def source(self, number: int) -> tuple[Source, KnownSource, list[KnownPassage]]:
        parts = [self.text(WORDS) for _ in range(OF_SOURCE)]
        text = "\n".join(parts)
        source = Source(
            location=f"https://site{number % 400}.example/{number}",
            kind=SourceKind.HTML,
            title=self.text(5),
            text=text,
            blocks=(),
            content_hash=content_hash(text),
            retrieved_at=FIRST_DAY,
            published_at=FIRST_DAY + timedelta(days=self.chance.random() * 1800),
            language=self.chance.choices(["en", "de", "fr"], [90, 5, 5])[0],
        )
        starts = np.cumsum([0, *(len(part) + 1 for part in parts)]).tolist()
        cut = [Passage.of(source, start, start + len(part)) for start, part in zip(starts, parts, strict=False)]
        known = KnownSource(
            source.id,
            source.location,
            source.content_hash,
            source.title,
            domain=f"site{number % 400}.example",
            language=source.language,
            published_at=source.published_at,
        )
        return source, known, [KnownPassage.of(source, passage, place) for place, passage in enumerate(cut)]


def unit(rows: np.ndarray) -> np.ndarray:
    unit_rows: np.ndarray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit_rows


@contextmanager
def chroma_server(folder: Path) -> Iterator[tuple[str, int]]:
    port = servers.free_port()
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--path", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(600):
                try:
                    urlopen(f"http://127.0.0.1:{port}/api/v2/heartbeat", timeout=1)
                    break
                except OSError:
                    time.sleep(0.1)
            yield f"chroma:127.0.0.1:{port}", server.pid
        finally:  # Popen would wait for it for ever
            server.terminate()


async def fill(databases: dict[str, SqlDatabase], index: PassageIndex, world: World, have: int, size: int) -> None:
    """Go on from `have` passages to `size`, in every store and in the index."""
    spent = dict.fromkeys([*databases, "chroma"], 0.0)
    for first in range(have // OF_SOURCE, size // OF_SOURCE, 50):
        made = [world.source(number) for number in range(first, min(first + 50, size // OF_SOURCE))]
        passages = [one for _, _, cut in made for one in cut]
        rows = world.vectors(len(passages))
        for name, database in databases.items():
            began = time.perf_counter()
            async with database.unit_of_work(LOCAL_WORKSPACE) as work:
                for source, known, cut in made:
                    await work.sources.keep([source])
                    await work.knowledge.put(known, cut)
                await work.commit()
            spent[name] += time.perf_counter() - began
            cached = {one.text_hash: row.tobytes() for one, row in zip(passages, rows, strict=True)}
            await database.vector_cache(LOCAL_WORKSPACE).put(Given.name, cached)
        began = time.perf_counter()
        owner = made[0][0].id
        await index.put(
            [PassageVector(one.passage.id, owner, one.text_hash, row) for one, row in zip(passages, rows, strict=True)]
        )
        spent["chroma"] += time.perf_counter() - began
    for name, seconds in spent.items():
        print(f"  {name}: {(size - have) / max(seconds, 1e-9):.0f} passages a second kept", flush=True)


async def cases(database: SqlDatabase) -> AsyncIterator[tuple[str, PassageFilter]]:
    since = FIRST_DAY + timedelta(days=1440)
    yield "no filter", PassageFilter()
    yield "language (5 %)", PassageFilter(languages=["de"])
    yield "date (20 %)", PassageFilter(since=since)
    yield "language (90 %)", PassageFilter(languages=["en"])
    yield "date and language (1 %)", PassageFilter(since=since, languages=["de"])
    search = database.text_search(LOCAL_WORKSPACE)
    found = await search.those(await search.matching(["w9"], PassageFilter(), 10), PassageFilter())
    yield "10 sources", PassageFilter(sources=sorted({one.source.source_id for one in found}))
    yield "10 domains (2.5 %)", PassageFilter(domains=[f"site{number}.example" for number in range(10)])


async def measure(name: str, database: SqlDatabase, index: PassageIndex, size: int, rounds: int) -> None:
    world, embedder = World(), Given()
    world.chance = random.Random(17)
    queries = [world.text(12) for _ in range(QUERIES)]
    embedder.vectors = dict(zip(queries, world.vectors(QUERIES), strict=True))
    retriever = HybridRetriever(database.text_search(LOCAL_WORKSPACE), index, embedder)
    asked = [case async for case in cases(database)]
    found: dict[str, list[Round]] = {told: [] for told, _ in asked}
    for _ in range(rounds):
        for told, wanted in asked:
            found[told].append(await round_of(retriever, queries, wanted))
    for told, measured in found.items():
        p50, p95 = median(one.p50 for one in measured), median(one.p95 for one in measured)
        highest, answers = max(one.p95 for one in measured), measured[0].answers
        figures = f"p50 {p50:6.1f} ms  p95 {p95:6.1f} ms (highest {highest:.1f})  {answers:.1f} answers"
        print(f"  {size:>7} {name:<10} {told:<24} {figures}", flush=True)


class Round(NamedTuple):
    """Every query asked once: milliseconds, and how many passages an answer has."""

    p50: float
    p95: float
    answers: float


async def round_of(retriever: HybridRetriever, queries: Sequence[str], wanted: PassageFilter) -> Round:
    times, answers = [], 0
    for query in queries:
        began = time.perf_counter()
        answers += len((await retriever.retrieve(query, wanted, 10)).passages)
        times.append((time.perf_counter() - began) * 1000)
    warm = sorted(times[5:])
    return Round(warm[len(warm) // 2], warm[int(len(warm) * 0.95)], answers / len(queries))


def memory_of(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


async def run(options: argparse.Namespace, urls: dict[str, str], spec: str, pid: int) -> None:
    databases = {}
    for name, url in urls.items():
        await migrate(url)
        databases[name] = open_database(url)
    index = passage_vectors.create(spec, options.folder, LOCAL_WORKSPACE, Given.name)
    world, have = World(), 0
    for size in sorted(options.sizes):
        print(f"{size} passages", flush=True)
        await fill(databases, index, world, have, size)
        have = size
        if "postgresql" in databases:
            tidied(urls["postgresql"])
        for name, database in databases.items():
            await measure(name, database, index, size, options.rounds)
        mine = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"  memory: this process at most {mine:.0f} MB, Chroma {memory_of(pid):.0f} MB", flush=True)
    for database in databases.values():
        await database.close()


def tidied(url: str) -> None:
    """What PostgreSQL does by itself in the minutes after many rows were written, done before it is measured."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for step in ("VACUUM (ANALYZE)", "CHECKPOINT"):
            connection.execute(step)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--stores", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    emptied(options.folder)
    urls = {"sqlite": f"sqlite:///{options.folder / 'speed.db'}"} if "sqlite" in options.stores else {}
    with ExitStack() as opened:
        spec, pid = opened.enter_context(chroma_server(options.folder / "chroma"))
        if "postgresql" in options.stores:
            server = opened.enter_context(postgres_server())
            urls["postgresql"] = opened.enter_context(server.database())
        asyncio.run(run(options, urls, spec, pid))


if __name__ == "__main__":
    main()

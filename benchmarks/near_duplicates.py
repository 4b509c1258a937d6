"""How surely and how fast the archive says that it has a text already: MinHash signatures in SQL.

    python -m benchmarks.near_duplicates FOLDER [--size 100000] [--stores sqlite postgresql] [--again]

Articles are made: 400 words by Zipf's law over 40,000, of which 60 are one of 200 stock paragraphs that the whole
archive shares. Stored are the rows that are asked: heads, signatures, bands; not the documents. Asked are texts of
which 1 % to 12 % of words were exchanged in runs of one to six, and texts that are new.
FOLDER, new or of an earlier run, is emptied and holds what is built; it can be thrown away.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import psycopg

from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.storage import migrate, open_database
from aiwriter.storage.database import SqlDatabase
from aiwriter.testing.postgres import postgres_server
from aiwriter.text import minhash
from benchmarks.retrieval_speed import tidied
from benchmarks.scratch import emptied

VOCABULARY, WORDS, STOCK, OF_STOCK = 40_000, 400, 200, 60
CHANGED, NEW = 400, 1000
FOUND = 0.5  # wording in common from which a text is told to be there
SURE = 0.85

NAMES = np.array([f"w{number:x}" for number in range(VOCABULARY)])
WEIGHTS = 1 / np.arange(1, VOCABULARY + 1)
WEIGHTS /= WEIGHTS.sum()
CUMULATED = np.cumsum(WEIGHTS)


def made(number: int) -> np.ndarray:
    """The words of an article, each time the same."""
    chance = np.random.default_rng(number)
    words = zipf(chance, WORDS)
    place = int(chance.integers(0, WORDS - OF_STOCK))
    words[place : place + OF_STOCK] = zipf(np.random.default_rng(10**9 + int(chance.integers(STOCK))), OF_STOCK)
    return words


def zipf(chance: np.random.Generator, count: int) -> np.ndarray:
    return np.minimum(np.searchsorted(CUMULATED, chance.random(count)), VOCABULARY - 1)


def text(words: np.ndarray) -> str:
    return " ".join(NAMES[words])


def changed(number: int, share: float) -> np.ndarray:
    """The article with about this share of its words exchanged, in runs."""
    words, chance = made(number), np.random.default_rng(2 * 10**9 + number)
    left = max(1, round(share * WORDS))
    while left > 0:
        run = min(left, int(chance.integers(1, 7)))
        place = int(chance.integers(0, WORDS - run))
        words[place : place + run] = zipf(chance, run)
        left -= run
    return words


def key(number: int) -> UUID:
    """Ids that grow, as those of articles do."""
    return UUID(int=(1 << 80) + (number << 16))


def archive(size: int) -> Iterator[tuple[str, int, bytes, list[int]]]:
    """Id, number, signature and bands of every article. Only those that are asked for are signed as texts; of the
    others the signature is drawn: the least of n random numbers, and of those of a stock paragraph, is what signing n
    sequences of five words and a stock paragraph comes to."""
    asked, chance = set(origins(size)), np.random.default_rng(3)
    stock = np.stack([numbers(text(zipf(np.random.default_rng(10**9 + one), OF_STOCK))) for one in range(STOCK)])
    own = WORDS - OF_STOCK - 2 * (minhash.GRAM - 1)
    for number in range(size):
        if number in asked:
            signed = minhash.signature([text(made(number))])
        else:
            least = -np.expm1(np.log1p(-chance.random(minhash.PERMUTATIONS)) / own) * 2**32
            signed = np.minimum(least.astype("<u4"), stock[chance.integers(STOCK)]).tobytes()
        yield key(number).hex, number, signed, minhash.bands(signed)


def numbers(words: str) -> np.ndarray:
    return np.frombuffer(minhash.signature([words]), dtype="<u4")


HEADS = "workspace_id, id, latest_version, status, kind, title, slug, index_state, created_at, updated_at"
SIGNATURES, BANDS = "workspace_id, article_id, version, scheme, signature", "workspace_id, band, article_id"
NOW = datetime(2026, 1, 1)  # noqa: DTZ001 - as SQLite keeps it


Row = tuple[Any, ...]


def rows(size: int) -> dict[str, list[Row]]:
    """The rows of each table, as both databases take them."""
    workspace = LOCAL_WORKSPACE.hex
    heads, signatures, bands = list[Row](), list[Row](), list[Row]()
    for one, number, signed, keys in archive(size):
        title = f"Made {number}"
        heads.append((workspace, one, 1, "accepted", "article", title, title, "indexed", str(NOW), str(NOW)))
        signatures.append((workspace, one, 1, minhash.SCHEME, signed))
        bands += [(workspace, band, one) for band in keys]
    bands.sort()
    return {
        f"articles ({HEADS})": heads,
        f"article_signatures ({SIGNATURES})": signatures,
        f"article_bands ({BANDS})": bands,
    }


def fill_sqlite(file: Path, given: dict[str, list[tuple[object, ...]]]) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        for table, values in given.items():
            marks = ", ".join("?" * len(values[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", values)


def fill_postgresql(url: str, given: dict[str, list[tuple[object, ...]]]) -> None:
    with psycopg.connect(url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        for table, values in given.items():
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)


def origins(size: int) -> range:
    """The articles of which the changed texts are made."""
    return range(0, CHANGED * (size // CHANGED), size // CHANGED)


def questions(size: int) -> Iterator[tuple[str, int | None, float]]:
    """A text, the article it was made of, and how much of its wording that article has."""
    for at, number in enumerate(origins(size)):
        words = text(changed(number, 0.01 + 0.11 * at / CHANGED))
        yield words, number, minhash.jaccard([words], [text(made(number))])
    for at in range(NEW):
        yield text(made(size + at)), None, 0.0


async def measure(name: str, database: SqlDatabase, asked: Sequence[tuple[str, int | None, float]]) -> None:
    times, busy, hits, candidates, false = [], [], [], 0, 0
    for words, number, alike in asked:
        began, worked = time.perf_counter(), time.process_time()
        async with database.unit_of_work(LOCAL_WORKSPACE) as work:
            found = await work.signatures.resembling(minhash.signature([words]), 8)
        times.append((time.perf_counter() - began) * 1000)
        busy.append((time.process_time() - worked) * 1000)
        if number is None:
            candidates += len(found)
            false += any(one.likeness >= FOUND for one in found)
        else:
            hits.append((alike, any(one.article_id == key(number) for one in found)))
    for low, high in ((0.0, 0.5), (0.5, 0.7), (0.7, SURE), (SURE, 1.01)):
        some = [hit for alike, hit in hits if low <= alike < high]
        told = f"{sum(some)} of {len(some)} ({sum(some) / max(1, len(some)):.1%})"
        print(f"  {name:<10} wording in common {low:.2f} to {min(high, 1):.2f}: found {told}")
    print(f"  {name:<10} new texts: {false} of {NEW} told to be there; {candidates} articles looked at in vain")
    for told, spent in (("a question", times), ("of it at work in this process", busy)):
        warm = sorted(spent[20:])
        p50, p95, most = warm[len(warm) // 2], warm[int(len(warm) * 0.95)], warm[-1]
        print(f"  {name:<10} {told}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, most {most:.1f} ms", flush=True)


async def fill(urls: dict[str, str], given: dict[str, list[tuple[object, ...]]]) -> None:
    for name, url in urls.items():
        began = time.perf_counter()
        await migrate(url)
        if name == "sqlite":
            fill_sqlite(Path(url.removeprefix("sqlite:///")), given)
        else:
            fill_postgresql(url, given)
        print(f"  {name:<10} kept in {time.perf_counter() - began:.0f} s", flush=True)


async def run(urls: dict[str, str], size: int, *, again: bool) -> None:
    if not again:
        await fill(urls, rows(size))
    asked = list(questions(size))
    for name, url in urls.items():
        if name == "postgresql":
            tidied(url)
        database = open_database(url)
        await measure(name, database, asked)
        await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--stores", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--again", action="store_true", help="ask the SQLite archive that FOLDER holds already")
    options = parser.parse_args()
    file = options.folder / "archive.db"
    if not options.again:
        emptied(options.folder)
    elif not file.exists():
        raise SystemExit(f"there is no archive in {options.folder}: leave --again out to build one")
    urls = {"sqlite": f"sqlite:///{file}"} if "sqlite" in options.stores else {}
    with ExitStack() as opened:
        if "postgresql" in options.stores and not options.again:
            urls["postgresql"] = opened.enter_context(opened.enter_context(postgres_server()).database())
        asyncio.run(run(urls, options.size, again=options.again))
    if file.exists():
        print(f"  sqlite     {file.stat().st_size / options.size:.0f} bytes an article")


if __name__ == "__main__":
    main()

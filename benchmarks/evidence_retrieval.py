"""How well passages are found for the claims of WiCE: words alone, vectors alone, and both as the product fuses them.

    python -m benchmarks.evidence_retrieval DATA_FOLDER [--embedder minilm] [--cache FILE.npz]

DATA_FOLDER holds wice_claim_dev.jsonl (not committed). Each page is cut into passages of whole sentences of at most 120
words; those of all pages are searched together. A claim counts as found at k when all sentences of one annotated set
of supporting sentences are within the first k passages ("a whole set"); beside it the mean share of all supporting
sentences that are, and the claims of which the set that was annotated first is. Claims without support are left out.
"fused" goes through `HybridRetriever` over a SQLite database, its limit on domains off; "product" has that limit, each
page its own domain. Parameters were chosen on these claims: "five folds" chooses them on four fifths of the pages.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from aiwriter.documents import Passage, Source, SourceKind, utc_now
from aiwriter.embeddings import create
from aiwriter.ids import LOCAL_WORKSPACE, content_hash
from aiwriter.knowledge import retrieval
from aiwriter.knowledge.chunking import MAX_WORDS, chunk
from aiwriter.ports import KnownPassage, KnownSource, PassageFilter, embedded_text, stems_of
from aiwriter.storage import migrate, open_database
from aiwriter.testing.vectors import MemoryPassageIndex

TITLE = "(meta data) TITLE:"


@dataclass(frozen=True)
class Page:
    """A claim with the page it cites: its passages, and in which of them each sentence is."""

    claim: str
    sets: list[set[int]]
    source: Source
    passages: list[KnownPassage]
    at: dict[int, str]  # sentence → passage id


def pages(folder: Path) -> Iterator[Page]:
    for number, line in enumerate((folder / "wice_claim_dev.jsonl").open(encoding="utf-8")):
        row = json.loads(line)
        sentences = list(row["evidence"])
        groups = packed(sentences)
        title = ""
        if sentences[0].startswith(TITLE):  # it is above the text, as in every page
            title, sentences[0] = sentences[0].removeprefix(TITLE).strip(), ""
        starts = np.cumsum([0, *(len(one) + 1 for one in sentences)]).tolist()
        text = "\n".join(sentences)
        source = Source(
            location=f"https://page{number}.example/",
            kind=SourceKind.HTML,
            title=title,
            text=text,
            blocks=(),
            content_hash=content_hash(f"{number}\n{text}"),
            retrieved_at=utc_now(),
            language="en",
        )
        cut, at = list[KnownPassage](), dict[int, str]()
        for group in groups:
            passage = Passage.of(source, starts[group[0]], starts[group[-1]] + len(sentences[group[-1]]))
            cut.append(KnownPassage.of(source, passage, len(cut)))
            at |= dict.fromkeys(group, passage.id)
        yield Page(row["claim"], [set(one) for one in row["supporting_sentences"] if one], source, cut, at)


def packed(sentences: Sequence[str]) -> list[list[int]]:
    """Neighbouring sentences up to the limit of a passage. Not `chunk`: WiCE tells no paragraphs from captions, and a
    third of its supporting sentences are lines that `chunk` leaves out (titles, bylines, tables)."""
    groups: list[list[int]] = [[]]
    words = 0
    for number, sentence in enumerate(sentences):
        count = len(sentence.split())
        if groups[-1] and words + count > MAX_WORDS:
            groups.append([])
            words = 0
        groups[-1].append(number)
        words += count
    return groups


Found = Callable[[int], Sequence[str]]


def told(name: str, asked: Sequence[Page], found: Found) -> None:
    parts = []
    for k in (5, 10):
        whole, share, first = figures(asked, found, k).mean(axis=0)
        parts.append(f"@{k}: a whole set {whole:.3f}, share {share:.3f}, first set {first:.3f}")
    print(f"{name:<28} " + " | ".join(parts), flush=True)


def figures(asked: Sequence[Page], found: Found, k: int) -> np.ndarray:
    rows = []
    for number, page in enumerate(asked):
        if page.sets:
            top = set(found(number)[:k])
            held = {sentence for sentence, key in page.at.items() if key in top}
            wanted = set().union(*page.sets)
            rows.append((any(one <= held for one in page.sets), len(wanted & held) / len(wanted), page.sets[0] <= held))
    return np.array(rows, float)


async def vectors_of(texts: Sequence[str], embedder: str, cache: Path | None) -> np.ndarray:
    """Their rows; those in the file are not made again."""
    held: dict[str, np.ndarray] = dict(np.load(cache)) if cache and cache.exists() else {}
    keys = [content_hash(" ".join(text.split())) for text in texts]
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in held}
    if new:
        held |= dict(zip(new, await create(embedder).embed(list(new.values())), strict=True))
        if cache:
            np.savez(cache, allow_pickle=False, **held)
    return np.stack([held[key] for key in keys])


class Given:
    """The vectors of queries, known beforehand."""

    def __init__(self, vectors: Mapping[str, np.ndarray], name: str) -> None:
        self.vectors, self.name, self.dimensions = vectors, name, len(next(iter(vectors.values())))

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack([self.vectors[text] for text in texts])


async def run(folder: Path, embedder: str, cache: Path | None) -> None:
    asked = list(pages(folder))
    passages = [one for page in asked for one in page.passages]
    print(f"{len(asked)} claims, {sum(bool(page.sets) for page in asked)} with support, {len(passages)} passages")
    texts = [embedded_text(page.source.title, one.passage) for page in asked for one in page.passages]
    rows = await vectors_of([*texts, *(page.claim for page in asked)], embedder, cache)
    given = Given({page.claim: row for page, row in zip(asked, rows[len(texts) :], strict=True)}, embedder)
    index = MemoryExact([one.passage.id for one in passages], rows[: len(texts)])
    with tempfile.TemporaryDirectory() as home:
        url = f"sqlite:///{home}/wice.db"
        await migrate(url)
        database = open_database(url)
        async with database.unit_of_work(LOCAL_WORKSPACE) as work:
            for page in asked:
                source = page.source
                await work.sources.keep([source])
                domain = source.location.removeprefix("https://").strip("/").replace("example", "org")
                known = KnownSource(source.id, source.location, source.content_hash, source.title, domain=domain)
                await work.knowledge.put(known, page.passages)
            await work.commit()
        words = database.text_search(LOCAL_WORKSPACE)
        by_words = [dict(await words.matching(stems_of(page.claim), PassageFilter(), 100)) for page in asked]
        near = [dict(await index.nearest(row, 100)) for row in rows[len(texts) :]]
        told("BM25 alone", asked, lambda number: list(by_words[number]))
        told("vectors alone", asked, lambda number: list(near[number]))
        for name, share in (("fused", 1.0), ("product", retrieval.OF_ONE_DOMAIN)):
            retriever = retrieval.HybridRetriever(words, index, given, one_domain=share)
            answers = [(await retriever.retrieve(page.claim, PassageFilter(), 10)).passages for page in asked]
            keys = [[one.passage.id for one in answer] for answer in answers]
            told(name, asked, lambda number, keys=keys: keys[number])  # type: ignore[misc]
        await database.close()
    owner = {one.passage.id: number for number, page in enumerate(asked) for one in page.passages}
    folds(asked, by_words, near, owner)


class MemoryExact(MemoryPassageIndex):
    """Exact cosines by one product of matrices."""

    def __init__(self, keys: Sequence[str], rows: np.ndarray) -> None:
        super().__init__()
        self._keys, self._rows = keys, rows

    async def nearest(self, vector: Sequence[float], limit: int) -> list[tuple[str, float]]:
        cosines = self._rows @ np.asarray(vector)
        return [(self._keys[place], float(cosines[place])) for place in np.argsort(-cosines, kind="stable")[:limit]]


def folds(
    asked: Sequence[Page],
    by_words: Sequence[Mapping[str, float]],
    near: Sequence[Mapping[str, float]],
    owner: Mapping[str, int],
) -> None:
    """The two weights chosen on four fifths of the pages, judged on the last; and what each choice was."""
    grid = list(product((0.3, 0.5, 0.7, 1.0, 1.5), (0.0, 0.2, 0.5, 1.0)))
    made = {
        weights: [fused(*weights, words, meaning, owner) for words, meaning in zip(by_words, near, strict=True)]
        for weights in grid
    }
    judged = {
        weights: np.hstack([figures(asked, lambda number, keys=keys: keys[number], k) for k in (5, 10)])  # type: ignore[misc]
        for weights, keys in made.items()
    }
    fold = np.arange(sum(bool(page.sets) for page in asked)) % 5
    held_out, chosen = [], []
    for one in range(5):
        best = max(grid, key=lambda weights: judged[weights][fold != one][:, [0, 3]].mean())
        held_out.append(judged[best][fold == one])
        chosen.append(best)
    mean = np.vstack(held_out).mean(axis=0)
    print(f"five folds: @5 a whole set {mean[0]:.3f}, share {mean[1]:.3f} | @10 {mean[3]:.3f}, {mean[4]:.3f}; {chosen}")


def fused(
    meaning: float, same: float, words: Mapping[str, float], near: Mapping[str, float], owner: Mapping[str, int]
) -> list[str]:
    """The fusion of `aiwriter.knowledge.retrieval` with other weights, over 50 candidates of each search."""
    words, near = dict(list(words.items())[:50]), dict(list(near.items())[:50])
    top, nearest, farthest = max(words.values(), default=1.0), max(near.values()), min(near.values())
    value = {
        key: words.get(key, 0.0) / top + meaning * near.get(key, farthest) / nearest
        for key in words.keys() | near.keys()
    }
    best: dict[int, float] = {}
    for key, score in value.items():
        best[owner[key]] = max(best.get(owner[key], 0.0), score)
    return sorted(value, key=lambda key: (-value[key] - same * best[owner[key]], key))


def dropped(folder: Path) -> float:
    """The share of supporting sentences that `chunk` would leave out, each line taken for a paragraph."""
    from aiwriter.documents import Block, BlockKind

    gone = total = 0
    for page in pages(folder):
        starts = np.cumsum([0, *(len(one) + 1 for one in page.source.text.split("\n"))]).tolist()
        blocks = tuple(
            Block(kind=BlockKind.PARAGRAPH, start=start, end=start + len(one))
            for start, one in zip(starts, page.source.text.split("\n"), strict=False)
            if one.strip()
        )
        spans = [(one.start, one.end) for one in chunk(page.source.model_copy(update={"blocks": blocks}))]
        for sentence in set().union(*page.sets) if page.sets else set():
            total += 1
            gone += not any(start <= starts[sentence] < end for start, end in spans)
    return gone / total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--embedder", default="minilm")
    parser.add_argument("--cache", type=Path)
    options = parser.parse_args()
    asyncio.run(run(options.folder, options.embedder, options.cache))
    print(f"of the supporting sentences {dropped(options.folder):.2f} are lines that the product's chunking leaves out")


if __name__ == "__main__":
    main()

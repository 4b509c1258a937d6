"""Seconds for all free checks over an article of 1,500 words with ten sources, and for the check of it as a text.

    python benchmarks/check_speed.py FOLDER_OF_ARTICLES

The article is sentences of the first ten documents, each citing the passage it comes from with some words dropped, so
that nothing is verbatim. Times are medians of five in one process, caches cleared before each; the time of the
processor beside them tells what a busy machine adds.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from aiwriter import embeddings
from aiwriter.documents import (
    ArticleKind,
    Brief,
    Draft,
    Evidence,
    EvidenceItem,
    Paragraph,
    Passage,
    Section,
    Sentence,
    Source,
    SourceRef,
)
from aiwriter.knowledge.chunking import chunk
from aiwriter.pipeline import checking, formats, quality
from aiwriter.pipeline.quality import alignment, meaning, statements, support
from aiwriter.pipeline.quality.faults import names
from aiwriter.pipeline.quality.readability import syllables
from aiwriter.sources import create_finder
from aiwriter.text.words import stem

WORDS, SOURCES, EVIDENCE = 1500, 10, 60
_CACHES = (
    statements.statement,
    statements.sentences_of,
    statements._names,
    statements._names_in,
    alignment._best_window,
    support._examined,
    names._aliases,
    syllables,
    stem,
)


async def read(folder: Path) -> list[Source]:
    finder = create_finder()
    return [await finder.read(location) for location in finder.expand(str(folder))[:SOURCES]]


def write(passages: list[Passage], rng: random.Random) -> list[Sentence]:
    """Sentences from the passages with a tenth of their words dropped."""
    sentences: list[Sentence] = []
    found = [(s.text, passage) for passage in passages for s in statements.sentences_of(passage.text)]
    rng.shuffle(found)
    for text, passage in found:
        kept = " ".join(word for word in text.split() if rng.random() > 0.1)
        if 8 <= len(kept.split()) <= 40:
            sentences.append(Sentence(text=kept, citations=(passage.id,)))
        if sum(len(s.text.split()) for s in sentences) >= WORDS:
            break
    return sentences


def seconds(work: Callable[[], object]) -> str:
    """Median of five, every cache empty."""
    times = []
    for _ in range(5):
        for cached in _CACHES:
            cached.cache_clear()
        began, used = time.perf_counter(), time.process_time()
        work()
        times.append((time.perf_counter() - began, time.process_time() - used))
    wall, cpu = (statistics.median(column) for column in zip(*times, strict=True))
    return f"{wall:.2f} s ({cpu:.2f} s of processor time)"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    sources = asyncio.run(read(parser.parse_args().folder))
    rng = random.Random(1)
    everything = [passage for source in sources for passage in chunk(source)]
    passages = rng.sample(everything, min(EVIDENCE, len(everything)))
    sentences = write(passages, rng)
    sections = tuple(
        Section(heading=f"Section {n}", paragraphs=(Paragraph(sentences=tuple(sentences[n::8])),)) for n in range(8)
    )
    draft = Draft(kind=ArticleKind.ARTICLE, title="A test", sections=sections)
    items = tuple(EvidenceItem(passage=passage, relevance=0.5) for passage in passages)
    evidence = Evidence(items=items, sources=tuple(map(SourceRef.of, sources)))
    fmt, brief = formats.load("blog_post"), Brief(topic="A test", words=WORDS)
    count = sum(len(s.text.split()) for s in sentences)
    of = f"{len(passages)} of {len(everything)} passages of {len(sources)} sources"
    print(f"{count} words, {len(sentences)} sentences, {of}")
    print(f"judge       {seconds(lambda: quality.judge(draft, evidence, brief, fmt))}")
    text = "\n\n".join(f"## {s.heading}\n\n{' '.join(x.text for x in s.sentences)}" for s in sections)
    check = lambda: asyncio.run(checking.check_text(text, everything, sources, None, fmt))  # noqa: E731
    print(f"check_text  {seconds(check)} against all passages")
    embedder = embeddings.create("minilm")
    asyncio.run(embedder.embed(["loaded"]))
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    words = meaning.knows_words(embedder)
    by_meaning = lambda: quality.judge(asyncio.run(meaning.heard(draft, evidence, brief, words)), evidence, brief, fmt)  # noqa: E731
    print(f"by meaning  {seconds(by_meaning)}")
    print(f"… memory beyond the embedder {(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held) / 1024:.0f} MB")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()

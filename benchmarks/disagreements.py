"""Two sources that tell the same with another number.

    python -m benchmarks.disagreements DATA_FOLDER [--seeds 3] [--words] [--show looked_at]

Pairs are claims that people labelled as supported (AttributionBench and WiCE development), as one source, and the text
they were labelled against, as the other: they tell the same in other words. In the claim one number, unit or date is
exchanged, and the pair must be found; as it is, it must not be found. Prints both shares by data set and by half: by
their text the pairs are split into those that the rules were made by looking at and those that were only counted.
`--words` leaves the embedder out, `--show` prints what is missed in a half, and its false alarms.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from aiwriter.documents import Block, BlockKind, EvidenceItem, Source, SourceKind
from aiwriter.embeddings.minilm import MiniLM
from aiwriter.ids import content_hash
from aiwriter.knowledge.chunking import chunk
from aiwriter.pipeline.disagreements import contested
from aiwriter.pipeline.quality.statements import statement
from aiwriter.ports import Embedder
from aiwriter.testing.mutations import MUTATIONS
from benchmarks.mutation_exam import Truth, from_development, from_examples, from_wice

KINDS = ("number", "unit", "date")
HALVES = ("looked_at", "counted_only")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--words", action="store_true")
    parser.add_argument("--show", choices=HALVES)
    options = parser.parse_args()
    facts = from_examples()["facts of the examples"]
    truths = [*facts, *from_development(options.data), *from_wice(options.data)]
    embedder = None if options.words else MiniLM()
    told, pairs = asyncio.run(counted(truths, options.seeds, embedder, options.show))
    for name in sorted(pairs):
        print(f"{name:<48} {told[name]:4} of {pairs[name]:4} {told[name] / pairs[name]:.1%}")


async def counted(
    truths: list[Truth], seeds: int, embedder: Embedder | None, show: str | None
) -> tuple[Counter[str], Counter[str]]:
    """How many pairs are named, and how many there are, by half, kind and data set."""
    told, pairs = Counter[str](), Counter[str]()
    for truth in truths:
        for kind, claim in [("false alarms", truth.claim), *corrupted(truth, seeds)]:
            found = await conflicts(truth, claim, embedder)
            for name in (f"all: {kind}", f"{half(truth)}: {kind}", f"{half(truth)}: {kind}, {truth.data}"):
                pairs[name] += 1
                told[name] += bool(found)
            if half(truth) == show and bool(found) == (kind == "false alarms"):
                print(f"{kind}: {claim}\n    {found or [ground.text[:400] for ground in truth.grounds]}")
    return told, pairs


def half(truth: Truth) -> str:
    """By the text of the sources: no half has seen a text of the other."""
    text = "\n".join(ground.text for ground in truth.grounds)[:400]
    return HALVES[int(hashlib.sha256(text.encode()).hexdigest(), 16) % 2]


def corrupted(truth: Truth, seeds: int) -> Iterator[tuple[str, str]]:
    """Only where the other source tells every figure of the claim: else there is nothing to disagree with."""
    if not all(any(ground.whole.says(figure) for ground in truth.grounds) for figure in statement(truth.claim).figures):
        return
    for kind in KINDS:
        for seed in range(seeds):
            changed = MUTATIONS[kind](truth.claim, random.Random(f"{seed} {truth.claim}"), [])
            if changed:
                yield kind, changed


async def conflicts(truth: Truth, claim: str, embedder: Embedder | None) -> list[tuple[str, str]]:
    items = list(passages(claim, "claim"))
    for number, ground in enumerate(truth.grounds):
        items += passages(ground.text, f"ground {number}")
    return [(one.one_says, one.other_says) for one in await contested(items, embedder)]


def passages(text: str, name: str) -> Iterator[EvidenceItem]:
    block = Block(kind=BlockKind.PARAGRAPH, start=0, end=len(text))
    key = content_hash(f"{name}\n{text}")
    source = Source(
        location=name, kind=SourceKind.TEXT, title=name, text=text, blocks=(block,), content_hash=key, retrieved_at=NOW
    )
    for passage in chunk(source):
        yield EvidenceItem(passage=passage, relevance=1.0)


if __name__ == "__main__":
    main()

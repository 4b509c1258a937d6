"""Two sources that tell the same with another number: `python -m benchmarks.disagreements DATA_FOLDER [--seeds 3]`.

Pairs are claims that people labelled as supported (AttributionBench and WiCE development), as one source, and the text
they were labelled against, as the other: they tell the same in other words. In the claim one number, unit or date is
exchanged, and the pair must be found; as it is, it must not be found. Prints both shares by data set.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from aiwriter.documents import Block, BlockKind, EvidenceItem, Source, SourceKind
from aiwriter.ids import content_hash
from aiwriter.knowledge.chunking import chunk
from aiwriter.pipeline.disagreements import disagreements
from aiwriter.pipeline.quality.statements import statement
from aiwriter.testing.mutations import MUTATIONS
from benchmarks.mutation_exam import Truth, from_development, from_examples, from_wice

KINDS = ("number", "unit", "date")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    facts = from_examples()["facts of the examples"]
    truths = [*facts, *from_development(options.data), *from_wice(options.data)]
    pairs, found, alarms, clean = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for truth in truths:
        clean[truth.data] += 1
        alarms[truth.data] += bool(conflicts(truth, truth.claim))
        for kind, changed in corrupted(truth, options.seeds):
            pairs[f"{kind}, {truth.data}"] += 1
            found[f"{kind}, {truth.data}"] += bool(conflicts(truth, changed))
    for name in sorted(pairs):
        print(f"{name:<34} found {found[name]:4} of {pairs[name]:4} {found[name] / pairs[name]:.1%}")
    for data, total in clean.items():
        print(f"{data:<24} false alarms {alarms[data]:4} of {total:4} {alarms[data] / total:.1%}")


def corrupted(truth: Truth, seeds: int) -> Iterator[tuple[str, str]]:
    """Only where the other source tells every figure of the claim: else there is nothing to disagree with."""
    if not all(any(ground.whole.says(figure) for ground in truth.grounds) for figure in statement(truth.claim).figures):
        return
    for kind in KINDS:
        for seed in range(seeds):
            changed = MUTATIONS[kind](truth.claim, random.Random(f"{seed} {truth.claim}"), [])
            if changed:
                yield kind, changed


def conflicts(truth: Truth, claim: str) -> bool:
    items = list(passages(claim, "claim"))
    for number, ground in enumerate(truth.grounds):
        items += passages(ground.text, f"ground {number}")
    return bool(disagreements(items))


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

"""Pairs of short sources that contradict each other, and pairs that only look alike.

    python -m benchmarks.conflicting_sources [--words] [--show]

The pairs stand in conflicting_sources.toml and were written before the rules were tuned. The first part has been read
since, and what dates need in common was set on it.
Of a pair that contradicts itself both figures must be named, of one that looks alike nothing. Of each pair that is
named two drafts are judged, each telling the figure of one side alone, and mended as in benchmarks/contested_figures.py
by the fake provider. `--words` leaves the embedder out, `--show` prints what went wrong in the first part: of the
second, which was written before the rules were changed again, nothing is looked at but its counts.
"""

from __future__ import annotations

import argparse
import asyncio
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from aiwriter.documents import Disagreement
from aiwriter.embeddings.minilm import MiniLM
from aiwriter.pipeline.disagreements import contested
from aiwriter.pipeline.quality.statements import Ground
from aiwriter.ports import Embedder
from benchmarks.contested_figures import cases, evidence_of, examined
from benchmarks.disagreements import passages
from benchmarks.mutation_exam import Truth


async def told(pair: dict[str, Any], embedder: Embedder | None) -> tuple[Disagreement, ...]:
    titles = pair.get("titles", ("", ""))
    sides = [list(passages(pair[side], f"source {n}")) for n, side in enumerate(("one", "other"))]
    hashes = {item.passage.source_hash: title for side, title in zip(sides, titles, strict=True) for item in side}
    return await contested([*sides[0], *sides[1]], embedder, titles=hashes)


def names(found: tuple[Disagreement, ...], figures: list[str]) -> bool:
    """Whether the two figures are named against each other: "27" will do for "27 miners"."""
    return any(one.one_says in figures[0] and one.other_says in figures[1] for one in found)


async def drafts(pair: dict[str, Any], found: tuple[Disagreement, ...]) -> Counter[str]:
    truth = Truth(pair["one"], (Ground("other", pair["other"]),), (), frozenset(), "")
    evidence = evidence_of(truth, truth.claim).model_copy(update={"disagreements": found})
    return sum([await examined(case) for case in cases(evidence)], Counter[str]())


async def report(pairs: dict[str, list[dict[str, Any]]], embedder: Embedder | None, show: bool) -> None:
    named = [(pair, found) for pair in pairs["conflict"] if (found := await told(pair, embedder))]
    rightly = [pair for pair, found in named if names(found, pair["figures"])]
    alarms = [(pair, found) for pair in pairs["alike"] if (found := await told(pair, embedder))]
    print(f"contradicting pairs named   {len(named):3} of {len(pairs['conflict'])}, by both figures {len(rightly)}")
    print(f"pairs that look alike named {len(alarms):3} of {len(pairs['alike'])}")
    counts = Counter[str]()
    for pair, found in named:
        counts += await drafts(pair, found)
    print("of those: " + ", ".join(f"{what} {n}" for what, n in counts.items()))
    for pair in pairs["conflict"] if show else ():
        if pair not in rightly:
            print(f"not named: {pair['one']}\n           {pair['other']}")
    for pair, found in alarms if show else ():
        figures = ", ".join(f"{one.one_says} / {one.other_says}" for one in found)
        print(f"named though {pair['why']} ({figures}): {pair['one']}\n           {pair['other']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", action="store_true")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    data = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    embedder = None if options.words else MiniLM()
    asyncio.run(report(data, embedder, options.show))
    for part in ("second", "third"):
        print(f"the {part} part:")
        asyncio.run(report(data[part], embedder, show=False))


if __name__ == "__main__":
    main()

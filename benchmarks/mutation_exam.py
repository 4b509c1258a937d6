"""Corrupt true sentences in eight ways and count what the support check notices.

    python benchmarks/mutation_exam.py [DATA_FOLDER] [--each 150] [--seeds 3] [--words]

Without DATA_FOLDER: the facts of examples/facts.toml beside the passages of examples/sources that tell them, and the
sentences of those sources. With it, also claims that people labelled as supported in the development sets (paraphrases,
not copies). "unsupported" is what finishing takes out, "unsure" what it marks; a corruption is missed when its outcome
is supported. Corrupted are only sentences that pass when clean, so that nothing is found by chance.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiwriter.documents import Source, SourceRef, Support
from aiwriter.embeddings.minilm import MiniLM
from aiwriter.knowledge.chunking import chunk
from aiwriter.pipeline.quality import meaning, support
from aiwriter.pipeline.quality.statements import Ground, ground, known_names, statement
from aiwriter.pipeline.quality.support import nearest
from aiwriter.ports import WordEmbedder
from aiwriter.sources import create_finder
from aiwriter.testing.mutations import MUTATIONS
from aiwriter.text.facts import names

_MARKS = re.compile(r"\s*\[\d+\]|^\d+\.\s")  # of citations, of list items
EXAMPLES = Path(__file__).parents[1] / "examples"


@dataclass(frozen=True)
class Truth:
    """A true sentence, the passages that tell it, and passages of other sources."""

    claim: str
    grounds: tuple[Ground, ...]
    others: tuple[Ground, ...]
    known: frozenset[str]
    data: str


async def read_examples() -> list[Source]:
    finder = create_finder()
    return [await finder.read(location) for location in finder.expand(str(EXAMPLES / "sources"))]


def from_examples() -> dict[str, list[Truth]]:
    """The facts of the fictional world, in their own words, beside the passages that hold all their keys; and the
    sentences of the sources themselves, as a digest quotes them."""
    sources = asyncio.run(read_examples())
    passages = [(source, ground(passage, SourceRef.of(source))) for source in sources for passage in chunk(source)]
    known = known_names([text for _, g in passages for text in (g.text, g.context)])
    told = []
    for fact in tomllib.loads((EXAMPLES / "facts.toml").read_text("utf-8"))["fact"]:
        home = [g for source, g in passages if Path(source.location).name in fact["documents"]]
        chosen = list(_covering(fact["keys"], home))
        if chosen:
            near = nearest(statement(fact["statement"]), home, 2)  # a writer cites what tells the rest as well
            chosen = list({g.key: g for g in (*chosen, *near)}.values())
            others = [g for source, g in passages if Path(source.location).name not in fact["documents"]]
            foreign = nearest(statement(fact["statement"]), others, 3)
            told.append(Truth(fact["statement"], tuple(chosen), tuple(foreign), known, "facts of the examples"))
    return {"facts of the examples": told, "sentences of the examples": _sentences(passages, known)}


def _sentences(passages: list[tuple[Source, Ground]], known: frozenset[str]) -> list[Truth]:
    truths = list[Truth]()
    for source, own in passages:
        others = [g for other, g in passages if other is not source]
        for sentence in own.sentences:
            if 8 <= len(sentence.tokens) <= 40 and sentence.is_factual:
                foreign = others[37 * len(truths) % len(others)]  # the nearest may well tell the same
                truths.append(Truth(sentence.text, (own,), (foreign,), known, "sentences of the examples"))
    return truths


def _covering(keys: list[list[str]], home: Sequence[Ground]) -> Iterator[Ground]:
    """Passages, best first, until every key is met."""
    left = list(range(len(keys)))
    while left:
        best = max(home, key=lambda g: sum(_holds(g, keys[index]) for index in left), default=None)
        if best is None or not any(_holds(best, keys[index]) for index in left):
            return
        yield best
        left = [index for index in left if not _holds(best, keys[index])]


def _holds(g: Ground, forms: list[str]) -> bool:
    text = re.sub(r"\s+", " ", g.text)
    return any(form in text for form in forms)


def from_development(folder: Path) -> list[Truth]:
    """Claims labelled as supported, with the passages they were labelled against."""
    rows = [json.loads(line) for line in (folder / "attributionbench_dev.jsonl").open(encoding="utf-8")]
    pairs = [
        (_MARKS.sub("", row["claim"]).strip(), tuple(row["references"]), row["src_dataset"], row["question"])
        for row in rows
        if row["attribution_label"] == "attributable" and sum(map(len, row["references"])) < 6000
    ]
    everything = [(Ground(f"{n}", "\n\n".join(texts)), asked) for n, (_, texts, _, asked) in enumerate(pairs)]
    truths = []
    for index, (claim, texts, data, question) in enumerate(pairs):
        grounds = tuple(Ground(f"{index}.{i}", text) for i, text in enumerate(texts))
        others = [g for g, asked in everything[max(0, index - 150) : index + 150] if asked != question]
        truths.append(Truth(claim, grounds, tuple(nearest(statement(claim), others, 1)), known_names(texts), data))
    return truths


def from_wice(folder: Path) -> list[Truth]:
    """Parts of Wikipedia sentences labelled as supported, with the short evidence they were labelled against."""
    rows = [json.loads(line) for line in (folder / "wice_chunks_dev.jsonl").open(encoding="utf-8")]
    pairs = {row["claim"]: "\n".join(row["evidence"]) for row in rows if row["label"] == "supported"}
    everything = [Ground(f"{n}", text) for n, text in enumerate(pairs.values())]
    return [
        Truth(claim, (own,), (everything[(n + 40) % len(everything)],), known_names([own.text]), "WiCE")
        for n, (claim, own) in enumerate(zip(pairs, everything, strict=True))
    ]


def outcomes(asked: Sequence[tuple[str, Sequence[Ground], Truth]], embedder: WordEmbedder | None) -> list[Support]:
    examined = [support.examine(claim, grounds, truth.known) for claim, grounds, truth in asked]
    compared = asyncio.run(meaning.compare(examined, embedder))
    return [support.decide(one, numbers).outcome for one, numbers in zip(examined, compared, strict=True)]


def examine(
    truths: list[Truth], each: int, seeds: range, embedder: WordEmbedder | None, show: str = ""
) -> Counter[tuple[str, Support]]:
    """Outcomes by kind of corruption; only sentences that are supported when clean are corrupted."""
    pool = sorted({name.text for truth in truths for g in truth.grounds for name in names(g.text) if " " in name.text})
    clean = outcomes([(truth.claim, truth.grounds, truth) for truth in truths], embedder)
    counts = Counter(("clean", found) for found in clean)
    base = [truth for truth, found in zip(truths, clean, strict=True) if found is Support.SUPPORTED]
    for kind in (*MUTATIONS, "citation"):
        planted = [
            (changed, truth.others if kind == "citation" else truth.grounds, truth)
            for seed in seeds
            for truth, changed in _corrupted(base, kind, random.Random(seed), pool)[: each // len(seeds)]
        ]
        for (changed, grounds, truth), found in zip(planted, outcomes(planted, embedder), strict=True):
            counts[kind, found] += 1
            if show == kind and found is not Support.UNSUPPORTED:
                text = " | ".join(g.text[:600] for g in grounds)
                print(f"    {found.value}: {changed}  <-  {truth.claim}\n        {text}")
    return counts


def _corrupted(base: list[Truth], kind: str, rng: random.Random, pool: list[str]) -> list[tuple[Truth, str]]:
    order = rng.sample(base, len(base))
    if kind == "citation":
        return [(truth, truth.claim) for truth in order]
    pairs = ((truth, MUTATIONS[kind](truth.claim, rng, pool)) for truth in order)
    return [(truth, changed) for truth, changed in pairs if changed is not None and changed != truth.claim]


def table(name: str, counts: Counter[tuple[str, Support]]) -> None:
    print(name)
    for kind in ("clean", *MUTATIONS, "citation"):
        row = {found: counts[kind, found] for found in (Support.UNSUPPORTED, Support.UNSURE, Support.SUPPORTED)}
        total = sum(row.values())
        if total:
            shares = "  ".join(f"{found.value} {count / total:6.1%}" for found, count in row.items())
            print(f"  {kind:12} n={total:4}  {shares}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--each", type=int, default=150, help="corruptions of a kind in each group")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--show", default="", help="print what is missed of one kind")
    parser.add_argument("--words", action="store_true", help="judge by words alone, without the embedder")
    args = parser.parse_args()
    embedder = None if args.words else MiniLM()
    groups = from_examples()
    if args.folder:
        for truth in from_development(args.folder) + from_wice(args.folder):
            groups.setdefault(truth.data, []).append(truth)
    began, together = time.perf_counter(), Counter[tuple[str, Support]]()
    for name, truths in groups.items():
        counts = examine(truths, args.each, range(args.seeds), embedder, args.show)
        table(f"{name}: {len(truths)} true sentences", counts)
        together += counts
    table("all together", together)
    print(f"{time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()

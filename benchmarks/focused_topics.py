"""Does a narrow topic find the sources that answer it, and does a digest tell the answer?

    python -m benchmarks.focused_topics [--words 300] [--show]

Topics of focused_topics.toml over examples/sources, with MiniLM. A source is wanted when it holds one of the topic's
facts (examples/facts.toml). Printed for each topic and in the mean: the share of the wanted sources that give evidence;
the share of the facts that one passage of the evidence tells; the share that a digest tells, and where in it the first
one stands, from 0 to 1. `--show` prints the digests.
"""

from __future__ import annotations

import argparse
import asyncio
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from aiwriter.documents import Brief, Evidence, Sources
from aiwriter.embeddings import create
from aiwriter.errors import Refused
from aiwriter.knowledge.chunking import chunk
from aiwriter.pipeline.evidence import select
from aiwriter.pipeline.research import gather
from aiwriter.ports import Embedder
from aiwriter.sources import create_finder
from benchmarks.digest_recall import Paragraphs, ours
from benchmarks.remembering import Remembering

EXAMPLES = Path(__file__).parents[1] / "examples"
Keys = list[list[str]]  # every inner list must be met: by one of its strings


@dataclass(frozen=True)
class Fact:
    keys: Keys
    documents: list[str]

    def told_in(self, text: str) -> bool:
        return all(any(key in text for key in some) for some in self.keys)


@dataclass(frozen=True)
class Result:
    """Shares, 0–1; all 0 and `first` 1 when the topic was refused."""

    topic: str
    sources: float = 0.0
    evidence: float = 0.0
    digest: float = 0.0
    first: float = 1.0
    text: str = "(refused)"


async def result(topic: str, facts: Sequence[Fact], sources: Sources, embedder: Embedder, words: int) -> Result:
    brief = Brief(topic=topic, sources=("folder",), words=words)
    try:
        evidence = await select(brief, sources, chunk, embedder)
    except Refused:
        return Result(topic)
    told = await ours(brief, evidence, embedder)
    text = " ".join(sentence for paragraph in told for sentence in paragraph)
    passages = [" ".join(item.passage.text.split()) for item in evidence.items]
    return Result(
        topic,
        sources=_found(facts, evidence),
        evidence=mean(any(fact.told_in(passage) for passage in passages) for fact in facts),
        digest=mean(fact.told_in(text) for fact in facts),
        first=_first(facts, told),
        text="\n\n".join(" ".join(paragraph) for paragraph in told),
    )


def _found(facts: Sequence[Fact], evidence: Evidence) -> float:
    used = {Path(source.location).name for source in evidence.sources}
    replaced = {"fact-sheet-2024.md"}
    wanted = {document for fact in facts for document in fact.documents} - replaced
    return len(wanted & used) / len(wanted)


def _first(facts: Sequence[Fact], told: Paragraphs) -> float:
    """How much of the digest stands before the first paragraph that holds a key of the topic's facts."""
    keys = [key for fact in facts for some in fact.keys for key in some]
    before, total = 0, sum(len(sentence.split()) for paragraph in told for sentence in paragraph)
    for paragraph in told:
        text = " ".join(paragraph)
        if any(key in text for key in keys):
            return before / total
        before += len(text.split())
    return 1.0


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=300)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    truth = tomllib.loads((EXAMPLES / "facts.toml").read_text("utf-8"))
    facts = {one["id"]: Fact(one["keys"], one["documents"]) for one in truth["fact"]}
    topics = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["topic"]
    embedder = Remembering(create("minilm"))
    sources = await gather(Brief(topic="all", sources=(str(EXAMPLES / "sources"),)), create_finder())
    results = []
    print("sources  evidence  digest  first")
    for one in topics:
        done = await result(one["topic"], [facts[key] for key in one["facts"]], sources, embedder, options.words)
        results.append(done)
        print(f"{done.sources:7.2f}  {done.evidence:8.2f}  {done.digest:6.2f}  {done.first:5.2f}  {done.topic}")
        if options.show:
            print(f"\n{done.text}\n")
    means = [mean(getattr(one, kind) for one in results) for kind in ("sources", "evidence", "digest", "first")]
    print("{:7.2f}  {:8.2f}  {:6.2f}  {:5.2f}  mean".format(*means))


if __name__ == "__main__":
    asyncio.run(main())

"""Does `select` refuse topics that a folder says nothing about, and only those?

    python -m benchmarks.topic_refusal FOLDER [--embedder minilm] [--topics benchmarks/topics.toml] [--questions CLAIMS]

FOLDER holds the articles the topics were written for (not part of this project). A refusal of an absent topic is a
true positive. Prints precision, recall, every mistake, and how pure the evidence of the covered topics is; "in doubt"
is what is written with the note that no source is clearly about it.

CLAIMS: attributionbench_dev.jsonl. 160 of its questions, each with the passages that people found to bear a claim of
its answer, in ten folders of sixteen; each is asked of its own folder and, as an absent one, of the next.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aiwriter.documents import Brief, Evidence, Sources
from aiwriter.embeddings import create
from aiwriter.errors import Refused
from aiwriter.knowledge.chunking import chunk
from aiwriter.pipeline.evidence import select
from aiwriter.pipeline.research import gather
from aiwriter.ports import Embedder
from aiwriter.sources import create_finder
from benchmarks.remembering import Remembering


@dataclass(frozen=True)
class Outcome:
    topic: str
    home: str | None  # title of the article it is about, None when there is none
    refusal: str | None
    own_share: float = 0.0  # of the passages, from that article
    doubtful: bool = False


async def outcome(topic: str, home: str | None, sources: Sources, embedder: Embedder) -> Outcome:
    try:
        evidence = await select(Brief(topic=topic, sources=("folder",)), sources, chunk, embedder)
    except Refused as refusal:
        return Outcome(topic, home, str(refusal))
    return Outcome(topic, home, None, _own_share(evidence, home), evidence.bears_little)


def _own_share(evidence: Evidence, home: str | None) -> float:
    title = {source.content_hash: source.title for source in evidence.sources}
    counts = Counter(title[item.passage.source_hash] for item in evidence.items)
    return counts[home or ""] / len(evidence.items)


def report(name: str, outcomes: Sequence[Outcome]) -> None:
    absent = [one for one in outcomes if one.home is None]
    covered = [one for one in outcomes if one.home is not None]
    caught = sum(one.refusal is not None for one in absent)
    wrongly = [one for one in covered if one.refusal is not None]
    written = [one for one in covered if one.refusal is None]
    precision = caught / max(1, caught + len(wrongly))
    print(f"{name}: {len(covered)} covered, {len(absent)} absent topics")
    print(f"  refusal precision {precision:.3f}, recall {caught / max(1, len(absent)):.3f}")
    for kind, some in (("covered", covered), ("absent", absent)):
        doubtful = sum(one.doubtful for one in some)
        refused = sum(one.refusal is not None for one in some)
        print(f"  {kind}: {len(some) - refused - doubtful} written, {doubtful} in doubt, {refused} refused")
    if written:
        purity = sum(one.own_share for one in written) / len(written)
        print(f"  passages from the topic's own article: {purity:.3f} on average, lowest: ", end="")
        print(", ".join(f"{one.own_share:.2f} {one.topic!r}" for one in sorted(written, key=lambda o: o.own_share)[:4]))
    print("  wrongly refused:", "; ".join(one.topic for one in wrongly) or "none")
    clear = [one.topic for one in absent if one.refusal is None and not one.doubtful]
    print("  wrongly written, not in doubt:", "; ".join(clear) or "none")


async def questions(claims: Path, embedder: Embedder) -> list[Outcome]:
    """Each question of its own folder, then of the next one."""
    found: dict[str, set[str]] = {}
    for line in claims.read_text("utf-8").splitlines():
        claim = json.loads(line)
        if claim["attribution_label"] == "attributable":
            found.setdefault(claim["question"], set()).update(claim["references"])
    chosen = sorted(found)
    random.Random(1).shuffle(chosen)
    folders = [chosen[start : start + 16] for start in range(0, 160, 16)]
    outcomes = []
    for number, own in enumerate(folders):
        with tempfile.TemporaryDirectory() as folder:
            texts = [text for question in own for text in sorted(found[question])[:3]]
            for index, text in enumerate(texts):
                title, _, body = text.removeprefix("Title: ").partition("\n")
                (Path(folder) / f"{index:03}.md").write_text(f"# {title}\n\n{body or title}\n", "utf-8")
            sources = await gather(Brief(topic="all of it", sources=(folder,)), create_finder())
        strangers = folders[(number + 1) % len(folders)]
        asked = [*((topic, "its folder") for topic in own), *((topic, None) for topic in strangers)]
        outcomes += [await outcome(topic, home, sources, embedder) for topic, home in asked]
    return outcomes


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--embedder", default="minilm")
    parser.add_argument("--topics", type=Path, default=Path(__file__).with_name("topics.toml"))
    parser.add_argument("--questions", type=Path)
    options = parser.parse_args()
    if options.questions and not options.questions.is_file():
        parser.error(f"--questions: {options.questions} is no file of labelled claims")
    topics = tomllib.loads(options.topics.read_text("utf-8"))
    embedder = Remembering(create(options.embedder))
    sources = await gather(Brief(topic="all of it", sources=(options.folder,)), create_finder())
    asked: list[tuple[str, str | None]] = [(source.title, source.title) for source in sources.items]
    asked += [(topic, home) for home, its in topics["covered"].items() for topic in its]
    asked += [(topic, None) for topic in topics["absent"]]
    report("the whole folder", [await outcome(topic, home, sources, embedder) for topic, home in asked])
    alone = [
        await outcome(topic, home if source.title == home else None, Sources(items=(source,)), embedder)
        for topic, home in asked
        if home is not None
        for number, source in enumerate(sources.items)
        if source.title == home or (number + len(topic)) % 6 == 0
    ]
    report("one article alone", alone)
    if options.questions:
        report("questions", await questions(options.questions, embedder))


if __name__ == "__main__":
    asyncio.run(main())

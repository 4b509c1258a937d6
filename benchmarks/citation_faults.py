"""Citation faults in the pipeline: `python -m benchmarks.citation_faults [--articles 20] [--words 900] [--drafts]`.

The fake provider writes about the examples, a tenth of its sentences with a citation that does not exist, a tenth with
that of another passage, a tenth with a claim that its passage does not make. What became of each in the finished
article, once as the format mends (`rewrites` rounds) and once without any rewriting:

    stands        correct, and not flagged          cited right  cites its passage, or another that says it, again
    rewritten     the model gave another sentence   marked       unsure or not supported, seen by every reader
    removed       the sentence, or its citation     unflagged    a fault that reached its reader

With --drafts the text is what a real model of 1.5 billion parameters wrote about the examples
(benchmarks/data/model_drafts.jsonl); spoiled are the sentences that a reader found supported, the others are left as
they are and not counted. Each draft is spoiled in `--seeds` ways.

Goals: no made-up and no misplaced citation unflagged, at most 10 % of unsupported claims, at most 5 % of correct
sentences flagged (marked, removed or rewritten).
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from pathlib import Path

from aiwriter import embeddings
from aiwriter.documents import Brief, Evidence, Sources
from aiwriter.knowledge.chunking import chunk
from aiwriter.pipeline import evidence
from aiwriter.sources import create_finder
from aiwriter.testing.citation_faults import FATES, KINDS, Examined, Fate, Kind, StoredDraft, examine, examine_stored

EXAMPLES = Path(__file__).parents[1] / "examples" / "sources"
DRAFTS = Path(__file__).parent / "data" / "model_drafts.jsonl"
TOPICS = (
    "How the islanders of Ostrel run a battery-powered night ferry",
    "How the ferry Lanternfish supplied Ostrel's clinic with power after the landslip of February 2023",
    "What the night ferry Lanternfish cost, who paid for her, and how much she can carry today",
    "What the night ferry has changed for the island of Ostrel",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=int, default=20)
    parser.add_argument("--words", type=int, default=900)
    parser.add_argument("--documents", type=Path, default=EXAMPLES)
    parser.add_argument("--drafts", action="store_true", help="spoil stored drafts of a real model")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--show", action="store_true", help="print what was left unflagged")
    options = parser.parse_args()
    for name, rewrites in (("mended as the format says", None), ("without any rewriting", 0)):
        found = of_drafts(options.seeds, rewrites) if options.drafts else measured(options, rewrites)
        show(name, asyncio.run(found), list_them=options.show)


async def measured(options: argparse.Namespace, rewrites: int | None) -> list[Examined]:
    finder, embedder = create_finder(), embeddings.create("minilm")
    sources = Sources(items=tuple([await finder.read(place) for place in finder.expand(str(options.documents))]))
    found, chosen = list[Examined](), dict[str, tuple[Brief, Evidence]]()
    for seed in range(options.articles):
        topic = TOPICS[seed % len(TOPICS)]
        if topic not in chosen:
            brief = Brief(topic=topic, sources=(str(options.documents),), words=options.words)
            chosen[topic] = brief, await evidence.select(brief, sources, chunk, embedder)
        found.append(await examine(*chosen[topic], seed, rewrites=rewrites))
    return found


async def of_drafts(seeds: int, rewrites: int | None) -> list[Examined]:
    drafts = [StoredDraft.model_validate_json(line) for line in DRAFTS.read_text("utf-8").splitlines()]
    return [await examine_stored(draft, seed, rewrites=rewrites) for draft in drafts for seed in range(seeds)]


def show(name: str, articles: list[Examined], *, list_them: bool) -> None:
    counts: Counter[tuple[Kind, Fate]] = sum((one.fates for one in articles), Counter())
    told = [one.article.mending for one in articles if one.article.mending]
    calls, gained = sum(one.calls for one in told), [one.score_after - one.score_before for one in told]
    print(f"\n{name}: {len(articles)} articles, {sum(one.unresolved for one in articles)} citations that lead nowhere")
    print(f"{calls} further calls; the score rose by {sum(gained) / max(1, len(gained)):.1f} in the mean")
    print(f"{'':<14}{'n':>6}" + "".join(f"{fate:>14}" for fate in FATES))
    for kind in KINDS:
        total = sum(counts[kind, fate] for fate in FATES)
        shares = "".join(f"{counts[kind, fate]:>6}{counts[kind, fate] / max(1, total):>8.1%}" for fate in FATES)
        print(f"{kind:<14}{total:>6}{shares}")
    if list_them:
        for text in (text for one in articles for text in one.unflagged):
            print(f"    {text}")


if __name__ == "__main__":
    main()

"""How many of an article's leading facts does a digest of the rest of it hold? Ours against two simple ones.

    python -m benchmarks.digest_recall FOLDER [--words 300] [--embedder minilm]

FOLDER holds Markdown articles (not part of this project) whose text before the first heading is a summary. That
summary is taken away and is the reference; the rest is the source, the title is the topic. Compared at the same number
of words: our digest, the first sentences, and MMR over all sentences with the same embedder. First each article is
its own source, then all of them are the sources together (the simple ones then get the evidence ours gets).
Defects are counted by rules of their own, which share no code with the writer's filter.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import mean

import numpy as np

from aiwriter.documents import ArticleKind, Brief, Evidence, Sources
from aiwriter.embeddings import create
from aiwriter.errors import Refused
from aiwriter.knowledge.chunking import chunk
from aiwriter.llm.offline import OfflineWriter
from aiwriter.pipeline import formats
from aiwriter.pipeline.drafting import assemble, write_section
from aiwriter.pipeline.evidence import select
from aiwriter.pipeline.outline import plan
from aiwriter.pipeline.research import gather
from aiwriter.ports import Embedder, RunContext
from aiwriter.sources import create_finder
from aiwriter.sources.normalise import clean_prose
from aiwriter.text.facts import dates, names, quantities
from aiwriter.text.sentences import split_sentences
from aiwriter.text.words import content_words
from benchmarks.remembering import Remembering

_WORD = re.compile(r"[^\W_]+")
KINDS = ("numbers and dates", "names", "facts", "bigrams")  # facts: the first two together
MMR_RELEVANCE = 0.7
Paragraphs = list[list[str]]  # sentences that stand together in their source


@dataclass(frozen=True)
class Article:
    title: str
    lead: str
    rest: Sources


# ── what is compared ─────────────────────────────────────────────────────────────────────────────────────────────────


async def ours(brief: Brief, evidence: Evidence, embedder: Embedder) -> Paragraphs:
    writer, context = OfflineWriter(embedder), RunContext(uuid.UUID(int=1), b"benchmark")
    outline = await plan(brief, evidence, formats.load(brief.format), writer, context)
    sections = [
        await write_section(brief, outline, index, evidence, writer, context) for index in range(len(outline.sections))
    ]
    draft = assemble(outline, sections, ArticleKind.DIGEST)
    return [[s.text for s in paragraph.sentences] for section in draft.sections for paragraph in section.paragraphs]


def first_sentences(sentences: Sequence[str], words: int) -> Paragraphs:
    return [cut(sentences, words)]


async def by_mmr(topic: str, sentences: Sequence[str], words: int, embedder: Embedder) -> Paragraphs:
    """Maximal marginal relevance to the topic; the chosen sentences in the order of the source."""
    rows = await embedder.embed([topic, *sentences])
    near, rows = rows[1:] @ rows[0], rows[1:]
    chosen: list[int] = []
    like = np.zeros(len(sentences))
    while len(chosen) < len(sentences) and length(sentences[index] for index in chosen) < words:
        value = MMR_RELEVANCE * near - (1 - MMR_RELEVANCE) * like
        value[chosen] = -np.inf
        chosen.append(int(value.argmax()))
        like = np.maximum(like, rows @ rows[chosen[-1]])
    paragraphs: Paragraphs = []
    for index in sorted(chosen):
        if index - 1 in chosen and paragraphs:
            paragraphs[-1].append(sentences[index])
        else:
            paragraphs.append([sentences[index]])
    return paragraphs


def cut(sentences: Sequence[str], words: int) -> list[str]:
    kept: list[str] = []
    for sentence in sentences:
        if length(kept) >= words:
            break
        kept.append(sentence)
    return kept


def length(texts: Iterable[str]) -> int:
    return sum(len(text.split()) for text in texts)


# ── what is measured ─────────────────────────────────────────────────────────────────────────────────────────────────


def facts_of(text: str) -> dict[str, set[str]]:
    when = dates(text)
    numbers = {f"{one.base.normalize()} {one.dimension}" for one in quantities(text, known_dates=when)}
    numbers |= {f"{one.year}-{one.month}-{one.day}" for one in when}
    stems = content_words(text)
    return {
        "numbers and dates": numbers,
        "names": {name.text.lower() for name in names(text)},
        "bigrams": {f"{a} {b}" for a, b in pairwise(stems)},
    }


def spelled(text: str) -> str:
    return f" {' '.join(re.findall(_WORD, text.lower()))} "


def recall(article: Article, digest: str) -> dict[str, float]:
    """Share of the lead's distinct facts, without those of the title, that the digest holds too."""
    wanted, given, title = facts_of(article.lead), facts_of(digest), facts_of(article.title)
    held: dict[str, tuple[int, int]] = {}
    for kind, facts in wanted.items():
        asked = facts - title[kind]
        held[kind] = len(asked & given[kind]), len(asked)
    asked = {spelled(name) for name in wanted["names"] if spelled(name) not in spelled(article.title)}
    held["names"] = sum(name in spelled(digest) for name in asked), len(asked)
    both = [held["numbers and dates"], held["names"]]
    held["facts"] = sum(found for found, _ in both), sum(count for _, count in both)
    return {kind: found / count if count else 1.0 for kind, (found, count) in held.items()}


_ORPHAN = re.compile(
    r"(?i)[\"“(]?(?:he|she|it|they|this|that|these|those|his|her|their|its|such|however|therefore|moreover|furthermore|"
    r"meanwhile|additionally|consequently|nevertheless|but|and|or|so|also|then|later|both|another|instead|similarly|"
    r"thus|hence|afterwards|subsequently|here|others?|as a result|in addition|for example|for instance|in contrast|"
    r"on the other hand|at that time|the (?:former|latter|same|other|second|third|following))\b"
)
_REFERENCE = re.compile(r"https?://|www\.|\[\d+\]|\bISBN\b|\bdoi\b|Retrieved \d|Archived from", re.IGNORECASE)


async def defects(paragraphs: Paragraphs, embedder: Embedder) -> dict[str, int]:
    sentences = [sentence for paragraph in paragraphs for sentence in paragraph]
    rows = await embedder.embed(sentences)
    alike = np.triu(rows @ rows.T, 1) >= 0.9
    return {
        "orphans": sum(_ORPHAN.match(paragraph[0]) is not None for paragraph in paragraphs),
        "shards": sum(_is_shard(sentence) for sentence in sentences),
        "repeats": int(alike.any(axis=0).sum()),
        "references": sum(_REFERENCE.search(sentence) is not None for sentence in sentences),
    }


def _is_shard(sentence: str) -> bool:
    """A row or a scrap: no full stop at its end, a small letter at its start, bars, or hardly a small word."""
    tokens = sentence.split()
    small = sum(token.islower() and token.isalpha() for token in tokens)
    whole = re.search(r"[.!?…][\"”’)\]]*$", sentence) and not sentence[0].islower()
    return not whole or "|" in sentence or len(tokens) < 4 or small < 0.25 * len(tokens)


# ── the table ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Tally:
    recalls: list[dict[str, float]]
    defects: list[dict[str, int]]
    words: list[int]


async def add(tally: Tally, article: Article, paragraphs: Paragraphs, embedder: Embedder) -> None:
    text = "\n".join(" ".join(paragraph) for paragraph in paragraphs)
    tally.recalls.append(recall(article, text))
    tally.defects.append(await defects(paragraphs, embedder))
    tally.words.append(len(text.split()))


def report(name: str, tallies: dict[str, Tally]) -> None:
    columns = [*KINDS, "words", "orphans", "shards", "repeats", "references"]
    print(f"\n{name}: {len(tallies['ours'].words)} articles; recall of the lead's facts, defects per 1,000 words\n")
    print(f"| {'':16} | " + " | ".join(columns) + " |\n|" + " --- |" * (len(columns) + 1))
    for who, tally in tallies.items():
        cells = [f"{mean(one[kind] for one in tally.recalls):.3f}" for kind in KINDS] + [f"{mean(tally.words):.0f}"]
        total = sum(tally.words) / 1000
        cells += [f"{sum(one[kind] for one in tally.defects) / total:.2f}" for kind in tally.defects[0]]
        print(f"| {who:16} | " + " | ".join(cells) + " |")
    mine = [one["facts"] for one in tallies["ours"].recalls]
    for who, tally in list(tallies.items())[1:]:
        theirs = [one["facts"] for one in tally.recalls]
        wins = sum(a > b for a, b in zip(mine, theirs, strict=True))
        losses = sum(a < b for a, b in zip(mine, theirs, strict=True))
        print(f"facts, ours against {who}: {wins} won, {losses} lost, {len(mine) - wins - losses} equal")


async def read(folder: Path) -> list[Article]:
    articles = []
    with tempfile.TemporaryDirectory() as scratch:
        for path in sorted(folder.glob("*.md")):
            title, _, text = path.read_text("utf-8").partition("\n")
            lead, _, rest = text.partition("\n#")
            lead = "\n".join(line for line in lead.splitlines() if line.strip() != path.stem)
            place = Path(scratch) / path.name
            place.write_text(f"{title}\n\n#{rest}", "utf-8")
            topic = title.lstrip("# ").strip()
            sources = await gather(Brief(topic=topic, sources=(str(place),)), create_finder())
            articles.append(Article(topic, clean_prose(lead), sources))
    return articles


def sentences_of(sources: Sources) -> list[str]:
    passages = [passage.text for source in sources.items for passage in chunk(source)]
    return [" ".join(text[start:end].split()) for text in passages for start, end in split_sentences(text)]


async def measure(articles: Sequence[Article], words: int, embedder: Embedder, *, together: bool) -> dict[str, Tally]:
    everything = Sources(items=tuple(source for article in articles for source in article.rest.items))
    tallies = {who: Tally([], [], []) for who in ("ours", "first sentences", "MMR")}
    for article in articles:
        brief = Brief(topic=article.title, sources=("folder",), words=words)
        try:
            evidence = await select(brief, everything if together else article.rest, chunk, embedder)
        except Refused as refusal:
            print(f"left out: {refusal}")
            continue
        sentences = sentences_of(article.rest)
        if together:
            ordered = sorted(evidence.items, key=lambda item: (item.passage.source_hash, item.passage.start))
            first = evidence.items[0].passage.source_hash
            ordered.sort(key=lambda item: item.passage.source_hash != first)
            texts = [item.passage.text for item in ordered]
            sentences = [" ".join(text[a:b].split()) for text in texts for a, b in split_sentences(text)]
        await add(tallies["ours"], article, await ours(brief, evidence, embedder), embedder)
        await add(tallies["first sentences"], article, first_sentences(sentences, words), embedder)
        await add(tallies["MMR"], article, await by_mmr(article.title, sentences, words, embedder), embedder)
    return tallies


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--words", type=int, default=300)
    parser.add_argument("--embedder", default="minilm")
    options = parser.parse_args()
    embedder = Remembering(create(options.embedder))
    articles = await read(options.folder)
    for name, together in (("each article alone", False), ("the whole folder as sources", True)):
        report(name, await measure(articles, options.words, embedder, together=together))


if __name__ == "__main__":
    asyncio.run(main())

"""How surely a text that is copied from its source is found, and how often one that is not is called so.

    python -m benchmarks.copying FOLDER WICE_CLAIMS [--texts 100]

FOLDER holds articles as Markdown. Of each, pieces of about 400 words are held against the article they are of: as they
are, with 10 % of words replaced by others of the article, and with their sentences shuffled. Independent texts on the
same topic are paragraphs of encyclopedia articles of WiCE with the page from the web that they cite: two people wrote
about the same. Found is what the check names, or wants revised or refused, with the thresholds of a blog post.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from aiwriter.documents import (
    ArticleKind,
    Brief,
    Draft,
    Evidence,
    EvidenceItem,
    Paragraph,
    Section,
    Sentence,
    Source,
    SourceRef,
)
from aiwriter.knowledge.chunking import chunk
from aiwriter.pipeline import formats
from aiwriter.pipeline.quality import near_copy
from aiwriter.pipeline.quality.result import CheckResult
from aiwriter.testing.corpus import TinyCorpus
from aiwriter.text.sentences import split_sentences
from aiwriter.text.words import word_spans

PIECE_WORDS, LEAST_WORDS, CHANGED = 400, 100, 0.10
BRIEF, FORMAT = Brief(topic="A topic"), formats.load("blog_post")


def pieces(text: str) -> list[list[str]]:
    """The running text in pieces of whole sentences."""
    found: list[list[str]] = []
    piece: list[str] = []
    for paragraph in text.split("\n\n"):
        if paragraph.startswith(("#", "[")):  # headings, lists of references
            continue
        for sentence in sentences_of(paragraph):
            piece.append(sentence)
            if sum(len(one.split()) for one in piece) >= PIECE_WORDS:
                found.append(piece)
                piece = []
    return found


def sentences_of(paragraph: str) -> Iterator[str]:
    yield from (paragraph[start:end] for start, end in split_sentences(paragraph))


def draft(texts: Sequence[str]) -> Draft:
    written = tuple(Sentence(text=text) for text in texts)
    section = Section(heading="", paragraphs=(Paragraph(sentences=written),))
    return Draft(kind=ArticleKind.ARTICLE, title="", sections=(section,))


def evidence(source: Source) -> Evidence:
    items = tuple(EvidenceItem(passage=passage, relevance=0.5) for passage in chunk(source))
    return Evidence(items=items, sources=(SourceRef.of(source),))


def reworded(texts: Sequence[str], words: Sequence[str], chance: random.Random, share: float = CHANGED) -> list[str]:
    """The texts with this share of their words replaced by others."""

    def changed(text: str) -> str:
        for start, end in reversed(word_spans(text)):
            if chance.random() < share:
                text = text[:start] + chance.choice(words) + text[end:]
        return text

    return [changed(text) for text in texts]


def judged(texts: Sequence[str], against: Evidence) -> CheckResult:
    return near_copy.check(draft(texts), against, BRIEF, FORMAT)


def source(text: str) -> Source:
    return asyncio.run(TinyCorpus({"source.md": text}).read("source.md"))


def cases(folder: Path, most: int) -> Iterator[tuple[str, list[str], Evidence]]:
    chance = random.Random(12)
    cut = [
        (text, piece)
        for file in sorted(folder.glob("*.md"))
        for text in [file.read_text("utf-8")]
        for piece in pieces(text)
    ]
    for text, piece in chance.sample(cut, min(most, len(cut))):
        whole = evidence(source(text))
        words = text.split()
        yield "copies", piece, whole
        yield "10 % of words changed", reworded(piece, words, chance), whole
        yield "sentences shuffled", chance.sample(piece, len(piece)), whole


def independent(claims: Path, most: int) -> Iterator[tuple[str, list[str], Evidence]]:
    rows = [json.loads(line) for line in claims.read_text("utf-8").splitlines()]
    texts = [(" ".join((row["meta"]["claim_context"], row["claim"])), "\n\n".join(row["evidence"])) for row in rows]
    long = [
        (text, page) for text, page in texts if len(text.split()) >= LEAST_WORDS and len(page.split()) > LEAST_WORDS
    ]
    for text, page in random.Random(12).sample(long, min(most, len(long))):
        yield "independent, same topic", list(sentences_of(text)), evidence(source(page))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("claims", type=Path)
    parser.add_argument("--texts", type=int, default=100)
    options = parser.parse_args()
    found: dict[str, list[CheckResult]] = {}
    given = chain(cases(options.folder, options.texts), independent(options.claims, options.texts))
    for kind, texts, against in given:
        found.setdefault(kind, []).append(judged(texts, against))
    for kind, results in found.items():
        named = sum(bool(one.findings or one.refusals or one.revisions) for one in results)
        stopped = sum(bool(one.refusals or one.revisions) for one in results)
        refused = sum(bool(one.refusals) for one in results)
        told = (
            f"{named} of {len(results)} ({named / len(results):.1%}), revised or refused {stopped}, refused {refused}"
        )
        print(f"{kind:<26} found {told}")
        if kind.startswith("independent"):
            why = [reason for one in results for reason in (*(f.message for f in one.findings), *one.revisions)]
            print(*(f"    {reason}" for reason in why), sep="\n")


if __name__ == "__main__":
    main()

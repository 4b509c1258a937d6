"""Does the score fall when a good article is made worse? Share of pairs (good, degraded) in which it does, by kind.

    python benchmarks/score_degrading.py FOLDER_OF_ARTICLES [--pairs 300] [--seed 1]

A good article is the sections of one document, its sentences with a tenth of their words dropped, each citing the
passage it comes from; its evidence holds the passages of a second document too. Kinds: sentences shuffled over the
article, a paragraph told twice, half of the evidence deleted, a section of the other document put in (cited and
supported), citations swapped among a third of the sentences.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

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
from aiwriter.ids import new_id
from aiwriter.knowledge.chunking import chunk
from aiwriter.pipeline import formats, quality
from aiwriter.pipeline.quality import statements
from aiwriter.sources import create_finder

WORDS, SECTION_WORDS, MIN_SECTIONS = 700, 180, 4


@dataclass(frozen=True)
class Good:
    """An article, what it rests on, and a section of another that rests on the same evidence."""

    draft: Draft
    evidence: Evidence
    stranger: Section

    def judged(self, draft: Draft, evidence: Evidence) -> float:
        """The score of a form of it, against the brief of the good one."""
        words = sum(len(sentence.text.split()) for sentence in self.draft.sentences)
        brief = Brief(topic=self.draft.title, words=max(words, 50))
        return quality.judge(draft, evidence, brief, formats.load("blog_post")).score


Degraded = tuple[Draft, Evidence]


def sections_of(passages: list[Passage], rng: random.Random, limit: int) -> list[Section]:
    """One section a heading, in order, a paragraph a passage, up to so many words."""
    by_heading: dict[str, list[Passage]] = {}
    for passage in passages:
        by_heading.setdefault(passage.headings[-1] if passage.headings else "", []).append(passage)
    sections, words = [], 0
    for heading, own in by_heading.items():
        paragraphs = [made for passage in own if (made := _paragraph(passage, rng)).sentences]
        kept: list[Paragraph] = []
        for paragraph in paragraphs:
            if sum(len(s.text.split()) for p in kept for s in p.sentences) < SECTION_WORDS:
                kept.append(paragraph)
        if sum(len(paragraph.sentences) for paragraph in kept) >= 3 and words < limit:
            sections.append(Section(heading=heading, paragraphs=tuple(kept)))
            words += sum(len(s.text.split()) for s in sections[-1].sentences)
    return sections


def _paragraph(passage: Passage, rng: random.Random) -> Paragraph:
    texts = [one.text for one in statements.sentences_of(passage.text) if 8 <= len(one.text.split()) <= 45]
    kept = [" ".join(word for word in text.split() if rng.random() > 0.1) for text in texts]
    return Paragraph(sentences=tuple(Sentence(text=text, citations=(passage.id,)) for text in kept if text))


def good_articles(sources: list[Source], rng: random.Random) -> list[Good]:
    made = []
    for source, other in zip(sources, [*sources[1:], sources[0]], strict=True):
        own, foreign = chunk(source), chunk(other)
        sections, strangers = sections_of(own, rng, WORDS), sections_of(foreign, rng, WORDS)
        if len(sections) < MIN_SECTIONS or not strangers:
            continue
        used = {key for one in (*sections, strangers[0]) for s in one.sentences for key in s.citations}
        items = tuple(EvidenceItem(passage=p, relevance=0.5) for p in (*own, *foreign) if p.id in used)
        evidence = Evidence(items=items, sources=(SourceRef.of(source), SourceRef.of(other)))
        draft = Draft(kind=ArticleKind.ARTICLE, title=source.title, sections=tuple(sections))
        made.append(Good(draft, evidence, strangers[0]))
    return made


def shuffled(good: Good, rng: random.Random) -> Degraded:
    sentences = list(good.draft.sentences)
    rng.shuffle(sentences)
    rest = iter(sentences)
    sections = tuple(
        section.model_copy(
            update={
                "paragraphs": tuple(
                    paragraph.model_copy(update={"sentences": tuple(next(rest) for _ in paragraph.sentences)})
                    for paragraph in section.paragraphs
                )
            }
        )
        for section in good.draft.sections
    )
    return good.draft.model_copy(update={"sections": sections}), good.evidence


def duplicated(good: Good, rng: random.Random) -> Degraded:
    paragraphs = [paragraph for section in good.draft.sections for paragraph in section.paragraphs]
    chosen = rng.choice([one for one in paragraphs if len(one.sentences) > 1] or paragraphs)
    again = tuple(sentence.model_copy(update={"id": new_id()}) for sentence in chosen.sentences)
    place = rng.randrange(len(good.draft.sections))
    return _put(good.draft, place, chosen.model_copy(update={"sentences": again})), good.evidence


def _put(draft: Draft, place: int, paragraph: Paragraph) -> Draft:
    sections = list(draft.sections)
    paragraphs = (*sections[place].paragraphs, paragraph)
    sections[place] = sections[place].model_copy(update={"paragraphs": paragraphs})
    return draft.model_copy(update={"sections": tuple(sections)})


def without_evidence(good: Good, rng: random.Random) -> Degraded:
    kept = tuple(item for item in good.evidence.items if rng.random() < 0.5)
    return good.draft, good.evidence.model_copy(update={"items": kept})


def off_topic(good: Good, rng: random.Random) -> Degraded:
    sections = list(good.draft.sections)
    sections.insert(rng.randrange(1, len(sections) + 1), good.stranger)
    return good.draft.model_copy(update={"sections": tuple(sections)}), good.evidence


def swapped(good: Good, rng: random.Random) -> Degraded:
    sentences = list(good.draft.sentences)
    chosen = rng.sample(sentences, max(2, len(sentences) // 3))
    taken = {one.id: other.citations for one, other in zip(chosen, [*chosen[1:], chosen[0]], strict=True)}
    text = [
        section.model_copy(
            update={
                "paragraphs": tuple(
                    paragraph.model_copy(
                        update={
                            "sentences": tuple(
                                s.model_copy(update={"citations": taken.get(s.id, s.citations)})
                                for s in paragraph.sentences
                            )
                        }
                    )
                    for paragraph in section.paragraphs
                )
            }
        )
        for section in good.draft.sections
    ]
    return good.draft.model_copy(update={"sections": tuple(text)}), good.evidence


KINDS: dict[str, Callable[[Good, random.Random], Degraded]] = {
    "shuffled sentences": shuffled,
    "a paragraph twice": duplicated,
    "evidence deleted": without_evidence,
    "off-topic section": off_topic,
    "swapped citations": swapped,
}


async def read(folder: Path) -> list[Source]:
    finder = create_finder()
    return [await finder.read(location) for location in finder.expand(str(folder))]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    articles = good_articles(asyncio.run(read(given.folder)), rng)
    before = [good.judged(good.draft, good.evidence) for good in articles]
    print(f"{len(articles)} good articles, scores {min(before):.1f} to {max(before):.1f}")
    falls: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for number in range(given.pairs):
        kind = list(KINDS)[number % len(KINDS)]
        which = number // len(KINDS) % len(articles)
        falls[kind].append(before[which] - articles[which].judged(*KINDS[kind](articles[which], rng)))
    for kind, found in falls.items():
        lower = sum(fall > 0 for fall in found)
        print(f"{kind:<20} {lower:>3} of {len(found)} lower, mean fall {sum(found) / max(len(found), 1):.1f}")
    everything = [fall for found in falls.values() for fall in found]
    print(f"{'all':<20} {sum(fall > 0 for fall in everything) / len(everything):.1%} of {len(everything)} pairs")


if __name__ == "__main__":
    main()

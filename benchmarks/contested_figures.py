"""Sources that disagree, and what a reader learns of it: `python -m benchmarks.contested_figures [DATA_FOLDER]`.

Pairs of sources as in `benchmarks.disagreements`: a claim that people labelled as supported, with one number or date
exchanged, and the text it was labelled against. DATA_FOLDER holds the development sets; the facts of the examples are
there without it. A draft tells the figure of one of the two alone, as the fake provider retells it. Printed are, by
data set: of how many pairs the evidence knows, by words and meaning, that they disagree; of how many drafts of those
(one for each side) the sentence is named, and of how many that tell both (false); and in how many sections that the
fake provider mends both figures stand, neither does, or the report still says it. Pairs without an exchange must not be
named.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from aiwriter.documents import (
    Brief,
    Disagreement,
    Evidence,
    EvidenceItem,
    Paragraph,
    Section,
    SectionPlan,
    Sentence,
    SourceKind,
    SourceRef,
)
from aiwriter.embeddings.minilm import MiniLM
from aiwriter.ids import new_id
from aiwriter.pipeline import formats, mending
from aiwriter.pipeline.disagreements import contested
from aiwriter.pipeline.quality import contradictions
from aiwriter.pipeline.workbench import Bench, Means
from aiwriter.ports import ModelRequest, RunContext
from aiwriter.testing.fake_replies import reply_text, retold
from aiwriter.testing.scripted import ScriptedModel
from benchmarks.disagreements import NOW, corrupted, passages
from benchmarks.mutation_exam import Truth, from_development, from_examples, from_wice

KINDS = ("number", "date")
BRIEF, FORMAT = Brief(topic="What the sources say", words=50), formats.load("blog_post")


@dataclass(frozen=True)
class Case:
    """A draft's section of one sentence, and what of it is expected to be contested."""

    section: Section
    evidence: Evidence
    conflict: Disagreement


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    truths = list(from_examples()["facts of the examples"])
    if options.data:
        truths += [*from_development(options.data), *from_wice(options.data)]
    asyncio.run(report(truths, options.seeds))


async def report(truths: list[Truth], seeds: int) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    embedder = MiniLM()

    async def known(truth: Truth, claim: str) -> Evidence:
        evidence = evidence_of(truth, claim)
        return evidence.model_copy(update={"disagreements": await contested(evidence.items, embedder)})

    for truth in truths:
        counts[truth.data, "clean"] += 1
        counts[truth.data, "clean named"] += named(alone(truth.claim, await known(truth, truth.claim)))
        for kind, changed in corrupted(truth, seeds):
            if kind in KINDS:
                counts[truth.data, "pairs"] += 1
                evidence = await known(truth, changed)
                for case in cases(evidence):
                    counts.update({(truth.data, what): n for what, n in (await examined(case)).items()})
                counts[truth.data, "known"] += bool(evidence.disagreements)
    for data in dict.fromkeys(truth.data for truth in truths):
        print(f"{data}: " + ", ".join(f"{what} {n}" for (of, what), n in counts.items() if of == data))


async def examined(case: Case) -> Counter[str]:
    (sentence,) = case.section.sentences
    both = sentence.model_copy(
        update={
            "text": f"{sentence.text.rstrip('.')}; another source says {case.conflict.other_says}.",
            "citations": (case.conflict.one, case.conflict.other),
        }
    )
    mended = await mend(case)
    told = {"drafts": 1, "named": named((case.section, case.evidence))}
    told["both told, named"] = named((section_of(both), case.evidence))
    told[f"mended: {fate(case, mended)}"] = 1
    return Counter(told)


def fate(case: Case, section: Section) -> str:
    text = " ".join(sentence.text for sentence in section.sentences)
    if case.conflict.one_says in text and case.conflict.other_says in text:
        return "both figures"
    return "still named" if named((section, case.evidence)) else "neither"


def cases(evidence: Evidence) -> Iterator[Case]:
    """Both sides of the likeliest disagreement: a sentence in the words of its source, and one with others between."""
    for found in evidence.disagreements[:1]:
        turned = found.model_copy(
            update={
                "one": found.other,
                "one_sentence": found.other_sentence,
                "one_says": found.other_says,
                "other": found.one,
                "other_sentence": found.one_sentence,
                "other_says": found.one_says,
            }
        )
        for side in (found, turned):
            text = retold(side.one_sentence, 0)
            if side.one_says in text:
                yield Case(section_of(Sentence(text=text, citations=(side.one,))), evidence, side)


def alone(claim: str, evidence: Evidence) -> tuple[Section, Evidence]:
    return section_of(Sentence(text=claim, citations=tuple(item.passage.id for item in evidence.items[:1]))), evidence


def named(told: tuple[Section, Evidence]) -> int:
    section, evidence = told
    return bool(contradictions.untold(section, evidence, "en"))


async def mend(case: Case) -> Section:
    """The section as the loop leaves it: cited anew, then rewritten by the fake provider's words."""

    def says(request: ModelRequest) -> str:
        return reply_text(request.prompt.text, "")

    async def affords(_usd: Decimal) -> bool:
        return True

    plan = SectionPlan(heading="", passages=(case.conflict.one, case.conflict.other), words=50)
    means = Means(ScriptedModel(says), RunContext(new_id(), b"benchmark"), affords)
    made = await mending.mend(case.section, plan, 0, BRIEF, case.evidence, FORMAT, means)
    bad = {one.id for one in Bench(BRIEF, case.evidence, FORMAT).judged(made.section).weak}
    kept = tuple(one for one in made.section.sentences if one.id not in bad)
    return section_of(*kept) if kept else Section(heading="", paragraphs=())


def section_of(*sentences: Sentence) -> Section:
    return Section(heading="", paragraphs=(Paragraph(sentences=sentences),))


def evidence_of(truth: Truth, claim: str) -> Evidence:
    texts = [claim, *(ground.text for ground in truth.grounds)]
    items = [item for n, text in enumerate(texts) for item in passages(text, f"source {n}")]
    sources = {item.passage.source_hash: _source(item, n) for n, item in enumerate(items)}
    return Evidence(items=tuple(items), sources=tuple(sources.values()))


def _source(item: EvidenceItem, number: int) -> SourceRef:
    return SourceRef(
        id=new_id(),
        content_hash=item.passage.source_hash,
        location=f"source-{number}.txt",
        kind=SourceKind.TEXT,
        title=f"Source {number}",
        retrieved_at=NOW,
    )


if __name__ == "__main__":
    main()

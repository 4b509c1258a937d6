"""Is what the checks of the text find a fault? `python -m benchmarks.style_hits [--half 2] [--show RULE]`.

benchmarks/data/style_hits.jsonl holds hits of the checks for defects, openings, repetition, worn-out phrases and style
on real text (this project's documents and examples, descriptions of installed packages, answers of language models
from AttributionBench), each read in its place and labelled by hand: `fault` is true when an editor would agree with the
rule, else `why` says what it is. Hosts of registries stand as registry.example. Printed are, rule by rule:

    read      hits that were labelled, and how many of them are faults
    raised    those that the present rules still raise, and their precision (trust.md G15: at least 90 %)
    lost      faults that are raised no more

Rules were mended on the first half and had the second before and after; a third part was drawn and read afterwards.
Half 0 is all of them.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from aiwriter.documents import ArticleKind, Brief, Draft, Evidence, Paragraph, ParagraphKind, Section, Sentence
from aiwriter.pipeline import formats
from aiwriter.pipeline.quality import defects, openings, phrases, repetition, style
from aiwriter.pipeline.quality.result import Check

LABELS = Path(__file__).parent / "data" / "style_hits.jsonl"
CHECKS: dict[str, Check] = {
    "defects": defects.check,
    "openings": openings.check,
    "phrases": phrases.check,
    "repetition": repetition.check,
    "style": style.check,
}
_FILLER = tuple(f"The {place} lies in the north." for place in ("harbour", "clinic", "school", "bakery", "museum"))


class Hit(BaseModel):
    """A labelled hit: the sentence `text` stands at `at` among the sentences `around` it that the rule looks at;
    `earlier` are those of sections before that tell of what it begins with."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    id: str
    half: Literal[1, 2, 3]
    rule: str
    fault: bool
    why: str = ""
    text: str
    span: tuple[int, int] | None = None
    around: tuple[str, ...] = ()
    at: int = 0
    earlier: tuple[str, ...] = ()
    heading: str = ""
    title: str = ""
    topic: str = "The subject of the text"
    kind: ParagraphKind = ParagraphKind.TEXT
    origin: str = Field(alias="from")
    licence: str


def read(file: Path = LABELS) -> list[Hit]:
    return [Hit.model_validate(json.loads(line)) for line in file.read_text("utf-8").splitlines()]


def is_raised(hit: Hit) -> bool:
    """Whether the present rules find it, in its sentence and at its place."""
    target = Sentence(text=hit.text)
    if hit.rule == "style.passive":  # a share of the whole text, of which one is named
        return bool(style.passives([target], "en"))
    found = CHECKS[hit.rule.partition(".")[0]](*_asked(hit, target), formats.load("blog_post")).findings
    mine = [one for one in found if one.rule == hit.rule and one.sentence_id == target.id]
    return any(hit.span is None or one.span is None or _overlap(one.span, hit.span) for one in mine)


def _asked(hit: Hit, target: Sentence) -> tuple[Draft, Evidence, Brief]:
    sentences = [Sentence(text=text) for text in hit.around]
    sentences.insert(hit.at, target)
    paragraphs = [Paragraph(kind=hit.kind, sentences=tuple(sentences))]
    if hit.rule.startswith("style."):
        paragraphs.append(Paragraph(sentences=tuple(Sentence(text=text) for text in _FILLER)))
    sections = [Section(heading=hit.heading, paragraphs=tuple(paragraphs))]
    if hit.earlier:
        told = tuple(Sentence(text=text) for text in hit.earlier)
        sections.insert(0, Section(heading="", paragraphs=(Paragraph(sentences=told),)))
    draft = Draft(kind=ArticleKind.ARTICLE, title=hit.title, description="", sections=tuple(sections))
    return draft, Evidence(items=(), sources=()), Brief(topic=hit.topic)


def _overlap(one: Sequence[int], other: Sequence[int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def rows(hits: Sequence[Hit]) -> Iterator[tuple[Any, ...]]:
    """(rule, read, faults, raised, faults raised, faults lost), each rule and then all."""
    by_rule: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_rule[hit.rule].append(hit)
    raised = {hit.id for hit in hits if is_raised(hit)}
    for rule, group in [*sorted(by_rule.items()), ("all", list(hits))]:
        faults = [hit for hit in group if hit.fault]
        still = sum(hit.id in raised for hit in faults)
        yield rule, len(group), len(faults), sum(hit.id in raised for hit in group), still, len(faults) - still


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--half", type=int, choices=(0, 1, 2, 3), default=0)
    parser.add_argument("--labels", type=Path, default=LABELS)
    parser.add_argument("--show", help="print the hits of a rule, with label and whether it is raised")
    given = parser.parse_args()
    hits = [hit for hit in read(given.labels) if given.half in (0, hit.half)]
    if given.show:
        for hit in (hit for hit in hits if hit.rule == given.show):
            print(
                f"{hit.id} {'fault' if hit.fault else 'none '} {'raised' if is_raised(hit) else 'silent'}  {hit.text}"
            )
        return
    print(f"{'rule':<28}{'read':>6}{'faults':>8}{'share':>8}{'raised':>9}{'faults':>8}{'share':>8}{'lost':>6}")
    for rule, read_, faults, raised, still, lost in rows(hits):
        before, now = _share(faults, read_), _share(still, raised)
        print(f"{rule:<28}{read_:>6}{faults:>8}{before}{raised:>9}{still:>8}{now}{lost:>6}")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:>8.1%}" if whole else f"{'–':>8}"


if __name__ == "__main__":
    main()

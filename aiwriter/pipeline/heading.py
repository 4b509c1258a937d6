"""What a model put above a text and the text does not bear gives way to what does.

A title to what was asked for, a description to a supported sentence of the text, a heading to one that stands above the
passages which its section cites, or the title of their source. Where nothing fits, the line stays, for the gate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from aiwriter.documents import ArticleKind, Brief, Draft, Evidence, QualityReport, Section, Support
from aiwriter.pipeline import replies
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.head import Head


def headed(
    draft: Draft, evidence: Evidence, report: QualityReport, brief: Brief, fmt: Format
) -> tuple[Draft, tuple[str, ...]]:
    """The draft with the lines that its text does not bear replaced, and what was done, for people; `report` is on the
    draft. A digest's lines, which no model wrote, stay."""
    if draft.kind is ArticleKind.DIGEST:
        return draft, ()
    head, notes = Head(draft, evidence, brief), list[str]()
    changes: dict[str, object] = {}
    if head.fault(draft.title, "title") and not head.fault(brief.topic, "title"):
        changes["title"] = brief.topic
        notes.append(f"The title “{draft.title}” said what the text does not: the topic stands in its place.")
    if head.fault(draft.description, "description"):
        changes["description"] = _sentence(draft, report, fmt.thresholds.description_chars_max, head)
        instead = "a sentence of the text stands in its place" if changes["description"] else "it was taken out"
        notes.append(f"The description said what the text does not: {instead}.")
    sections = list(draft.sections)
    for place, section in enumerate(sections):
        if head.fault(section.heading, "heading"):
            taken = {one.heading for one in sections} | {str(changes.get("title", draft.title))}
            instead = next((one for one in _plain(section, evidence, brief) if _fits(one, head, taken)), "")
            if instead:
                sections[place] = section.model_copy(update={"heading": instead})
                notes.append(f"The heading “{section.heading}” said what the text does not: “{instead}” stands there.")
    return draft.model_copy(update=changes | {"sections": tuple(sections)}), tuple(notes)


def _sentence(draft: Draft, report: QualityReport, most: int, head: Head) -> str:
    """The first supported sentence that is no longer than a description may be; "" when none is."""
    supported = {one.sentence_id for one in report.sentences if one.support is Support.SUPPORTED}
    found = (one.text for one in draft.sentences if one.id in supported and len(one.text) <= most)
    return next((text for text in found if head.fault(text, "description") is None), "")


def _fits(heading: str, head: Head, taken: Iterable[str]) -> bool:
    return bool(heading) and heading not in taken and head.fault(heading, "heading") is None


def _plain(section: Section, evidence: Evidence, brief: Brief) -> Iterator[str]:
    """Headings above the passages that a section cites, those cited most and the innermost first; then the titles of
    their sources, then the topic."""
    cited = Counter(key for sentence in section.sentences for key in sentence.citations)
    by_key = {item.passage.id: item.passage for item in evidence.items}
    titles = evidence.titles
    passages = [by_key[key] for key, _ in cited.most_common() if key in by_key]
    yield from (replies.heading(heading) for passage in passages for heading in reversed(passage.headings))
    yield from (replies.heading(titles.get(passage.source_hash, "")) for passage in passages)
    yield replies.heading(brief.topic)

"""`offline:extractive`: writes digests, by choosing and ordering sentences of the sources. No weights, no network.

The same evidence gives the same digest, byte for byte: nothing here is random, every tie is broken by position.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from pydantic import BaseModel

from aiwriter.documents import ArticleKind, Brief, EvidenceItem, SourceRef
from aiwriter.errors import ProviderRejected, Refused
from aiwriter.llm.digest.choice import Choice, Material
from aiwriter.llm.digest.headings import name_sections
from aiwriter.llm.digest.lines import Line, chain, read_lines
from aiwriter.llm.digest.sections import group
from aiwriter.ports import (
    Embedder,
    ModelReply,
    ModelRequest,
    OutlineReply,
    OutlineTask,
    ParagraphReply,
    SectionReply,
    SectionReplyPlan,
    SectionTask,
    SentenceReply,
    handle,
)

if TYPE_CHECKING:
    import numpy as np

NAME = "offline:extractive"
MOST_EMBEDDED = 260  # sentences: about 6 s on two cores
_OPENING_SHARE = 0.10  # of the words, for the quotations that open the digest
_FEWEST = 4  # sentences a section should have to choose from
_FEWEST_CHOSEN = 2  # quotations a section must have
_DEFINES = re.compile(r"(?:The |An? )?[A-Z][\w'’()., –-]{1,80}? (?:is|was|are|were) (?:an?|the|one of) ")
_ASKED = re.compile(
    r"(?i)^(?:please )?(?:write )?(?:an? )?(?:digest|article|overview|summary|blog post|report|post) (?:of|on|about) "
)
_PUNCTUATION = ".,;:!?\"“”‘’'()[]"


class OfflineWriter:
    """A language model's place taken by a choice of quotations. Answers outlines and sections, nothing else."""

    name = NAME
    writes = ArticleKind.DIGEST
    context_tokens = 10_000_000  # it reads sentence by sentence

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def upper_bound(self, _request: ModelRequest, /) -> Decimal:
        """Nothing: quotations cost no model call."""
        return Decimal(0)

    async def probe(self) -> str:
        """Nothing to ask: it is here."""
        return "a digest of quotations, without a language model; costs nothing"

    async def answer(self, request: ModelRequest) -> ModelReply:
        """An OutlineReply or SectionReply for the task in `request.material`.

        Raises Refused when the evidence holds no sentence that can be quoted, ProviderRejected for any other task.
        """
        task = request.material
        if isinstance(task, OutlineTask):
            reply: BaseModel = await self._outline(task)
        elif isinstance(task, SectionTask):
            reply = await self._section(task)
        else:
            raise ProviderRejected(
                f"{NAME} makes outlines and sections of a digest, not {request.prompt.name!r}",
                hint="choose a language model, such as --model openai:NAME, for everything else",
            )
        return ModelReply(text=reply.model_dump_json(), model=NAME, parsed=reply)

    async def _outline(self, task: OutlineTask) -> OutlineReply:
        brief = task.brief
        material = await self._read(brief, task.passages, task.sources)
        return await asyncio.to_thread(_planned, material, task)

    async def _section(self, task: SectionTask) -> SectionReply:
        number = {item.passage.id: index for index, item in enumerate(task.passages)}
        if points := [(number[point.passage], point.text) for point in task.plan.points if point.passage in number]:
            lines = await asyncio.to_thread(_lines, task.brief, task.passages, task.sources)
            return _arranged(points, lines)
        material = await self._read(task.brief, task.passages, task.sources, task.plan.heading)
        choice = Choice(material)
        choice.fill([list(material.vectors)], [task.plan.words])
        chosen = [material.lines[index] for index in sorted(choice.chosen)]
        return _arranged([(line.passage, line.text) for line in chosen], material.lines)

    async def _read(
        self, brief: Brief, passages: Sequence[EvidenceItem], sources: Sequence[SourceRef], heading: str = ""
    ) -> Material:
        lines = await asyncio.to_thread(_lines, brief, passages, sources)
        candidates = _candidates(lines)
        if not candidates:
            raise Refused(
                f"the {len(passages)} passages about {brief.topic!r} hold no sentence that can be quoted by itself",
                hint="give sources with running text, or choose a language model that can put it into words",
            )
        asked = f"{brief.topic}: {heading}" if heading else ", ".join([brief.topic, *brief.keywords])
        rows = await self._embedder.embed([asked, *(lines[index].text for index in candidates)])
        return _material(lines, candidates, rows[1:], rows[0], sources)


def _lines(brief: Brief, passages: Sequence[EvidenceItem], sources: Sequence[SourceRef]) -> list[Line]:
    return read_lines(passages, sources, brief.topic, brief.language)


def _candidates(lines: Sequence[Line]) -> list[int]:
    """Indexes of sentences that can be quoted, of the best passages when there are many."""
    fit = {index for index in range(len(lines)) if chain(lines, index)}
    by_passage = sorted(fit, key=lambda index: (lines[index].passage, index))
    return sorted(by_passage[:MOST_EMBEDDED])


def _material(
    lines: Sequence[Line], candidates: Sequence[int], rows: np.ndarray, asked: np.ndarray, sources: Sequence[SourceRef]
) -> Material:
    middle = rows.mean(axis=0)
    near = (rows @ asked) + (rows @ middle)
    spread = float(near.max() - near.min()) or 1.0
    worth = (near - near.min()) / spread
    dated = sorted({source.published_at for source in sources if source.published_at})
    newness = [dated.index(source.published_at) + 1.0 if source.published_at else 0.0 for source in sources]
    return Material(
        lines,
        dict(zip(candidates, rows, strict=True)),
        {index: float(value) for index, value in zip(candidates, worth, strict=True)},
        newness,
    )


# ── the outline ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _planned(material: Material, task: OutlineTask) -> OutlineReply:
    brief, lines = task.brief, material.lines
    choice = Choice(material)
    opening = _opening(material, int(brief.words * _OPENING_SHARE))
    choice.open_with(opening)
    groups = group(lines, material.vectors, max(1, min(task.sections, len(material.vectors) // _FEWEST)))
    members = [[index for thread in some for index in thread.lines] for some in groups]
    choice.fill(members, _budgets(members, max(0, brief.words - choice.words)))
    headings = name_sections(groups, lines, brief.topic, [source.title for source in task.sources], brief.language)
    chosen = set(choice.chosen) - set(opening)
    sections = _settled(
        [(heading, sorted(chosen & set(some))) for heading, some in zip(headings, members, strict=True)]
    )
    title = title_of(brief.topic, [line.text for line in lines])
    return OutlineReply(
        title=title,
        description=_description(title, lines, choice.chosen, [heading for heading, _ in sections]),
        sections=[_plan(heading, some, lines) for heading, some in [("", opening), *sections] if some],
    )


def _opening(material: Material, words: int) -> list[int]:
    """The sentence that says best what the topic is, with those that follow it while there is room."""
    lines = material.lines
    alone = [index for index in material.vectors if not lines[index].leaning and not lines[index].weak]
    if not alone:
        return []
    first = max(alone, key=lambda index: (_introduces(material, index), -index))
    opening, used = [first], lines[first].words
    while (after := opening[-1] + 1) in material.vectors and lines[after].before == opening[-1]:
        used += lines[after].words
        if used > words or lines[after].weak or not chain(lines, after):
            break
        opening.append(after)
    return opening


def _introduces(material: Material, index: int) -> float:
    line = material.lines[index]
    defines = _DEFINES.match(line.text) is not None
    return material.worth[index] + (0.25 if defines else 0.0) + (0.15 if line.place < 3 else 0.0)


def _budgets(members: Sequence[Sequence[int]], words: int) -> list[int]:
    """Words by section, by the root of what there is to choose from: a long chapter does not drown a short one."""
    roots = [len(some) ** 0.5 for some in members]
    return [int(words * root / sum(roots)) for root in roots]


def _settled(sections: list[tuple[str, list[int]]]) -> list[tuple[str, list[int]]]:
    """Sections with too few quotations join the one before them, or the next one when they are first."""
    settled: list[tuple[str, list[int]]] = []
    for heading, some in sections:
        if settled and min(len(some), len(settled[-1][1])) < _FEWEST_CHOSEN:
            before, others = settled.pop()
            settled.append((heading if len(some) > len(others) else before, sorted([*others, *some])))
        elif some:
            settled.append((heading, some))
    return settled


def _plan(heading: str, some: Sequence[int], lines: Sequence[Line]) -> SectionReplyPlan:
    points = [(handle(lines[index].passage), lines[index].text) for index in some]
    purpose = heading or "what it is about"
    return SectionReplyPlan(
        heading=heading, purpose=purpose, passages=list(dict.fromkeys(name for name, _ in points)), points=points
    )


def title_of(topic: str, texts: Sequence[str]) -> str:
    """The topic as a title: without "a digest of", names spelled as the sources spell them."""
    words = _ASKED.sub("", " ".join(topic.split())).rstrip(" .").split()
    if words and topic.islower():
        seen = Counter(token.strip(_PUNCTUATION) for text in texts for token in text.split()[1:])
        words = [_as_spelled(word, seen) for word in words]
    title = " ".join(words) or topic
    return title[:1].upper() + title[1:]


def _as_spelled(word: str, seen: Counter[str]) -> str:
    forms = [form for form in seen if form.lower() == word]
    return max(forms, key=lambda form: (seen[form], form)) if forms else word


def _description(title: str, lines: Sequence[Line], chosen: Sequence[int], headings: Sequence[str]) -> str:
    count = len({lines[index].source for index in chosen})
    named = [heading for heading in headings if heading][:3]
    about = f": {', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else ""
    return f"What {count} source{'s' if count != 1 else ''} say{'s' if count == 1 else ''} about {title}{about}."


# ── a section ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _arranged(points: Sequence[tuple[int, str]], lines: Sequence[Line]) -> SectionReply:
    """Points in the order given; what stands together in a source, stands together in a paragraph."""
    where = {(line.passage, line.text): index for index, line in enumerate(lines)}
    paragraphs: list[ParagraphReply] = []
    before: int | None = None
    for passage, text in points:
        index = where.get((passage, " ".join(text.split())))
        sentence = SentenceReply(text=text, passages=[handle(passage)])
        if index is not None and before is not None and lines[index].before == before:
            paragraphs[-1].sentences.append(sentence)
        else:
            paragraphs.append(ParagraphReply(sentences=[sentence]))
        before = index
    return SectionReply(paragraphs=paragraphs)

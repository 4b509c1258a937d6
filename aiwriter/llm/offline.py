"""`offline:extractive`: writes digests, by choosing and ordering sentences of the sources. No weights, no network.

The same evidence gives the same digest, byte for byte: nothing here is random, every tie is broken by position.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from pydantic import BaseModel

from aiwriter.documents import ArticleKind, Brief, EvidenceItem, SourceRef
from aiwriter.errors import ProviderRejected, Refused
from aiwriter.llm.digest.choice import Choice, Material
from aiwriter.llm.digest.lines import Line, chain, read_lines
from aiwriter.llm.digest.planning import draft, finish
from aiwriter.llm.digest.sections import leading_source
from aiwriter.ports import (
    Embedder,
    ModelReply,
    ModelRequest,
    OutlineReply,
    OutlineTask,
    ParagraphReply,
    SectionReply,
    SectionTask,
    SentenceReply,
    Usage,
    handle,
)
from aiwriter.text.topic import Topic

if TYPE_CHECKING:
    import numpy as np

NAME = "offline:extractive"
MOST_EMBEDDED = 260  # sentences: about 6 s on two cores
#: In a source about the topic, and in many that touch it: the weight of the topic, how sharply worth counts, its
#: floor, and the worth that a sentence must have unless it goes on with another.
_FOCUS = {True: (0.6, 1.5, 0.2, 0.0), False: (3.0, 2.5, 0.05, 0.12)}
_NAMED = 0.5  # weight of the topic's words against its meaning
_ASKS_HOW = re.compile(r"(?i)how (?:to|do i|do you|do we|can i|can you|should i|should you)\b")
_NEAR = 0.45  # cosine from which one sentence stands for another


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

    def cost_of(self, _usage: Usage, /) -> Decimal:
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
        text = reply.model_dump_json()
        if request.on_text is not None:
            await request.on_text(text)
        return ModelReply(text=text, model=NAME, parsed=reply)

    async def _outline(self, task: OutlineTask) -> OutlineReply:
        material = await self._read(task.brief, task.passages, task.sources)
        made = await asyncio.to_thread(draft, material, task)
        rows = await self._embedder.embed(made.texts or [task.brief.topic])
        return finish(made, rows[: len(made.texts)], material.lines, task)

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
        return _material(brief, passages, sources, lines, candidates, rows[1:], rows[0])


def _lines(brief: Brief, passages: Sequence[EvidenceItem], sources: Sequence[SourceRef]) -> list[Line]:
    instructs = brief.format == "how_to" or _ASKS_HOW.match(brief.topic) is not None
    return read_lines(passages, sources, brief.topic, brief.language, instructs=instructs)


def _candidates(lines: Sequence[Line]) -> list[int]:
    """Indexes of sentences that can be quoted, of the best passages when there are many."""
    fit = {index for index in range(len(lines)) if chain(lines, index)}
    by_passage = sorted(fit, key=lambda index: (lines[index].passage, index))
    return sorted(by_passage[:MOST_EMBEDDED])


def _material(
    brief: Brief,
    passages: Sequence[EvidenceItem],
    sources: Sequence[SourceRef],
    lines: Sequence[Line],
    candidates: Sequence[int],
    rows: np.ndarray,
    asked: np.ndarray,
) -> Material:
    import numpy as np

    topic = Topic.of(brief.topic, brief.language)
    named = np.array([topic.coverage(lines[index].stems) for index in candidates])
    relevant = np.array([passages[lines[index].passage].relevance for index in candidates])
    topical = rows @ asked + _NAMED * named + relevant
    # near the middle and near many others, as in LexRank (Erkan and Radev 2004)
    central = rows @ rows.mean(axis=0) + 2 * (rows @ rows.T > _NEAR).mean(axis=1)
    focus, sharpness, floor, least = _FOCUS[leading_source(lines, candidates) is not None]
    near = focus * topical + central
    worth = (near - near.min()) / (float(near.max() - near.min()) or 1.0)
    dated = sorted({source.published_at for source in sources if source.published_at})
    newness = [(dated.index(one.published_at) + 1) / len(dated) if one.published_at else 0.0 for one in sources]
    return Material(
        lines,
        dict(zip(candidates, rows, strict=True)),
        {index: float(value) for index, value in zip(candidates, rows @ asked, strict=True)},
        {index: float(value) for index, value in zip(candidates, worth, strict=True)},
        sharpness,
        floor,
        least,
        newness,
    )


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

"""A language model that says what a test wants it to say, or something sensible when the test does not care."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from decimal import Decimal

from pydantic import BaseModel

from aiwriter.documents import ArticleKind, EvidenceItem
from aiwriter.ports import (
    ModelReply,
    ModelRequest,
    OutlineReply,
    OutlineTask,
    ParagraphReply,
    SectionReply,
    SectionReplyPlan,
    SectionTask,
    SentenceReply,
    Usage,
    handle,
)
from aiwriter.text.sentences import split_sentences
from aiwriter.text.tokens import estimate_tokens

PIECE = 16  # characters of a text that is heard while it is written
Scripted = str | BaseModel | ModelReply | Exception


class ScriptedModel:
    """A model without a provider. `script` is a list of replies (the last one repeats), a function of the request, or
    None: then outline and section requests are answered from their material, every passage used and cited.

    A str is the reply's text, a BaseModel is sent as JSON, a ModelReply as it is, an exception is raised. Who listens
    (`on_text`) hears the text grow by `PIECE` characters. `requests` holds what was asked, in order.
    """

    def __init__(
        self,
        script: Sequence[Scripted] | Callable[[ModelRequest], Scripted] | None = None,
        *,
        name: str = "scripted:model",
        writes: ArticleKind = ArticleKind.ARTICLE,
        context_tokens: int = 8_192,
        cost_usd: Decimal = Decimal("0.01"),
    ) -> None:
        self.name = name
        self.writes = writes
        self.context_tokens = context_tokens
        self.cost_usd = cost_usd
        self.requests: list[ModelRequest] = []
        self._script = script

    def upper_bound(self, _request: ModelRequest) -> Decimal:
        return self.cost_usd * 2

    def cost_of(self, usage: Usage) -> Decimal:
        """A dollar a million tokens."""
        return Decimal(usage.input_tokens + usage.output_tokens) / 1_000_000

    async def answer(self, request: ModelRequest) -> ModelReply:
        self.requests.append(request)
        said = self._next(request)
        if isinstance(said, Exception):
            raise said
        reply = said if isinstance(said, ModelReply) else self._reply(said, request)
        if request.on_text is not None:
            for end in range(PIECE, len(reply.text) + PIECE, PIECE):
                await request.on_text(reply.text[:end])
        return reply

    def _reply(self, said: str | BaseModel, request: ModelRequest) -> ModelReply:
        text = said if isinstance(said, str) else said.model_dump_json()
        usage = Usage(estimate_tokens(request.prompt.text), estimate_tokens(text))
        parsed = said if isinstance(said, BaseModel) else _parsed(text, request.schema)
        return ModelReply(text, self.name, usage, self.cost_usd, parsed=parsed)

    def _next(self, request: ModelRequest) -> Scripted:
        if self._script is None:
            return answer_material(request.material)
        if callable(self._script):
            return self._script(request)
        return self._script[min(len(self.requests), len(self._script)) - 1]


def _parsed(text: str, schema: type[BaseModel] | None) -> BaseModel | None:
    """The reply as the schema has it; None when it does not fit, so that layers around us have something to mend."""
    if schema is None:
        return None
    try:
        return schema.model_validate(json.loads(text))
    except ValueError:
        return None


def answer_material(material: BaseModel | None) -> Scripted:
    """A valid reply to an outline or section request, made of its material; a greeting when there is none."""
    if isinstance(material, OutlineTask):
        return _outline(material)
    if isinstance(material, SectionTask):
        return _section(material.passages)
    return "Hello."


def _outline(task: OutlineTask) -> OutlineReply:
    handles = [handle(index) for index in range(len(task.passages))]
    count = max(1, min(task.sections, len(handles)))
    sections = [
        SectionReplyPlan(heading=f"Part {part + 1}", purpose="What the passages say.", passages=handles[part::count])
        for part in range(count)
    ]
    return OutlineReply(title=task.brief.topic, description="What the sources say.", sections=sections)


def _section(passages: Sequence[EvidenceItem]) -> SectionReply:
    sentences = [
        SentenceReply(text=_first_sentence(item.passage.text), passages=[handle(index)])
        for index, item in enumerate(passages)
    ]
    return SectionReply(paragraphs=[ParagraphReply(sentences=sentences)])


def _first_sentence(text: str) -> str:
    start, end = split_sentences(text)[0]
    return text[start:end]

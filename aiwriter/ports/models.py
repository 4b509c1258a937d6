"""Language models: what is asked of them and what they answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, Protocol
from uuid import UUID

from pydantic import BaseModel
from pydantic.json_schema import SkipJsonSchema

from aiwriter.documents import (
    ArticleKind,
    Brief,
    EvidenceItem,
    SectionPlan,
    SourceRef,
    Stage,
)

OnText = Callable[[str], Awaitable[None]]
"""Hears a text while it is written: each time all of it so far."""


@dataclass(frozen=True, slots=True)
class CallKey:
    """Which logical call this is: equal on resume, so that its stored answer is found again."""

    run_id: UUID
    stage: Stage
    item: str = ""
    ordinal: int = 0


@dataclass(frozen=True, slots=True)
class RunContext:
    """The run on whose behalf the corridor works; `fence_secret` makes the fences of its prompts unguessable."""

    run_id: UUID
    fence_secret: bytes


@dataclass(frozen=True, slots=True)
class Prompt:
    """A rendered prompt. `hash` is over the content before fencing, so that it does not change with the fence;
    `earlier` are the hashes that older versions gave the same question in their words."""

    name: str
    system: str
    text: str
    hash: str
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call to a language model.

    `schema`: the reply must be JSON of this shape, validated before it is returned in `ModelReply.parsed`.
    `material`: the structured value the prompt was rendered from; only the offline writer reads it.
    `on_text`: hears the raw text of the reply so far, last the whole of it, as often as the provider sends more; must
    not raise. When the request is tried or asked again the text begins anew. It changes nothing about the reply.
    """

    key: CallKey
    prompt: Prompt
    schema: type[BaseModel] | None = None
    max_output_tokens: int = 2048
    temperature: float = 0.3
    material: BaseModel | None = None
    on_text: OnText | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call as the provider counted them; `estimated` when it did not say and we counted.

    `cached_tokens` and `kept_tokens` are the part of the input that was found in the provider's cache and the part that
    was put there; `reasoning_tokens` the part of the output that nobody sees. The last two are in the cost of a call
    and in no stored row: a replayed answer does not know them.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    estimated: bool = False
    kept_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ModelReply:
    """What a model said. `parsed` is set when a schema was asked for; `model` is who really answered.

    `finish` is how it ended: stop, length (cut off at `max_output_tokens`), refused (the model would not).
    """

    text: str
    model: str
    usage: Usage = field(default_factory=Usage)
    cost_usd: Decimal = Decimal(0)
    parsed: BaseModel | None = None
    replayed: bool = False
    finish: Literal["stop", "length", "refused"] = "stop"


class LanguageModel(Protocol):
    """A language model behind one method. `name` is its `provider:model` string; `writes` is what it can make;
    `context_tokens` is how long a prompt and its answer may be together."""

    @property
    def name(self) -> str: ...
    @property
    def writes(self) -> ArticleKind: ...
    @property
    def context_tokens(self) -> int: ...
    def cost_of(self, usage: Usage) -> Decimal:
        """US dollars for so many tokens."""
        ...

    def upper_bound(self, request: ModelRequest, /) -> Decimal:
        """US dollars that one answer can cost at the very most: all input counted high, all output that is allowed."""
        ...

    async def answer(self, request: ModelRequest) -> ModelReply:
        """The model's answer. Raises RateLimited, Unavailable, ProviderRejected, BadReply, BudgetSpent."""
        ...


# What writers are asked and what they answer. Handles ("S1", "S2" …) stand for passages in the order of `passages`
# within that one call; code maps them back and rejects unknown ones; they are never stored.


class OutlineTask(BaseModel):
    """Material for planning: the brief and the evidence, with `handles[i]` naming `passages[i]`."""

    brief: Brief
    sections: int
    passages: tuple[EvidenceItem, ...]
    sources: tuple[SourceRef, ...]


class SectionReplyPlan(BaseModel):
    """A planned section in a model's words. `points` are (handle, what to say) pairs: the offline writer gives them,
    language models are not asked for them."""

    heading: str
    purpose: str = ""
    passages: list[str]
    points: SkipJsonSchema[list[tuple[str, str]]] = []


class OutlineReply(BaseModel):
    title: str
    description: str = ""
    sections: list[SectionReplyPlan]


class QueriesReply(BaseModel):
    """What a model would search the web for."""

    queries: list[str]


class SectionTask(BaseModel):
    """Material for writing one section: its plan and its passages, with `handles[i]` naming `passages[i]`."""

    brief: Brief
    title: str
    plan: SectionPlan
    passages: tuple[EvidenceItem, ...]
    sources: tuple[SourceRef, ...]


class SentenceReply(BaseModel):
    text: str
    passages: list[str] = []


class ParagraphReply(BaseModel):
    sentences: list[SentenceReply]


class SectionReply(BaseModel):
    paragraphs: list[ParagraphReply]


class MendedSentence(BaseModel):
    """What became of one sentence ("T2"): a new text with the passages it comes from, or nothing."""

    sentence: str
    text: str = ""
    passages: list[str] = []
    drop: bool = False


class MendReply(BaseModel):
    mended: list[MendedSentence]


class CheckedClaim(BaseModel):
    """How likely (0–1) its passages say a claim ("T2")."""

    claim: str
    probability: float


class CheckReply(BaseModel):
    checked: list[CheckedClaim]


def handle(index: int) -> str:
    """The name of the passage at `index` (from 0) within one prompt: "S1", "S2" …"""
    return f"S{index + 1}"

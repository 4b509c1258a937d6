"""What every layer is made of: the provider inside, what a layer needs of the world, and the wrapper itself."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from aiwriter.documents import ArticleKind
from aiwriter.errors import RateLimited, Unavailable
from aiwriter.ports import CallKey, Clock, Journal, LanguageModel, ModelReply, ModelRequest, Rates, SharedLimits, Usage
from aiwriter.resilience.breaker import Breakers
from aiwriter.resilience.pace import Sends
from aiwriter.text.tokens import estimate_tokens


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Seconds. A provider that asks for more than `longest_wait` is not waited for: the error goes on."""

    attempts: int = 3
    first_wait: float = 1.0
    factor: float = 2.0
    longest_wait: float = 60.0
    longest_turn: float = 300.0  # for our own rates, while another model is left to ask
    last_turn: float = 1200.0  # … and where none is: that queue moves on at a known pace
    jitter: float = 0.1  # a wait is never shorter than asked and at most this share longer

    def spread(self, wait: float) -> float:
        """A wait that callers who must wait equally long do not end at the same moment."""
        return wait * (1 + self.jitter * random.random())  # noqa: S311 - spreads callers, guards no secret


@dataclass(frozen=True, slots=True)
class CallReport:
    """What metering tells of one answer: what the caller waited for and paid, all re-asks together."""

    key: CallKey
    model: str
    seconds: float
    reply: ModelReply | None = None
    error: str | None = None


Observer = Callable[[CallReport], Awaitable[None]]


HeldUp = Callable[[CallKey, str, float, str], Awaitable[None]]  # a call, its model, in how many seconds it is sent, why
TOLD_SECONDS = 5.0  # a person who looks on wants to know what is waited for


class AnswerNotKept(Unavailable):
    """An answer was paid for and could not be written down: asking again, whoever is asked, would pay twice."""


class NotBegun(Unavailable):
    """The intent could not be written down: nothing was sent, and the provider has no part in it."""


class NoTurn(RateLimited):
    """Our own rates allow the request in more than we wait for here; `retry_after` says when."""


class Resting(RateLimited):
    """The breaker is open: nobody is asked, another model may be; `retry_after` says when this one may be again."""


def tokens_of(request: ModelRequest) -> int:
    """What a request counts for in a provider's minute before its usage is known: input, and all the output allowed."""
    prompt = request.prompt
    return estimate_tokens(prompt.system) + estimate_tokens(prompt.text) + request.max_output_tokens


@dataclass(frozen=True, slots=True)
class Gear:
    """What the layers need of the world. Without `shared` nothing is agreed on with other processes.

    `asked_for` is the spec that stands in the key of a logical call; None is the model's own name. `is_last`: no other
    model is asked after this one. `account` is who is left alone when a key or a quota is refused; "" is the provider
    in the model's name. `held_up` hears of each call that waits for longer than a moment.
    """

    journal: Journal
    clock: Clock
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    observe: Observer | None = None
    shared: SharedLimits | None = None
    breakers: Breakers = field(default_factory=Breakers)
    sends: Sends = field(default_factory=Sends)
    rates: Mapping[str, Rates] = field(default_factory=dict)
    tokens: Callable[[ModelRequest], int] = tokens_of
    asked_for: str | None = None
    is_last: bool = True
    account: str = ""
    held_up: HeldUp | None = None


class Layer:
    """A model around a model; a layer changes `answer` alone."""

    def __init__(self, inner: LanguageModel, gear: Gear) -> None:
        self.inner = inner
        self.gear = gear

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def writes(self) -> ArticleKind:
        return self.inner.writes

    @property
    def context_tokens(self) -> int:
        return self.inner.context_tokens

    def upper_bound(self, request: ModelRequest) -> Decimal:
        return self.inner.upper_bound(request)

    def cost_of(self, usage: Usage) -> Decimal:
        return self.inner.cost_of(usage)

    async def answer(self, request: ModelRequest) -> ModelReply:
        return await self.inner.answer(request)

    async def wait(self, request: ModelRequest, seconds: float, why: str) -> None:
        """Hold a request back for so long, and say so."""
        if self.gear.held_up is not None and seconds >= TOLD_SECONDS:
            await self.gear.held_up(request.key, self.name, seconds, why)
        await self.gear.clock.sleep(seconds)

"""The layers around a language model: one visible list, each a small wrapper with the same one method.

From outside in (`LAYERS`): metering › repair › replay › [fallback] › retry › [breaker › rate limit] › attempt ›
provider. Those in brackets are not built yet; each has its place between two neighbours and needs no change in them.
Repair stands outside replay so that every re-ask is a logical call of its own, found again on resume like any other.

Who retries what (each kind of failure has exactly one owner):

    what failed                                       who tries again       how often
    ------------------------------------------------  --------------------  ------------------------------------------
    a reply that is no valid JSON                     Repair, by json-repair once a reply; costs nothing
    a reply still unusable (schema, empty, cut off)   Repair, by asking     2 re-asks; stored bad replies do not count;
                                                                            cut off twice: its complete parts are used
    RateLimited, Unavailable from a provider          Retry                 3 attempts, Retry-After obeyed up to 60 s
    an endpoint that knows no response_format         llm/openai.py         at most twice a process: a 400, never billed
    … or no streams, or none that tell their usage    llm/openai.py         likewise
    a page that cannot be fetched                     sources/fetch.py      see there
    RateLimited, Unavailable that come out of here    tasks/policies.py     after minutes, when nobody is watching
    BadReply that comes out of here                   the user (resume)     asks anew, bounded as above
    ProviderRejected, BadInput, Refused, BudgetSpent  nobody
    the SDKs' own retries and continuations           switched off          in each adapter's client

`on_text` goes through all layers unchanged: it hears each attempt and each re-ask from its beginning, a stored answer
at once.

What is kept (rule 3): every request sent is one row, its intent and reservation written before, its outcome after.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal, Protocol, TypeVar

from aiwriter.documents import ArticleKind
from aiwriter.errors import AIWriterError, BadReply, ProviderRejected, RateLimited, Unavailable
from aiwriter.ports import (
    CallIntent,
    CallKey,
    CallOutcome,
    Clock,
    Journal,
    LanguageModel,
    ModelReply,
    ModelRequest,
    Usage,
)
from aiwriter.resilience.repair import ask_again, usable

T = TypeVar("T")

RE_ASKS = 2
_FINISHES: dict[str, Literal["stop", "length", "refused"]] = {"length": "length", "refused": "refused"}


class Provider(LanguageModel, Protocol):
    """What stands inside the layers: a model that knows the most a request can cost."""

    def upper_bound(self, request: ModelRequest, /) -> Decimal:
        """US dollars: the request's input counted high, and all the output it allows."""
        ...


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Seconds. A provider that asks for more than `longest_wait` is not waited for: the error goes on."""

    attempts: int = 3
    first_wait: float = 1.0
    factor: float = 2.0
    longest_wait: float = 60.0
    jitter: float = 0.1  # a wait is never shorter than asked and at most this share longer


@dataclass(frozen=True, slots=True)
class CallReport:
    """What metering tells of one answer: what the caller waited for and paid, all re-asks together."""

    key: CallKey
    model: str
    seconds: float
    reply: ModelReply | None = None
    error: str | None = None


Observer = Callable[[CallReport], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Gear:
    """What the layers need of the world."""

    journal: Journal
    clock: Clock
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    observe: Observer | None = None


def wrap(
    provider: Provider,
    journal: Journal,
    clock: Clock,
    *,
    policy: RetryPolicy | None = None,
    observe: Observer | None = None,
) -> LanguageModel:
    """The provider inside all layers."""
    gear = Gear(journal, clock, policy or RetryPolicy(), observe)
    model = provider
    for layer in reversed(LAYERS):
        model = layer(model, gear)
    return model


class Layer:
    """A model around a model; a layer changes `answer` alone."""

    def __init__(self, inner: Provider, gear: Gear) -> None:
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


class Metering(Layer):
    """Tells the observer of every answer, given or failed."""

    async def answer(self, request: ModelRequest) -> ModelReply:
        if self.gear.observe is None:
            return await self.inner.answer(request)
        began = self.gear.clock.monotonic()
        report = CallReport(request.key, self.name, 0.0, error="interrupted")
        try:
            reply = await self.inner.answer(request)
            report = replace(report, reply=reply, error=None)
            return reply
        except AIWriterError as error:
            report = replace(report, error=str(error))
            raise
        finally:
            await self.gear.observe(replace(report, seconds=self.gear.clock.monotonic() - began))


class Repair(Layer):
    """Hands on only usable replies: mends broken JSON, else asks again with the reason, within bounds. Of a reply that
    is cut off twice running, the complete parts are used."""

    async def answer(self, request: ModelRequest) -> ModelReply:
        asked, total, live, number, cut_off = request, _Total(), 0, 0, False
        while True:
            reply = await self.inner.answer(asked)
            total.add(reply)
            if reply.finish == "refused" and not reply.replayed:
                raise ProviderRejected(
                    f"{self.name} declined to answer {request.prompt.name!r}: {reply.text[:200]!r}",
                    hint="Its content policy said no: change the brief or the sources, or use another model.",
                )
            answer, problem = usable(reply, request.schema, salvage=cut_off)
            if answer is not None:
                return total.of(answer)
            live += not reply.replayed
            number += 1
            if live > RE_ASKS:
                raise BadReply(
                    f"{self.name} gave no usable answer to {request.prompt.name!r} in {live} tries: {problem}",
                    hint="Resume to ask again, or use a more capable model (--model).",
                )
            cut_off = reply.finish == "length"
            asked = ask_again(request, problem, number, cut_off=cut_off, context=self.context_tokens)


class Replay(Layer):
    """Gives back the stored answer of a logical call, so that it is never paid for twice."""

    async def answer(self, request: ModelRequest) -> ModelReply:
        found = await self.gear.journal.answered(call_key(self.name, request))
        if found is None:
            return await self.inner.answer(request)
        text = found.reply_text or ""
        if request.on_text is not None and text:
            await request.on_text(text)
        return ModelReply(
            text=text,
            model=found.answered_by or self.name,
            usage=found.usage,
            replayed=True,
            finish=_FINISHES.get(found.error or "", "stop"),
        )


class Retry(Layer):
    """Tries again after RateLimited and Unavailable, and nothing else."""

    async def answer(self, request: ModelRequest) -> ModelReply:
        for attempt in range(1, self.gear.policy.attempts):
            try:
                return await self.inner.answer(request)
            except AnswerNotKept:
                raise
            except Unavailable as error:
                wait = _wait(self.gear.policy, attempt, error)
                if wait is None:
                    raise
            await self.gear.clock.sleep(wait)
        return await self.inner.answer(request)


class AnswerNotKept(Unavailable):
    """An answer was paid for and could not be written down: trying again would pay twice, so Retry must not."""


class Attempt(Layer):
    """One request to the provider: reserve and write the intent, call, write the outcome and settle.

    Outcomes: answered (cost exact, from usage); not_sent (refused connection, or an answer that is an error: nothing
    was billed); unknown (sent, and then silence, a reset or a cancelled wait: the reservation counts as spent).
    """

    def __init__(self, inner: Provider, gear: Gear) -> None:
        super().__init__(inner, gear)
        self._attempts: Counter[str] = Counter()

    async def answer(self, request: ModelRequest) -> ModelReply:
        intent = self._intent(request)
        call_id = await self.gear.journal.begin(intent)
        began = self.gear.clock.monotonic()
        outcome = CallOutcome("unknown", cost_usd=intent.reserved_usd, error="interrupted")
        try:
            reply = await self.inner.answer(request)
            outcome = _answered(reply)
        except Unavailable as error:
            outcome = replace(outcome, error=str(error)) if error.sent else CallOutcome("not_sent", error=str(error))
            raise
        except ProviderRejected as error:
            outcome = CallOutcome("not_sent", error=str(error))
            raise
        finally:
            seconds = self.gear.clock.monotonic() - began
            kept = self.gear.journal.finish(call_id, replace(outcome, seconds=seconds))
            await _to_the_end(_told_apart(kept))
        return reply

    def _intent(self, request: ModelRequest) -> CallIntent:
        key = call_key(self.name, request)
        self._attempts[key] += 1
        prompt, reserved = request.prompt, self.inner.upper_bound(request)
        return CallIntent(key, request.key, self._attempts[key], self.name, prompt.name, prompt.hash, reserved)


LAYERS: tuple[type[Layer], ...] = (
    Metering,
    Repair,
    Replay,
    # fallback: the layers below once for each model of the list
    Retry,
    # breaker, rate limit
    Attempt,
)


def call_key(model: str, request: ModelRequest) -> str:
    """The logical call: SHA-256 over run, stage, item, ordinal, model, parameters and hash of the unfenced prompt."""
    key = request.key
    parameters = [request.max_output_tokens, request.temperature, _schema_hash(request)]
    parts = [str(key.run_id), key.stage, key.item, key.ordinal, model, parameters, request.prompt.hash]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _schema_hash(request: ModelRequest) -> str:
    if request.schema is None:
        return ""
    return hashlib.sha256(json.dumps(request.schema.model_json_schema(), sort_keys=True).encode()).hexdigest()


def _answered(reply: ModelReply) -> CallOutcome:
    return CallOutcome(
        "answered",
        cost_usd=reply.cost_usd,
        usage=reply.usage,
        reply_text=reply.text,
        answered_by=reply.model,
        error=None if reply.finish == "stop" else reply.finish,
    )


def _wait(policy: RetryPolicy, attempt: int, error: Unavailable) -> float | None:
    """Seconds before the next attempt; None when the provider asked for more than we wait here."""
    asked = error.retry_after if isinstance(error, RateLimited) else None
    wait = asked or policy.first_wait * policy.factor ** (attempt - 1)
    if wait > policy.longest_wait:
        return None
    return wait * (1 + policy.jitter * random.random())  # noqa: S311 - spreads callers, guards no secret


async def _told_apart(keeping: Awaitable[None]) -> None:
    try:
        await keeping
    except Unavailable as error:
        raise AnswerNotKept(f"the outcome of a model call could not be stored: {error}", hint=error.hint) from error


async def _to_the_end(work: Coroutine[object, object, T]) -> T:
    """Run a short write to its end even when the caller is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


class _Total:
    """Usage and cost of all the replies behind one answer."""

    def __init__(self) -> None:
        self.usage, self.cost = Usage(), Decimal(0)

    def add(self, reply: ModelReply) -> None:
        one, two = self.usage, reply.usage
        self.usage = Usage(
            one.input_tokens + two.input_tokens,
            one.output_tokens + two.output_tokens,
            one.cached_tokens + two.cached_tokens,
            one.estimated or two.estimated,
            one.kept_tokens + two.kept_tokens,
            one.reasoning_tokens + two.reasoning_tokens,
        )
        self.cost += reply.cost_usd

    def of(self, reply: ModelReply) -> ModelReply:
        return replace(reply, usage=self.usage, cost_usd=self.cost)

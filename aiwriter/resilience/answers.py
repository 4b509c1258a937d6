"""The outer layers, which see answers: what they cost in all, whether they can be used, whether they are stored."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Literal

from aiwriter.errors import AIWriterError, BadReply, ProviderRejected
from aiwriter.ports import CallOutcome, ModelReply, ModelRequest, Usage
from aiwriter.resilience.attempt import call_key
from aiwriter.resilience.layer import CallReport, Layer
from aiwriter.resilience.repair import ask_again, usable
from aiwriter.text.identifiers import concealed

RE_ASKS = 2
SHOWN = 80  # characters of an answer that cannot be used
_FINISHES: dict[str, Literal["stop", "length", "refused"]] = {"length": "length", "refused": "refused"}


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
                    hint="Its content policy said no: begin anew with another brief, other sources or another model.",
                )
            answer, problem = usable(reply, request.schema, salvage=cut_off)
            if answer is not None:
                return total.of(answer)
            live += not reply.replayed
            number += 1
            if live > RE_ASKS:
                raise BadReply(
                    f"{self.name} gave no usable answer to {request.prompt.name!r} in {live} tries: {problem}"
                    f"{_began(reply)}",
                    hint="Ask again, or use a more capable model.",
                )
            cut_off = reply.finish == "length"
            asked = ask_again(request, problem, number, cut_off=cut_off, context=self.context_tokens)


class Replay(Layer):
    """Gives back the stored answer of a logical call, so that it is never paid for twice; also one that was given to an
    older version of us, which put the same question in other words."""

    async def answer(self, request: ModelRequest) -> ModelReply:
        found = await self._stored(request)
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

    async def _stored(self, request: ModelRequest) -> CallOutcome | None:
        for hashed in (request.prompt.hash, *request.prompt.earlier):
            asked = replace(request, prompt=replace(request.prompt, hash=hashed))
            if found := await self.gear.journal.answered(call_key(self.name, asked)):
                return found
        return None


def _began(reply: ModelReply) -> str:
    """What an answer that could not be used was, for people: a refusal in words, a proxy's page, thoughts alone."""
    text = " ".join(reply.text.split())
    if text:
        return f"; it begins {concealed(text)[:SHOWN]!r}"
    written = reply.usage.output_tokens
    return f", though {written} tokens were written: of thoughts, it seems" if written else ""


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

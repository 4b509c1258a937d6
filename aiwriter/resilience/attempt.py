"""The innermost layer: one request to the provider, and its row in the journal."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Awaitable, Coroutine
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel

from aiwriter.errors import ProviderRejected, Unavailable
from aiwriter.ports import CallIntent, CallOutcome, LanguageModel, ModelReply, ModelRequest
from aiwriter.resilience.layer import AnswerNotKept, Gear, Layer, NotBegun

T = TypeVar("T")


class Attempt(Layer):
    """One request to the provider: reserve and write the intent, call, write the outcome and settle.

    Outcomes: answered (cost exact, from usage); not_sent (refused connection, or an answer that is an error: nothing
    was billed); unknown (sent, and then silence, a reset or a cancelled wait: the reservation counts as spent).
    """

    def __init__(self, inner: LanguageModel, gear: Gear) -> None:
        super().__init__(inner, gear)
        self._attempts: Counter[str] = Counter()

    async def answer(self, request: ModelRequest) -> ModelReply:
        intent = self._intent(request)
        call_id = await self._begun(intent)
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

    async def _begun(self, intent: CallIntent) -> UUID:
        try:
            return await self.gear.journal.begin(intent)
        except Unavailable as error:
            raise NotBegun(f"a model call could not be written down: {error}", hint=error.hint) from error

    def _intent(self, request: ModelRequest) -> CallIntent:
        key = call_key(self.gear.asked_for or self.name, request)
        self._attempts[key] += 1
        prompt, reserved = request.prompt, self.inner.upper_bound(request)
        return CallIntent(key, request.key, self._attempts[key], self.name, prompt.name, prompt.hash, reserved)


def call_key(model: str, request: ModelRequest) -> str:
    """The logical call: SHA-256 over run, stage, item, ordinal, model, parameters and hash of the unfenced prompt."""
    key = request.key
    parameters = [request.max_output_tokens, request.temperature, _schema_hash(request.schema)]
    parts = [str(key.run_id), key.stage, key.item, key.ordinal, model, parameters, request.prompt.hash]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@lru_cache(maxsize=64)  # to describe a shape takes longer than all else of a call's key, and calls share few shapes
def _schema_hash(schema: type[BaseModel] | None) -> str:
    if schema is None:
        return ""
    return hashlib.sha256(json.dumps(schema.model_json_schema(), sort_keys=True).encode()).hexdigest()


def _answered(reply: ModelReply) -> CallOutcome:
    return CallOutcome(
        "answered",
        cost_usd=reply.cost_usd,
        usage=reply.usage,
        reply_text=reply.text,
        answered_by=reply.model,
        error=None if reply.finish == "stop" else reply.finish,
    )


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

"""What the fake provider answers, well or badly, whatever the wire format it is asked in; and what that costs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from aiwriter.testing.fake_wires import Asked, Told, Wire

THOUGHT_TOKENS = 40
INPUT_USD, CACHED_USD, OUTPUT_USD = Decimal("1.00"), Decimal("0.50"), Decimal("2.00")  # per million tokens


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes over the wire. `midway` is what happens once half of it is sent: the connection is reset, closed as if
    that were all, or stays silent, or a stream tells an error. `silent` sends nothing at all.

    `events` are sent instead of `body`, as a stream; `told` is what is sent in the format of the request.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    billed: bool = True
    midway: Literal["", "reset", "end", "stall", "error"] = ""
    silent: bool = False
    events: tuple[bytes, ...] = ()
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A request that is being answered: how it is spoken, and a good reply."""

    wire: Wire
    key: str
    body: dict[str, Any]
    asked: Asked
    good: Told

    def put(self, answer: Answer) -> Answer:
        """The answer as it goes over the wire."""
        if answer.told is None:
            return answer
        if self.asked.stream:
            return replace(answer, events=tuple(self.wire.events(answer.told, self.body)))
        return replace(answer, body=json.dumps(self.wire.whole(answer.told)).encode())


def error_answer(
    call: Call, status: int, message: str, code: str = "", headers: Mapping[str, str] | None = None
) -> Answer:
    told_status, body = call.wire.error(status, message, code)
    return Answer(told_status, json.dumps(body).encode(), headers or {}, billed=False)


def _good(call: Call) -> Answer:
    return Answer(told=call.good)


def _said(call: Call, text: str) -> Answer:
    return Answer(told=replace(call.good, text=text))


def _half(call: Call) -> str:
    return call.good.text[: len(call.good.text) // 2]


FAULTS: dict[str, Callable[[Call], Answer]] = {
    "good": _good,
    "500": lambda call: error_answer(call, 500, "The server had an error"),
    "502": lambda call: replace(error_answer(call, 502, "Bad gateway: the answer was lost"), billed=True),
    "503": lambda call: error_answer(call, 503, "The engine is overloaded"),
    "429": lambda call: error_answer(call, 429, "Rate limit reached", "rate_limit_exceeded", {"Retry-After": "1"}),
    "401": lambda call: error_answer(call, 401, f"Incorrect API key provided: {call.key}", "invalid_api_key"),
    "402": lambda call: error_answer(call, 402, "Insufficient credits"),
    "404": lambda call: error_answer(call, 404, "The model does not exist", "model_not_found"),
    "400": lambda call: error_answer(call, 400, "Invalid value for 'messages'", "invalid_request_error"),
    "422": lambda call: error_answer(call, 422, "Unprocessable"),
    "quota": lambda call: error_answer(call, 429, "You exceeded your current quota", "insufficient_quota"),
    "reset": lambda call: replace(_good(call), midway="reset"),
    "early_end": lambda call: replace(_good(call), midway="end"),
    "stall": lambda call: replace(_good(call), midway="stall"),
    "error_midway": lambda call: replace(_good(call), midway="error"),
    "timeout": lambda _call: Answer(silent=True),
    "not_json": lambda _call: Answer(body=b"<html>welcome</html>"),
    "error_body": lambda call: replace(error_answer(call, 503, "Upstream failed"), status=200),
    "truncated_json": lambda call: _said(call, _half(call)),
    "broken_json": lambda call: _said(call, call.good.text.replace("}]", "},]").replace('"', "'", 2)),
    "empty": lambda call: _said(call, ""),
    "wrong_schema": lambda call: _said(call, '{"answer": 42}'),
    "length": lambda call: Answer(told=replace(call.good, text=_half(call), finish="length")),
    "think": lambda call: _said(
        call, f"<think>{{not this}}\nhm</think>\nHere you are:\n```json\n{call.good.text}\n```"
    ),
    "thoughtful": lambda call: Answer(told=_thoughtful(call.good)),
    "no_usage": lambda call: Answer(told=replace(call.good, counted=False)),
    "refusal": lambda call: Answer(told=replace(call.good, finish="refused")),
}


def _thoughtful(told: Told) -> Told:
    """Half of the prompt came from the cache (what it saves is whole microdollars, as ledgers keep them), and
    thoughts that nobody sees were written as well."""
    return replace(told, cached=told.read // 4 * 2, thought=THOUGHT_TOKENS, written=told.written + THOUGHT_TOKENS)


def price_of(told: Told) -> Decimal:
    read = (told.read - told.cached) * INPUT_USD + told.cached * CACHED_USD
    return (read + told.written * OUTPUT_USD) / 1_000_000

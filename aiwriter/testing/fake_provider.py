"""A provider on loopback that speaks OpenAI's wire format over real sockets, and fails when told to.

    python -m aiwriter.testing.fake_provider --port 8400 --log calls.jsonl --fault 3=503 --fault 5=reset

Every request that arrives is appended to the log (flushed to disk) before anything is answered, with what it costs:
the log is the judge of what was paid. The k-th request (from 1) meets the fault given for k; faults are in `FAULTS`.
"refused" is no answer but a listener that is away for a while before the k-th request arrives. Outlines and sections
are answered from the handles and passages in the prompt, so that whole runs can be driven; as a stream of events when
asked for one.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from aiwriter.testing import fake_stream
from aiwriter.testing.fake_replies import reply_text
from aiwriter.text.tokens import estimate_tokens

REFUSED = "refused"
AWAY_SECONDS = 0.3
STREAM = "text/event-stream; charset=utf-8"
INPUT_USD, OUTPUT_USD = Decimal("1.00"), Decimal("2.00")  # per million tokens


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One request as it arrived; `price_usd` is what it costs, 0 for answers that are errors."""

    number: int
    time: float
    key: str
    body_sha256: str
    model: str
    input_tokens: int
    output_tokens: int
    price_usd: str
    fault: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes over the wire. `midway` is what happens once half of it is sent: the connection is reset, closed as if
    that were all, or stays silent, or a stream tells an error. `silent` sends nothing at all.

    `events` are sent instead of `body`, as a stream.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    billed: bool = True
    midway: Literal["", "reset", "end", "stall", "error"] = ""
    silent: bool = False
    events: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A request that is being answered: its JSON body and the text of a good reply."""

    body: dict[str, Any]
    text: str
    usage: dict[str, int]

    def completion(self, text: str | None = None, *, finish: str = "stop", usage: bool = True) -> dict[str, Any]:
        message = {"role": "assistant", "content": self.text if text is None else text}
        return {
            "id": "chatcmpl-fake",
            "object": "chat.completion",
            "created": 1_760_000_000,
            "model": self.body.get("model"),
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
            **({"usage": self.usage} if usage else {}),
        }


def _json(status: int, value: object, headers: Mapping[str, str] | None = None, *, billed: bool = False) -> Answer:
    return Answer(status, json.dumps(value).encode(), headers or {}, billed=billed)


def _streamed(answer: Answer, *, with_usage: bool) -> Answer:
    """The answer as a stream, if it is a completion."""
    if answer.events or answer.status != 200 or not answer.body.startswith(b'{"id"'):
        return answer
    return replace(answer, events=tuple(fake_stream.events(json.loads(answer.body), with_usage=with_usage)))


def _error(status: int, message: str, code: str = "", headers: Mapping[str, str] | None = None) -> Answer:
    return _json(status, {"error": {"message": message, "type": code, "code": code}}, headers)


def _good(call: Call) -> Answer:
    return _said(call)


def _said(call: Call, text: str | None = None, *, finish: str = "stop", usage: bool = True) -> Answer:
    return _json(200, call.completion(text, finish=finish, usage=usage), billed=True)


FAULTS: dict[str, Callable[[Call], Answer]] = {
    "good": _good,
    "500": lambda _call: _error(500, "The server had an error"),
    "502": lambda _call: replace(_error(502, "Bad gateway: the answer was lost"), billed=True),
    "503": lambda _call: _error(503, "The engine is overloaded"),
    "429": lambda _call: _error(429, "Rate limit reached", "rate_limit_exceeded", {"Retry-After": "1"}),
    "401": lambda _call: _error(401, "Incorrect API key provided", "invalid_api_key"),
    "402": lambda _call: _error(402, "Insufficient credits"),
    "404": lambda _call: _error(404, "The model does not exist", "model_not_found"),
    "400": lambda _call: _error(400, "Invalid value for 'messages'", "invalid_request_error"),
    "422": lambda _call: _error(422, "Unprocessable"),
    "quota": lambda _call: _error(429, "You exceeded your current quota", "insufficient_quota"),
    "reset": lambda call: replace(_good(call), midway="reset"),
    "early_end": lambda call: replace(_good(call), midway="end"),
    "stall": lambda call: replace(_good(call), midway="stall"),
    "error_midway": lambda call: replace(_good(call), midway="error"),
    "timeout": lambda _call: Answer(silent=True),
    "not_json": lambda _call: Answer(body=b"<html>welcome</html>"),
    "error_body": lambda _call: _json(200, {"error": {"message": "Upstream failed", "code": 503}}),
    "truncated_json": lambda call: _said(call, call.text[: len(call.text) // 2]),
    "broken_json": lambda call: _said(call, call.text.replace("}]", "},]").replace('"', "'", 2)),
    "empty": lambda call: _said(call, ""),
    "wrong_schema": lambda call: _said(call, '{"answer": 42}'),
    "length": lambda call: _said(call, call.text[: len(call.text) // 2], finish="length"),
    "think": lambda call: _said(call, f"<think>{{not this}}\nhm</think>\nHere you are:\n```json\n{call.text}\n```"),
    "no_usage": lambda call: _said(call, usage=False),
    "refusal": lambda call: _json(200, _refusal(call), billed=True),
}


def _refusal(call: Call) -> dict[str, Any]:
    completion = call.completion("")
    completion["choices"][0]["message"] |= {"content": None, "refusal": "I can't help with that."}
    return completion


class FakeProvider:
    """The server; an async context manager. `base_url` is where it listens, `calls` what arrived, `bodies` the JSON.

    It costs INPUT_USD and OUTPUT_USD per million tokens. `formats` are the response formats it knows; `latency` seconds
    pass before each answer, `pace` seconds after each event of a stream. `streams` is what it does when asked for one:
    tell its usage too, refuse `stream_options`, refuse streams, or pass the wish over.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        log: Path | None = None,
        faults: Mapping[int, str | Answer] | None = None,
        formats: frozenset[str] = frozenset({"json_schema", "json_object", "text"}),
        latency: float = 0.0,
        pace: float = 0.0,
        streams: Literal["with usage", "without options", "refused", "unknown"] = "with usage",
    ) -> None:
        self.calls: list[LoggedCall] = []
        self.bodies: list[dict[str, Any]] = []
        self._port = port
        self._log = log
        self._faults = dict(faults or {})
        self._formats = formats
        self._latency = latency
        self._pace = pace
        self._streams = streams
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self._away: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def billed_usd(self) -> Decimal:
        """What all calls so far cost."""
        return sum((Decimal(call.price_usd) for call in self.calls), Decimal(0))

    async def __aenter__(self) -> Self:
        await self._listen()
        if self._faults.get(1) == REFUSED:
            self._leave()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        await self.back()
        self._stop_listening()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def at_rest(self) -> None:
        """Wait until no request is being answered: all are, or whoever sent them has hung up."""
        await asyncio.gather(*self._open)

    async def back(self) -> None:
        """Wait until it listens again, if it went away."""
        if self._away is not None:
            await self._away

    async def serve_forever(self) -> None:
        await self._closing.wait()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _leave(self) -> None:
        """Refuse connections for a while."""
        self._stop_listening()

        async def come_back() -> None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), AWAY_SECONDS)
                return
            await self._listen()

        self._away = asyncio.create_task(come_back())

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            headers, body = await _read_request(reader)
            answer = self._answer(headers, body)
            if self._latency:
                await asyncio.sleep(self._latency)
            await self._send(answer, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has gone; what it sent is in the log
        finally:
            writer.close()

    def _answer(self, headers: Mapping[str, str], raw: bytes) -> Answer:
        body = json.loads(raw or b"{}")
        number = len(self.calls) + 1
        text = reply_text(body)
        usage = _usage(body, text)
        call = Call(body, text, usage)
        told = self._faults.get(number, "good")
        fault = "good" if told == REFUSED else told  # the request that was refused never came here
        answer = self._refused(body) or (fault if isinstance(fault, Answer) else FAULTS[fault](call))
        if body.get("stream") and self._streams != "unknown":
            answer = _streamed(answer, with_usage=bool(body.get("stream_options", {}).get("include_usage")))
        self._note(number, headers, raw, call, answer, fault if isinstance(fault, str) else "given")
        if self._faults.get(number + 1) == REFUSED:
            self._leave()
        return answer

    def _refused(self, body: Mapping[str, Any]) -> Answer | None:
        kind, said = body.get("response_format", {"type": "text"})["type"], ""
        if kind not in self._formats:
            said = f"response_format of type {kind!r} is not supported by this model"
        if "stream_options" in body and self._streams == "without options":
            said = "Unrecognized request argument supplied: stream_options"
        if body.get("stream") and self._streams == "refused":
            said = "Streaming is not supported by this model"
        return _error(400, said, "invalid_request_error") if said else None

    def _note(
        self, number: int, headers: Mapping[str, str], raw: bytes, call: Call, answer: Answer, fault: str
    ) -> None:
        price = Decimal(0)
        if answer.billed:
            read, written = call.usage["prompt_tokens"], call.usage["completion_tokens"]
            price = (read * INPUT_USD + written * OUTPUT_USD) / 1_000_000
        logged = LoggedCall(
            number=number,
            time=time.time(),
            key=headers.get("authorization", "").removeprefix("Bearer "),
            body_sha256=hashlib.sha256(raw).hexdigest(),
            model=str(call.body.get("model")),
            input_tokens=call.usage["prompt_tokens"],
            output_tokens=call.usage["completion_tokens"],
            price_usd=str(price),
            fault=fault,
        )
        self.calls.append(logged)
        self.bodies.append(call.body)
        if self._log is not None:
            with self._log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(logged)) + "\n")
                file.flush()
                os.fsync(file.fileno())

    async def _send(self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if answer.silent:
            await self._until_gone(reader)
            return
        half = len(answer.body) // 2
        framing, parts = {"content-length": str(len(answer.body))}, [answer.body[:half], answer.body[half:]]
        if answer.events:
            framing, parts = {"transfer-encoding": "chunked"}, [_framed(event) for event in answer.events]
        head = {"content-type": STREAM if answer.events else "application/json", "connection": "close"} | framing
        lines = [
            f"HTTP/1.1 {answer.status} Fake",
            *(f"{name}: {value}" for name, value in (head | {**answer.headers}).items()),
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        for part in parts[: len(parts) // 2] if answer.midway else parts:
            writer.write(part)
            await writer.drain()
            if answer.events and self._pace:
                await asyncio.sleep(self._pace)
        await self._end(answer, reader, writer)

    async def _end(self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if answer.midway == "reset":
            writer.transport.abort()
        elif answer.midway == "stall":
            await self._until_gone(reader)
        elif answer.events:
            told = _framed(fake_stream.event(fake_stream.ERROR)) if answer.midway == "error" else b""
            writer.write(told + _framed(b""))

    async def _until_gone(self, reader: asyncio.StreamReader) -> None:
        waits = [asyncio.ensure_future(reader.read(1)), asyncio.ensure_future(self._closing.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()


def _framed(data: bytes) -> bytes:
    """A chunk of a chunked body; the empty one is the last."""
    return b"%x\r\n%s\r\n" % (len(data), data)


async def _read_request(reader: asyncio.StreamReader) -> tuple[dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    pairs = (line.split(":", 1) for line in head.split("\r\n")[1:] if ":" in line)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    return headers, await reader.readexactly(int(headers.get("content-length", "0")))


def _usage(body: Mapping[str, Any], text: str) -> dict[str, int]:
    read = sum(estimate_tokens(str(message.get("content"))) for message in body.get("messages", []))
    written = min(estimate_tokens(text), int(body.get("max_tokens") or body.get("max_completion_tokens") or 10**6))
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


async def _main(arguments: argparse.Namespace) -> None:
    faults = dict(pair.split("=", 1) for pair in arguments.fault)
    provider = FakeProvider(
        port=arguments.port,
        log=arguments.log,
        faults={int(number): fault for number, fault in faults.items()},
        latency=arguments.latency,
        pace=arguments.pace,
    )
    async with provider:
        print(provider.base_url, flush=True)  # noqa: T201 - how a parent process learns the port
        await provider.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="An OpenAI-compatible provider on loopback that fails when told to.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one; the address is printed")
    parser.add_argument("--log", type=Path, help="JSON lines, one a request, written before it is answered")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="K=FAULT", help=f"one of refused, {', '.join(FAULTS)}"
    )
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds after each event of a stream")
    with suppress(KeyboardInterrupt):
        asyncio.run(_main(parser.parse_args()))

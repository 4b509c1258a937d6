"""A provider on loopback that speaks the wire formats of OpenAI (chat completions and Responses), Gemini and Anthropic
over real sockets, and fails when told to.

    python -m aiwriter.testing.fake_provider --port 8400 --log calls.jsonl --fault 3=503 --fault 5=reset

Which format a request is in, its path tells. Every request to a model is appended to the log (flushed to disk) before
anything is answered, with what it costs: the log is the judge of what was paid. (To list the models costs nothing and
is not logged.) The k-th request (from 1) meets the fault given for k; faults are in `FAULTS`. "refused" is no answer
but a listener that is away for a while before the k-th request arrives. Outlines and sections are answered from the
handles and passages in the prompt, so that whole runs can be driven; as a stream of events when asked for one.
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
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiwriter.testing.fake_anthropic import Anthropic
from aiwriter.testing.fake_chat import FORMATS, Chat, Streams
from aiwriter.testing.fake_faults import CACHED_USD, FAULTS, INPUT_USD, OUTPUT_USD, Answer, Call, error_answer, price_of
from aiwriter.testing.fake_gemini import Gemini
from aiwriter.testing.fake_replies import reply_text
from aiwriter.testing.fake_responses import Responses
from aiwriter.testing.fake_wires import Told, Wire
from aiwriter.text.tokens import estimate_tokens

__all__ = ["CACHED_USD", "FAULTS", "INPUT_USD", "OUTPUT_USD", "REFUSED", "Answer", "FakeProvider", "LoggedCall"]

REFUSED = "refused"
AWAY_SECONDS = 0.3
STREAM = "text/event-stream; charset=utf-8"
MODELS = ("heron-1", "heron-2")  # those it lists; it answers as any


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


class FakeProvider:
    """The server; an async context manager. `address` is where it listens and `base_url` what OpenAI's clients take,
    `calls` what arrived, `bodies` the JSON.

    It costs INPUT_USD, CACHED_USD and OUTPUT_USD per million tokens. `latency` seconds pass before each answer, `pace`
    seconds after each event of a stream. `formats` and `streams` are what it knows of chat completions: see `Chat`.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        log: Path | None = None,
        faults: Mapping[int, str | Answer] | None = None,
        formats: frozenset[str] = FORMATS,
        latency: float = 0.0,
        pace: float = 0.0,
        streams: Streams = "with usage",
    ) -> None:
        self.calls: list[LoggedCall] = []
        self.bodies: list[dict[str, Any]] = []
        self.says: Callable[[str, str], str] = reply_text  # (prompt, form) → the text of a reply; may be replaced
        self._port = port
        self._log = log
        self._faults = dict(faults or {})
        self._wires: tuple[Wire, ...] = (Anthropic(), Gemini(), Chat(formats, streams), Responses())
        self._latency = latency
        self._pace = pace
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self._away: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        return f"{self.address}/v1"

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
            path, headers, body = await _read_request(reader)
            wire = next((wire for wire in self._wires if wire.speaks(path)), None)
            answer = self._listed(path, headers) if wire is None else self._answer(wire, path, headers, body)
            if self._latency:
                await asyncio.sleep(self._latency)
            broken = wire.broken if wire is not None else b""
            await self._send(answer, broken, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has gone; what it sent is in the log
        finally:
            writer.close()

    def _listed(self, path: str, headers: Mapping[str, str]) -> Answer:
        """The models, as the client that asks is used to them; 404 for any other path."""
        wire = next((wire for wire in self._wires if wire.lists_models(path, headers)), None)
        if wire is None:
            return Answer(404, b'{"error": {"message": "no such path", "code": "404"}}', billed=False)
        return Answer(body=json.dumps(wire.models(MODELS)).encode(), billed=False)

    def _answer(self, wire: Wire, path: str, headers: Mapping[str, str], raw: bytes) -> Answer:
        number = len(self.calls) + 1
        call = _call(wire, wire.key(headers), path, json.loads(raw or b"{}"), self.says)
        told = self._faults.get(number, "good")
        fault = "good" if told == REFUSED else told  # the request that was refused never came here
        refusal = wire.refuses(call.body)
        if refusal:
            answer = error_answer(call, 400, refusal, "invalid_request_error")
        else:
            answer = fault if isinstance(fault, Answer) else FAULTS[fault](call)
        self._note(number, raw, call, answer, fault if isinstance(fault, str) else "given")
        if self._faults.get(number + 1) == REFUSED:
            self._leave()
        return call.put(answer)

    def _note(self, number: int, raw: bytes, call: Call, answer: Answer, fault: str) -> None:
        told = answer.told or call.good
        logged = LoggedCall(
            number=number,
            time=time.time(),
            key=call.key,
            body_sha256=hashlib.sha256(raw).hexdigest(),
            model=call.asked.model,
            input_tokens=told.read,
            output_tokens=told.written,
            price_usd=str(price_of(told) if answer.billed else Decimal(0)),
            fault=fault,
        )
        self.calls.append(logged)
        self.bodies.append(call.body)
        if self._log is not None:
            with self._log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(logged)) + "\n")
                file.flush()
                os.fsync(file.fileno())

    async def _send(
        self, answer: Answer, broken: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
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
        await self._end(answer, broken, reader, writer)

    async def _end(
        self, answer: Answer, broken: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if answer.midway == "reset":
            writer.transport.abort()
        elif answer.midway == "stall":
            await self._until_gone(reader)
        elif answer.events:
            told = _framed(broken) if answer.midway == "error" else b""
            writer.write(told + _framed(b""))

    async def _until_gone(self, reader: asyncio.StreamReader) -> None:
        waits = [asyncio.ensure_future(reader.read(1)), asyncio.ensure_future(self._closing.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()


def _framed(data: bytes) -> bytes:
    """A chunk of a chunked body; the empty one is the last."""
    return b"%x\r\n%s\r\n" % (len(data), data)


async def _read_request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    """The path, the headers and the body."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    path = first.split(" ")[1].partition("?")[0]
    return path, headers, await reader.readexactly(int(headers.get("content-length", "0")))


def _call(wire: Wire, key: str, path: str, body: dict[str, Any], says: Callable[[str, str], str]) -> Call:
    asked = wire.asked(path, body)
    text = says(asked.prompt, asked.form)
    written = min(estimate_tokens(text), asked.most)
    return Call(wire, key, body, asked, Told(asked.model, text, estimate_tokens(asked.prompt), written))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A provider on loopback that fails when told to.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one; the address is printed")
    parser.add_argument("--log", type=Path, help="JSON lines, one a request, written before it is answered")
    parser.add_argument(
        "--fault",
        action="append",
        type=_fault,
        default=[],
        metavar="K=FAULT",
        help=f"of the K-th request from 1 on: one of refused, {', '.join(FAULTS)}",
    )
    parser.add_argument("--latency", type=_seconds, default=0.0, help="seconds before each answer")
    parser.add_argument("--pace", type=_seconds, default=0.0, help="seconds after each event of a stream")
    given = parser.parse_args()
    if given.log is not None and not given.log.parent.is_dir():
        parser.error(f"--log: there is no folder {str(given.log.parent)!r}")
    return given


def _fault(text: str) -> tuple[int, str]:
    number, _, fault = text.partition("=")
    if not number.isdigit() or int(number) < 1 or fault not in ("refused", *FAULTS):
        raise argparse.ArgumentTypeError(f"{text!r} is no K=FAULT, such as 3=500; K counts requests from 1 on")
    return int(number), fault


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 0 on")
    return seconds


async def _main(arguments: argparse.Namespace) -> None:
    provider = FakeProvider(
        port=arguments.port,
        log=arguments.log,
        faults=dict(arguments.fault),
        latency=arguments.latency,
        pace=arguments.pace,
    )
    async with provider:
        print(provider.base_url, flush=True)  # noqa: T201 - how a parent process learns the port
        await provider.serve_forever()


if __name__ == "__main__":
    given = _arguments()
    try:
        asyncio.run(_main(given))
    except KeyboardInterrupt:
        pass
    except (OSError, OverflowError) as error:
        raise SystemExit(f"error: port {given.port} cannot be listened on: {error}") from error

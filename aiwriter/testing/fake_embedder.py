"""An embedder on loopback that speaks OpenAI's and Gemini's wire formats over real sockets, and fails when told to.

    POST /v1/embeddings                                 OpenAI
    POST /v1beta/models/MODEL:batchEmbedContents        Gemini, under any version

Every request that arrives is noted, and appended to the log if there is one, before anything is answered: the log is
the judge of what was sent and what it cost. The k-th request (from 1) meets the fault given for k; faults are in
`FAULTS`. Texts that share words get vectors that are near one another, as of the hashing embedder, but of length 2.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from aiwriter.embeddings.hashing import HashingEmbedder
from aiwriter.testing.loopback import Handler, Loopback
from aiwriter.text.tokens import estimate_tokens

INPUT_USD = Decimal("1.00")  # per million tokens: what the ledger counts in is a token
DIMENSIONS = 64


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request as it arrived; `price_usd` is what it costs, 0 for answers that are errors."""

    number: int
    path: str
    key: str
    model: str
    texts: tuple[str, ...]
    tokens: int
    price_usd: str
    fault: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes over the wire. `resets` breaks the connection after half of it, `silent` sends nothing at all."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    billed: bool = False
    resets: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is being answered: its texts, and in which of the two formats."""

    gemini: bool
    model: str
    texts: tuple[str, ...]
    dimensions: int
    tokens: int
    counts: bool

    def good(self, vectors: list[list[float]]) -> dict[str, Any]:
        if self.gemini:
            usage = {"usageMetadata": {"promptTokenCount": self.tokens}} if self.counts else {}
            return {"embeddings": [{"values": vector} for vector in vectors]} | usage
        data = [{"object": "embedding", "index": number, "embedding": one} for number, one in enumerate(vectors)]
        usage = {"usage": {"prompt_tokens": self.tokens, "total_tokens": self.tokens}} if self.counts else {}
        return {"object": "list", "model": self.model, "data": data[::-1]} | usage  # by index, not by place

    def error(self, status: int, message: str, code: str = "", details: list[dict[str, Any]] | None = None) -> bytes:
        told: dict[str, Any] = {"message": message, "type": code, "code": code}
        if self.gemini:
            told = {"message": message, "code": status, "status": code.upper(), "details": details or []}
        return json.dumps({"error": told}).encode()


def _good(asked: Asked) -> Answer:
    rows = asyncio.run(HashingEmbedder(asked.dimensions).embed(asked.texts)) * 2
    return Answer(200, json.dumps(asked.good(rows.tolist())).encode(), billed=True)


def _changed(change: Callable[[list[list[float]]], list[list[float]]]) -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        rows = asyncio.run(HashingEmbedder(asked.dimensions).embed(asked.texts)).tolist()
        return Answer(200, json.dumps(asked.good(change(rows))).encode(), billed=True)

    return answer


def _error(status: int, message: str, code: str = "", *, after: str = "") -> Callable[[Asked], Answer]:
    headers = {"Retry-After": after} if after else {}
    return lambda asked: Answer(status, asked.error(status, message, code), headers, billed=status == 502)


def _spent(asked: Asked) -> Answer:
    violation = {"quotaId": "EmbedContentRequestsPerDayPerProjectPerModel-FreeTier"}
    said = "You exceeded your current quota, please check your plan and billing details"
    return Answer(429, asked.error(429, said, "insufficient_quota", [{"violations": [violation]}]))


FAULTS: dict[str, Callable[[Asked], Answer]] = {
    "good": _good,
    "400": _error(400, "Invalid value"),
    "401": _error(401, "Incorrect API key provided"),
    "402": _error(402, "Insufficient credits"),
    "404": _error(404, "The model does not exist"),
    "429": _error(429, "Too many requests", "rate_limit_exceeded", after="1"),
    "500": _error(500, "The server had an error"),
    "502": _error(502, "Bad gateway: the answer was lost"),
    "503": _error(503, "Overloaded"),
    "quota": _spent,
    "reset": lambda asked: Answer(200, _good(asked).body, billed=True, resets=True),
    "timeout": lambda _asked: Answer(200, b"", billed=True, silent=True),
    "not_json": lambda _asked: Answer(200, b"<html>welcome</html>", billed=True),
    "empty": _changed(lambda _rows: []),
    "too_few": _changed(lambda rows: rows[:-1]),
    "too_short": _changed(lambda rows: [row[:-1] for row in rows]),
    "zero": _changed(lambda rows: [[0.0] * len(row) for row in rows]),
}


class FakeEmbedder(Loopback):
    """The server, in a thread of its own; a context manager. `requests` are what arrived, `base_url(scheme)` is where
    it listens, `billed_usd` what all of it costs at INPUT_USD per million tokens.

    `counts` False leaves the usage out of its answers. Vectors have `dimensions` numbers unless others are asked for.
    """

    def __init__(
        self,
        *,
        faults: Mapping[int, str] | None = None,
        log: Path | None = None,
        counts: bool = True,
        dimensions: int = DIMENSIONS,
    ) -> None:
        self.requests: list[LoggedRequest] = []
        self._faults = dict(faults or {})
        self._log = log
        self._counts = counts
        self._dimensions = dimensions
        self._noting = threading.Lock()
        super().__init__(_handler_for(self))

    def base_url(self, scheme: str = "openai") -> str:
        return f"http://{self.host}" + ("/v1" if scheme == "openai" else "")

    @property
    def billed_usd(self) -> Decimal:
        return sum((Decimal(request.price_usd) for request in self.requests), Decimal(0))

    @property
    def billed_tokens(self) -> int:
        return sum(request.tokens for request in self.requests if Decimal(request.price_usd))

    def answer(self, path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> Answer:
        """Note a request; what it is answered."""
        asked = _asked(path, body, self._dimensions, counts=self._counts)
        with self._noting:
            number = len(self.requests) + 1
            fault = self._faults.get(number, "good")
            answer = FAULTS[fault](asked)
            price = asked.tokens * INPUT_USD / 1_000_000 if answer.billed else Decimal(0)
            key = headers.get("x-goog-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
            noted = LoggedRequest(number, path, key, asked.model, asked.texts, asked.tokens, str(price), fault)
            self.requests.append(noted)
            self._write(noted)
        return answer

    def _write(self, noted: LoggedRequest) -> None:
        if self._log is not None:
            with self._log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(noted)) + "\n")
                file.flush()
                os.fsync(file.fileno())


def _asked(path: str, body: Mapping[str, Any], dimensions: int, *, counts: bool) -> Asked:
    if gemini := path.endswith(":batchEmbedContents"):
        model = path.rpartition("/")[2].partition(":")[0]
        texts = tuple("".join(part["text"] for part in one["content"]["parts"]) for one in body["requests"])
        wanted = body["requests"][0].get("outputDimensionality")
    else:
        model, texts, wanted = str(body["model"]), tuple(body["input"]), body.get("dimensions")
    return Asked(gemini, model, texts, wanted or dimensions, sum(map(estimate_tokens, texts)), counts)


def _handler_for(fake: FakeEmbedder) -> type[Handler]:
    class Answering(Handler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = fake.answer(self.path, self.lower_headers, body)
            if answer.silent:
                fake.wait_for_close()
                return
            self.send_response(answer.status)
            for name, value in (dict(answer.headers) | {"Content-Type": "application/json"}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if answer.resets:
                self.wfile.write(answer.body[: len(answer.body) // 2])
                self.wfile.flush()
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            self.wfile.write(answer.body)

    return Answering

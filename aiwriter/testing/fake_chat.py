"""OpenAI's chat completions, whole and as a stream, and ways in which endpoints that resemble them differ.

Compared with `openai.types.chat` of openai 3.54: ChatCompletion, ChatCompletionChunk (with usage: every chunk has the
field, null but in the last, which has no choices), CompletionUsage with its details, and the body of an error.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from aiwriter.testing.fake_wires import CREATED, REFUSAL, Asked, Told, Wire, event, pieces

DONE = b"data: [DONE]\n\n"
FORMATS = frozenset({"json_schema", "json_object", "text"})
Streams = Literal["with usage", "without options", "refused", "unknown"]
_FINISHES = {"stop": "stop", "length": "length", "refused": "stop"}


class Chat(Wire):
    """`formats` are the response formats it knows; `streams` is what it does when asked for one: tell its usage too,
    refuse `stream_options`, refuse streams, or pass the wish over."""

    broken = event(
        {"error": {"message": "The server had an error while writing", "type": "server_error", "code": "500"}}
    )

    def __init__(self, formats: frozenset[str] = FORMATS, streams: Streams = "with usage") -> None:
        self._formats = formats
        self._streams = streams

    def speaks(self, path: str) -> bool:
        return path == "/v1/chat/completions"

    def asked(self, _path: str, body: Mapping[str, Any]) -> Asked:
        prompt = "\n".join(str(message.get("content")) for message in body.get("messages", []))
        most = int(body.get("max_tokens") or body.get("max_completion_tokens") or 10**6)
        stream = bool(body.get("stream")) and self._streams != "unknown"
        return Asked(str(body.get("model")), prompt, json.dumps(body.get("response_format", {})), most, stream)

    def refuses(self, body: Mapping[str, Any]) -> str:
        kind = body.get("response_format", {"type": "text"})["type"]
        if body.get("stream") and self._streams == "refused":
            return "Streaming is not supported by this model"
        if "stream_options" in body and self._streams == "without options":
            return "Unrecognized request argument supplied: stream_options"
        if kind not in self._formats:
            return f"response_format of type {kind!r} is not supported by this model"
        return ""

    def whole(self, told: Told) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": told.shown}
        if told.finish == "refused":
            message |= {"content": None, "refusal": REFUSAL}
        return {
            "id": "chatcmpl-fake",
            "object": "chat.completion",
            "created": CREATED,
            "model": told.model,
            "choices": [{"index": 0, "message": message, "finish_reason": _FINISHES[told.finish]}],
            **({"usage": _usage(told)} if told.counted else {}),
        }

    def events(self, told: Told, body: Mapping[str, Any]) -> list[bytes]:
        """A role, the text in pieces, why it ends, its usage, [DONE]."""
        counts = bool(body.get("stream_options", {}).get("include_usage"))
        head = {"id": "chatcmpl-fake", "created": CREATED, "model": told.model, "object": "chat.completion.chunk"}
        nothing_yet = {"usage": None} if counts else {}
        said: list[dict[str, Any]] = [head | {"choices": [choice]} | nothing_yet for choice in _choices(told)]
        if counts and told.counted:
            said.append(head | {"choices": [], "usage": _usage(told)})
        return [*(event(one) for one in said), DONE]

    def error(self, status: int, message: str, code: str) -> tuple[int, dict[str, Any]]:
        return status, {"error": {"message": message, "type": code, "code": code or status}}

    def models(self, names: tuple[str, ...]) -> dict[str, Any]:
        listed = [{"id": name, "object": "model", "created": CREATED, "owned_by": "fake"} for name in names]
        return {"object": "list", "data": listed}


def _usage(told: Told) -> dict[str, Any]:
    return {
        "prompt_tokens": told.read,
        "completion_tokens": told.written,
        "total_tokens": told.read + told.written,
        "prompt_tokens_details": {"cached_tokens": told.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": told.thought, "audio_tokens": 0},
    }


def _choices(told: Told) -> Iterator[dict[str, Any]]:
    refuses = told.finish == "refused"
    field, text = ("refusal", REFUSAL) if refuses else ("content", told.text)
    for delta in [{"role": "assistant", field: ""}, *({field: piece} for piece in pieces(text))]:
        yield {"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}
    yield {"index": 0, "delta": {}, "logprobs": None, "finish_reason": _FINISHES[told.finish]}

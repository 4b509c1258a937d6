"""OpenAI's Responses, whole and as a stream.

Compared with `openai.types.responses` of openai 3.54: Response, ResponseOutputMessage, ResponseOutputText,
ResponseOutputRefusal, ResponseUsage with its details, ResponseError, and the stream's events created, in_progress,
output_item.added and done, content_part.added and done, output_text.delta and done, refusal.delta and done, completed,
incomplete, and error, each with its sequence number. A stream of Responses ends without [DONE].
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiwriter.testing.fake_chat import Chat
from aiwriter.testing.fake_wires import CREATED, REFUSAL, Asked, Told, event, pieces

_PLACE: dict[str, Any] = {"item_id": "msg_fake", "output_index": 0, "content_index": 0}


class Responses(Chat):
    """As chat completions in its key, its models and its errors."""

    broken = event(
        {"type": "error", "code": "server_error", "message": "The server had an error", "param": None,
         "sequence_number": 99},
        "error",
    )  # fmt: skip

    def speaks(self, path: str) -> bool:
        return path == "/v1/responses"

    def asked(self, _path: str, body: Mapping[str, Any]) -> Asked:
        prompt = f"{body.get('instructions') or ''}\n{body.get('input')}"
        most = int(body.get("max_output_tokens") or 10**6)
        form = json.dumps((body.get("text") or {}).get("format", {}))
        return Asked(str(body.get("model")), prompt, form, most, bool(body.get("stream")))

    def refuses(self, _body: Mapping[str, Any]) -> str:
        return ""

    def whole(self, told: Told) -> dict[str, Any]:
        cut = told.finish == "length"
        return _response(told) | {
            "status": "incomplete" if cut else "completed",
            "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
            "output": [*_thoughts(told), _message(told)],
            "usage": _usage(told) if told.counted else None,
        }

    def events(self, told: Told, _body: Mapping[str, Any]) -> list[bytes]:
        whole = self.whole(told)
        message = _message(told)
        (part,) = message["content"]
        kind, field = ("refusal", "refusal") if part["type"] == "refusal" else ("output_text", "text")
        more: dict[str, Any] = {} if kind == "refusal" else {"logprobs": []}
        said: list[dict[str, Any]] = [
            {"type": "response.created", "response": _response(told)},
            {"type": "response.in_progress", "response": _response(told)},
            {"type": "response.output_item.added", "output_index": 0,
             "item": message | {"content": [], "status": "in_progress"}},
            {"type": "response.content_part.added", **_PLACE, "part": part | {field: ""}},
            *({"type": f"response.{kind}.delta", **_PLACE, "delta": piece, **more} for piece in pieces(part[field])),
            {"type": f"response.{kind}.done", **_PLACE, field: part[field], **more},
            {"type": "response.content_part.done", **_PLACE, "part": part},
            {"type": "response.output_item.done", "output_index": 0, "item": message},
            {"type": f"response.{whole['status']}", "response": whole},
        ]  # fmt: skip
        return [event(one | {"sequence_number": number}, one["type"]) for number, one in enumerate(said)]


def _response(told: Told) -> dict[str, Any]:
    return {
        "id": "resp_fake",
        "object": "response",
        "created_at": CREATED,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": told.model,
        "output": [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": None,
    }


def _thoughts(told: Told) -> list[dict[str, Any]]:
    return [{"type": "reasoning", "id": "rs_fake", "summary": []}] if told.thought else []


def _message(told: Told) -> dict[str, Any]:
    part: dict[str, Any] = {"type": "output_text", "text": told.text, "annotations": [], "logprobs": []}
    if told.finish == "refused":
        part = {"type": "refusal", "refusal": REFUSAL}
    status = "incomplete" if told.finish == "length" else "completed"
    return {"type": "message", "id": "msg_fake", "role": "assistant", "status": status, "content": [part]}


def _usage(told: Told) -> dict[str, Any]:
    return {
        "input_tokens": told.read,
        "input_tokens_details": {"cached_tokens": told.cached, "cache_write_tokens": 0},
        "output_tokens": told.written,
        "output_tokens_details": {"reasoning_tokens": told.thought},
        "total_tokens": told.read + told.written,
    }

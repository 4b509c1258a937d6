"""Anthropic's Messages, whole and as a stream.

Compared with `anthropic.types` of anthropic 2.14: Message, TextBlock, ThinkingBlock, Usage (input without what came
from the cache), RefusalStopDetails, ModelInfo, ErrorResponse with its types and statuses (529 when overloaded; no
credit is a 400), and the events message_start, content_block_start, ping, content_block_delta, content_block_stop,
message_delta (cumulative usage), message_stop and error, each named.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiwriter.testing.fake_wires import REFUSAL, Asked, Told, Wire, event, pieces

_STOPS = {"stop": "end_turn", "length": "max_tokens", "refused": "refusal"}
_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_NO_CREDIT = "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing."


class Anthropic(Wire):
    """Messages."""

    broken = event(
        {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "req_fake"},
        "error",
    )

    def speaks(self, path: str) -> bool:
        return path == "/v1/messages"

    def asked(self, _path: str, body: Mapping[str, Any]) -> Asked:
        messages = [str(message.get("content")) for message in body.get("messages", [])]
        prompt = "\n".join([str(body.get("system") or ""), *messages])
        form = json.dumps((body.get("output_config") or {}).get("format", {}))
        return Asked(str(body.get("model")), prompt, form, int(body["max_tokens"]), bool(body.get("stream")))

    def whole(self, told: Told) -> dict[str, Any]:
        text = {"type": "text", "text": told.shown, "citations": None}
        return {
            **_begun(told),
            "content": [*_thoughts(told), *([text] if told.finish != "refused" else [])],
            **_ended(told),
            **({"usage": _read(told) | _written(told)} if told.counted else {}),
        }

    def events(self, told: Told, _body: Mapping[str, Any]) -> list[bytes]:
        begun = {**_begun(told), "content": [], "stop_reason": None, "stop_sequence": None, "stop_details": None}
        used = _read(told) | {"output_tokens": 1} if told.counted else {}
        said: list[dict[str, Any]] = [{"type": "message_start", "message": begun | {"usage": used}}]
        for index, block in enumerate([*_thoughts(told), {"type": "text", "text": "", "citations": None}]):
            said += [{"type": "content_block_start", "index": index, "content_block": block}, {"type": "ping"}]
            if block["type"] == "text":
                deltas = [{"type": "text_delta", "text": piece} for piece in pieces(told.shown)]
                said += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
            said.append({"type": "content_block_stop", "index": index})
        total = _written(told) if told.counted else {}
        said += [{"type": "message_delta", "delta": _ended(told), "usage": total}, {"type": "message_stop"}]
        return [event(one, one["type"]) for one in said]

    def error(self, status: int, message: str, code: str) -> tuple[int, dict[str, Any]]:
        if code == "insufficient_quota":
            status, message = 400, _NO_CREDIT
        status = 529 if status == 503 else status
        told = {"type": _KINDS.get(status, "api_error"), "message": message}
        return status, {"type": "error", "error": told, "request_id": "req_fake"}

    def key(self, headers: Mapping[str, str]) -> str:
        return headers.get("x-api-key") or super().key(headers)  # the SDK sends the latter

    def lists_models(self, path: str, headers: Mapping[str, str]) -> bool:
        return path in self.lists and "anthropic-version" in headers

    def models(self, names: tuple[str, ...]) -> dict[str, Any]:
        facts = {"type": "model", "created_at": "2026-01-01T00:00:00Z", "lifecycle": "active"}
        listed = [{**facts, "id": name, "display_name": name} for name in names]
        return {"data": listed, "has_more": False, "first_id": names[0], "last_id": names[-1]}


def _begun(told: Told) -> dict[str, Any]:
    return {"id": "msg_fake", "type": "message", "role": "assistant", "model": told.model}


def _ended(told: Told) -> dict[str, Any]:
    details = {"type": "refusal", "category": None, "explanation": REFUSAL} if told.finish == "refused" else None
    return {"stop_reason": _STOPS[told.finish], "stop_sequence": None, "stop_details": details}


def _thoughts(told: Told) -> list[dict[str, Any]]:
    return [{"type": "thinking", "thinking": "", "signature": "c2lnbmVk"}] if told.thought else []


def _read(told: Told) -> dict[str, Any]:
    return {
        "input_tokens": told.read - told.cached,
        "cache_read_input_tokens": told.cached,
        "cache_creation_input_tokens": 0,
    }


def _written(told: Told) -> dict[str, Any]:
    return {"output_tokens": told.written, "output_tokens_details": {"thinking_tokens": told.thought}}

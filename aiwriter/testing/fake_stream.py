"""Chat completions as a stream of server-sent events, the way OpenAI writes them, and ways in which streams break."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

PIECE = 12  # characters; a token has about 4
DONE = b"data: [DONE]\n\n"
ERROR = {"error": {"message": "The server had an error while writing", "type": "server_error", "code": "500"}}


def events(completion: Mapping[str, Any], *, with_usage: bool) -> list[bytes]:
    """The events that say what `completion` says: a role, its text in pieces, why it ends, its usage, [DONE].

    With usage, all chunks have the field and all but the last have nothing in it; the last has no choices.
    """
    head = {key: completion[key] for key in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    nothing_yet = {"usage": None} if with_usage else {}
    told: list[dict[str, Any]] = [head | {"choices": [choice]} | nothing_yet for choice in _choices(completion)]
    if with_usage and "usage" in completion:
        told.append(head | {"choices": [], "usage": completion["usage"]})
    return [*(event(one) for one in told), DONE]


def event(data: Mapping[str, Any]) -> bytes:
    """One event of a stream."""
    return b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\n\n"


def _choices(completion: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    (choice,) = completion["choices"]
    message = choice["message"]
    field = "refusal" if message.get("refusal") else "content"
    text = message.get(field) or ""
    deltas = [{"role": "assistant", field: ""}]
    deltas += [{field: text[start : start + PIECE]} for start in range(0, len(text), PIECE)]
    for delta in deltas:
        yield {"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}
    yield {"index": 0, "delta": {}, "logprobs": None, "finish_reason": choice["finish_reason"]}

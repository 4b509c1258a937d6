"""Gemini's generateContent, and streamGenerateContent?alt=sse.

Compared with `google.genai.types` of google-genai 3.6, as its converters for the Gemini API write and read them:
GenerateContentResponse, Candidate, GenerateContentResponseUsageMetadata (thoughts apart from the candidate's tokens),
FinishReason, GenerateContentResponsePromptFeedback, Model; and with Google's error body (google.rpc.Status: RetryInfo,
QuotaFailure; a minute's rate and a day's quota are told with the same words). A stream has no last event of its own:
the piece with a finishReason is the last, and every piece tells the usage so far.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiwriter.testing.fake_wires import Asked, Told, Wire, event, pieces

_FINISHES = {"stop": "STOP", "length": "MAX_TOKENS", "refused": "SAFETY"}
_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_QUOTA_WORDS = "You exceeded your current quota, please check your plan and billing details."
_TYPES = "type.googleapis.com/google.rpc."


class Gemini(Wire):
    """The Gemini API, whichever of its versions is asked."""

    lists = ("/v1/models", "/v1beta/models")
    broken = event({"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}})

    def speaks(self, path: str) -> bool:
        return path.endswith((":generateContent", ":streamGenerateContent"))

    def asked(self, path: str, body: Mapping[str, Any]) -> Asked:
        contents = [body.get("systemInstruction") or {}, *body.get("contents", [])]
        prompt = "\n".join(str(part.get("text")) for content in contents for part in content.get("parts", []))
        config = body.get("generationConfig") or {}
        form = config.get("responseJsonSchema") or config.get("responseSchema") or {}
        model, _, verb = path.rpartition("/")[2].partition(":")
        most = int(config.get("maxOutputTokens") or 10**6)
        return Asked(model, prompt, json.dumps(form), most, verb.startswith("stream"))

    def whole(self, told: Told) -> dict[str, Any]:
        return _piece(told, told.shown, _FINISHES[told.finish])

    def events(self, told: Told, _body: Mapping[str, Any]) -> list[bytes]:
        texts = list(pieces(told.shown)) or [""]
        ends = [*([None] * (len(texts) - 1)), _FINISHES[told.finish]]
        return [event(_piece(told, text, end)) for text, end in zip(texts, ends, strict=True)]

    def error(self, status: int, message: str, code: str) -> tuple[int, dict[str, Any]]:
        error: dict[str, Any] = {"code": status, "message": message, "status": _STATUSES.get(status, "UNKNOWN")}
        if status == 429:
            spent = "PerDay" if code == "insufficient_quota" else "PerMinute"
            quota = {"quotaMetric": "requests", "quotaId": f"GenerateRequests{spent}PerProjectPerModel"}
            retry = {"@type": f"{_TYPES}RetryInfo", "retryDelay": "1s"}
            error["message"] = _QUOTA_WORDS
            error["details"] = [{"@type": f"{_TYPES}QuotaFailure", "violations": [quota]}, retry]
        return status, {"error": error}

    def key(self, headers: Mapping[str, str]) -> str:
        return headers.get("x-goog-api-key", "")

    def models(self, names: tuple[str, ...]) -> dict[str, Any]:
        verbs = ["generateContent", "countTokens"]
        return {"models": [{"name": f"models/{name}", "supportedGenerationMethods": verbs} for name in names]}


def _piece(told: Told, text: str, finish: str | None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"index": 0, "content": {"parts": [{"text": text}], "role": "model"}}
    if told.finish == "refused":
        candidate = {"index": 0}
    if finish is not None:
        candidate["finishReason"] = finish
    usage = {
        "promptTokenCount": told.read,
        "candidatesTokenCount": told.written - told.thought,
        "totalTokenCount": told.read + told.written,
        **({"thoughtsTokenCount": told.thought} if told.thought else {}),
        **({"cachedContentTokenCount": told.cached} if told.cached else {}),
    }
    counted = {"usageMetadata": usage} if told.counted else {}
    return {"candidates": [candidate], **counted, "modelVersion": told.model, "responseId": "fake"}

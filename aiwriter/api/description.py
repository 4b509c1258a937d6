"""What the OpenAPI description says beyond the routes themselves: errors, tags, examples."""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi import FastAPI

from aiwriter.api.errors import MEDIA_TYPE
from aiwriter.api.schemas import Problem

TEXT = """\
Errors are `application/problem+json` with a `code` for programs, a `detail` and a `hint` for people, the `request_id`
under which the log has the rest, and in `errors` each field that cannot be used.

Lists take `limit`, `offset` or the `cursor` of the page before, and `sort`. Documents have an `ETag`; ask again with
`If-None-Match`. Saving needs `If-Match`. `POST generate/content`, `POST research` and `POST checks` can be repeated
safely with an `Idempotency-Key`.
"""

TAGS = [
    {"name": "content", "description": "Articles that were written."},
    {"name": "publishing", "description": "What comes before readers, and what the gate holds back."},
    {"name": "generate", "description": "Asking for an article."},
    {"name": "runs", "description": "How the writing goes on."},
    {"name": "sources", "description": "What was read."},
    {"name": "analytics", "description": "Figures."},
    {"name": "catalogue", "description": "What can be asked for."},
    {
        "name": "knowledge",
        "description": "Sources that stay known, passages found in them, and the feeds they come from.",
    },
    {"name": "research", "description": "Topics looked into, with what sources ask, answer and disagree on."},
    {"name": "checks", "description": "Texts and claims of anybody, held against sources."},
    {"name": "budgets", "description": "What runs may spend together."},
    {"name": "api-keys", "description": "Who may ask."},
    {"name": "health", "description": "Whether all is well."},
]

SAID = {
    400: "The body cannot be read.",
    401: "There is no valid API key.",
    403: "The key lacks the scope.",
    404: "There is no such thing in this workspace.",
    409: "The present state does not allow it.",
    412: "Somebody else saved first; nothing was overwritten.",
    413: "The body is too large.",
    422: "Fields of the request cannot be used.",
    428: "If-Match is missing, or names no version.",
    500: "A defect on our side.",
    503: "The database, or something else that is needed, does not answer.",
}
UNTAGGED = ("follow_events", "list_keys", "get_metrics")  # a stream, what nobody keeps, what changes each time
NO_KEY = ("get_health", "get_readiness")
PUBLISHING = ("approve_article", "publish_article", "withdraw_publication", "unpublish_article")
IF_NONE_MATCH = {
    "name": "if-none-match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The ETag of what you have: 304 if it is still the same.",
}
STUDIES = ("cancel_study", "get_study_report")
CHECKS = ("cancel_check", "get_checked_text", "get_check_report")
CONFLICTS = ("cancel_run", "resume_run", "approve_outline", "delete_article", *STUDIES, *CHECKS, *PUBLISHING)

EXAMPLE = {
    "brief": {
        "topic": "What the island learned from its first winter with batteries",
        "sources": ["https://example.org/report", "https://example.org/minutes.pdf"],
        "format": "blog_post",
        "words": 900,
        "audience": "harbour towns that think of the same",
    },
    "model": "offline:extractive",
    "budget_usd": "0.50",
}


def install(app: FastAPI) -> None:
    """Make the application describe itself so."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(plain())
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _completed(schema: dict[str, Any]) -> dict[str, Any]:
    parts = schema["components"]["schemas"]
    parts.pop("HTTPValidationError", None)
    parts.pop("ValidationError", None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    parts.update(problem.pop("$defs", {}))
    parts["Problem"] = problem
    parts["GenerateRequest"]["examples"] = [EXAMPLE]
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            _add_answers(path, method, operation)
    for name in parts.keys() - _sent(schema):  # answers may get fields in later versions
        parts[name].pop("additionalProperties", None)
    return schema


def _sent(schema: dict[str, Any]) -> set[str]:
    """The parts that requests are made of."""
    bodies = [one.get("requestBody") for item in schema["paths"].values() for one in item.values()]
    found, more = set[str](), _named(bodies)
    while more:
        found |= more
        more = {one for name in more for one in _named(schema["components"]["schemas"][name])} - found
    return found


def _named(part: object) -> set[str]:
    return set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(part)))


def _add_answers(path: str, method: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    for status in _statuses(path, operation["operationId"], has_body="requestBody" in operation):
        if status == 503 and operation["operationId"] == "get_readiness":
            continue
        answers[str(status)] = {
            "description": SAID[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    if operation["operationId"] in NO_KEY:
        answers.pop("422", None)
    if method == "get" and operation["operationId"] not in UNTAGGED:
        answers["304"] = {"description": "You have it already (If-None-Match)."}
        operation.setdefault("parameters", []).append(IF_NONE_MATCH)
    operation["responses"] = dict(sorted(answers.items()))


def _statuses(path: str, operation: str, *, has_body: bool) -> list[int]:
    if operation in NO_KEY:
        return [500]
    statuses = [401, 403, 413, 422, 500, 503]
    if "{" in path or operation == "get_gate":
        statuses.append(404)
    if has_body:
        statuses.append(400)
    if operation in CONFLICTS:
        statuses.append(409)
    if operation in ("save_editable", "dismiss_finding"):
        statuses += [412, 428]
    return sorted(statuses)

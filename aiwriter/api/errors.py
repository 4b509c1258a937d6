"""Errors of ours → answers, in one table; every one is application/problem+json and says what to do next."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from aiwriter import errors
from aiwriter.api.schemas import FieldProblem, InvalidRequest, Problem, reason_of
from aiwriter.errors import AIWriterError, BadInput, Conflict, Forbidden

logger = logging.getLogger("aiwriter.api")

MEDIA_TYPE = "application/problem+json"


class Unauthorized(Forbidden):
    """There is no key, or one that is not valid (any more)."""


class PreconditionRequired(BadInput):
    """A change must say which version it was made to."""


class ChangedMeanwhile(Conflict):
    """Somebody else saved first; nothing of theirs was overwritten."""


class Meaning(NamedTuple):
    """What an error is over HTTP."""

    status: int
    code: str
    title: str


# The nearest base class wins.
MEANINGS: Mapping[type[AIWriterError], Meaning] = {
    Unauthorized: Meaning(401, "unauthorized", "A valid API key is needed"),
    Forbidden: Meaning(403, "forbidden", "This key may not do that"),
    errors.NotFound: Meaning(404, "not_found", "There is no such thing here"),
    Conflict: Meaning(409, "conflict", "The present state does not allow this"),
    errors.Refused: Meaning(409, "refused", "A gate said no"),
    errors.BudgetSpent: Meaning(409, "budget_spent", "The budget is spent"),
    ChangedMeanwhile: Meaning(412, "changed_meanwhile", "Somebody else saved it first"),
    BadInput: Meaning(422, "bad_input", "The request cannot be used"),
    errors.UnreadableSource: Meaning(422, "unreadable_source", "A source cannot be read"),
    PreconditionRequired: Meaning(428, "precondition_required", "Say which version was changed"),
    errors.ProviderRejected: Meaning(502, "provider_rejected", "A provider refused the request"),
    errors.BadReply: Meaning(502, "bad_reply", "A provider's answer cannot be used"),
    errors.Unavailable: Meaning(503, "unavailable", "Something that is needed does not answer"),
    errors.RateLimited: Meaning(503, "rate_limited", "A provider asks for a pause"),
    AIWriterError: Meaning(500, "defect", "A defect on our side"),
}

# What the framework itself refuses.
CODES: Mapping[int, tuple[str, str]] = {
    400: ("bad_input", "Is it JSON in UTF-8?"),
    404: ("not_found", "See /api/v1/openapi.json for all addresses."),
    405: ("method_not_allowed", "See /api/v1/openapi.json for what can be done here."),
    413: ("too_large", "Send less at once."),
}
RETRY_SECONDS = "2"
BODY, JSON_HINT = "body", "Send JSON in UTF-8 with the header Content-Type: application/json."


def install(app: FastAPI) -> None:
    """Answer every error of ours, and the framework's own, as a problem."""
    app.add_exception_handler(AIWriterError, _ours)
    app.add_exception_handler(RequestValidationError, _fields)
    app.add_exception_handler(HTTPException, _frameworks)


def request_id_of(request: Request) -> str:
    return str(request.scope.get("state", {}).get("request_id", ""))


def meaning_of(error: AIWriterError) -> Meaning:
    """The row of the table for the nearest base class."""
    return next(MEANINGS[base] for base in type(error).__mro__ if base in MEANINGS)


def answer(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The response that reports a problem."""
    return Response(
        problem.model_dump_json(), status_code=problem.status, media_type=MEDIA_TYPE, headers=dict(headers or {})
    )


def defect(request_id: str) -> Response:
    """What a caller may know of a defect: the number under which the log has the rest."""
    meaning = MEANINGS[AIWriterError]
    return answer(
        Problem(
            title=meaning.title,
            status=meaning.status,
            code=meaning.code,
            detail="something went wrong that should not have",
            hint="The log of the API has the details under this request id.",
            request_id=request_id,
        )
    )


def too_large(request_id: str, most: int) -> Response:
    """The answer to a body that is not read to its end."""
    code, hint = CODES[413]
    return answer(
        Problem(
            title="The request is too large",
            status=413,
            code=code,
            detail=f"the body is larger than {most} bytes",
            hint=hint,
            request_id=request_id,
        ),
        {"Connection": "close"},
    )


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, AIWriterError)
    meaning = meaning_of(error)
    headers = {}
    if meaning.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if meaning.status == 503:
        after = getattr(error, "retry_after", None)
        headers["Retry-After"] = RETRY_SECONDS if after is None else str(round(after))
    if meaning.status >= 500:
        logger.warning("request %s: %s: %s", request_id_of(request), type(error).__name__, error)
    problem = Problem(
        title=meaning.title,
        status=meaning.status,
        code=meaning.code,
        detail=str(error),
        hint=error.hint,
        request_id=request_id_of(request),
        errors=error.fields if isinstance(error, InvalidRequest) else (),
    )
    return answer(problem, headers)


async def _fields(request: Request, error: Exception) -> Response:
    """A request that does not fit its schema: which fields, and why; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)
    found = tuple(_problem(one, request.headers.get("content-type", "")) for one in error.errors())
    meaning = MEANINGS[BadInput]
    of_the_body = any(one.field == BODY for one in found)
    one, many = "a field of the request cannot be used", f"{len(found)} fields of the request cannot be used"
    return answer(
        Problem(
            title=meaning.title,
            status=meaning.status,
            code=meaning.code,
            detail=one if len(found) == 1 else many,
            hint=JSON_HINT if of_the_body else "Correct what `errors` names.",
            request_id=request_id_of(request),
            errors=found,
        )
    )


def _problem(found: Mapping[str, Any], sent_as: str) -> FieldProblem:
    """One field, or the whole body, that cannot be used."""
    if found["type"] == "json_invalid":
        said = found["ctx"]["error"]
        return FieldProblem(field=BODY, message=f"it is no JSON: {said} at character {found['loc'][-1]}")
    if found["loc"] == (BODY,):
        return FieldProblem(field=BODY, message="there is none" if found["type"] == "missing" else _unread(sent_as))
    return FieldProblem(field=_path(found["loc"]), message=reason_of(found))


def _unread(sent_as: str) -> str:
    """Why a body was not read as an object: most programs that send data call it something else than JSON unasked."""
    if "json" in sent_as:
        return "it is no JSON object"
    return f"it is not read as JSON: its Content-Type is {sent_as[:100]!r}" if sent_as else "it has no Content-Type"


def _path(location: tuple[int | str, ...]) -> str:
    """("body", "brief", "words") → "brief.words"; parameters keep their name alone."""
    parts = [str(part) for part in location]
    return ".".join(parts[1:] if parts[0] in ("body", "query", "path", "header") else parts) or parts[0]


async def _frameworks(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, hint = CODES.get(error.status_code, ("bad_input", "See /api/v1/openapi.json."))
    problem = Problem(
        title=HTTPStatus(error.status_code).phrase,
        status=error.status_code,
        code=code,
        detail=str(error.detail),
        hint=hint,
        request_id=request_id_of(request),
    )
    return answer(problem, error.headers)

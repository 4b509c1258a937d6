"""How the client speaks: one request, problems as errors of ours, and a stream of events that outlives connections."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel, ValidationError

from aiwriter import errors
from aiwriter.api.schemas import PREFIX, STREAM_END, FieldProblem, InvalidRequest, Problem, reason_of
from aiwriter.errors import AIWriterError, BadInput, BadReply, RateLimited, Unavailable
from aiwriter.ports.knowledge import KnownFilter
from aiwriter.ports.lists import ArticleFilter, Paging, RunFilter, SourceFilter, StudyFilter

M = TypeVar("M", bound=BaseModel)

BY_CODE: Mapping[str, type[AIWriterError]] = {
    "bad_input": errors.BadInput,
    "unreadable_source": errors.UnreadableSource,
    "too_large": errors.BadInput,
    "precondition_required": errors.BadInput,
    "not_found": errors.NotFound,
    "method_not_allowed": errors.NotFound,
    "unauthorized": errors.Forbidden,
    "forbidden": errors.Forbidden,
    "conflict": errors.Conflict,
    "changed_meanwhile": errors.Conflict,
    "refused": errors.Refused,
    "budget_spent": errors.BudgetSpent,
    "rate_limited": errors.RateLimited,
    "unavailable": errors.Unavailable,
    "provider_rejected": errors.ProviderRejected,
    "bad_reply": errors.BadReply,
    "defect": errors.AIWriterError,
}

SILENCE_SECONDS = 30.0  # a stream is never silent for longer: it sends a heartbeat every 10 s
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.2, 2.0


@dataclass(frozen=True, slots=True)
class Exported:
    """A version of an article as a file."""

    name: str
    content_type: str
    data: bytes


class Wire:
    """Requests to one API with one key. Every error comes out as one of `aiwriter.errors`; BadInput for an address or a
    key that can be none."""

    def __init__(
        self, url: str, key: str, timeout_seconds: float, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.url = _address(url)
        self._http = httpx.AsyncClient(
            base_url=self.url,
            headers=_authorization(key.strip()),
            timeout=timeout_seconds,
            transport=transport,
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def ask(self, method: str, path: str, kind: type[M], **request: Any) -> M:
        """Send a request and read its reply as `kind`. Raises the error that the API reports, or Unavailable."""
        reply = await self.send(method, path, **request)
        return self._read(reply, kind)

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: BaseModel | Callable[[], BaseModel] | None = None,
        headers: Mapping[str, str] | None = None,
        also: tuple[int, ...] = (),
    ) -> httpx.Response:
        """The reply, if it reports no problem or its status is in `also`. A `body` that is still to be made of what a
        caller gave is made here. Raises InvalidRequest where that cannot be."""
        sent = dict(headers or {})
        content = None
        if body is not None:
            content, sent["Content-Type"] = _made(body).model_dump_json(), "application/json"
        try:
            reply = await self._http.request(
                method, PREFIX + path, params=_without_none(params), content=content, headers=sent
            )
        except httpx.HTTPError as error:
            raise self.unreachable(error) from error
        if (reply.is_error or reply.is_redirect) and reply.status_code not in also:
            raise problem_of(reply, self.url)
        return reply

    async def exported(self, path: str, name: str, params: Mapping[str, Any] | None = None) -> Exported:
        """What a route gives as a file, called as it says, else `name`."""
        reply = await self.send("GET", path, params=params)
        named = reply.headers.get("content-disposition", "").partition('filename="')[2].rstrip('"')
        return Exported(named or name, reply.headers.get("content-type", ""), reply.content)

    def unreachable(self, error: Exception) -> Unavailable:
        """The API could not be talked to."""
        cause = str(error) or type(error).__name__
        return Unavailable(
            f"the API at {self.url} does not answer: {cause}",
            hint="Is it running? `aiwriter up` starts it; AIWRITER_API__URL says where it is.",
            sent=not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout),
        )

    def _read(self, reply: httpx.Response, kind: type[M]) -> M:
        try:
            return kind.model_validate_json(reply.content, extra="ignore")  # what later versions add is passed over
        except ValidationError as error:
            raise BadReply(
                f"the API at {self.url} answered something else than a {kind.__name__}: {error}",
                hint="Are the API and this client of the same version?",
            ) from error

    async def events(self, path: str, kind: type[M], after: int, patience_seconds: float) -> AsyncIterator[M]:
        """The stream's events after that number, each once, until the API says that it has ended.

        A broken connection is made anew after the last event; Unavailable when that fails for `patience_seconds`.
        """
        last, wait, broken_since = after, FIRST_WAIT_SECONDS, 0.0
        while True:
            try:
                async for number, name, data in self._connection(path, last):
                    wait, broken_since = FIRST_WAIT_SECONDS, 0.0
                    if name == STREAM_END:
                        return
                    if number > last:
                        last = number
                        yield kind.model_validate_json(data, extra="ignore")
            except (httpx.HTTPError, Unavailable) as error:
                broken_since = broken_since or time.monotonic()
                if time.monotonic() - broken_since > patience_seconds:
                    if isinstance(error, Unavailable):
                        raise
                    raise self.unreachable(error) from error
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    async def _connection(self, path: str, last: int) -> AsyncIterator[tuple[int, str, str]]:
        headers = {"Last-Event-ID": str(last), "Accept": "text/event-stream"}
        limits = httpx.Timeout(self._http.timeout.connect, read=SILENCE_SECONDS)
        async with self._http.stream("GET", PREFIX + path, headers=headers, timeout=limits) as reply:
            if reply.is_error or reply.is_redirect:
                await reply.aread()
                raise problem_of(reply, self.url)
            yield last, "connected", ""  # however long it is silent from now on, it was there
            async for event in parsed(reply.aiter_lines()):
                yield event


def _made(body: BaseModel | Callable[[], BaseModel]) -> BaseModel:
    if isinstance(body, BaseModel):
        return body
    try:
        return body()
    except ValidationError as error:
        fields = tuple(
            FieldProblem(field=".".join(map(str, one["loc"])), message=reason_of(one))
            for one in error.errors(include_url=False)
        )
        raise _invalid("the request cannot be used", fields, "Correct what is named.") from None


def _invalid(detail: str, fields: tuple[FieldProblem, ...], hint: str | None) -> InvalidRequest:
    listed = "; ".join(f"{one.field}: {one.message}" for one in fields)
    return InvalidRequest(f"{detail} ({listed})", hint=hint, fields=fields)


def _address(url: str) -> str:
    scheme, _, host = url.partition("://")
    if scheme not in ("http", "https") or not host:
        raise BadInput(f"{url!r} is no address of an API", hint="Write it like http://127.0.0.1:8000.")
    return url.rstrip("/").removesuffix(PREFIX)


def _authorization(key: str) -> dict[str, str]:
    """The header of a key. What cannot be in a header is refused here: httpx would repeat the key in its error."""
    if not re.fullmatch("[!-~]*", key):
        raise BadInput(
            "the API key has blanks, line ends or letters that no key has",
            hint="Give it as `aiwriter keys add` printed it: aw_…",
        )
    return {"Authorization": f"Bearer {key}"} if key else {}


async def parsed(lines: AsyncIterator[str]) -> AsyncIterator[tuple[int, str, str]]:
    """Server-sent events as (id, event, data); comments and fields we do not use are passed over."""
    number, name, data = 0, "message", list[str]()
    async for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line == "":
            if data:
                yield number, name, "\n".join(data)
            name, data = "message", []
        elif field == "id":
            number = int(value) if value.isdigit() else number
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)


def problem_of(reply: httpx.Response, url: str) -> AIWriterError:
    """The error of ours that a problem reports."""
    try:
        problem = Problem.model_validate_json(reply.content, extra="ignore")
    except ValidationError:
        return _unspoken(reply, url)
    if problem.errors:
        return _invalid(problem.detail, problem.errors, problem.hint)
    kind = BY_CODE.get(problem.code, AIWriterError)
    detail = f"{problem.detail} (request {problem.request_id})" if problem.status >= 500 else problem.detail
    error = kind(detail, hint=problem.hint)
    after = reply.headers.get("retry-after", "")
    if isinstance(error, RateLimited) and after.isdecimal():
        error.retry_after = float(after)
    return error


def _unspoken(reply: httpx.Response, url: str) -> AIWriterError:
    """Something between the API and us answered, such as a proxy."""
    message = f"{url} answered {reply.status_code} {reply.reason_phrase}".rstrip()
    if reply.status_code in (502, 503, 504):
        return Unavailable(message, hint="Try again in a moment.")
    leads_to = f" It leads to {reply.headers.get('location', 'nowhere')[:200]}." if reply.is_redirect else ""
    return BadReply(message, hint=f"Is this the address of the API?{leads_to}")


def _without_none(params: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (params or {}).items() if value is not None and value != []}


def sent_once(key: str | None) -> dict[str, str] | None:
    """The header that makes a request repeatable. Raises BadInput for a key that it cannot hold."""
    if key is None:
        return None
    if not re.fullmatch("[!-~]{1,200}", key):
        raise BadInput(
            f"{key[:200]!r} can be no idempotency key",
            hint="Use 1 to 200 ASCII letters, digits and signs, without blanks.",
        )
    return {"Idempotency-Key": key}


def listed(
    wanted: ArticleFilter | KnownFilter | RunFilter | SourceFilter | StudyFilter, paging: Paging
) -> dict[str, Any]:
    """Filter and paging as query parameters; several values of one field are repeated."""
    params: dict[str, Any] = {"limit": paging.limit, "offset": paging.offset or None, "cursor": paging.cursor}
    params["sort"] = ",".join(paging.sort) or None
    for name in wanted.__dataclass_fields__:
        value = getattr(wanted, name)
        if value is None or isinstance(value, str | float | int):
            params[name] = value
        elif isinstance(value, UUID):
            params[name] = str(value)
        elif hasattr(value, "isoformat"):
            params[name] = value.isoformat()
        else:
            params[name] = [str(one) for one in value]
    return params

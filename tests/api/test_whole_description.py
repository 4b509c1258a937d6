"""The OpenAPI description: what it says of each route, and that the API keeps to it whatever it is sent."""

from __future__ import annotations

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import booleans
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from aiwriter.api.app import create_app
from aiwriter.services import runs
from tests.api.harness import OWNER, Api, running, settings_for

T = TypeVar("T")

SOME, MORE = 2, 5  # of right and of wrong requests, a route
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def described(tmp_path: Path) -> dict[str, Any]:
    return create_app(settings_for(tmp_path, "sqlite+aiosqlite:///unused.db")).openapi()


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, one) for path, item in schema["paths"].items() for method, one in item.items()]


def test_every_route_has_a_name_a_tag_words_and_documented_errors(tmp_path: Path) -> None:
    schema = described(tmp_path)
    names = [one["operationId"] for _, _, one in operations(schema)]
    assert len(set(names)) == len(names)
    tags = {tag["name"] for tag in schema["tags"]}
    for path, method, one in operations(schema):
        where = f"{method} {path}"
        assert one["description"], where
        assert set(one["tags"]) <= tags, where
        for status, answer in one["responses"].items():
            if status >= "400" and (one["operationId"], status) != ("get_readiness", "503"):
                assert set(answer["content"]) == {"application/problem+json"}, where
                assert answer["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem"), where
        if one["operationId"] not in ("get_health", "get_readiness"):
            assert one["security"], where
            assert {"401", "403", "422", "503"} <= set(one["responses"]), where
    assert "HTTPValidationError" not in str(schema)


def test_whoever_generates_a_client_finds_each_part_under_a_valid_name_of_its_own(tmp_path: Path) -> None:
    parts = described(tmp_path)["components"]
    names = [name for kind in parts.values() for name in kind]
    assert [name for name in names if not re.fullmatch(r"[A-Za-z0-9._-]+", name) or "__" in name] == []
    titles = Counter(one["title"] for one in parts["schemas"].values())
    assert [title for title, times in titles.items() if times > 1] == []


def test_what_cannot_be_done_twice_is_described_as_a_conflict(tmp_path: Path) -> None:
    answers = {one["operationId"]: one["responses"] for _, _, one in operations(described(tmp_path))}
    assert [name for name in ("cancel_run", "cancel_study", "resume_run") if "409" not in answers[name]] == []


def test_answers_may_get_fields_in_later_versions_and_requests_may_not_have_unknown_ones(tmp_path: Path) -> None:
    """As docs/architecture/api_design.md promises: a client that validates answers must outlive the next version."""
    parts = described(tmp_path)["components"]["schemas"]
    closed = {name for name, part in parts.items() if part.get("additionalProperties") is False}
    assert closed >= {"GenerateRequest", "Brief", "KeyRequest", "FeedRequest", "PublicationRequest"}
    assert (
        closed & {"Article", "ArticlePage", "RunDetail", "Run", "RunEvent", "Estimate", "KeptStudy", "Problem"} == set()
    )


def test_what_may_answer_304_says_by_which_header_it_is_asked(tmp_path: Path) -> None:
    """A generated client can send only what is described."""
    for path, method, one in operations(described(tmp_path)):
        asked = [known["name"] for known in one.get("parameters", []) if known["in"] == "header"]
        assert ("304" in one["responses"]) == ("if-none-match" in asked), f"{method} {path}"


class Elsewhere:
    """An ASGI application whose requests are answered by another one, in the event loop that holds its database."""

    app: FastAPI

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":  # it lives longer than the client of one request
            for what in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{what}.complete"})
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        answered: list[Any] = []
        given = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def give() -> Any:
            return next(given, {"type": "http.disconnect"})

        async def keep(message: Any) -> None:
            answered.append(message)

        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self.app(scope, give, keep), self._loop))
        for message in answered:
            await send(message)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Installation(NamedTuple):
    """An API that answers in an event loop of its own, and by name what there is to ask it for."""

    app: Elsewhere
    description: dict[str, Any]
    secret: str
    known: dict[str, str]


@contextmanager
def installed(home: Path, url: str) -> Iterator[Installation]:
    stack = AsyncExitStack()
    with Elsewhere() as elsewhere:
        api = elsewhere.do(stack.enter_async_context(running(settings_for(home, url))))
        elsewhere.app = api.app
        try:
            yield Installation(elsewhere, api.app.openapi(), api.secret, elsewhere.do(_filled(api)))
        finally:
            elsewhere.do(stack.aclose())


@pytest.mark.parametrize("examples", [SOME, pytest.param(MORE, marks=pytest.mark.faults)])
@pytest.mark.timeout(900)
def test_whatever_is_sent_the_answer_is_one_that_is_described_on_either_database(
    examples: int, tmp_path: Path, sqlite_url: str, postgres_url: str
) -> None:
    """To think of requests takes much longer than to answer them: both are sent the same."""
    with installed(tmp_path / "one", sqlite_url) as one, installed(tmp_path / "other", postgres_url) as other:
        assert one.description == other.description
        schema = schemathesis.openapi.from_dict(one.description)
        schema.app = one.app
        asked = 0
        for result in schema.get_all_operations():
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                asked += _send_anything(result.ok(), mode, examples, (one, other))
        assert asked > examples * 30


async def _filled(api: Api) -> dict[str, str]:
    """Something to ask for: an article, and a run that has ended."""
    article = await api.store()
    run = await runs.ask(
        api.tools.database, OWNER, article.brief, model="offline:extractive", embedder="hashing:128", budget_usd=None
    )
    await runs.cancel(api.tools.database, OWNER, run.id)
    return {"article_id": str(article.id), "run_id": str(run.id), "version": "1"}


def _send_anything(operation: Any, mode: GenerationMode, examples: int, installations: Sequence[Installation]) -> int:
    """How many requests were sent to each: half of them for what is there."""
    sent = 0

    @given(case=operation.as_strategy(generation_mode=mode), existing=booleans())
    @settings_of_hypothesis(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(case: Any, existing: bool) -> None:
        nonlocal sent
        sent += 1
        existing = existing and operation.definition.raw["operationId"] != "delete_article"
        for app, _, secret, known in installations:
            if existing:
                case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
            case.call_and_validate(checks=CHECKS, headers={"Authorization": f"Bearer {secret}"}, app=app, timeout=120)

    try:
        check()
    except Unsatisfiable:  # nothing wrong can be sent to a route that takes nothing
        assert mode is GenerationMode.NEGATIVE
    return sent

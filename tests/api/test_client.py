"""The typed client: a method for every route, documents that arrive as they were, errors of ours."""

from __future__ import annotations

import inspect
import re
from collections.abc import Coroutine
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from aiwriter.api.app import create_app
from aiwriter.api.client import Client, InvalidRequest
from aiwriter.api.errors import CODES, MEANINGS
from aiwriter.api.wire import BY_CODE, parsed
from aiwriter.documents import Outline, Run, RunStatus, SectionPlan, Shortage, Stage
from aiwriter.errors import BadInput, BadReply, BudgetSpent, Conflict, NotFound, RateLimited, Unavailable
from aiwriter.ids import new_id
from aiwriter.ports import Paging, RunFilter, SourceFilter
from aiwriter.services import analytics, holding, runs
from aiwriter.testing import sample_brief, sample_evidence, sample_sources
from aiwriter.testing.fake_provider import FakeProvider
from tests.api.harness import OWNER, Api, running, settings_for


def test_the_client_has_a_method_for_every_route(tmp_path: Path) -> None:
    schema = create_app(settings_for(tmp_path, "sqlite+aiosqlite:///unused.db")).openapi()
    routes = {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path.removeprefix("/api/v1/")))
        for path, item in schema["paths"].items()
        for method in item
    }
    said = set[tuple[str, str]]()
    for _, method in inspect.getmembers(Client, inspect.isfunction):
        for verb, path in re.findall(r"\b(GET|PUT|POST|DELETE) ([\w/{}-]+)", inspect.getdoc(method) or ""):
            said.add((verb, re.sub(r"\{\w+\}", "{}", path)))
    assert said | {("GET", "content/{}/versions/{}")} == routes


def test_every_error_of_the_table_arrives_as_its_own_kind() -> None:
    for kind, meaning in MEANINGS.items():
        assert issubclass(kind, BY_CODE[meaning.code])
    assert {code for code, _ in CODES.values()} <= set(BY_CODE)


@pytest.mark.parametrize("key", ["aw_secret\n", " aw_secret", "aw_secret\r\n"])
async def test_blanks_and_line_ends_around_a_key_are_no_part_of_it(key: str) -> None:
    """They come with a key that was read from a file; no header may hold them."""
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers["Authorization"])
        return httpx.Response(200, json={"items": [], "total": 0})

    async with Client("http://api.test", key, transport=httpx.MockTransport(answer)) as client:
        await client.runs()
    assert sent == ["Bearer aw_secret"]


@pytest.mark.parametrize("key", ["aw_sec\nret", "aw_ключ", "aw_sec ret"])
def test_what_can_be_no_key_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(BadInput, match="API key") as refused:
        Client("http://api.test", key)
    assert key not in f"{refused.value} {refused.value.hint}"


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "localhost:8000", "", "ftp://api.test", "http://"])
def test_what_is_no_address_of_an_api_is_refused_as_one(url: str) -> None:
    with pytest.raises(BadInput, match=re.escape(repr(url))) as refused:
        Client(url, "aw_secret")
    assert "http://127.0.0.1:8000" in str(refused.value.hint)


@pytest.mark.parametrize(
    "url", ["http://api.test", "http://api.test/", "http://api.test/api/v1", "http://api.test/api/v1/"]
)
async def test_the_address_may_be_given_with_the_path_that_curl_needs(url: str) -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(str(request.url.copy_with(query=None)))
        return httpx.Response(200, json={"items": [], "total": 0})

    async with Client(url, "aw_secret", transport=httpx.MockTransport(answer)) as client:
        await client.runs()
    assert sent == ["http://api.test/api/v1/runs"]


async def test_a_redirect_is_told_with_where_it_leads_and_not_followed_with_the_key() -> None:
    moved = httpx.MockTransport(lambda _: httpx.Response(308, headers={"Location": "https://api.test/api/v1/runs"}))
    async with Client("http://api.test", "aw_secret", transport=moved) as client:
        with pytest.raises(BadReply, match="308 Permanent Redirect") as told:
            await client.runs()
    assert "https://api.test" in str(told.value.hint)


async def test_a_field_that_no_request_may_have_is_refused_as_the_api_would_refuse_it() -> None:
    nobody = httpx.MockTransport(lambda _: pytest.fail("nothing is sent"))
    async with Client("http://api.test", "aw_secret", transport=nobody) as api:
        wrong: list[tuple[Coroutine[Any, Any, object], str]] = [
            (api.generate(sample_brief(), budget_usd=Decimal(-1)), "budget_usd"),
            (api.estimate(sample_brief(), budget_usd=Decimal(-1)), "budget_usd"),
            (api.resume(new_id(), Decimal(-1)), "budget_usd"),
            (api.set_budget("day", Decimal(-1)), "cap_usd"),
            (api.add_key("", days=1), "name"),
            (api.add_key("reports", scopes=()), "scopes"),
            (api.approve(new_id(), version=0), "version"),
            (api.probe_model(""), "model"),
        ]
        for asking, field in wrong:
            with pytest.raises(InvalidRequest, match=field) as refused:
                await asking
            assert [one.field for one in refused.value.fields] == [field]


@pytest.mark.parametrize("key", ["", "fähre 1", "a\n", "x" * 201])
async def test_what_can_be_no_idempotency_key_is_refused_before_anything_is_sent(key: str) -> None:
    nobody = httpx.MockTransport(lambda _: pytest.fail("nothing is sent"))
    async with Client("http://api.test", "aw_secret", transport=nobody) as client:
        with pytest.raises(BadInput, match="idempotency key"):
            await client.generate(sample_brief(), idempotency_key=key)


async def test_how_long_to_wait_arrives_with_the_error() -> None:
    problem = {"title": "Later", "status": 503, "code": "rate_limited", "detail": "busy", "request_id": "1"}
    transport = httpx.MockTransport(lambda _: httpx.Response(503, json=problem, headers={"Retry-After": "7"}))
    async with Client("http://api.test", "aw_secret", transport=transport) as client:
        with pytest.raises(RateLimited) as told:
            await client.runs()
    assert told.value.retry_after == 7


async def _planned(api: Api) -> tuple[Run, Outline]:
    """A run that waits for its outline to be approved."""
    evidence = sample_evidence()
    brief = sample_brief().model_copy(update={"approve_outline": True})
    run = await runs.ask(
        api.tools.database, OWNER, brief, model="offline:extractive", embedder="hashing:128", budget_usd=None
    )
    keys = tuple(item.passage.id for item in evidence.items[:2])
    outline = Outline(title="Ferries", sections=(SectionPlan(heading="Cars", passages=keys, words=100),))
    database = api.tools.database
    async with database.unit_of_work(OWNER.workspace_id) as work:
        await work.stages.put(run.id, Stage.EVIDENCE, "", evidence, 1.5)
        await work.stages.put(run.id, Stage.OUTLINE, "", outline, 0.5)
        await work.sources.keep(sample_sources().items)
        await work.commit()
    async with (
        holding.held(database, OWNER, run.id, api.tools.clock) as owner,
        database.unit_of_work(OWNER.workspace_id) as work,
    ):
        assert await work.runs.finish(run.id, owner, RunStatus.WAITING)
        await work.commit()
    return run, outline


async def test_a_run_is_looked_at_approved_and_steered(api: Api) -> None:
    run, outline = await _planned(api)
    async with api.client() as client:
        with pytest.raises(NotFound):
            await client.outline(new_id())
        view = await client.outline(run.id)
        assert (view.outline, view.waiting, view.approved) == (outline, True, False)
        assert {passage.id for passage in view.passages} == {item.passage.id for item in sample_evidence().items}
        detail = await client.run(run.id)
        assert detail.seconds_by_stage["evidence"] == 1.5
        assert detail.seconds_by_stage["outline"] < 0.5, "both ended at once: what went on side by side counts once"
        changed = outline.model_copy(update={"title": "Ferries and cars"})
        assert (await client.approve_outline(run.id, changed)).status is RunStatus.QUEUED
        view = await client.outline(run.id)
        assert (view.outline, view.waiting, view.approved) == (changed, False, True)
        with pytest.raises(Conflict):
            await client.approve_outline(run.id)
        assert await client.calls(run.id) == ()
        with pytest.raises(Conflict, match="has not failed"):
            await client.resume(run.id)
        assert (await client.cancel(run.id)).status is RunStatus.CANCELLED
        with pytest.raises(Conflict, match="ended already"):
            await client.cancel(run.id)
        listed = await client.runs(RunFilter(status=("cancelled",)), Paging(sort=("-created_at",)))
        assert [one.id for one in listed.items] == [run.id]
        assert (await client.run(run.id)).facts is not None
        kinds = [event.kind for event in await client.history(run.id)]
        assert kinds[0] == "run.queued"
        assert kinds[-1] == "run.finished"
        assert len(await client.history(run.id, after=len(kinds) - 1)) == 1


async def test_a_failed_run_is_resumed(api: Api) -> None:
    database = api.tools.database
    run, _ = await _planned(api)
    await runs.approve_outline(database, OWNER, run.id, None)
    async with holding.held(database, OWNER, run.id, api.tools.clock) as owner:
        await holding.end(database, OWNER, run.id, owner, RunStatus.FAILED, reason="the model was away")
    async with api.client() as client:
        assert (await client.run(run.id)).run.reason == "the model was away"
        assert (await client.resume(run.id)).status is RunStatus.QUEUED


async def test_a_run_that_was_refused_for_its_budget_goes_on_with_a_larger_one(api: Api) -> None:
    database = api.tools.database
    run, _ = await _planned(api)
    await runs.approve_outline(database, OWNER, run.id, None)
    async with holding.held(database, OWNER, run.id, api.tools.clock) as owner:
        await holding.end(database, OWNER, run.id, owner, RunStatus.REFUSED, reason="$0 is left")
    async with api.client() as client:
        with pytest.raises(Conflict):
            await client.resume(run.id)
        resumed = await client.resume(run.id, Decimal("2.50"))
        assert (resumed.status, resumed.budget_usd) == (RunStatus.QUEUED, Decimal("2.5"))
        short = Shortage(budget="run", needs_usd=Decimal("0.02"))
        async with holding.held(database, OWNER, run.id, api.tools.clock) as owner:
            await holding.end(database, OWNER, run.id, owner, RunStatus.REFUSED, reason="$0 is left", short=short)
        for no_more in ("2.50", "0.01"):
            with pytest.raises(BadInput, match=r"not more than the \$2\.5 "):
                await client.resume(run.id, Decimal(no_more))
        assert (await client.run(run.id)).run.status is RunStatus.REFUSED
        assert (await client.resume(run.id, Decimal("2.51"))).status is RunStatus.QUEUED


async def test_a_run_that_the_cap_of_the_day_refused_goes_on_when_that_is_lifted(api: Api) -> None:
    database = api.tools.database
    run, _ = await _planned(api)
    await runs.approve_outline(database, OWNER, run.id, None)
    short = Shortage(budget="day", needs_usd=Decimal("0.02"))
    async with api.client() as client, holding.held(database, OWNER, run.id, api.tools.clock) as owner:
        await client.set_budget("day", Decimal("0.01"))
        await holding.end(database, OWNER, run.id, owner, RunStatus.REFUSED, reason="$0 is left", short=short)
    async with api.client() as client:
        assert (await client.run(run.id)).run.short == short
        with pytest.raises(BudgetSpent, match=r"\$0\.01 of this day's \$0\.01 is left") as refused:
            await client.resume(run.id)
        assert "`aiwriter budgets set day DOLLARS`" in str(refused.value.hint)
        await client.set_budget("day", None)
        assert (await client.resume(run.id)).status is RunStatus.QUEUED


async def test_budgets_are_set_and_read(api: Api) -> None:
    async with api.client() as client:
        assert {one.scope for one in await client.set_budget("openai", Decimal(20))} == {"workspace", "day", "provider"}
        await client.set_budget("day", Decimal("2.5"))
        assert {one.scope: one.cap_usd for one in await client.budgets()} == {
            "workspace": None,
            "day": Decimal("2.5"),
            "provider": Decimal(20),
        }
        await client.set_budget("day", None)
        with pytest.raises(BadInput, match="opanai"):
            await client.set_budget("opanai", Decimal(1))


async def test_a_cap_below_what_money_is_counted_in_is_refused_with_the_least(api: Api) -> None:
    async with api.http() as http:
        refused = await http.put("/budgets/day", json={"cap_usd": "0.0000001"})
    assert refused.status_code == 422
    assert "greater than or equal to 0.000001" in refused.text


async def test_sources_figures_and_catalogues_arrive_as_they_are(api: Api) -> None:
    run, _ = await _planned(api)
    await analytics.record_run(api.tools.database, OWNER, run.id, RunStatus.DONE, None)
    today = datetime.now(UTC).date()
    async with api.client() as client:
        page = await client.sources(SourceFilter(words=sample_sources().items[0].title), Paging(sort=("title",)))
        assert page.total >= 1
        source = await client.source(page.items[0].id)
        assert source.text in {one.text for one in sample_sources().items}
        with pytest.raises(NotFound):
            await client.source(new_id())
        figures = await client.content_figures(today, today)
        assert [(one.day, one.runs) for one in figures] == [(today, 1)]
        assert await client.content_figures() == figures
        system = await client.system_figures()
        assert system.runs["waiting"] == 1
        assert system.orchestrator.answers
        blog_post = next(one for one in await client.formats() if one.name == "blog_post")
        assert any(one.part == "seo" and "20 to 70 characters" in one.text for one in blog_post.demands)
        default, *others = await client.models()
        assert (default.name, default.usable, default.default) == ("offline:extractive", True, True)
        assert {one.usable for one in others} == {False}
        assert all("OPENAI_API_KEY" in one.note for one in others)
        assert [key.name for key in await client.keys()] == ["first key"]
        assert (await client.health()).status == "ok"


async def test_a_provider_that_is_left_alone_is_told_and_asked_again_by_who_wants_to_know(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with FakeProvider() as provider:
        own = {"base_url": provider.base_url, "input_usd": 1, "output_usd": 2}
        settings = settings_for(tmp_path / "home", sqlite_url, model="openai:heron-1", openai=own)
        async with running(settings) as api, api.client() as client:
            heron = (await client.models())[0]
            assert (heron.state, heron.input_usd, heron.output_usd) == ("ready, the default", 1, 2)
            assert "openai:heron-2" in {one.name for one in await client.models()}  # of the endpoint's own list
            await api.tools.limits.pause("openai", "disabled", 900, "no credit")
            heron = (await client.models())[0]
            assert heron.left_alone_until
            assert heron.note.endswith("UTC: no credit")
            (alone,) = (await client.system_figures()).left_alone
            assert alone.startswith("openai is disabled until")
            assert "heron-1 is listed there" in (await client.probe_model("openai:heron-1")).said
            assert (await client.models())[0].note == ""


async def test_a_run_that_a_person_resumes_asks_a_provider_that_was_left_alone(api: Api) -> None:
    database = api.tools.database
    run = await runs.ask(database, OWNER, sample_brief(), model="openai:m", embedder="x", budget_usd=None)
    async with holding.held(database, OWNER, run.id, api.tools.clock) as owner:
        await holding.end(database, OWNER, run.id, owner, RunStatus.FAILED, reason="no credit")
    await api.tools.limits.pause("openai", "disabled", 900, "no credit")
    await api.tools.limits.pause("openai:m", "cooling", 900, "wait")
    async with api.client() as client:
        await client.resume(run.id)
    assert [one.kind for one in await api.tools.limits.paused()] == ["cooling"]  # what it asked for is obeyed


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (502, "<html>bad gateway</html>", Unavailable),
        (404, "<html>not here</html>", BadReply),
        (200, '{"hello": 1}', BadReply),
        (503, '{"type":"about:blank","title":"t","status":503,"detail":"d","code":"new","request_id":"r"}', Exception),
    ],
)
async def test_what_something_else_answers_is_told_as_such(status: int, body: str, kind: type[Exception]) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text=body))
    async with Client("http://proxy.test", "aw_x", transport=transport) as client:
        with pytest.raises(kind):
            await client.health()


async def test_what_a_later_version_adds_is_passed_over() -> None:
    later = '{"status": "ok", "version": "9", "mood": "good"}'
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=later))
    async with Client("http://later.test", "aw_x", transport=transport) as client:
        assert (await client.health()).version == "9"


async def test_lines_of_a_stream_are_read_as_the_standard_says() -> None:
    async def lines():
        for line in [
            ": hello",
            "id: 4",
            "event: a.b",
            "data: one",
            "data: two",
            "",
            "",
            "data:x",
            "retry: 5",
            "",
            "id: 9",
        ]:
            yield line

    assert [event async for event in parsed(lines())] == [(4, "a.b", "one\ntwo"), (4, "message", "x")]

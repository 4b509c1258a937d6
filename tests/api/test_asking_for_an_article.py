"""generate: what is refused, what is stored once, and that nothing waits for the orchestrator."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from aiwriter.api.client import InvalidRequest
from aiwriter.documents import Brief, RunStatus
from aiwriter.services import keys
from aiwriter.testing import sample_article
from aiwriter.testing.launcher import submissions, switch_off, switch_on
from tests.api.harness import OWNER, Api, running, settings_for, until


async def submitted(api: Api, count: int) -> None:
    async def all_there() -> bool:
        return len(submissions(api.settings.home_folder)) == count

    await until(all_there)


async def test_a_run_is_stored_answered_with_its_address_and_handed_on(api: Api, brief: Brief) -> None:
    async with api.http() as http:
        reply = await http.post("/generate/content", json={"brief": brief.model_dump(mode="json")})
    body = reply.json()
    assert reply.status_code == 202
    assert reply.headers["Location"] == body["href"] == f"/api/v1/runs/{body['run_id']}"
    await submitted(api, 1)
    async with api.client() as client:
        detail = await client.run(body["run_id"])
        assert (detail.run.status, detail.run.requested_by) == (RunStatus.QUEUED, "first key")
        assert detail.run.brief == brief

        async def is_told() -> bool:  # a moment after it was handed on
            history = await client.history(detail.run.id)
            return [event.kind for event in history] == ["run.queued", "run.submitted"]

        await until(is_told)


async def test_articles_that_answer_the_topic_are_named_in_the_answer_and_stay_with_the_run(
    sqlite_api: Api, brief: Brief
) -> None:
    article = await sqlite_api.store(sample_article())
    async with sqlite_api.client() as client:
        wanted = brief.model_copy(update={"topic": article.brief.topic})
        sqlite_api.app.state.house.look_seconds = 0
        assert (await client.generate(wanted)).answered is None  # the worker looks, and the run tells
        sqlite_api.app.state.house.look_seconds = 30
        accepted = await client.generate(wanted)
        assert [one.article_id for one in accepted.answered or ()] == [article.id]
        assert (await client.run(accepted.run_id)).answered == accepted.answered
        assert "run.answered" in [event.kind for event in await client.history(accepted.run_id)]


async def test_who_may_write_and_not_read_asks_for_an_article_and_is_told_of_no_other(
    sqlite_api: Api, brief: Brief
) -> None:
    article = await sqlite_api.store(sample_article())
    writing = await keys.add(sqlite_api.tools.database, OWNER, "writer", ("write",))
    async with sqlite_api.client(writing.secret) as client:
        accepted = await client.generate(brief.model_copy(update={"topic": article.brief.topic}))
    assert accepted.answered is None


async def test_a_budget_that_has_not_room_for_all_is_told_and_a_model_whose_context_has_none_is_refused(
    sqlite_url: str, tmp_path: Path, brief: Brief
) -> None:
    own = {"base_url": "http://127.0.0.1:9/v1", "input_usd": 1, "output_usd": 2}
    small = {"base_url": "http://127.0.0.1:9", "context_tokens": 1024}
    settings = settings_for(tmp_path / "home", sqlite_url, model="openai:heron-1", openai=own, gemini=small)
    async with running(settings) as api, api.client() as client:
        told = (await client.generate(brief, budget_usd=Decimal("0.001"))).budget
        assert "$0.001 of the run's budget probably does not suffice" in told
        assert (await client.generate(brief, budget_usd=Decimal(9))).budget == ""
        with pytest.raises(InvalidRequest, match="holds 1,024 tokens") as refused:
            await client.generate(brief, model="gemini:heron-1")
        assert [problem.field for problem in refused.value.fields] == ["model"]


@pytest.mark.parametrize("path", ["content", "estimate"])
async def test_a_setting_that_names_no_model_is_named_and_nothing_is_stored(
    tmp_path: Path, sqlite_url: str, brief: Brief, path: str
) -> None:
    async with running(settings_for(tmp_path / "home", sqlite_url, checking_model="foo:bar")) as api:
        async with api.http() as http:
            reply = await http.post(f"/generate/{path}", json={"brief": brief.model_dump(mode="json")})
        assert reply.status_code == 422
        assert "AIWRITER_CHECKING_MODEL" in reply.json()["detail"]
        async with api.client() as client:
            assert (await client.runs()).items == ()


async def test_a_hundred_equal_requests_at_once_make_one_run_and_get_equal_bytes(api: Api, brief: Brief) -> None:
    body = {"brief": brief.model_dump(mode="json")}
    async with api.http() as http:
        headers = {"Idempotency-Key": "same"}
        asked = [http.post("/generate/content", json=body, headers=headers, timeout=60) for _ in range(100)]
        replies = await asyncio.gather(*asked)
        assert {reply.status_code for reply in replies} == {202}
        assert len({reply.content for reply in replies}) == 1
        assert len({reply.headers["Location"] for reply in replies}) == 1
        assert (await http.get("/runs")).json()["total"] == 1
        other = {"brief": {**body["brief"], "words": 901}}
        refused = await http.post("/generate/content", json=other, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (422, "bad_input")
        Path(brief.sources[0]).unlink()  # what was answered is answered again, whatever has become of the sources
        assert (await http.post("/generate/content", json=body, headers=headers)).content == replies[0].content


async def test_another_keys_idempotency_key_is_another(api: Api, brief: Brief) -> None:
    stranger = await keys.add(api.tools.database, OWNER, "first key")
    async with api.client() as one, api.client(stranger.secret) as other:
        first = await one.generate(brief, idempotency_key="same")
        second = await other.generate(brief, idempotency_key="same")
    assert first.run_id != second.run_id


async def test_what_cannot_be_used_is_refused_by_field_and_nothing_is_stored(api: Api, tmp_path: Path) -> None:
    places = (str(tmp_path / "missing.md"), "ftp://x/y", "wikipdia:ferries")
    bad = Brief(topic="The ferry", sources=places, format="sonnet")
    async with api.client() as client:
        with pytest.raises(InvalidRequest) as refused:
            await client.generate(bad, model="openai:nothing-known")
        fields = {problem.field: problem.message for problem in refused.value.fields}
        assert [*fields] == ["brief.format", "model", *(f"brief.sources.{number}" for number in range(3))]
        assert "Did you mean wikipedia:?" in fields["brief.sources.2"]
        with pytest.raises(InvalidRequest) as refused:
            await client.generate(Brief(topic="The ferry"))
        assert refused.value.fields[0].field == "brief.sources"
        assert (await client.runs()).total == 0


async def test_a_malformed_brief_is_refused_by_field(sqlite_api: Api) -> None:
    async with sqlite_api.http() as http:
        body = {"brief": {"topic": "x", "words": "many", "colour": "blue"}, "budget_usd": -1}
        reply = await http.post("/generate/content", json=body)
        assert reply.status_code == 422
        fields = {problem["field"] for problem in reply.json()["errors"]}
        assert fields == {"brief.topic", "brief.words", "brief.colour", "budget_usd"}
        assert "many" not in reply.text
        broken = await http.post("/generate/content", content=b'{"brief": ', headers={"Content-Type": "text/json"})
        assert broken.status_code == 422
        not_text = await http.post(
            "/generate/content", content=b"\xff\xfe", headers={"Content-Type": "application/json"}
        )
        assert (not_text.status_code, not_text.json()["code"]) == (422, "bad_input")


JSON = {"Content-Type": "application/json"}


WRONG_BODIES: list[tuple[bytes, dict[str, str], str, str]] = [
    (b'{"brief": {}}', {"Content-Type": "application/x-www-form-urlencoded"}, "body", "Content-Type"),  # as curl -d
    (b'{"brief": {}}', {}, "body", "Content-Type"),
    (b"", {}, "body", "there is none"),
    (b'{"brief": ', JSON, "body", "no JSON"),
    (b"[]", JSON, "body", "no JSON object"),
    (b'{"brief": {"topic": "x"}}', JSON, "brief.topic", "a topic has at least"),
    (b'{"brief": {"topic": "The ferry", "sources": "a"}}', JSON, "brief.sources", "Input should be a valid list"),
    (b'{"brief": {"topic": "The ferry"}, "voice_samples": ""}', JSON, "voice_samples", "a valid list"),
]


async def test_what_is_wrong_with_a_body_is_said_in_words_of_its_sender(sqlite_api: Api) -> None:
    async with sqlite_api.http() as http:
        for sent, headers, field, said in WRONG_BODIES:
            reply = await http.post("/generate/content", content=sent, headers=headers)
            assert reply.status_code == 422
            (problem,) = reply.json()["errors"]
            assert problem["field"] == field
            assert said in problem["message"]
            assert not re.search("Value error|tuple|extract fields", reply.text)
            assert ("Content-Type: application/json" in reply.json()["hint"]) == (field == "body")


async def test_a_format_is_a_name_and_never_a_file(sqlite_api: Api, brief: Brief, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("secret = 1")
    async with sqlite_api.client() as client:
        for name in (str(own), "../formats/blog_post", "blog_post.toml"):
            with pytest.raises(InvalidRequest, match="there is no format") as refused:
                await client.generate(brief.model_copy(update={"format": name}))
            assert "secret" not in str(refused.value)


async def test_the_largest_body_that_is_read_has_a_limit_whatever_it_claims(sqlite_api: Api) -> None:
    most = sqlite_api.settings.api.body_bytes

    def in_chunks() -> Iterator[bytes]:
        for _ in range(most // 1000 + 2):
            yield b" " * 1000

    async def streamed():
        for chunk in in_chunks():
            yield chunk

    async with sqlite_api.http() as http:
        for content in (b" " * (most + 1), streamed()):
            reply = await http.post("/generate/content", content=content)
            assert (reply.status_code, reply.json()["code"]) == (413, "too_large")
            assert reply.headers["X-Request-Id"] == reply.json()["request_id"]


async def test_an_estimate_starts_nothing(api: Api, brief: Brief) -> None:
    async with api.client() as client:
        estimate = await client.estimate(brief)
        assert (estimate.model, estimate.model_calls, estimate.likely_usd) == ("offline:extractive", 0, 0)
        with pytest.raises(InvalidRequest, match="format"):
            await client.estimate(brief.model_copy(update={"format": "sonnet"}))
        assert (await client.runs()).total == 0


async def test_an_estimate_names_the_article_that_answers_the_topic_already(sqlite_api: Api, brief: Brief) -> None:
    article = await sqlite_api.store()
    async with sqlite_api.client() as client:
        again = brief.model_copy(update={"topic": article.brief.topic})
        assert [one.article_id for one in (await client.estimate(again)).answered] == [article.id]
        other = brief.model_copy(update={"topic": "Growing apples in Normandy"})
        assert (await client.estimate(other)).answered == ()


async def test_a_run_accepted_while_the_orchestrator_is_down_is_handed_on_when_it_is_back(
    api: Api, brief: Brief
) -> None:
    home = api.settings.home_folder
    switch_off(home)
    async with api.client() as client:
        accepted = await client.generate(brief)
        assert submissions(home) == []

        async def is_told() -> bool:
            ready = await client.readiness()
            return ready.parts["dispatch"].state == "down" and ready.parts["orchestrator"].state == "down"

        await until(is_told)
        assert (await client.readiness()).status == "degraded"
        assert submissions(home) == []
        switch_on(home)
        await submitted(api, 1)

        async def is_well() -> bool:
            return (await client.readiness()).status == "ready"

        await until(is_well)
    assert submissions(home) == [("run", accepted.run_id, 0)]


async def test_files_are_taken_from_the_folders_for_sources_alone(sqlite_url: str, tmp_path: Path) -> None:
    inside, outside = tmp_path / "sources", tmp_path / "elsewhere"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "notes.md").write_text("# A\n\nThe ferry carries 120 cars.\n")
    (inside / "way-out.md").symlink_to(outside / "notes.md")
    settings = settings_for(tmp_path / "home", sqlite_url, sources={"folders": [str(inside)]})
    async with running(settings) as api, api.client() as client:
        refused_at = [
            str(outside / "notes.md"),
            f"{inside}/../elsewhere/notes.md",
            str(inside / "way-out.md"),
            "../elsewhere/notes.md",
            "/etc/passwd",
            "~/.ssh/id_rsa",
            "missing.md",
            "nul\0.md",
            str(inside),  # holds a link that leads out
            f"{outside}://notes.md",
            "feed:../elsewhere/notes.md",
            "site:file:///etc/passwd",
            "sitemap:http://user:secret@example.org/",
        ]
        for location in refused_at:
            with pytest.raises(InvalidRequest, match=r"brief\.sources\.0"):
                await client.generate(Brief(topic="The ferry", sources=(location,)))
        accepted = await client.generate(Brief(topic="The ferry", sources=("notes.md", str(inside / "notes.md"))))
        detail = await client.run(accepted.run_id)
    assert detail.run.brief.sources == (str(inside / "notes.md"),) * 2


async def test_an_api_that_others_can_reach_takes_no_files_unless_told_from_where(
    sqlite_url: str, tmp_path: Path, brief: Brief
) -> None:
    settings = settings_for(tmp_path / "home", sqlite_url, api={"host": "0.0.0.0"})
    async with running(settings) as api, api.client() as client:
        with pytest.raises(InvalidRequest, match="files cannot be named from here"):
            await client.generate(brief)
        given = ("https://example.org/page", "feed:example.org/news", "SITE:https://example.org/docs/")
        accepted = await client.generate(brief.model_copy(update={"sources": given}))
        detail = await client.run(accepted.run_id)
    lasting = ("https://example.org/page", "feed:https://example.org/news", "site:https://example.org/docs/")
    assert detail.run.brief.sources == lasting


async def test_every_answer_carries_its_number_and_is_safe_to_show(sqlite_api: Api) -> None:
    async with sqlite_api.http() as http:
        for path in ("/content", "/content/none", "/nowhere", "/health"):
            reply = await http.get(path, headers={"X-Request-Id": "mine-1"})
            assert reply.headers["X-Request-Id"] == "mine-1"
            assert reply.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
        strange = await http.get("/health", headers={"X-Request-Id": "a b\t<script>"})
        assert strange.headers["X-Request-Id"] != "a b\t<script>"
        assert (await http.get("/api-keys")).headers["Cache-Control"] == "no-store"
        wrong = await http.post("/health")
        assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")


async def test_a_defect_is_a_problem_without_internals(sqlite_api: Api, caplog: pytest.LogCaptureFixture) -> None:
    @sqlite_api.app.get("/api/v1/broken")
    async def broken() -> None:
        raise RuntimeError("the secret is swordfish")

    async with sqlite_api.http() as http:
        reply = await http.get("/broken")
    assert (reply.status_code, reply.json()["code"]) == (500, "defect")
    assert "swordfish" not in reply.text
    assert reply.json()["request_id"] in caplog.text
    assert "the secret is swordfish" in caplog.text


async def test_a_request_is_counted_by_route_and_status(sqlite_api: Api) -> None:
    article = await sqlite_api.store()
    async with sqlite_api.http() as http:
        await http.get(f"/content/{article.id}")
        await http.request("BREW", "/content")
    async with sqlite_api.client() as client:
        text = await client.metrics()
    assert 'aiwriter_http_requests_total{method="GET",route="/content/{article_id}",status="200"} 1' in text
    assert f'aiwriter_articles{{status="{article.status}"}} 1' in text
    assert "aiwriter_dispatch_backlog 0" in text
    assert 'le="+Inf"} 1' in text
    assert "BREW" not in text


async def test_searches_are_taken_as_they_are_and_refused_by_field_where_they_cannot_be_asked(sqlite_api: Api) -> None:
    searching = {"topic": "The ferry", "sources": ["web:", "wikipedia:night ferries"], "since": "2026-01-02"}
    async with sqlite_api.http() as http:
        reply = await http.post("/generate/content", json={"brief": searching | {"domains": ["Example.org"]}})
        assert reply.status_code == 202, reply.text
        run = (await http.get(f"/runs/{reply.json()['run_id']}")).json()["run"]
        assert run["brief"]["sources"] == ["web:", "wikipedia:night ferries"]
        assert (run["brief"]["since"], run["brief"]["domains"]) == ("2026-01-02", ["example.org"])
        bad = searching | {"sources": ["web:", "tavily:ferries"]}
        reply = await http.post("/generate/content", json={"brief": bad})
        assert [problem["field"] for problem in reply.json()["errors"]] == ["brief.sources.1"]
        assert "TAVILY_API_KEY" in reply.text
        reply = await http.post("/generate/content", json={"brief": searching | {"without_domains": ["nowhere"]}})
        assert [problem["field"] for problem in reply.json()["errors"]] == ["brief.without_domains.0"]


async def test_a_voice_is_learned_from_samples_and_kept_with_the_run_in_numbers_alone(api: Api, brief: Brief) -> None:
    async with api.client() as client:
        accepted = await client.generate(brief, voice_samples=("You know, I rowed the zephyrine boat home. " * 40,))
        voice = (await client.run(accepted.run_id)).run.brief.voice
        assert voice is not None
        assert (voice.words, voice.persons["first person"] > 50) == (320, True)
        assert "zephyrine" not in voice.model_dump_json()
        with pytest.raises(InvalidRequest) as refused:
            await client.generate(brief, voice_samples=("Too short.",))
    assert [(one.field, "at least 300" in one.message) for one in refused.value.fields] == [("voice_samples", True)]

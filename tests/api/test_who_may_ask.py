"""Keys: who may do what, and how quickly a revoked one is dead."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from aiwriter.errors import Forbidden, NotFound
from aiwriter.ids import new_id
from aiwriter.ports import Principal
from aiwriter.services import keys
from tests.api.harness import OWNER, Api


async def test_without_a_key_nothing_but_health_is_told(api: Api) -> None:
    async with api.http("") as http:
        assert (await http.get("/health")).status_code == 200
        assert (await http.get("/readiness")).status_code == 200
        for path in ("/health", "/readiness"):  # what watches servers often asks so
            assert ((await http.head(path)).status_code, (await http.head(path)).content) == (200, b"")
        reply = await http.get("/content")
        assert reply.status_code == 401
        assert reply.headers["WWW-Authenticate"] == "Bearer"
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json()["code"] == "unauthorized"
        assert reply.json()["request_id"] == reply.headers["X-Request-Id"]


async def test_mistyped_unknown_expired_and_revoked_keys_get_the_same_answer(api: Api) -> None:
    database = api.tools.database
    then = datetime.now(UTC) - timedelta(days=2)
    expired = await keys.add(database, OWNER, "old", days=1, now=then)
    revoked = await keys.add(database, OWNER, "gone")
    await keys.revoke(database, OWNER, revoked.key.id)
    mistyped = api.secret[:-1] + ("0" if api.secret[-1] != "0" else "1")
    bodies = []
    for secret in (mistyped, "aw_" + "0" * 12, "nonsense", expired.secret, revoked.secret):
        async with api.http(secret) as http:
            reply = await http.get("/content")
            assert reply.status_code == 401
            bodies.append({**reply.json(), "request_id": ""})
    assert all(body == bodies[0] for body in bodies)


async def test_a_key_that_is_revoked_over_the_api_is_refused_at_once(api: Api) -> None:
    async with api.client() as owner:
        made = await owner.add_key("visitor", ("read",))
        async with api.client(made.secret) as visitor:
            await visitor.articles()
            await owner.revoke_key(made.key.id)
            with pytest.raises(Forbidden, match="not valid"):
                await visitor.articles()


async def test_a_key_that_is_revoked_elsewhere_is_refused_within_a_second(api: Api) -> None:
    made = await keys.add(api.tools.database, OWNER, "visitor")
    async with api.client(made.secret) as visitor:
        await visitor.articles()
        await keys.revoke(api.tools.database, OWNER, made.key.id)
        await asyncio.sleep(0.95)
        with pytest.raises(Forbidden):
            await visitor.articles()


async def test_scopes_decide_what_a_key_may_do(api: Api, brief) -> None:
    reading = await keys.add(api.tools.database, OWNER, "reader", ("read",))
    writing = await keys.add(api.tools.database, OWNER, "writer", ("read", "write"))
    async with api.client(reading.secret) as reader, api.client(writing.secret) as writer:
        await reader.articles()
        await reader.metrics()
        with pytest.raises(Forbidden, match="may not write"):
            await reader.generate(brief)
        await writer.generate(brief)
        for refused in (reader, writer):
            with pytest.raises(Forbidden, match="may not set budgets or manage keys"):
                await refused.keys()


async def test_what_lies_in_another_workspace_is_not_there_and_the_answers_are_equal(api: Api) -> None:
    article = await api.store()
    elsewhere = new_id()
    await api.tools.database.add_workspace(elsewhere, "elsewhere")
    stranger = await keys.add(api.tools.database, Principal("stranger", elsewhere), "stranger")
    nowhere = new_id()
    async with api.http(stranger.secret) as http:
        assert (await http.get("/content")).json()["total"] == 0
        for form in ("", "/versions", "/versions/1", "/editable", "/citations", "/quality", "/export"):
            foreign = await http.get(f"/content/{article.id}{form}")
            missing = await http.get(f"/content/{nowhere}{form}")
            assert (foreign.status_code, missing.status_code) == (404, 404)
            plain = [
                {**reply.json(), "request_id": "", "detail": reply.json()["detail"].replace(str(key), "ID")}
                for reply, key in ((foreign, article.id), (missing, nowhere))
            ]
            assert plain[0] == plain[1]
    async with api.client(stranger.secret) as client:
        with pytest.raises(NotFound):
            await client.delete_article(article.id)
    async with api.client() as owner:
        assert (await owner.article(article.id)).id == article.id

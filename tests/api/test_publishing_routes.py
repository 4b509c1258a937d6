"""Publishing through the API: approved, published once, withdrawn; what may not go out is refused with its reasons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aiwriter.api.published import PublicationRequest
from aiwriter.documents import ArticleKind, GateBatch, GateReport
from aiwriter.errors import BadInput, Conflict, Forbidden, NotFound, Refused
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.services import keys, stored_gate
from aiwriter.testing import sample_article, sound_article
from tests.api.harness import OWNER, Api

SITE = PublicationRequest()


async def test_a_sound_article_is_published_once_and_withdrawn(api: Api) -> None:
    article = await api.store(sound_article())
    async with api.client() as client:
        before = await client.publications_of(article.id)
        assert (before.standing.may_be_published, before.targets, before.items) == (True, ("site",), ())
        made = await client.publish(article.id, SITE)
        assert (made.status, made.requested_by) == ("published", "first key")
        assert Path(made.address or "").read_text().startswith("<!doctype html>")
        assert await client.publish(article.id, SITE) == made
        assert await client.publications() == (made,)
        with pytest.raises(Conflict, match="is published at"):
            await client.delete_article(article.id)
        assert (await client.withdraw(article.id, made.id)).status == "withdrawn"
        assert not Path(made.address or "").exists()
        with pytest.raises(Conflict, match="not there"):
            await client.withdraw(article.id, made.id)
        await client.publish(article.id, SITE)
        assert [one.withdrawn_why for one in await client.unpublish(article.id, "A wrong figure.")] == [
            "A wrong figure."
        ]
        assert (await client.publications())[0].withdrawn_by == "first key"
        assert await client.unpublish(article.id) == ()
        await client.delete_article(article.id)


async def test_a_digest_waits_for_a_person_and_says_so(sqlite_api: Api) -> None:
    article = await sqlite_api.store(sample_article(ArticleKind.DIGEST))
    async with sqlite_api.client() as client:
        with pytest.raises(Refused, match="No person has approved"):
            await client.publish(article.id, SITE)
        at = datetime.now(UTC) + timedelta(days=1)
        waiting = await client.publish(article.id, PublicationRequest(due_at=at))
        assert (waiting.status, waiting.due_at) == ("waiting", at)
        given = await client.approve(article.id, note="read at noon")
        assert (await client.approve(article.id)).created_at == given.created_at
        assert (await client.publications_of(article.id)).standing.approval == given
        assert (await client.publish(article.id, SITE)).id == waiting.id


async def test_what_cannot_be_done_is_refused(sqlite_api: Api) -> None:
    article, other = await sqlite_api.store(sound_article()), await sqlite_api.store(sound_article(id=new_id()))
    reading = await keys.add(sqlite_api.tools.database, OWNER, "reader", ("read",))
    async with sqlite_api.client() as client, sqlite_api.client(reading.secret) as reader:
        with pytest.raises(BadInput, match="no target 'folder:/etc'"):  # nobody says where files are written
            await client.publish(article.id, PublicationRequest(target="folder:/etc"))
        for refused in (reader.publish(article.id, SITE), reader.approve(article.id)):
            with pytest.raises(Forbidden):
                await refused
        made = await client.publish(article.id, SITE)
        with pytest.raises(NotFound):
            await client.withdraw(other.id, made.id)
        with pytest.raises(NotFound):
            await client.publish(new_id(), SITE)


async def test_what_the_gate_found_is_told_with_its_pages_and_no_others(sqlite_api: Api) -> None:
    blobs = sqlite_api.tools.gate_blobs()
    async with sqlite_api.client() as client:
        with pytest.raises(NotFound, match="has not looked"):
            await client.gate()
        batch = GateBatch(name="blog_post, accepted", format="blog_post", rows=1, expectations=6, page="a.html")
        report = GateReport(at=datetime(2026, 10, 1, tzinfo=UTC), batches=(batch,))
        await blobs.write(f"{LOCAL_WORKSPACE}/{stored_gate.REPORT}", report.model_dump_json().encode())
        for name in ("a.html", "b.html"):
            await blobs.write(f"{LOCAL_WORKSPACE}/{name}", b"<p>page</p>")
        assert await client.gate() == report
        assert await client.gate_page("a.html") == b"<p>page</p>"
        for name in ("b.html", stored_gate.REPORT):
            with pytest.raises(NotFound):
                await client.gate_page(name)
    async with sqlite_api.http() as http:
        reply = await http.get("/gate/pages/a.html")
        assert "default-src 'none'" in reply.headers["content-security-policy"]

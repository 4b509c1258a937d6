"""Articles over the API: lists, reading, export, editing by two at once, deletion, search."""

from __future__ import annotations

import asyncio

import pytest

from aiwriter.api.client import InvalidRequest
from aiwriter.documents import Article, Paragraph, Sentence
from aiwriter.errors import BadInput, Conflict, NotFound
from aiwriter.ids import new_id
from aiwriter.pipeline import finishing, formats
from aiwriter.pipeline.checking import draft_of
from aiwriter.ports import ArticleFilter, Paging
from aiwriter.testing import sample_article, sample_evidence
from tests.api.harness import OWNER, Api


async def several(api: Api, count: int) -> list[str]:
    """Articles titled "Number 0" and so on; their titles."""
    titles = [f"Number {number}" for number in range(count)]
    async with api.tools.database.unit_of_work(OWNER.workspace_id) as work:
        for title in titles:
            sentences = {sentence.id: new_id() for sentence in sample_article().sentences}
            text = sample_article().model_dump_json()
            for old, new in sentences.items():
                text = text.replace(str(old), str(new))
            article = type(sample_article()).model_validate_json(text)
            await work.articles.add_version(article.model_copy(update={"id": new_id(), "title": title, "slug": title}))
        await work.commit()
    return titles


async def with_a_typed_key(api: Api, key: str) -> Article:
    """An article to which a person added a sentence with a key, as it was checked again."""
    before = sample_article()
    first, *others = before.sections
    typed = Paragraph(sentences=(Sentence(text=f"The administrator key is {key}."),))
    draft = draft_of(before).model_copy(
        update={"sections": (first.model_copy(update={"paragraphs": (*first.paragraphs, typed)}), *others)}
    )
    article = finishing.revise(before, draft, sample_evidence(), formats.load(before.brief.format))
    async with api.tools.database.unit_of_work(OWNER.workspace_id) as work:
        await work.articles.add_version(before)
        await work.articles.add_version(article)
        await work.commit()
    return article


async def test_a_key_that_a_person_typed_is_read_whole_in_the_editable_form_alone(api: Api) -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLQ"
    article = await with_a_typed_key(api, key)
    async with api.client() as client:
        assert key in (await client.editable(article.id)).text
        read = await client.article(article.id)
        told = [read, await client.quality(article.id), await client.citations(article.id)]
        assert "AKI•••••••••••••••••" in read.model_dump_json()
        assert not any(key in one.model_dump_json() for one in told)
        for form in ("md", "html", "json"):
            assert key.encode() not in (await client.export(article.id, form)).data


async def test_lists_are_paged_filtered_and_sorted(api: Api) -> None:
    titles = await several(api, 7)
    async with api.client() as client:
        first = await client.articles(paging=Paging(limit=3, sort=("title",)))
        assert (first.total, [head.title for head in first.items]) == (7, titles[:3])
        second = await client.articles(paging=Paging(limit=3, sort=("title",), cursor=first.next_cursor))
        assert [head.title for head in second.items] == titles[3:6]
        backwards = await client.articles(paging=Paging(limit=2, offset=1, sort=("-title",)))
        assert [head.title for head in backwards.items] == titles[5:3:-1]
        assert (await client.articles(ArticleFilter(title="number 4"))).total == 1
        assert (await client.articles(ArticleFilter(status=("refused",)))).total == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("statu=accepted", "statu"),
        ("status=nonsense", "status.0"),
        ("since=yesterday", "since"),
        ("since=0001-01-01T00:00:00%2B14:00", "since"),
        ("offset=99999999999999999999", "offset"),
    ],
)
async def test_a_bad_parameter_is_named(sqlite_api: Api, query: str, field: str) -> None:
    async with sqlite_api.http() as http:
        reply = await http.get(f"/content?{query}")
    assert reply.status_code == 422
    assert [problem["field"] for problem in reply.json()["errors"]] == [field]


@pytest.mark.parametrize("query", ["sort=colour", "sort=title,-title", "cursor=abc"])
async def test_a_sort_or_cursor_that_is_none_is_refused(sqlite_api: Api, query: str) -> None:
    async with sqlite_api.http() as http:
        reply = await http.get(f"/content?{query}")
    assert (reply.status_code, reply.json()["code"]) == (422, "bad_input")


async def test_an_article_is_read_with_its_evidence_quality_and_files(api: Api) -> None:
    article = await api.store()
    async with api.client() as client:
        assert await client.article(article.id) == article
        assert await client.article(article.id, 1) == article
        assert [head.version for head in await client.versions(article.id)] == [1]
        assert await client.quality(article.id) == article.quality
        cited = await client.citations(article.id)
        assert [one.text for one in cited.sentences] == [sentence.text for sentence in article.sentences]
        passages = {passage.id: passage.text for passage in article.passages}
        for one, sentence in zip(cited.sentences, article.sentences, strict=True):
            assert [passages[key] for key in sentence.citations] == [passage.text for passage in one.citations]
        for form in ("md", "html", "json"):
            exported = await client.export(article.id, form)
            assert exported.name == f"{article.slug}.{form}"
            assert exported.data.decode() == api.tools.renderers[form](article)
        with pytest.raises(NotFound):
            await client.article(article.id, 2)


async def test_a_document_that_is_had_already_is_not_sent_again(sqlite_api: Api) -> None:
    article = await sqlite_api.store()
    async with sqlite_api.http() as http:
        first = await http.get(f"/content/{article.id}")
        tag = first.headers["ETag"]
        again = await http.get(f"/content/{article.id}", headers={"If-None-Match": f'"other", W/{tag}'})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
        assert (await http.get(f"/content/{article.id}", headers={"If-None-Match": '"x"'})).status_code == 200


async def test_an_edit_makes_a_new_version_and_none_when_nothing_was_changed(api: Api) -> None:
    article = await api.store()
    async with api.client() as client:
        form = await client.editable(article.id)
        assert (await client.save(article.id, 1, form.text)).version == 1
        saved = await client.save(article.id, 1, form.text.replace("title: ", "title: New "))
        assert (saved.version, saved.title) == (2, f"New {article.title}")
        assert await client.article(article.id) == saved
        assert [head.author for head in await client.versions(article.id)] == ["human", article.provenance.author]
        with pytest.raises(BadInput):
            await client.save(article.id, 2, form.text + "\n\nA sentence. [@0000000000000000]\n")


async def test_a_finding_is_dismissed_once_for_a_reason_and_its_report_says_so(sqlite_api: Api) -> None:
    article = await sqlite_api.store()
    async with sqlite_api.client() as client:
        edited = (await client.editable(article.id)).text.replace("title: ", "title: New ")
        judged = await client.save(article.id, 1, edited)
        finding = judged.quality.findings[0]
        saved = await client.dismiss(article.id, 2, finding.id, "The captain said so.")
        assert (saved.version, [one.reason for one in saved.dismissals]) == (3, ["The captain said so."])
        assert "The captain said so." in await client.report(article.id)
        with pytest.raises(Conflict):
            await client.dismiss(article.id, 2, finding.id, "Once more.")
        with pytest.raises(NotFound):
            await client.dismiss(article.id, 3, "0" * 16, "It is not there.")


async def test_of_two_editors_the_second_is_told_and_nothing_is_overwritten(api: Api) -> None:
    article = await api.store()
    async with api.client() as client:
        text = (await client.editable(article.id)).text
        edits = [client.save(article.id, 1, text.replace("title: ", f"title: {who} ")) for who in ("Ada", "Bo", "Cy")]
        results = await asyncio.gather(*edits, return_exceptions=True)
        won = [result for result in results if not isinstance(result, BaseException)]
        assert len(won) == 1
        assert all(isinstance(result, Conflict) for result in results if result not in won)
        assert (await client.article(article.id)).title == won[0].title
        assert len(await client.versions(article.id)) == 2
        with pytest.raises(Conflict, match="somebody else"):
            await client.save(article.id, 1, text)


async def test_saving_must_say_which_version_was_changed(sqlite_api: Api) -> None:
    article = await sqlite_api.store()
    async with sqlite_api.http() as http:
        reply = await http.put(f"/content/{article.id}/editable", json={"text": "x"})
        assert (reply.status_code, reply.json()["code"]) == (428, "precondition_required")
        form = await http.get(f"/content/{article.id}/editable")
        match = {"If-Match": form.headers["ETag"]}
        reply = await http.put(f"/content/{article.id}/editable", json={"text": form.json()["text"]}, headers=match)
        assert (reply.status_code, reply.headers["ETag"]) == (200, form.headers["ETag"])
        as_a_proxy_compressed_it = {"If-Match": f"W/{form.headers['ETag']}"}
        same = {"text": form.json()["text"]}
        reply = await http.put(f"/content/{article.id}/editable", json=same, headers=as_a_proxy_compressed_it)
        assert reply.status_code == 200
        newer = {"If-Match": form.headers["ETag"].replace("-v1", "-v2")}
        reply = await http.put(f"/content/{article.id}/editable", json={"text": "x"}, headers=newer)
        assert (reply.status_code, reply.json()["code"]) == (412, "changed_meanwhile")


async def test_a_tag_that_names_no_version_is_not_told_as_an_edit_of_somebody_else(sqlite_api: Api) -> None:
    """The ETag of the article itself is another one: nobody has saved anything."""
    article = await sqlite_api.store()
    async with sqlite_api.http() as http:
        of_the_article = (await http.get(f"/content/{article.id}")).headers["ETag"]
        for tag in (of_the_article, "*", "1"):
            reply = await http.put(f"/content/{article.id}/editable", json={"text": "x"}, headers={"If-Match": tag})
            assert (reply.status_code, reply.json()["code"]) == (428, "precondition_required")
            assert "GET …/editable" in reply.json()["hint"]


async def test_a_deleted_article_is_gone_with_its_vectors(api: Api) -> None:
    article = await api.store()
    index = api.tools.vectors(api.settings.embedder)
    async with api.client() as client:
        assert (await client.search(article.title)).items[0].article_id == article.id
        assert await index.article_ids() == {article.id}
        assert (await client.delete_article(article.id)).index == "deleted"
        assert await index.article_ids() == set()
        assert (await client.search(article.title)).items == ()
        with pytest.raises(NotFound):
            await client.delete_article(article.id)


async def test_a_search_for_nothing_is_refused(sqlite_api: Api) -> None:
    async with sqlite_api.client() as client:
        with pytest.raises(InvalidRequest) as refused:
            await client.search("  ")
    assert refused.value.fields[0].field == "q"

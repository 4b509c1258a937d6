"""One contract, kept by the double, the offline writer and every provider within its layers."""

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise

import pytest

from aiwriter.documents import ArticleKind, ParagraphKind
from aiwriter.embeddings import create as create_embedder
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.llm.offline import OfflineWriter
from aiwriter.pipeline import drafting, formats, outline
from aiwriter.ports import LanguageModel, ModelReply, ModelRequest, RunContext
from aiwriter.resilience.layers import wrap
from aiwriter.testing import ManualClock, MemoryDatabase, ScriptedModel, sample_brief, sample_evidence
from aiwriter.testing.fake_provider import FakeProvider
from aiwriter.testing.remotes import REMOTES, remote_model

BRIEF, EVIDENCE = sample_brief(), sample_evidence()
FORMAT = formats.load(BRIEF.format)
CONTEXT = RunContext(new_id(), b"a secret of the run")
PASSAGES = {item.passage.id: item.passage for item in EVIDENCE.items}


@pytest.fixture(params=["scripted", "offline", *REMOTES])
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[LanguageModel]:
    if request.param in REMOTES:
        async with FakeProvider() as server:
            yield remote_model(request.param, server)
    elif request.param == "offline":
        yield OfflineWriter(create_embedder("hashing:64"))
    else:
        yield ScriptedModel()


class Watched:
    """A model that keeps what went through it."""

    def __init__(self, inner: LanguageModel) -> None:
        self.inner, self.name, self.writes = inner, inner.name, inner.writes
        self.cost_of = inner.cost_of
        self.context_tokens = inner.context_tokens
        self.seen: list[tuple[ModelRequest, ModelReply]] = []

    async def answer(self, request: ModelRequest) -> ModelReply:
        reply = await self.inner.answer(request)
        self.seen.append((request, reply))
        return reply


@pytest.fixture
def model(provider: LanguageModel) -> Watched:
    return Watched(wrap(provider, MemoryDatabase().journal(LOCAL_WORKSPACE), ManualClock()))


async def test_name_is_provider_and_model(model: Watched) -> None:
    scheme, _, name = model.name.partition(":")
    assert scheme
    assert name


async def test_reply_fits_the_schema_that_was_asked_for_and_costs_no_more_than_reserved(
    model: Watched, provider: LanguageModel
) -> None:
    planned = await outline.plan(BRIEF, EVIDENCE, FORMAT, model, CONTEXT)
    await drafting.write_section(BRIEF, planned, 1, EVIDENCE, model, CONTEXT)
    for request, reply in model.seen:
        assert request.schema is not None
        assert reply.parsed is not None
        assert request.schema.model_validate(reply.parsed.model_dump())
        assert reply.model.startswith(model.name)
        assert 0 <= reply.cost_usd <= provider.upper_bound(request)
        assert (reply.usage.input_tokens >= 0, reply.finish, reply.replayed) == (True, "stop", False)


async def test_prompts_fit_the_context(model: Watched) -> None:
    planned = await outline.plan(BRIEF, EVIDENCE, FORMAT, model, CONTEXT)
    await drafting.write_section(BRIEF, planned, 1, EVIDENCE, model, CONTEXT)
    for request, _reply in model.seen:
        assert len(request.prompt.text) / 3 + request.max_output_tokens <= model.context_tokens


async def test_article_is_planned_and_written_from_known_passages(model: Watched) -> None:
    planned = await outline.plan(BRIEF, EVIDENCE, FORMAT, model, CONTEXT)
    assert planned.title
    assert sum(section.words for section in planned.sections) == BRIEF.words
    sections = [
        await drafting.write_section(BRIEF, planned, index, EVIDENCE, model, CONTEXT)
        for index in range(len(planned.sections))
    ]
    draft = drafting.assemble(planned, sections, model.writes)
    assert draft.kind is model.writes
    assert draft.sentences
    assert all(set(sentence.citations) <= set(PASSAGES) for sentence in draft.sentences)
    assert all(sentence.citations for sentence in draft.sentences)


async def test_digest_quotes_one_source_a_paragraph_and_an_article_quotes_none(model: Watched) -> None:
    planned = await outline.plan(BRIEF, EVIDENCE, FORMAT, model, CONTEXT)
    section = await drafting.write_section(BRIEF, planned, 0, EVIDENCE, model, CONTEXT)
    for paragraph in section.paragraphs:
        sources = {PASSAGES[cited].source_hash for sentence in paragraph.sentences for cited in sentence.citations}
        if model.writes is ArticleKind.DIGEST:
            assert (paragraph.kind, sources) == (ParagraphKind.QUOTE, {paragraph.attribution})
        else:
            assert (paragraph.kind, paragraph.attribution) == (ParagraphKind.TEXT, None)


async def test_same_request_is_answered_the_same_when_asked_again(model: Watched) -> None:
    first = await outline.plan(BRIEF, EVIDENCE, FORMAT, model, CONTEXT)
    assert await outline.plan(BRIEF, EVIDENCE, FORMAT, model, CONTEXT) == first
    assert model.seen[1][1].replayed


async def test_reply_is_the_same_whether_somebody_hears_it_grow_or_not(model: Watched, provider: LanguageModel) -> None:
    heard: list[str] = []

    async def on_text(text: str) -> None:
        heard.append(text)

    await outline.plan(BRIEF, EVIDENCE, FORMAT, model, CONTEXT)
    (request, unheard), *_ = model.seen
    anew = wrap(provider, MemoryDatabase().journal(LOCAL_WORKSPACE), ManualClock())
    assert await anew.answer(replace(request, on_text=on_text)) == unheard
    assert heard[-1] == unheard.text
    assert all(later.startswith(earlier) for earlier, later in pairwise(heard))


async def test_stored_answer_is_heard_once_whole(model: Watched) -> None:
    heard: list[str] = []

    async def on_text(text: str) -> None:
        heard.append(text)

    await outline.plan(BRIEF, EVIDENCE, FORMAT, model, CONTEXT)
    (request, reply), *_ = model.seen
    again = await model.inner.answer(replace(request, on_text=on_text))
    assert again.replayed
    assert heard == [reply.text]


async def test_section_is_heard_to_its_last_word(model: Watched) -> None:
    heard: list[str] = []

    async def on_text(text: str) -> None:
        heard.append(text)

    planned = await outline.plan(BRIEF, EVIDENCE, FORMAT, model, CONTEXT)
    section = await drafting.write_section(BRIEF, planned, 0, EVIDENCE, model, CONTEXT, on_text)
    said = [" ".join(sentence.text for sentence in paragraph.sentences) for paragraph in section.paragraphs]
    assert heard[-1] == "\n\n".join(said)
    assert all(later.startswith(earlier) for earlier, later in pairwise(heard))
    assert (len(heard) > 1) is (model.writes is ArticleKind.ARTICLE)

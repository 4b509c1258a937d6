"""Embedders behind an API, over real sockets: what they send, and what they make of every kind of answer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from aiwriter import settings
from aiwriter.embeddings import create_paid
from aiwriter.embeddings.gemini import GeminiEmbedder
from aiwriter.embeddings.openai import OpenAIEmbedder
from aiwriter.embeddings.remote import MOST_BYTES, Options, RemoteEmbedder
from aiwriter.errors import (
    AccountRefused,
    AIWriterError,
    BadInput,
    ModelUnknown,
    ProviderRejected,
    RateLimited,
    Unavailable,
)
from aiwriter.resilience.embedding import PaidEmbedder
from aiwriter.testing.fake_embedder import INPUT_USD, FakeEmbedder

KINDS: dict[str, type[RemoteEmbedder]] = {"openai": OpenAIEmbedder, "gemini": GeminiEmbedder}


@pytest.fixture(params=KINDS)
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def at(server: FakeEmbedder, scheme: str, value: str = "heron", **options: Any) -> RemoteEmbedder:
    return KINDS[scheme](value, Options(base_url=server.base_url(scheme), input_usd=INPUT_USD, **options))


async def test_request_is_what_providers_expect_and_cost_is_exact(scheme: str) -> None:
    with FakeEmbedder() as server:
        embedder = at(server, scheme, api_key="sk-test")
        done = await embedder.request(["A heron.", "A ferry."])
    (request,) = server.requests
    assert (request.model, request.key, request.texts) == ("heron", "sk-test", ("A heron.", "A ferry."))
    assert embedder.cost_of(done.usage) == server.billed_usd > 0
    assert embedder.cost_of(done.usage) <= embedder.upper_bound(["A heron.", "A ferry."])
    assert not done.usage.estimated


async def test_vectors_come_in_the_order_of_the_texts_and_of_unit_length(scheme: str) -> None:
    texts = ["A heron.", "A ferry.", "A heron."]
    with FakeEmbedder() as server:
        embedder = at(server, scheme)
        together, (alone,) = await embedder.embed(texts), await embedder.embed(["A ferry."])
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(together[1], alone, atol=1e-6)
    np.testing.assert_array_equal(together[0], together[2])
    assert server.requests[0].texts == ("A heron.", "A ferry.")


async def test_shorter_vectors_are_asked_for_by_name(scheme: str) -> None:
    with FakeEmbedder() as server:
        embedder = at(server, scheme, "heron@32")
        assert (embedder.name, embedder.dimensions) == (f"{scheme}:heron@32", 32)
        assert (await embedder.embed(["one"])).shape == (1, 32)


async def test_length_of_an_unknown_model_is_learned_from_its_first_answer(scheme: str) -> None:
    with FakeEmbedder(dimensions=48) as server:
        embedder = at(server, scheme)
        assert embedder.dimensions == 0
        await embedder.embed(["one"])
    assert embedder.dimensions == 48


async def test_usage_that_is_not_told_is_estimated(scheme: str) -> None:
    with FakeEmbedder(counts=False) as server:
        done = await at(server, scheme).request(["A heron stands."])
    assert done.usage.estimated
    assert done.usage.input_tokens > 0


def test_portions_keep_what_a_provider_takes_at_once(scheme: str) -> None:
    embedder = KINDS[scheme]("heron", Options(base_url="http://127.0.0.1:9", allow_unknown_price=True))
    short, long = [f"word {number}" for number in range(600)], ["x" * 4000 + str(number) for number in range(200)]
    for texts in (short, long):
        portions = list(embedder.batches(texts))
        assert [text for portion in portions for text in portion] == texts
        assert max(len(portion) for portion in portions) <= embedder.most_texts
        assert max(sum(len(text.encode()) for text in portion) for portion in portions) <= MOST_BYTES


async def test_a_text_is_cut_where_the_model_stops_reading_and_an_empty_one_is_a_dot(scheme: str) -> None:
    with FakeEmbedder() as server:
        await at(server, scheme).request(["港" * 100_000, " \n"])
    long, nothing = server.requests[0].texts
    assert nothing == "."
    assert 1_000 < len(long) < 2_048
    assert set(long) == {"港"}


FAULTS: dict[str, type[AIWriterError]] = {
    "400": ProviderRejected,
    "401": AccountRefused,
    "402": AccountRefused,
    "404": ModelUnknown,
    "429": RateLimited,
    "500": Unavailable,
    "502": Unavailable,
    "503": Unavailable,
    "quota": AccountRefused,
    "reset": Unavailable,
    "timeout": Unavailable,
    "not_json": Unavailable,
    "empty": Unavailable,
    "too_few": Unavailable,
    "too_short": Unavailable,
    "zero": Unavailable,
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_fault_becomes_the_error_to_act_on_with_the_next_step(fault: str, scheme: str) -> None:
    with FakeEmbedder(faults={1: fault}, dimensions=64) as server:
        embedder = at(server, scheme, "heron@64", api_key="sk-not-to-be-seen", timeout_seconds=0.5)
        with pytest.raises(AIWriterError) as failed:
            await embedder.request(["one", "two"])
    assert type(failed.value) is FAULTS[fault]
    assert "sk-not-to-be-seen" not in f"{failed.value} {failed.value.hint}"
    assert failed.value.hint or fault == "400"
    if type(failed.value) is Unavailable:
        assert failed.value.sent is bool(server.billed_usd)
    if isinstance(failed.value, RateLimited):
        assert failed.value.retry_after == 1.0


async def test_a_server_that_is_not_there_was_sent_nothing(scheme: str) -> None:
    with FakeEmbedder() as server:
        embedder = at(server, scheme)
    with pytest.raises(Unavailable, match="cannot be reached") as failed:
        await embedder.embed(["one"])
    assert not failed.value.sent


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def made(spec: str, **chosen: Any) -> PaidEmbedder | None:
    return create_paid(spec, settings.load(**chosen))


@pytest.mark.parametrize(
    ("spec", "price", "dimensions"),
    [
        ("openai:text-embedding-3-small", "0.02", 1536),
        ("openai:text-embedding-3-large@256", "0.13", 256),
        ("gemini:gemini-embedding-001", "0.15", 3072),
    ],
)
def test_price_and_length_of_known_models_are_data(spec: str, price: str, dimensions: int) -> None:
    embedder = made(spec, openai_api_key="sk-test", gemini_api_key="g-test")
    assert embedder is not None
    assert embedder.dimensions == dimensions
    assert embedder.upper_bound(["x" * 1000]) == Decimal(price) / 1000


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ("openai:text-embedding-3-small", "OPENAI_API_KEY"),
        ("gemini:gemini-embedding-001", "GEMINI_API_KEY"),
        ("openai:", "such as openai:text-embedding-3-small"),
        ("openai:text-embedding-3-small@none", "@512"),
    ],
)
def test_what_is_missing_is_said_with_the_next_step(spec: str, hint: str) -> None:
    with pytest.raises(BadInput) as refused:
        made(spec)
    assert hint in (refused.value.hint or "")


@pytest.mark.parametrize("spec", ["openai:text-embedding-ada-002@256", "openai:text-embedding-3-small@4000"])
def test_a_length_that_a_model_does_not_give_is_refused(spec: str) -> None:
    with pytest.raises(BadInput, match="no vectors of"):
        made(spec, openai_api_key="sk-test")


def test_an_unknown_price_is_refused_unless_allowed() -> None:
    with pytest.raises(BadInput, match="no budget could hold"):
        made("openai:secret-embedder", openai_api_key="sk-test")
    allowed = settings.EmbeddingsSettings(allow_unknown_price=True)
    assert made("openai:secret-embedder", openai_api_key="sk-test", embeddings=allowed)


def test_embedders_in_this_process_are_none_of_these() -> None:
    assert made("minilm") is None


async def test_a_key_goes_to_no_other_address_than_it_was_given_for() -> None:
    with FakeEmbedder() as server:
        elsewhere = settings.EmbeddingsSettings(base_url=server.base_url())
        embedder = made("openai:heron", openai_api_key="sk-of-openai", embeddings=elsewhere)
        assert embedder is not None
        await embedder.embed(["one"])
    assert server.requests[0].key == "none"


async def test_where_models_are_asked_embedders_are_asked_too() -> None:
    with FakeEmbedder() as server:
        models = settings.OpenAISettings(base_url=server.base_url())
        embedder = made("openai:heron", openai=models)
        assert embedder is not None
        await embedder.embed(["one"])
    assert len(server.requests) == 1

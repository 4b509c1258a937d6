"""Facts about models, and names of models."""

from datetime import date
from decimal import Decimal

import pytest

from aiwriter import llm, settings
from aiwriter.embeddings import create as create_embedder
from aiwriter.errors import BadInput
from aiwriter.llm.anthropic import AnthropicModel
from aiwriter.llm.gemini import GeminiModel
from aiwriter.llm.openai import OpenAIModel
from aiwriter.llm.openai_responses import OpenAIResponsesModel
from aiwriter.llm.profiles import HOMES, Price, find, known
from aiwriter.ports import LanguageModel, Usage
from aiwriter.sdks.connection import is_self_hosted

LOCAL = "http://127.0.0.1:8311/v1"


def test_every_model_in_the_table_has_a_context_and_a_dated_price() -> None:
    for name, profile in known().items():
        assert profile.context_tokens >= 8_192, name
        assert profile.price is not None, name
        assert profile.price.output > profile.price.input > (profile.price.cached or 0) > 0, name
        assert isinstance(profile.as_of, date), name


def test_dated_name_has_the_facts_of_its_model() -> None:
    assert find("openai", "gpt-4.1-2025-04-14", HOMES["openai"]) == find("openai", "gpt-4.1", HOMES["openai"])


def test_name_with_a_day_has_the_facts_of_its_model() -> None:
    home = HOMES["anthropic"]
    assert find("anthropic", "claude-haiku-4-5-20251001", home) == find("anthropic", "claude-haiku-4-5", home)


def test_unknown_model_is_free_at_home_and_has_no_price_elsewhere() -> None:
    at_home = find("openai", "whatever", LOCAL)
    assert at_home.price is not None
    assert (at_home.price.cost(Usage(1000, 1000)), at_home.context_tokens) == (0, 8_192)
    assert find("openai", "whatever", HOMES["openai"]).price is None
    assert find("openai", "gpt-4.1", "https://openrouter.ai/api/v1").price is None


def test_what_the_provider_keeps_for_the_next_time_has_its_own_price() -> None:
    price = Price(Decimal(4), Decimal(20), Decimal("0.20"), Decimal(5))
    used = Usage(input_tokens=1_000, output_tokens=1, cached_tokens=600, kept_tokens=300)
    assert price.cost(used) == (100 * 4 + 600 * Decimal("0.20") + 300 * 5 + 20) / Decimal(1_000_000)


def test_price_is_exact() -> None:
    price = Price(Decimal("0.15"), Decimal("0.60"), Decimal("0.075"))
    assert price.cost(Usage(1001, 7, 1)) == Decimal("0.000154275")


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("http://localhost:11434/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://192.168.1.20/v1", True),
        ("http://ollama:11434/v1", True),
        ("https://api.openai.com/v1", False),
        ("https://openrouter.ai/api/v1", False),
        ("http://8.8.8.8/v1", False),
    ],
)
def test_own_machines_are_told_from_strangers(url: str, ours: bool) -> None:
    assert is_self_hosted(url) is ours


def create(spec: str, **changes: object) -> LanguageModel:
    return llm.create(spec, settings.load(**changes), create_embedder("hashing:64"))


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ("gpt-4.1-mini", "Did you mean openai:gpt-4.1-mini?"),
        ("opneai:gpt-4.1", "Did you mean openai:gpt-4.1?"),
        ("gemini-3.8-flsh", "Did you mean gemini:gemini-3.8-flash?"),
        ("antropic:claude-opus-5-5", "Did you mean anthropic:claude-opus-5-5?"),
        ("openia:my-own-model", "Did you mean openai:…?"),
        ("openai:", "Write provider:model"),
        ("offline:abstractive", "offline:extractive"),
        ("", "Write provider:model"),
    ],
)
def test_misspelt_model_is_answered_with_what_may_be_meant(spec: str, hint: str) -> None:
    with pytest.raises(BadInput, match="no such model") as caught:
        create(spec)
    assert hint in (caught.value.hint or "")


def test_settings_reach_the_provider() -> None:
    group = settings.OpenAISettings(
        base_url=LOCAL, context_tokens=4_096, input_usd=Decimal(1), output_usd=Decimal(2), timeout_seconds=5
    )
    model = create("openai:qwen2.5:1.5b", openai=group)
    assert isinstance(model, OpenAIModel)
    assert (model.name, model.context_tokens) == ("openai:qwen2.5:1.5b", 4_096)


@pytest.mark.parametrize(
    ("spec", "group", "kind"),
    [
        ("openai:gpt-5-mini", {"openai": settings.OpenAISettings(api="responses")}, OpenAIResponsesModel),
        ("gemini:gemini-3.8-flash", {}, GeminiModel),
        ("gemini:my-own", {"gemini": settings.GeminiSettings(base_url=LOCAL)}, GeminiModel),
        ("anthropic:claude-sonnet-5-5", {}, AnthropicModel),
        ("anthropic:my-own", {"anthropic": settings.AnthropicSettings(base_url=LOCAL)}, AnthropicModel),
    ],
)
def test_each_scheme_is_its_provider(spec: str, group: dict[str, object], kind: type, environment: None) -> None:
    model = create(spec, **group)
    assert type(model) is kind
    assert model.name == spec


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "GOOGLE_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, "a-key")


def test_key_of_the_provider_gives_way_to_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GOOGLE_API_KEY", "GEMINI_API_KEY", "AIWRITER_GEMINI_API_KEY"):
        monkeypatch.setenv(name, name)
        found = settings.load().gemini_api_key
        assert found is not None
        assert found.get_secret_value() == name


def test_offline_writer_is_a_provider_like_any_other() -> None:
    model = create("offline:extractive")
    assert (model.name, model.writes) == ("offline:extractive", "digest")


def test_a_price_that_is_set_keeps_what_a_known_model_takes_off_for_cached_and_kept_input() -> None:
    model = AnthropicModel("claude-haiku-4-5", llm.Options(api_key="sk-x", price=Price(Decimal(10), Decimal(50))))
    usual = known()["anthropic:claude-haiku-4-5"].price
    assert usual is not None
    assert usual.cached is not None
    assert usual.kept is not None
    read, kept = (Usage(**{"input_tokens": 1_000_000, name: 1_000_000}) for name in ("cached_tokens", "kept_tokens"))
    assert model.cost_of(read) == 10 * usual.cached / usual.input
    assert model.cost_of(kept) == 10 * usual.kept / usual.input


def test_a_price_that_is_set_for_a_model_nobody_knows_is_that_of_cached_input_too() -> None:
    model = AnthropicModel("claude-none", llm.Options(api_key="sk-x", price=Price(Decimal(10), Decimal(50))))
    assert model.cost_of(Usage(input_tokens=1_000_000, cached_tokens=1_000_000)) == 10

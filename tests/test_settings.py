"""A setting that cannot be used is named, with its value where that is no secret, and with what would do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aiwriter import llm, settings
from aiwriter.errors import BadInput
from aiwriter.testing.terminal import ROOT

WRONG = {
    ("AIWRITER_LIMITS", "nope"): 'AIWRITER_LIMITS=\'{"openai:gpt-4.1-mini": {"rpm": 60}}\'',
    ("AIWRITER_SEARCH__ENGINES", "wikipedia"): "AIWRITER_SEARCH__ENGINES='[\"wikipedia\"]'",
    ("AIWRITER_SEARCH", "wikipedia"): "AIWRITER_SEARCH='{}'",
    ("AIWRITER_LIMITS", '{"opnai:fake": {"rpm": 5}}'): "Correct AIWRITER_LIMITS in",
    ("AIWRITER_API__PORT", "x"): "Correct AIWRITER_API__PORT in",
}


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_the_variable_and_a_way_out_are_told(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadInput, match=f"setting {name} cannot be used") as refused:
        settings.load()
    assert WRONG[name, value] in refused.value.hint


def test_what_the_example_of_a_dotenv_leaves_empty_may_be_left_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = settings.load()
    empty = re.findall(r"(?m)^#([A-Z_]+=)$", (ROOT / ".env.example").read_text("utf-8"))
    (tmp_path / ".env").write_text("\n".join(empty))
    monkeypatch.chdir(tmp_path)
    assert len(empty) > 20
    assert settings.load() == usual


def test_half_a_price_is_refused_since_it_would_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIWRITER_GEMINI__OUTPUT_USD", "9")
    with pytest.raises(BadInput, match=r"setting AIWRITER_GEMINI__INPUT_USD is missing: .* go together$"):
        settings.load()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('{"openai:a": {"rps": 5}}', "there is no 'rps' for openai:a, only rpm and tpm"),
        ('{"heron-1": {"rpm": 5}}', "a rate is for PROVIDER:MODEL"),
        ('{"openai:a": {"rpm": 0}}', "openai:a rpm: Input should be greater"),
        ('{"openai:a": 5}', "openai:a: Input should be"),
    ],
)
def test_of_rates_it_is_said_which_is_wrong_and_what_there_is(
    value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIWRITER_LIMITS", value)
    with pytest.raises(BadInput) as refused:
        settings.load()
    assert said in str(refused.value)
    assert "should match pattern" not in str(refused.value)


def test_a_key_under_a_name_that_does_not_exist_is_not_shown_and_the_right_name_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AIWRITER_OPENAI__API_KEY", "sk-proj-secret123")
    with pytest.raises(BadInput) as refused:
        settings.load()
    assert "secret123" not in f"{refused.value} {refused.value.hint}"
    assert "it is called OPENAI_API_KEY" in refused.value.hint


def test_limits_may_name_every_provider_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    for provider in llm.PROVIDERS:
        monkeypatch.setenv("AIWRITER_LIMITS", f'{{"{provider}:x": {{"rpm": 5}}}}')
        assert list(settings.load().limits) == [f"{provider}:x"]

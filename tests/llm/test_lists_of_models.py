"""A list of models where one was: "openai:a, openai:b"."""

import subprocess
import sys

import pytest

from aiwriter import llm
from aiwriter.embeddings import create as create_embedder
from aiwriter.errors import BadInput
from aiwriter.settings import load

EMBEDDER = create_embedder("hashing:8")


def names(spec: str) -> list[str]:
    settings = load(openai_api_key="sk-not-a-key")
    return [model.name for model in llm.create_all(spec, settings, EMBEDDER)]


def test_a_list_keeps_its_order_and_one_is_a_list_of_one() -> None:
    assert names("openai:gpt-4.1-mini ,openai:gpt-4.1-nano") == ["openai:gpt-4.1-mini", "openai:gpt-4.1-nano"]
    assert names("offline:extractive") == ["offline:extractive"]


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("openai:gpt-4.1-mini,", "no such model: ''"),
        ("openai:gpt-4.1-mini, openai:gpt-4.1-mini", "twice"),
        ("openai:gpt-4.1-mini, offline:extractive", "mixes"),
        ("openai:gpt-4.1-mini, nobody:x", "no such model"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_before_work_begins(spec: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason) as refused:
        names(spec)
    assert refused.value.hint


@pytest.mark.parametrize(
    ("spec", "library"),
    [("openai:gpt-5-mini, gemini:x", "openai"), ("gemini:x", "google.genai"), ("anthropic:x", "anthropic")],
)
def test_what_the_first_model_needs_can_be_loaded_before_it_is_asked(spec: str, library: str) -> None:
    code = f"import sys; from aiwriter import llm; before = {library!r} in sys.modules; llm.load({spec!r})"
    told = f"print(before, {library!r} in sys.modules, 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", f"{code}; {told}"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "False"]


def test_the_offline_writer_needs_nothing_of_the_kind() -> None:
    llm.load("offline:extractive")

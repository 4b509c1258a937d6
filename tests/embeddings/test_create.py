from __future__ import annotations

import subprocess
import sys

import pytest

from aiwriter.embeddings import create
from aiwriter.errors import BadInput, Unavailable


@pytest.mark.parametrize(
    ("spec", "name", "dimensions"),
    [
        ("minilm", "minilm:all-MiniLM-L6-v2", 384),
        ("minilm:all-MiniLM-L6-v2", "minilm:all-MiniLM-L6-v2", 384),
        ("hashing", "hashing:256", 256),
        (" hashing:64 ", "hashing:64", 64),
    ],
)
def test_a_spec_names_an_embedder(spec: str, name: str, dimensions: int) -> None:
    made = create(spec)
    assert (made.name, made.dimensions) == (name, dimensions)


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ("minlm", "did you mean 'minilm'?"),
        ("sentence_transformers:x", "did you mean 'sentence-transformers'?"),
        ("", "known: hashing, minilm, sentence-transformers"),
        ("minilm:all-mpnet-base-v2", "sentence-transformers:all-mpnet-base-v2"),
        ("hashing:many", "such as hashing:256"),
        ("hashing:0", "such as hashing:256"),
        ("hashing:²", "such as hashing:256"),
        ("sentence-transformers", "such as sentence-transformers:all-MiniLM-L6-v2"),
    ],
)
def test_a_wrong_spec_is_refused_with_the_next_step(spec: str, hint: str) -> None:
    with pytest.raises(BadInput) as refused:
        create(spec)
    assert hint in (refused.value.hint or "")


def test_a_lacking_extra_is_said_at_once_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)  # how Python itself marks a module as absent
    with pytest.raises(Unavailable, match="not installed") as refused:
        create("sentence-transformers:all-MiniLM-L6-v2")
    assert "make setup-local-models" in (refused.value.hint or "")


def test_creating_one_loads_no_heavy_library() -> None:
    code = (
        "import sys; from aiwriter.embeddings import create; create('minilm'); create('hashing');"
        "print({'numpy', 'onnxruntime', 'tokenizers', 'torch', 'sentence_transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"

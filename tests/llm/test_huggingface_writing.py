"""A real, tiny Llama, made and taught one answer by a fixture, in the environment that has torch."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import replace
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from aiwriter.documents import Stage
from aiwriter.errors import BadInput, BadReply, ProviderRejected
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.llm.huggingface import HuggingFaceModel, HuggingFaceOptions, from_spec
from aiwriter.llm.huggingface_errors import LOADING, WRITING, Table, row_of
from aiwriter.ports import CallKey, ModelRequest, Prompt
from aiwriter.resilience.layers import wrap
from aiwriter.testing import ManualClock, MemoryDatabase

pytestmark = [
    pytest.mark.local_models,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # torch's and transformers' own
]

SENTENCES = Path(__file__).parents[1] / "embeddings" / "sentences.txt"
TEMPLATE = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
ANSWER = '{"title": "Herons – naïve birds", "count": 3}'
CONTEXT = 512


class Wanted(BaseModel):
    title: str
    count: int


ASKED = ModelRequest(
    CallKey(new_id(), Stage.OUTLINE), Prompt("outline", "You plan.", "Herons?", "hash"), Wanted, 80, temperature=0.0
)
PROSE = replace(ASKED, schema=None, prompt=Prompt("section", "You write.", "Tell of ferries.", "other"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of two layers that has learned to answer ASKED with ANSWER, and babbles otherwise."""
    place = tmp_path_factory.mktemp("tiny-llama")
    torch, transformers = import_module("torch"), import_module("transformers")
    torch.manual_seed(7)
    tokenizer = _tokenizer(transformers)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=CONTEXT,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
    )
    model = transformers.LlamaForCausalLM(config)
    model.save_pretrained(place)
    tokenizer.save_pretrained(place)
    _teach(torch, place, model, tokenizer)
    model.save_pretrained(place)
    return place


def _tokenizer(transformers: Any) -> Any:
    tokenizers = import_module("tokenizers")
    made = tokenizers.Tokenizer(tokenizers.models.BPE())
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = tokenizers.decoders.ByteLevel()
    special = ["</s>", "<|system|>", "<|user|>", "<|assistant|>"]
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=512, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator(SENTENCES.read_text("utf-8").splitlines(), trainer)
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=made, eos_token="</s>")
    tokenizer.chat_template = TEMPLATE
    return tokenizer


def _teach(torch: Any, place: Path, model: Any, tokenizer: Any) -> None:
    """Until it knows the one answer by heart."""
    loaded = HuggingFaceModel(str(place), HuggingFaceOptions())._load()
    asked = loaded._ids(ASKED)
    answer = [*tokenizer(ANSWER)["input_ids"], tokenizer.eos_token_id]
    ids = torch.tensor([asked + answer])
    labels = torch.tensor([[-100] * len(asked) + answer])
    steps = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(400):
        loss = model(input_ids=ids, labels=labels).loss
        if loss.item() < 0.05:
            break
        steps.zero_grad()
        loss.backward()
        steps.step()


@pytest.fixture
def model(folder: Path) -> HuggingFaceModel:
    return from_spec(str(folder), HuggingFaceOptions(device="cpu"))


class Ear:
    """Hears, and keeps what it heard."""

    def __init__(self, told: list[tuple[str, str]] | None = None, name: str = "") -> None:
        self.heard: list[str] = []
        self._told, self._name = [] if told is None else told, name

    async def __call__(self, text: str) -> None:
        self.heard.append(text)
        self._told.append((self._name, text))


async def test_it_answers_in_json_by_its_chat_template_with_exact_usage(model: HuggingFaceModel) -> None:
    reply = await model.answer(ASKED)
    assert Wanted.model_validate_json(reply.text) == Wanted(title="Herons – naïve birds", count=3)
    assert (reply.model, reply.finish, reply.cost_usd) == (model.name, "stop", 0)
    assert not reply.usage.estimated
    assert reply.usage.input_tokens > 100
    assert 10 < reply.usage.output_tokens < 80
    assert model.cost_of(reply.usage) == 0


async def test_within_its_layers_it_is_a_model_like_any_other(model: HuggingFaceModel) -> None:
    journal = MemoryDatabase().journal(LOCAL_WORKSPACE)
    reply = await wrap(model, journal, ManualClock()).answer(ASKED)
    assert reply.parsed == Wanted(title="Herons – naïve birds", count=3)
    assert (await wrap(model, journal, ManualClock()).answer(ASKED)).replayed


async def test_babble_is_asked_again_within_bounds_and_then_a_bad_reply(model: HuggingFaceModel) -> None:
    babbled = replace(ASKED, prompt=PROSE.prompt, max_output_tokens=8)
    with pytest.raises(BadReply, match="in 3 tries"):
        await wrap(model, MemoryDatabase().journal(LOCAL_WORKSPACE), ManualClock()).answer(babbled)


async def test_it_is_heard_growing_and_ends_with_the_whole(model: HuggingFaceModel) -> None:
    ear = Ear()
    reply = await model.answer(replace(ASKED, on_text=ear))
    assert reply == await model.answer(ASKED)
    assert len(ear.heard) > 3
    assert ear.heard[-1] == reply.text
    assert all(later.startswith(earlier) for earlier, later in pairwise(ear.heard))


async def test_what_does_not_fit_is_cut_off_and_says_so(model: HuggingFaceModel) -> None:
    reply = await model.answer(replace(PROSE, max_output_tokens=5))
    assert (reply.finish, reply.usage.output_tokens) == ("length", 5)


async def test_no_answer_goes_beyond_the_context(model: HuggingFaceModel) -> None:
    reply = await model.answer(replace(PROSE, max_output_tokens=10_000))
    assert reply.usage.input_tokens + reply.usage.output_tokens <= CONTEXT


async def test_a_prompt_longer_than_the_context_is_refused_before_it_is_read(model: HuggingFaceModel) -> None:
    long = replace(PROSE, prompt=Prompt("section", "", "ferry " * 2 * CONTEXT, "long"))
    with pytest.raises(ProviderRejected, match=f"the context holds {CONTEXT}"):
        await model.answer(long)


async def test_cancelled_it_stops_and_the_next_call_gets_its_turn(model: HuggingFaceModel) -> None:
    begun = asyncio.Event()

    async def on_text(text: str) -> None:
        begun.set()

    writing = asyncio.create_task(model.answer(replace(PROSE, max_output_tokens=10_000, on_text=on_text)))
    waiting = asyncio.create_task(model.answer(PROSE))
    await asyncio.wait_for(begun.wait(), 60)
    waiting.cancel()
    writing.cancel()
    ended = await asyncio.gather(writing, waiting, return_exceptions=True)
    assert [type(one) for one in ended] == [asyncio.CancelledError, asyncio.CancelledError]
    assert (await asyncio.wait_for(model.answer(ASKED), 60)).finish == "stop"


async def test_one_answer_is_written_at_a_time_and_the_others_wait(model: HuggingFaceModel, folder: Path) -> None:
    other = HuggingFaceModel(str(folder), HuggingFaceOptions(device="cpu"))
    told: list[tuple[str, str]] = []
    calls = [(one, f"call {number}") for number, one in enumerate((model, other, model))]
    await asyncio.gather(*(one.answer(replace(ASKED, on_text=Ear(told, name))) for one, name in calls))
    turns = [name for name, _text in told]
    changes = sum(before != after for before, after in pairwise(turns))
    assert len(set(turns)) == 3
    # the end of an answer may be told while the next begins
    assert changes <= 4, turns


async def test_a_tokenizer_without_a_template_gets_plain_words(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        if file.name != "chat_template.jinja":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    model = from_spec(str(tmp_path), HuggingFaceOptions())
    assert (await model.answer(replace(PROSE, max_output_tokens=3))).usage.output_tokens == 3


async def test_a_template_that_knows_no_system_gets_it_with_the_question(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    fussy = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}" + TEMPLATE
    (tmp_path / "chat_template.jinja").write_text(fussy)
    model = from_spec(str(tmp_path), HuggingFaceOptions())
    assert (await model.answer(replace(PROSE, max_output_tokens=3))).usage.output_tokens == 3


@pytest.mark.parametrize("damaged", ["model.safetensors", "tokenizer.json"])
async def test_broken_files_are_bad_input_with_the_next_step(damaged: str, folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / damaged).write_bytes(b"{")
    with pytest.raises(BadInput, match="cannot be loaded") as refused:
        await from_spec(str(tmp_path), HuggingFaceOptions()).answer(PROSE)
    assert "whole" in (refused.value.hint or "")


async def test_a_device_that_is_not_there_is_bad_input(folder: Path) -> None:
    with pytest.raises(BadInput, match="does not have") as refused:
        await from_spec(str(folder), HuggingFaceOptions(device="mps")).answer(PROSE)
    assert "DEVICE=auto" in (refused.value.hint or "")


async def test_nothing_is_loaded_before_the_first_answer(folder: Path) -> None:
    model = from_spec(str(folder), HuggingFaceOptions())
    assert "loaded at the first answer" in await model.probe()
    await model.answer(replace(PROSE, max_output_tokens=1))
    assert "loaded;" in await model.probe()


LIBRARIES: list[tuple[str, Table]] = [
    ("torch", LOADING),
    ("safetensors", LOADING),
    ("huggingface_hub.errors", LOADING),
    ("httpx2", LOADING),
    ("torch", WRITING),
    ("jinja2", WRITING),
]


@pytest.mark.parametrize(("library", "table"), LIBRARIES)
def test_every_error_class_of_the_libraries_below_is_translated(library: str, table: Table) -> None:
    classes = [kind for _, kind in inspect.getmembers(import_module(library), inspect.isclass)]
    errors = [kind for kind in classes if issubclass(kind, Exception) and not issubclass(kind, Warning)]
    assert sorted(kind.__name__ for kind in errors if row_of(kind, table) is None) == []
    assert errors

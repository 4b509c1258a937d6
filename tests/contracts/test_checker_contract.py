"""One contract, kept by the double, by a checking language model within its layers and by an entailment model."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from aiwriter import settings
from aiwriter.documents import Stage
from aiwriter.errors import BadInput
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.llm import entailment
from aiwriter.pipeline.second_opinion import ModelChecker
from aiwriter.ports import CallKey, Checker, CheckReply, Claim, RunContext
from aiwriter.ports.models import CheckedClaim
from aiwriter.resilience.layers import wrap
from aiwriter.testing import ManualClock, MemoryDatabase, ScriptedChecker, ScriptedModel
from aiwriter.testing.fake_provider import FakeProvider
from aiwriter.testing.remotes import remote_model

CONTEXT = RunContext(new_id(), b"a secret of the run")
KEY = CallKey(CONTEXT.run_id, Stage.MENDING, "2")
FLEET = "At the end of the year the fleet counted nine ships, of which two sail on batteries alone."
STORMS = "The limit of wind is set by the quay and not by the engine."
SAID = Claim("Two of the nine ships of the fleet sail on batteries alone.", (STORMS, FLEET))
UNSAID = Claim("Passengers praised the new restaurant on deck three.", (FLEET,))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Bert of two layers that has learned which of the two claims stands in its passage."""
    torch, transformers = import_module("torch"), import_module("transformers")
    place, words = (
        tmp_path_factory.mktemp("tiny-nli"),
        {*(f"{FLEET} {STORMS} {SAID.text} {UNSAID.text}".lower().split())},
    )
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", ",", *sorted(word.strip(".,") for word in words)]
    (place / "vocab.txt").write_text("\n".join(dict.fromkeys(vocabulary)), encoding="utf-8")
    tokenizer = transformers.BertTokenizerFast(vocab=str(place / "vocab.txt"))
    torch.manual_seed(5)
    config = transformers.BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        id2label={0: "contradiction", 1: "ENTAILMENT", 2: "neutral"},
        label2id={"contradiction": 0, "ENTAILMENT": 1, "neutral": 2},
    )
    model = transformers.BertForSequenceClassification(config)
    given = tokenizer([FLEET, STORMS, FLEET], [SAID.text, SAID.text, UNSAID.text], padding=True, return_tensors="pt")
    step = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(40):
        step.zero_grad()
        model(**given, labels=torch.tensor([1, 2, 2])).loss.backward()
        step.step()
    model.save_pretrained(place)
    tokenizer.save_pretrained(place)
    return place


ENTAILMENT = pytest.param(
    "entailment", marks=[pytest.mark.local_models, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
)


@pytest.fixture(params=["scripted", "model", ENTAILMENT])
async def checker(request: pytest.FixtureRequest) -> AsyncIterator[Checker]:
    if request.param == "model":
        async with FakeProvider() as server:
            model = wrap(remote_model("openai", server), MemoryDatabase().journal(LOCAL_WORKSPACE), ManualClock())
            yield ModelChecker(model)
    elif request.param == "entailment":
        made = entailment.create(f"huggingface-nli:{request.getfixturevalue('folder')}", settings.load())
        assert made is not None
        yield made
    else:
        yield ScriptedChecker()


async def test_every_claim_gets_a_probability_in_its_place(checker: Checker) -> None:
    said, unsaid, again = await checker.probabilities([SAID, UNSAID, SAID], KEY, CONTEXT)
    assert said is not None
    assert unsaid is not None
    assert 0 <= unsaid < said <= 1
    assert again == pytest.approx(said, abs=0.01)


async def test_of_nothing_there_is_no_opinion(checker: Checker) -> None:
    assert await checker.probabilities([], KEY, CONTEXT) == []
    assert ":" in checker.name


# ── a checking language model ────────────────────────────────────────────────────────────────────────────────────────


def checked(*said: tuple[str, float]) -> CheckReply:
    return CheckReply(checked=[CheckedClaim(claim=claim, probability=chance) for claim, chance in said])


async def test_a_model_is_asked_once_for_all_claims_and_never_twice_for_the_same() -> None:
    model, journal = ScriptedModel([checked(("T1", 0.9), ("T2", 0.1))]), MemoryDatabase().journal(LOCAL_WORKSPACE)
    for _ in range(2):
        layered = ModelChecker(wrap(model, journal, ManualClock()))
        assert await layered.probabilities([SAID, UNSAID], KEY, CONTEXT) == [0.9, 0.1]
    (request,) = model.requests
    assert "[T1] (S1, S2) Two of the nine" in request.prompt.text
    assert "[T2] (S2) Passengers" in request.prompt.text
    assert request.prompt.text.count(FLEET) == 1


async def test_what_a_model_does_not_say_or_says_wrongly_is_not_known() -> None:
    checker = ModelChecker(ScriptedModel([checked(("T2", 93.0), ("T7", 0.9), ("nonsense", 0.9))]))
    assert await checker.probabilities([SAID, UNSAID], KEY, CONTEXT) == [None, None]


# ── a model that was taught entailment ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("labels", "place"),
    [
        ({"0": "contradiction", "1": "entailment", "2": "neutral"}, 1),
        ({"0": "entailment", "1": "not_entailment"}, 0),
        ({"0": "NON-ENTAILMENT", "1": "ENTAILS"}, 1),
    ],
)
def test_the_label_that_means_entailment_is_read_from_the_config(labels: dict[str, str], place: int) -> None:
    assert entailment.entailing(labels, "m") == place


@pytest.mark.parametrize("labels", [{"0": "LABEL_0", "1": "LABEL_1"}, {"0": "not_entailment"}, None])
def test_a_model_that_names_no_such_label_is_refused(labels: dict[str, str] | None) -> None:
    with pytest.raises(BadInput, match="entailment"):
        entailment.entailing(labels, "m")


def test_other_names_are_none_of_its_business() -> None:
    assert entailment.create("openai:gpt-4.1-mini", settings.load()) is None


def test_a_model_that_is_not_on_disk_is_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    options: Any = entailment.HuggingFaceOptions()
    with pytest.raises(BadInput, match="no whole model"):
        entailment.EntailmentChecker(str(tmp_path), options)
    (tmp_path / "config.json").write_text(json.dumps({"id2label": {"0": "LABEL_0"}}))
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(BadInput, match="no one label"):
        entailment.EntailmentChecker(str(tmp_path), options)

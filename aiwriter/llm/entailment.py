"""`huggingface-nli:MODEL`: a cross-encoder in this process that was taught natural-language inference, as a Checker.

Any transformers model for sequence classification will do whose config names the label that means entailment
("entailment", "ENTAILED", "entails"); MODEL is a folder or a name of the hub. Each passage of a claim is a premise, and
all of them together; the claim is the hypothesis, and the best premise counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

from aiwriter.errors import BadInput
from aiwriter.llm.huggingface import WRITER, HuggingFaceOptions, config_of, device_for, folder_of, lacking, not_here
from aiwriter.llm.huggingface_errors import INSTALL, LOADING, WRITING, translated
from aiwriter.ports import CallKey, Claim, RunContext
from aiwriter.settings import Settings

SCHEME = "huggingface-nli"
AT_ONCE = 16  # pairs in a batch
LONGEST = 512  # tokens of a pair, where the tokenizer does not say
_NOT = ("not", "non", "no_", "no ", "contra")


def create(spec: str, settings: Settings) -> EntailmentChecker | None:
    """The checker that `huggingface-nli:MODEL` names; None for a spec of another scheme. Raises BadInput when this
    environment lacks the packages, the disk the model, or the model a label that means entailment."""
    scheme, _, model = spec.strip().partition(":")
    if scheme.lower() != SCHEME:
        return None
    if absent := lacking():
        raise BadInput(f"{spec!r} needs {' and '.join(absent)}, not installed here", hint=INSTALL)
    group = settings.huggingface
    return EntailmentChecker(model, HuggingFaceOptions(group.device, group.allow_download))


class EntailmentChecker:
    """Nothing is loaded before the first claim. One model works at a time in a process, others wait."""

    model = None  # nobody is paid

    def __init__(self, model: str, options: HuggingFaceOptions) -> None:
        self.name = f"{SCHEME}:{model}"
        self._model = model
        self._options = options
        self._folder = folder_of(model)
        if self._folder is None and not options.allow_download:
            raise not_here(model)
        if self._folder is not None:
            entailing(config_of(self._folder).get("id2label"), self.name)

    async def probabilities(self, claims: Sequence[Claim], _key: CallKey, _context: RunContext) -> list[float | None]:
        """Raises ProviderRejected when the memory does not suffice, BadInput when the model cannot be loaded."""
        return await asyncio.get_running_loop().run_in_executor(WRITER, self._judge, claims)

    def _judge(self, claims: Sequence[Claim]) -> list[float | None]:
        """In the one thread that computes."""
        with translated(self.name, LOADING):
            loaded = self._loaded
        pairs = [(number, premise, claim.text) for number, claim in enumerate(claims) for premise in _premises(claim)]
        best: list[float | None] = [None] * len(claims)
        with translated(self.name, WRITING):
            for start in range(0, len(pairs), AT_ONCE):
                batch = pairs[start : start + AT_ONCE]
                for (number, _, _), chance in zip(batch, loaded.entailed([pair[1:] for pair in batch]), strict=True):
                    best[number] = max(best[number] or 0.0, chance)
        return best

    @cached_property
    def _loaded(self) -> _Loaded:
        transformers = import_module("transformers")
        import_module("transformers.utils.logging").set_verbosity_error()
        place = str(self._folder or self._model)
        given: dict[str, Any] = {"local_files_only": self._folder is not None, "trust_remote_code": False}
        device = device_for(self._options.device, self.name)
        tokenizer = transformers.AutoTokenizer.from_pretrained(place, **given)
        model = transformers.AutoModelForSequenceClassification.from_pretrained(place, **given).to(device).eval()
        return _Loaded(tokenizer, model, device, entailing(model.config.id2label, self.name))


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A model in memory; `label` is the place of entailment among its classes."""

    tokenizer: Any
    model: Any
    device: str
    label: int

    def entailed(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """The probability of entailment of each (premise, hypothesis)."""
        torch = import_module("torch")
        longest = min(self.tokenizer.model_max_length, LONGEST)
        premises, hypotheses = zip(*pairs, strict=True)
        given = self.tokenizer(
            list(premises),
            list(hypotheses),
            truncation="only_first",
            max_length=longest,
            padding=True,
            return_tensors="pt",
        ).to(self.device)
        with torch.inference_mode():
            chances = torch.softmax(self.model(**given).logits.float(), dim=-1)[:, self.label]
        return [float(chance) for chance in chances]


def entailing(labels: Any, name: str) -> int:
    """The number of the label that means entailment. Raises BadInput when none does, or several do."""
    named = {int(number): str(label).lower() for number, label in dict(labels or {}).items()}
    found = [n for n, label in named.items() if "entail" in label and not label.startswith(_NOT)]
    if len(found) != 1:
        raise BadInput(
            f"{name}: its config names no one label that means entailment, only {sorted(named.values())}",
            hint="Take a model for natural-language inference whose id2label has an “entailment”.",
        )
    return found[0]


def _premises(claim: Claim) -> Iterator[str]:
    yield from claim.passages
    if len(claim.passages) > 1:
        yield "\n\n".join(claim.passages)

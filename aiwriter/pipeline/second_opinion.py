"""A checking language model as a Checker: one call for all claims of a section, through the layers of every model."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from aiwriter.pipeline.prompts import render
from aiwriter.ports import CallKey, CheckReply, Claim, LanguageModel, ModelRequest, RunContext, handle

TOKENS_A_REPLY, TOKENS_A_CLAIM = 100, 40
_NUMBER = re.compile(r"\d{1,3}")


class ModelChecker:
    """A Checker made of a language model. Its answers are read tolerantly: what it does not say is not known."""

    def __init__(self, model: LanguageModel) -> None:
        self.model = model

    @property
    def name(self) -> str:
        return self.model.name

    async def probabilities(self, claims: Sequence[Claim], key: CallKey, context: RunContext) -> list[float | None]:
        if not claims:
            return []
        reply = (await self.model.answer(request(claims, key, context))).parsed
        said = {_place(one.claim): one.probability for one in reply.checked} if isinstance(reply, CheckReply) else {}
        return [_probability(said.get(place)) for place in range(1, len(claims) + 1)]


def answer_tokens(claims: int) -> int:
    """How long an answer about so many may be."""
    return TOKENS_A_REPLY + TOKENS_A_CLAIM * claims


def request(claims: Sequence[Claim], key: CallKey, context: RunContext) -> ModelRequest:
    """What a model is asked about claims; each passage is shown once, whichever of them it belongs to."""
    texts = list(dict.fromkeys(text for claim in claims for text in claim.passages))
    handles = {text: handle(n) for n, text in enumerate(texts)}
    lines = [
        (f"T{place}", ", ".join(handles[text] for text in claim.passages), claim.text)
        for place, claim in enumerate(claims, 1)
    ]
    lines += [(handles[text], "passage", text) for text in texts]
    trusted = {"targets": ", ".join(f"T{place}" for place in range(1, len(claims) + 1))}
    return ModelRequest(
        key=key,
        prompt=render("check", key, context, trusted, lines),
        schema=CheckReply,
        max_output_tokens=answer_tokens(len(claims)),
        temperature=0.0,
    )


def _place(name: str) -> int:
    found = _NUMBER.search(name)
    return int(found[0]) if found else 0


def _probability(said: float | None) -> float | None:
    """What can be a probability; a percentage is none."""
    return said if said is not None and math.isfinite(said) and 0 <= said <= 1 else None

"""Fitting a prompt into a model's context before it is sent, by showing fewer passages: never by failing late."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiwriter.documents import EvidenceItem
from aiwriter.ports import LanguageModel, Prompt
from aiwriter.text.tokens import estimate_tokens

LINE_TOKENS = 30  # a passage's handle and attribution
MARGIN_TOKENS = 200  # the chat template, and the reason added when the model is asked again


def room(bare: Prompt, model: LanguageModel, max_output_tokens: int) -> int:
    """Tokens left for passages beside the prompt without any, and the answer."""
    used = estimate_tokens(bare.system) + estimate_tokens(bare.text) + max_output_tokens + MARGIN_TOKENS
    return max(0, model.context_tokens - used)


def fit(
    items: Sequence[EvidenceItem], tokens: int, shown: Callable[[EvidenceItem], str] = lambda item: item.passage.text
) -> list[EvidenceItem]:
    """The most relevant items that fit into `tokens`, in their given order; never none if there are any."""
    ranked = sorted(range(len(items)), key=lambda index: -items[index].relevance)
    chosen: list[int] = []
    left = tokens
    for index in ranked:
        left -= estimate_tokens(shown(items[index])) + LINE_TOKENS
        if left < 0 and chosen:
            break
        chosen.append(index)
    return [items[index] for index in sorted(chosen)]

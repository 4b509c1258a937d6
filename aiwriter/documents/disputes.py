"""Disagreements of several sources on one thing as one: which figures are told, and by whom each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aiwriter.documents.base import PassageId
from aiwriter.documents.evidence import Disagreement


@dataclass(frozen=True, slots=True)
class Party:
    """Those who tell one figure: their passages, and the sentence of the first."""

    says: str
    sentence: str
    passages: tuple[PassageId, ...]


def disputes(found: Iterable[Disagreement]) -> list[tuple[Party, ...]]:
    """Pairs that share a side belong together; in each dispute a figure once, all in the order they are met in."""
    groups: list[dict[tuple[PassageId, str], str]] = []
    for one in found:
        sides = {(one.one, one.one_says): one.one_sentence, (one.other, one.other_says): one.other_sentence}
        joined = [group for group in groups if not sides.keys().isdisjoint(group)]
        whole = {key: text for group in [*joined, sides] for key, text in group.items()}
        at = groups.index(joined[0]) if joined else len(groups)
        groups = [*groups[:at], whole, *(group for group in groups[at:] if group not in joined)]
    return [_parties(group) for group in groups]


def _parties(group: dict[tuple[PassageId, str], str]) -> tuple[Party, ...]:
    by_figure: dict[str, list[tuple[PassageId, str]]] = {}
    for (passage, says), sentence in group.items():
        by_figure.setdefault(says, []).append((passage, sentence))
    return tuple(
        Party(says, told[0][1], tuple(dict.fromkeys(passage for passage, _ in told)))
        for says, told in by_figure.items()
    )

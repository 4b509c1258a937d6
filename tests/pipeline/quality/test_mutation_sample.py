"""A small sample of the mutation exam (benchmarks/mutation_exam.py): planted errors are found, true sentences stand."""

from __future__ import annotations

import random

import pytest

from aiwriter.documents import Support
from aiwriter.pipeline.quality.statements import ground, known_names, sentences_of
from aiwriter.pipeline.quality.support import judge_claim
from aiwriter.testing import sample_passages, sample_sources
from aiwriter.testing.mutations import MUTATIONS

GROUNDS = [ground(passage) for source in sample_sources().items for passage in sample_passages(source)]
KNOWN = known_names(g.text for g in GROUNDS)
TRUE = [(sentence.text, g) for g in GROUNDS for sentence in sentences_of(g.text) if len(sentence.tokens) > 5]
POOL = ["Torvick", "Marit Adeyo", "Palewater Line", "Bank of England", "Lanternfish"]
FLOORS = {"number": 0.95, "date": 0.95, "unit": 0.9, "entity": 0.8, "negation": 0.8, "quantifier": 0.8}


def supported(text: str, *grounds) -> bool:
    return judge_claim(text, grounds, KNOWN).outcome is Support.SUPPORTED


def test_true_sentences_stand():
    assert [text for text, g in TRUE if not supported(text, g)] == []


@pytest.mark.parametrize("kind", FLOORS)
def test_planted_errors_are_found(kind):
    changed = [(MUTATIONS[kind](text, random.Random(seed), POOL), g) for seed in range(6) for text, g in TRUE]
    planted = [(text, g) for text, g in changed if text]
    missed = [text for text, g in planted if supported(text, g)]
    assert len(planted) >= 6
    assert 1 - len(missed) / len(planted) >= FLOORS[kind], missed


def test_a_citation_of_another_source_is_found():
    elsewhere = [(text, other) for text, g in TRUE for other in GROUNDS if other.key != g.key]
    missed = [text for text, other in elsewhere if supported(text, other)]
    assert len(missed) <= 0.05 * len(elsewhere), missed

"""The probability that passages support a sentence: logistic models over word overlap, and over overlap and meaning.

Their coefficients are data, fitted by `benchmarks/fit_support.py`; `support_weights.toml` says on what, and how well
they do.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from aiwriter.pipeline.quality.alignment import Alignment, recall
from aiwriter.pipeline.quality.faults import Fault
from aiwriter.text.rarity import rarity

FEATURES = (
    "recall",  # content words, numbers and dates of the claim anywhere in the passages
    "window_recall",  # … in the best window of three sentences
    "telling_recall",  # … words weighted by how telling they are
    "pair_recall",  # pairs of neighbouring content words
    "longest_run",  # longest run of content words in the same order, share of the claim's
    "missing_terms",  # words of the claim that are no common ones and stand nowhere in the passages, at most six
    "number_faults",  # numbers and dates that certainly do not fit, at most two
    "name_faults",  # … names
    "polarity_faults",  # … negation, quantifier, cause, at most one
    "doubts",  # faults of all kinds that may be none, at most four
    "log_claim",  # length of the claim, in content words, at least six: below that little is known
    "log_passages",  # length of the passages
)


# What an embedder adds, worked out by quality/meaning.py.
MEANING = (
    "matched",  # mean similarity of the claim's pieces of words to the most similar ones of the nearest sentences
    "telling_matched",  # … of its content words, weighted by how telling they are
    "worst_matched",  # … of the three content words that fit worst
    "unmatched",  # share of content words with nothing similar
    "subject_alike",  # cosine of what the claim and the best window of sentences talk of
)


@dataclass(frozen=True)
class Weights:
    """Coefficients for the features in their order."""

    intercept: float
    coefficients: tuple[float, ...]

    def probability(self, features: Sequence[float]) -> float:
        total = self.intercept + sum(w * x for w, x in zip(self.coefficients, features, strict=True))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True)
class Cuts:
    """Probabilities of support: below `unsure` unsupported, from `supported` on supported; a claim without a figure or
    name of which a fifth of the words stand nowhere from `supported_thin` on."""

    supported: float
    supported_thin: float
    unsure: float


@lru_cache(maxsize=2)
def weights(*, meaning: bool = False) -> Weights:
    """Those for words alone, or for words and meaning."""
    fitted = _shipped()["meaning" if meaning else "words"]
    names = FEATURES + MEANING if meaning else FEATURES
    return Weights(fitted["intercept"], tuple(fitted[name] for name in names))


@lru_cache(maxsize=1)
def cuts() -> Cuts:
    """The same for both."""
    return Cuts(**_shipped()["cuts"])


def _shipped() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "support_weights.toml").read_text("utf-8"))


def features(alignment: Alignment, faults: Sequence[Fault]) -> list[float]:
    """The numbers of FEATURES, in their order."""
    claim, wholes = alignment.claim, [ground.whole for ground in alignment.grounds]
    texts = wholes + [ground.around for ground in alignment.grounds if ground.context]
    weights = {stem: rarity(stem) for stem in claim.bare_stems}
    missing = [stem for stem in weights if not any(text.holds(stem) for text in texts)]
    return [
        recall(claim, texts),
        alignment.best.recall if alignment.best else 0.0,
        1 - sum(weights[stem] for stem in missing) / (sum(weights.values()) or 1),
        len(claim.pairs & frozenset().union(*(whole.pairs for whole in wholes))) / (len(claim.pairs) or 1),
        max((_longest_run(claim.stems, whole.stems) for whole in wholes), default=0) / (len(claim.stems) or 1),
        float(min(6, sum(weights[stem] == 1 for stem in missing))),
        *(float(min(most, sum(fault.certain and fault.rule in rules for fault in faults))) for rules, most in _KINDS),
        float(min(_DOUBTS, sum(not fault.certain for fault in faults))),
        math.log1p(max(_SHORT, len(claim.stems))),
        math.log1p(sum(len(whole.stems) for whole in wholes)),
    ]


_SHORT = 6
_KINDS = (  # rules that count together, and up to how many
    (frozenset({"support.number", "support.date"}), 2),
    (frozenset({"support.name"}), 2),
    (frozenset({"support.negation", "support.quantifier", "support.cause"}), 1),
)
_DOUBTS = 4


def _longest_run(mine: Sequence[str], theirs: Sequence[str]) -> int:
    """Length of the longest run of items that both have in a row."""
    places: dict[str, list[int]] = {}
    for place, item in enumerate(theirs):
        places.setdefault(item, []).append(place)
    best, before = 0, dict[int, int]()
    for item in mine:
        now = {place: before.get(place - 1, 0) + 1 for place in places.get(item, ())}
        best = max(best, *now.values()) if now else best
        before = now
    return best

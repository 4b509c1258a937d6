"""How far the sentences nearest to a claim say it in other words: each of its words is put beside the most similar
word of those sentences, by vectors of words in their context (greedy matching, after BERTScore); and what it talks of
beside what the best window of sentences does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aiwriter.documents import Brief, Draft, Evidence
from aiwriter.pipeline.quality.support import Examined, examine_draft
from aiwriter.ports import Embedder, WordEmbedder, WordVectors
from aiwriter.text.rarity import rarity
from aiwriter.text.words import is_stop_word, stem, word_spans
from aiwriter.threads import computed

if TYPE_CHECKING:
    import numpy as np

EMBEDDER = "minilm:all-MiniLM-L6-v2"  # of which the weights were fitted: similarities of others have another scale
_ALIKE = 0.5
_WORST = 3


def may_know_words(name: str) -> bool:
    """Whether a setting names the embedder that the weights were fitted for."""
    return name in (EMBEDDER, EMBEDDER.partition(":")[0])


def knows_words(embedder: Embedder | None) -> WordEmbedder | None:
    """The embedder, if it is the one that the weights were fitted for."""
    return embedder if isinstance(embedder, WordEmbedder) and embedder.name == EMBEDDER else None


async def heard(draft: Draft, evidence: Evidence, brief: Brief, embedder: WordEmbedder | None) -> Draft:
    """The draft with what the support check may know beyond words; as it is without an embedder."""
    if embedder is None:
        return draft
    examined = await computed(examine_draft, draft, evidence, brief)
    found = await compare(list(examined.values()), embedder)
    meant = {key: numbers for key, numbers in zip(examined, found, strict=True) if numbers}
    return draft.model_copy(update={"meant": meant})


async def compare(examined: Sequence[Examined | None], embedder: WordEmbedder | None) -> list[tuple[float, ...]]:
    """The numbers of scorer.MEANING for each; none without an embedder, or for what was judged without a score."""
    scored = [one for one in examined if one is not None and one.nearest]
    if embedder is None or not scored:
        return [()] * len(examined)
    texts = list(dict.fromkeys(text for one in scored for text in (one.text, *one.nearest, *one.window)))
    vectors = dict(zip(texts, await embedder.embed_words(texts), strict=True))
    return await computed(lambda: [_features(one, vectors) if one is not None else () for one in examined])


def _features(one: Examined, vectors: Mapping[str, WordVectors]) -> tuple[float, ...]:
    import numpy as np

    if not one.nearest:
        return ()
    claim, theirs = vectors[one.text], np.concatenate([vectors[text].rows for text in one.nearest])
    if not len(claim.rows) or not len(theirs):
        return ()
    best = (claim.rows @ theirs.T).max(axis=1)
    weights, matched = _content(one.text, claim, best)
    if not weights.sum():
        return ()
    worst = np.sort(matched)[:_WORST].mean()
    telling = (weights * matched).sum() / weights.sum()
    alike = _cosine(claim.subject, np.sum([vectors[text].subject for text in one.window], axis=0))
    return float(best.mean()), float(telling), float(worst), float((matched < _ALIKE).mean()), alike


def _cosine(mine: np.ndarray, theirs: np.ndarray) -> float:
    length = ((mine @ mine) * (theirs @ theirs)) ** 0.5
    return float(mine @ theirs / length) if length else 0.0


def _content(text: str, claim: WordVectors, best: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How telling each content word is, and the mean similarity of its pieces."""
    import numpy as np

    found = []
    for start, end in word_spans(text):
        word = text[start:end].lower()
        pieces = [i for i, (first, last) in enumerate(claim.spans) if first < end and last > start]
        if pieces and not is_stop_word(word):
            found.append((rarity(stem(word)), best[pieces].mean()))
    rows = np.array(found, dtype=np.float64).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]

"""Which stored articles say what a draft says: word for word by signatures, in other words by vectors."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from aiwriter.documents import Article, Draft, Neighbour
from aiwriter.pipeline.quality import meaning
from aiwriter.ports import Database, Embedder, Principal, VectorIndex
from aiwriter.services import archive, articles
from aiwriter.text import minhash
from aiwriter.threads import computed

MOST = 5
LEAST_WORDING = 0.2  # below it two articles share phrases, not a text
LEAST_MEANING = 0.6
_READ = 8  # articles that are compared, found by either way
_HITS = 20  # vectors asked for beside each part of the draft
_ASKED = 12  # parts of a long draft that are asked for, spread over it: each opens the index anew


async def beside(
    database: Database,
    principal: Principal,
    draft: Draft,
    vectors: VectorIndex,
    embedder: Embedder,
    *,
    run_id: UUID,
    own: UUID | None = None,
) -> Draft:
    """The draft with the stored articles that say the same, as the originality check wants them.

    Refused ones are left out, and one of the same run. Of a draft that is the next version of the article `own`, so are
    that article and those that came after it: they were held against it. An index that cannot be had leaves what is
    found by words.
    """
    principal.require("read")
    texts = [sentence.text for sentence in draft.sentences]
    signed = await computed(minhash.signature, texts)
    async with database.unit_of_work(principal.workspace_id) as work:
        near = {one.article_id: one.likeness for one in await work.signatures.resembling(signed, _READ)}
    meant = await _by_meaning(draft, vectors, embedder)
    ranked = sorted({*near, *meant}, key=lambda key: (-max(near.get(key, 0), meant.get(key, 0)), key))
    others = [await articles.standing(database, principal, key) for key in ranked[:_READ] if own is None or key < own]
    found = [
        await _neighbour(texts, other, meant.get(other.id))
        for other in others
        if other is not None and other.provenance.run_id != run_id
    ]
    told = [one for one in found if one.wording >= LEAST_WORDING or (one.meaning or 0) >= LEAST_MEANING]
    told.sort(key=lambda one: (-one.wording, -(one.meaning or 0)))
    return draft.model_copy(update={"neighbours": tuple(told[:MOST])})


async def _by_meaning(draft: Draft, vectors: VectorIndex, embedder: Embedder) -> dict[UUID, float]:
    """By article: the cosine of each part of the draft to that article's nearest part, its mean; nothing where the
    embedder is not the one that thresholds are set for, or the index cannot be had."""
    whole = articles.parts_of(draft)
    parts = whole[:: -(-len(whole) // _ASKED) or 1]
    if embedder.name != meaning.EMBEDDER or not parts:
        return {}
    sums: defaultdict[UUID, float] = defaultdict(float)
    try:
        for row in await embedder.embed(parts):
            best: dict[UUID, float] = {}
            for hit in await vectors.nearest(row, _HITS):
                best[hit.article_id] = max(hit.similarity, best.get(hit.article_id, 0.0))
            for key, similarity in best.items():
                sums[key] += similarity
    except articles.NO_INDEX:
        return {}
    return {key: total / len(parts) for key, total in sums.items()}


async def _neighbour(texts: list[str], other: Article, meant: float | None) -> Neighbour:
    wording = await computed(minhash.jaccard, texts, [sentence.text for sentence in other.sentences])
    return Neighbour(
        article_id=other.id,
        version=other.version,
        title=other.title,
        location=archive.location_of(other),
        created_at=other.created_at,
        wording=round(wording, 4),
        meaning=None if meant is None else round(min(1.0, max(0.0, meant)), 4),
    )

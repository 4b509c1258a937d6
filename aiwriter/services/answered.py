"""Which stored articles answer a brief already: said before writing, so that two of ours do not compete for readers."""

from __future__ import annotations

from aiwriter.documents import Answered, Article, Brief
from aiwriter.pipeline import answered, formats
from aiwriter.pipeline.quality import meaning
from aiwriter.ports import Database, Embedder, Principal, VectorIndex
from aiwriter.services import archive, articles

MOST = 3
_LOOKED_AT = 10  # articles that the search finds and that are read


async def already(
    database: Database, principal: Principal, brief: Brief, vectors: VectorIndex, embedder: Embedder
) -> tuple[Answered, ...]:
    """Articles in the brief's language that seem to answer its topic, most alike first; refused ones answer nothing.

    Found by words and by meaning, and told from `answered_min` of the format on. It says so and blocks nothing. Where
    index or embedder cannot be had, words alone decide. Raises BadInput for an unknown format.
    """
    principal.require("read")
    least = formats.load(brief.format).thresholds.answered_min
    async with database.unit_of_work(principal.workspace_id) as work:
        if not await work.articles.counts():  # nothing to open an index for
            return ()
    found, _ = await articles.search(database, principal, brief.topic, vectors, embedder, _LOOKED_AT)
    read = [await articles.standing(database, principal, one.article.id) for one in found]
    alike = [one for one in read if one is not None and one.language == brief.language]
    told = [await _answered(brief, one, embedder) for one in alike]
    return tuple(sorted((one for one in told if one.likeness >= least), key=lambda one: -one.likeness)[:MOST])


async def _answered(brief: Brief, article: Article, embedder: Embedder) -> Answered:
    given = [article.brief.topic, article.title]
    cosines: list[float] = []
    if embedder.name == meaning.EMBEDDER:  # the one that the threshold is set for
        try:
            asked, *others = await embedder.embed([brief.topic, *given])
            cosines = [float(asked @ other) for other in others]
        except articles.NO_INDEX:
            cosines = []
    return Answered(
        article_id=article.id,
        version=article.version,
        title=article.title,
        location=archive.location_of(article),
        created_at=article.created_at,
        likeness=round(min(1.0, answered.likeness(brief.topic, given, brief.language, cosines)), 3),
    )

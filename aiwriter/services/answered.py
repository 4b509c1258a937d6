"""Which stored articles answer a brief already: said before writing, so that two of ours do not compete for readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from aiwriter.documents import AlreadyAnswered, Answered, Article, Brief, Run, Stage
from aiwriter.pipeline import answered, formats
from aiwriter.pipeline.quality import meaning
from aiwriter.ports import Database, Embedder, Principal, UnitOfWork, VectorIndex
from aiwriter.services import archive, articles, holding
from aiwriter.threads import computed

if TYPE_CHECKING:
    import numpy as np

MOST = 3
KEPT = "answered"  # item of the RESEARCH stage
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


async def of_each(
    database: Database, principal: Principal, briefs: Sequence[Brief], vectors: VectorIndex, embedder: Embedder
) -> list[tuple[Answered, ...]]:
    """`already` for each brief, in their order; one look for those with the same topic, language and format."""
    looked: dict[tuple[str, str, str], tuple[Answered, ...]] = {}
    for brief in briefs:
        if _asked(brief) not in looked:
            looked[_asked(brief)] = await already(database, principal, brief, vectors, embedder)
    return [looked[_asked(brief)] for brief in briefs]


async def by_one_another(briefs: Sequence[Brief], embedder: Embedder) -> list[int | None]:
    """For each brief the number, from 0, of the first before it in the same language that asks for its topic, by
    `answered_min` of its format: their articles would compete for readers. None where there is none. Raises BadInput
    for an unknown format."""
    rows = await _rows([brief.topic for brief in briefs], embedder)
    return await computed(_first_alike, briefs, rows)


def _first_alike(briefs: Sequence[Brief], rows: Sequence[np.ndarray] | None) -> list[int | None]:
    leasts = [formats.load(brief.format).thresholds.answered_min for brief in briefs]

    def alike(at: int, before: int) -> bool:
        one, other = briefs[at], briefs[before]
        cosines = [] if rows is None else [float(rows[at] @ rows[before])]
        return (
            one.language == other.language
            and answered.likeness(one.topic, [other.topic], one.language, cosines) >= leasts[at]
        )

    return [next((before for before in range(at) if alike(at, before)), None) for at in range(len(briefs))]


def _asked(brief: Brief) -> tuple[str, str, str]:
    return brief.topic, brief.language, brief.format


async def tell(database: Database, principal: Principal, run: Run, vectors: VectorIndex, embedder: Embedder) -> None:
    """Look for a run that begins, unless that was done when it was asked for, and keep what was found with it: nobody
    may be there to whom it could be said. Raises Conflict when the run is not ours any more."""
    async with database.unit_of_work(principal.workspace_id) as work:
        if await work.stages.get(run.id, Stage.RESEARCH, KEPT) is not None:
            return
    found = await already(database, principal, run.brief, vectors, embedder)
    async with database.unit_of_work(principal.workspace_id) as work:
        await holding.fence(work, run.id)
        await keep(work, run.id, [one for one in found if one.article_id != run.article_id])
        await work.commit()


async def note(database: Database, principal: Principal, found: Mapping[UUID, Sequence[Answered]]) -> None:
    """Keep with each run what was found before it was asked for."""
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        for run_id, answers in found.items():
            await keep(work, run_id, answers)
        await work.commit()


async def keep(work: UnitOfWork, run_id: UUID, found: Sequence[Answered]) -> None:
    """Put what was found into the transaction, unless something was kept before, and into the run's history when there
    is something."""
    if await work.stages.get(run_id, Stage.RESEARCH, KEPT) is not None:
        return
    await work.stages.put(run_id, Stage.RESEARCH, KEPT, AlreadyAnswered(items=tuple(found)), 0.0)
    if found:
        named = [{"article_id": str(one.article_id), "title": one.title, "likeness": one.likeness} for one in found]
        await work.events.append(run_id, "run.answered", {"by": named})


async def told(work: UnitOfWork, run_id: UUID) -> tuple[Answered, ...]:
    """What was found for a run; nothing also when it was not looked yet."""
    kept = await work.stages.get(run_id, Stage.RESEARCH, KEPT)
    return () if kept is None else AlreadyAnswered.model_validate_json(kept).items


async def _answered(brief: Brief, article: Article, embedder: Embedder) -> Answered:
    given = [article.brief.topic, article.title]
    rows = await _rows([brief.topic, *given], embedder)
    cosines = [] if rows is None else [float(rows[0] @ other) for other in rows[1:]]
    return Answered(
        article_id=article.id,
        version=article.version,
        title=article.title,
        location=archive.location_of(article),
        created_at=article.created_at,
        likeness=round(min(1.0, answered.likeness(brief.topic, given, brief.language, cosines)), 3),
    )


async def _rows(texts: Sequence[str], embedder: Embedder) -> Sequence[np.ndarray] | None:
    """Rows of length one; None where the threshold is not set for this embedder, or it cannot be had."""
    if embedder.name != meaning.EMBEDDER:
        return None
    try:
        return list(await embedder.embed(texts))
    except articles.NO_INDEX:
        return None

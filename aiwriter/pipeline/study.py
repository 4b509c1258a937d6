"""A topic studied in its sources, before or without writing about it."""

from __future__ import annotations

from aiwriter.documents import Brief, Sources, Study
from aiwriter.pipeline import evidence, keywords
from aiwriter.ports import Chunker, Embedder, WordEmbedder
from aiwriter.threads import computed


async def study(
    brief: Brief, sources: Sources, chunk: Chunker, embedder: Embedder, words: WordEmbedder | None = None
) -> Study:
    """Keywords, questions, coverage and disagreements of the sources that bear on the brief.

    The queries of its searches and the questions that these sources ask themselves are asked of them as well. Raises
    Refused when they say nothing about the topic.
    """
    queries = [search.query for search in sources.searches]
    chosen = await evidence.select(brief, sources, chunk, embedder, asked=queries, own_questions=True, words=words)
    used = {source.content_hash for source in chosen.sources}
    speaking = [source for source in sources.items if source.content_hash in used]
    return Study(
        topic=brief.topic,
        keywords=await computed(keywords.keywords, speaking, brief.language),
        questions=await computed(keywords.asked_in, sources.items, brief.topic, brief.language),
        evidence=chosen,
        problems=sources.problems,
        searches=sources.searches,
    )

"""Which sentences hold every word of a query, as parts of words: found by their trigrams where these are indexed.

Both databases compare every word with LIKE; an index of three-letter pieces only says which sentences to compare.
PostgreSQL has it where the extension pg_trgm can be had, and uses it by itself. SQLite has it where FTS5 is compiled
in, as a table of its own, asked here. Words of fewer than three letters have no trigrams: every sentence is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, column, func, literal_column, select, table

from aiwriter.storage.columns import holdable
from aiwriter.storage.tables import article_sentences, articles
from aiwriter.storage.transaction import Transaction

TRIGRAMS = "sentence_trigrams"  # SQLite's index, kept by triggers of article_sentences
_MOST_TRIGRAMS = 40  # more say nothing new, and LIKE decides anyway

_index = table(TRIGRAMS, column("rowid"))
_schema = table("sqlite_master", column("name"))


async def newest_matches(tx: Transaction, workspace_id: UUID, words: Sequence[str]) -> Select[Any]:
    """A query for the articles that hold every word in one sentence, newest first: id, position of the first such."""
    words = [holdable(word) for word in words]
    sentences = article_sentences.c
    workspace: ColumnElement[Any] = sentences.workspace_id
    conditions = [sentences.folded.contains(word, autoescape=True) for word in words]
    wanted = _trigrams(words)
    if wanted and await _are_indexed(tx):
        matching = literal_column(TRIGRAMS).op("MATCH")(" AND ".join(wanted))
        conditions.append(sentences.id.in_(select(_index.c.rowid).where(matching)))
        workspace = literal_column("+article_sentences.workspace_id", Uuid)  # +: not by the index of this column
    of_article = and_(articles.c.workspace_id == sentences.workspace_id, articles.c.id == sentences.article_id)
    return (
        select(articles.c.id, func.min(sentences.position).label("position"))
        .join_from(article_sentences, articles, of_article)
        .where(workspace == workspace_id, *conditions)
        .group_by(articles.c.id, articles.c.updated_at)
        .order_by(articles.c.updated_at.desc(), articles.c.id.desc())
    )


def _trigrams(words: Sequence[str]) -> list[str]:
    """The three-letter pieces of the words, quoted for FTS5."""
    pieces = dict.fromkeys(word[start : start + 3] for word in words for start in range(len(word) - 2))
    return ['"' + piece.replace('"', '""') + '"' for piece in list(pieces)[:_MOST_TRIGRAMS]]


async def _are_indexed(tx: Transaction) -> bool:
    if not tx.is_sqlite:
        return False
    return (await tx.read(select(_schema.c.name).where(_schema.c.name == TRIGRAMS))).one_or_none() is not None

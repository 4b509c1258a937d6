"""Signatures of articles: which ones share wording with a text, found by the bands they have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, delete, or_, select

from aiwriter.documents import Article, ArticleStatus
from aiwriter.ports import Resembling
from aiwriter.storage.records import sentences_of
from aiwriter.storage.tables import article_bands, article_signatures, article_versions, articles
from aiwriter.storage.transaction import Repository
from aiwriter.text import minhash
from aiwriter.threads import computed

_COMPARED = 50  # articles with most bands in common, whose signatures are read


class SqlSignatures(Repository):
    """`SignatureRepository`."""

    async def put(self, article: Article) -> None:
        await self._put(article.id, article.version, [sentence.text for sentence in article.sentences])

    async def resembling(self, signature: bytes, limit: int = 10) -> list[Resembling]:
        signed = article_signatures.c
        compared = await self._with_bands(minhash.bands(signature))
        found = select(signed.article_id, signed.version, signed.signature).where(
            signed.workspace_id == self._workspace, self._tx.one_of(signed.article_id, compared)
        )
        rows = await self._tx.read(found) if compared else ()
        alike = [
            Resembling(row.article_id, row.version, minhash.likeness(signature, bytes(row.signature))) for row in rows
        ]
        return sorted(alike, key=lambda one: (-one.likeness, one.article_id))[:limit]

    async def _with_bands(self, keys: Sequence[int]) -> list[UUID]:
        """The articles with most of the bands. They are counted here: for a GROUP BY SQLite reads the index that has
        them in its order, which is all bands of the workspace (700 ms for 100,000 articles, instead of 0.1)."""
        bands = article_bands.c
        of_article = and_(bands.workspace_id == articles.c.workspace_id, bands.article_id == articles.c.id)
        hits = select(bands.article_id).join_from(article_bands, articles, of_article)
        hits = hits.where(bands.workspace_id == self._workspace, self._tx.one_of(bands.band, keys))
        rows = await self._tx.read(hits.where(articles.c.status != ArticleStatus.REFUSED)) if keys else ()
        counts = Counter(row.article_id for row in rows)
        return sorted(counts, key=lambda key: (-counts[key], key))[:_COMPARED]

    async def missing(self) -> set[UUID]:
        current = and_(
            article_signatures.c.workspace_id == articles.c.workspace_id,
            article_signatures.c.article_id == articles.c.id,
        )
        stale = or_(
            article_signatures.c.scheme.is_(None),
            article_signatures.c.scheme != minhash.SCHEME,
            article_signatures.c.version != articles.c.latest_version,
        )
        query = select(articles.c.id).join_from(articles, article_signatures, current, isouter=True)
        return set((await self._tx.read(query.where(articles.c.workspace_id == self._workspace, stale))).scalars())

    async def make(self, article_id: UUID) -> None:
        latest = and_(
            article_versions.c.workspace_id == articles.c.workspace_id,
            article_versions.c.article_id == articles.c.id,
            article_versions.c.version == articles.c.latest_version,
        )
        query = select(article_versions.c.version, article_versions.c.document).join_from(
            articles, article_versions, latest
        )
        mine = and_(articles.c.workspace_id == self._workspace, articles.c.id == article_id)
        row = (await self._tx.read(query.where(mine))).one_or_none()
        if row is not None:
            await self._put(article_id, row.version, sentences_of(row.document))

    async def _put(self, article_id: UUID, version: int, texts: list[str]) -> None:
        signed = await computed(minhash.signature, texts)
        key = {"workspace_id": self._workspace, "article_id": article_id}
        for table in (article_bands, article_signatures):
            this = and_(table.c.workspace_id == self._workspace, table.c.article_id == article_id)
            await self._tx.write(delete(table).where(this))
        row = key | {"version": version, "scheme": minhash.SCHEME, "signature": signed}
        await self._tx.write(self._tx.insert(article_signatures), [row])
        if bands := minhash.bands(signed):
            await self._tx.write(self._tx.insert(article_bands), [key | {"band": band} for band in bands])

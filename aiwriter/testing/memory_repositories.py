"""Sources and articles of the database in dictionaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from uuid import UUID

from aiwriter.documents import Article, ArticleHead, ArticleStatus, Source, SourceHead, VersionHead
from aiwriter.errors import Conflict
from aiwriter.ports import ArticleFilter, Page, Paging, Resembling, SourceFilter
from aiwriter.storage.listing import ARTICLES, SOURCES, check_times
from aiwriter.storage.records import check_article, fold, id_range, no_such, searchable, the_one
from aiwriter.testing.memory_lists import among, page, within
from aiwriter.testing.memory_rows import Part
from aiwriter.text import minhash


class MemorySources(Part):
    async def keep(self, sources: Sequence[Source]) -> list[Source]:
        rows = await self._writing()
        stored: dict[tuple[str, str], Source] = {
            (source.content_hash, source.location): source for source in self._mine(rows.sources)
        }
        for source in sources:
            key = (source.content_hash, source.location)
            kept = stored[key] = stored[key].known_again(source) if key in stored else source
            rows.sources[self._workspace, kept.id] = kept
        return [stored[source.content_hash, source.location] for source in sources]

    async def get_many(self, source_ids: Sequence[UUID]) -> list[Source]:
        known = self._tx.rows.sources
        if missing := [key for key in source_ids if (self._workspace, key) not in known]:
            raise no_such("source", min(missing))
        return [known[self._workspace, key] for key in source_ids]

    async def newest_at(self, location: str) -> Source | None:
        mine: list[Source] = self._mine(self._tx.rows.sources)
        there = (source for source in mine if source.location == location and source.etag)
        return max(there, key=lambda source: (source.retrieved_at, source.id), default=None)

    async def page(self, wanted: SourceFilter, paging: Paging) -> Page[SourceHead]:
        check_times(wanted.since, wanted.until)
        sources: list[Source] = self._mine(self._tx.rows.sources)
        words = fold(wanted.words or "").split()
        found = [
            SourceHead(**{name: getattr(source, name) for name in SourceHead.model_fields})
            for source in sources
            if among(source.kind, wanted.kind)
            and all(word in fold(source.title) or word in fold(source.location) for word in words)
            and within(source.retrieved_at, wanted.since, wanted.until)
        ]
        return page(SOURCES, found, paging)


class MemoryArticles(Part):
    async def add_version(self, article: Article) -> None:
        check_article(article)
        rows = await self._writing()
        key = (self._workspace, article.id)
        versions = rows.articles.get(key, {})
        stored = versions.get(article.version)
        if stored is None:
            rows.articles[key] = {**versions, article.version: article}
            if article.version > max(versions, default=0):
                rows.index_states[key] = "pending"
                rows.signatures[key] = _signed(article)
        elif stored.fingerprint != article.fingerprint:
            raise Conflict(
                f"article {article.id} has a version {article.version} with other content",
                hint="Look at the latest version, then save your change as a new one.",
            )

    async def get(self, article_id: UUID, version: int | None = None) -> Article:
        versions = self._tx.rows.articles.get((self._workspace, article_id), {})
        wanted = max(versions, default=0) if version is None else version
        if wanted not in versions:
            raise no_such("article", article_id if version is None else f"{article_id} version {version}")
        return versions[wanted]

    async def find(self, prefix: str) -> Article:
        first, last = id_range(prefix) or (UUID(int=1), UUID(int=0))
        found = [
            a.id for a in await self.latest(len(self._tx.rows.articles)) if a.slug == prefix or first <= a.id <= last
        ]
        return await self.get(the_one("article", prefix, found))

    async def latest(self, limit: int = 20) -> list[Article]:
        newest: list[Article] = [versions[max(versions)] for versions in self._mine(self._tx.rows.articles)]
        return sorted(newest, key=lambda article: (article.created_at, article.id), reverse=True)[:limit]

    async def page(self, wanted: ArticleFilter, paging: Paging) -> Page[ArticleHead]:
        check_times(wanted.since, wanted.until)
        heads = [self._head(article) for article in await self.latest(len(self._tx.rows.articles))]
        found = [
            head
            for head in heads
            if all(
                among(getattr(head, name), getattr(wanted, name))
                for name in ("status", "kind", "format", "language", "author")
            )
            and fold(wanted.title or "") in fold(head.title)
            and (wanted.min_score is None or head.score >= wanted.min_score)
            and within(head.updated_at, wanted.since, wanted.until)
        ]
        return page(ARTICLES, found, paging)

    def _head(self, article: Article) -> ArticleHead:
        key = (self._workspace, article.id)
        first = next(iter(self._tx.rows.articles[key].values()))
        same = ("id", "version", "kind", "status", "title", "slug", "description", "language", "words")
        return ArticleHead(
            **{name: getattr(article, name) for name in same},
            format=article.brief.format,
            author=article.provenance.author,
            score=article.quality.score,
            run_id=article.provenance.run_id,
            index_state="pending" if self._tx.rows.index_states[key] == "pending" else "indexed",
            created_at=first.created_at,
            updated_at=article.created_at,
            approved=(*key, article.version) in self._tx.rows.approvals,
            open_errors=len(article.quality.open_errors),
        )

    async def versions(self, article_id: UUID) -> list[VersionHead]:
        versions = self._tx.rows.articles.get((self._workspace, article_id), {})
        if not versions:
            raise no_such("article", article_id)
        return [
            VersionHead(
                version=number,
                status=versions[number].status,
                author=versions[number].provenance.author,
                words=versions[number].words,
                score=versions[number].quality.score,
                created_at=versions[number].created_at,
                open_errors=len(versions[number].quality.open_errors),
            )
            for number in sorted(versions, reverse=True)
        ]

    async def counts(self) -> dict[str, int]:
        latest = await self.latest(len(self._tx.rows.articles))
        return dict(Counter(article.status.value for article in latest))

    async def containing(self, query: str, limit: int = 20) -> list[tuple[ArticleHead, str]]:
        words = fold(query).split()
        found = []
        for article in await self.latest(len(self._tx.rows.articles)):
            matching = (text for text in searchable(article) if all(word in fold(text) for word in words))
            text = next(matching, None)
            if words and text is not None:
                found.append((self._head(article), text))
        return found[:limit]

    async def heads(self, article_ids: Collection[UUID]) -> dict[UUID, ArticleHead]:
        return {key: self._head(await self.get(key)) for key in await self.ids() & set(article_ids)}

    async def ids(self) -> set[UUID]:
        return {article_id for workspace, article_id in self._tx.rows.articles if workspace == self._workspace}

    async def set_index_state(self, article_id: UUID, version: int, state: str) -> bool:
        rows = await self._writing()
        if version != max(rows.articles.get((self._workspace, article_id), {}), default=0):
            return False
        rows.index_states[self._workspace, article_id] = state
        return True

    async def index_pending(self) -> list[UUID]:
        states = self._tx.rows.index_states
        newest_first = await self.latest(len(self._tx.rows.articles))
        return [a.id for a in reversed(newest_first) if states[self._workspace, a.id] == "pending"]

    async def delete(self, article_id: UUID) -> None:
        rows = await self._writing()
        await self.get(article_id)
        this = (self._workspace, article_id)
        del rows.articles[this], rows.index_states[this], rows.signatures[this]
        for key, held in list(rows.publications.items()):
            if held.publication.article_id == article_id:
                del rows.publications[key]
        for kept in (rows.approvals, rows.blocks):
            for of_version in [key for key in kept if key[1] == article_id]:
                del kept[of_version]


class MemorySignatures(Part):
    async def resembling(self, signature: bytes, limit: int = 10) -> list[Resembling]:
        rows, keys = self._tx.rows, set(minhash.bands(signature))
        found = [
            Resembling(article_id, version, minhash.likeness(signature, signed))
            for (workspace, article_id), (version, signed) in rows.signatures.items()
            if workspace == self._workspace
            and keys.intersection(minhash.bands(signed))
            and rows.articles[workspace, article_id][version].status is not ArticleStatus.REFUSED
        ]
        return sorted(found, key=lambda one: (-one.likeness, one.article_id))[:limit]

    async def missing(self) -> set[UUID]:
        rows = self._tx.rows
        mine = (key for key in rows.articles if key[0] == self._workspace)
        return {key[1] for key in mine if rows.signatures.get(key, (0,))[0] != max(rows.articles[key])}

    async def make(self, article_id: UUID) -> None:
        rows = await self._writing()
        versions = rows.articles.get((self._workspace, article_id))
        if versions:
            rows.signatures[self._workspace, article_id] = _signed(versions[max(versions)])


def _signed(article: Article) -> tuple[int, bytes]:
    return article.version, minhash.signature(sentence.text for sentence in article.sentences)

"""Articles: a head row, and versions that never change once stored."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, and_, delete, exists, func, or_, select, update

from aiwriter.documents import Article, ArticleHead, Severity, VersionHead
from aiwriter.errors import Conflict
from aiwriter.ports import ARTICLE_SORTS, ArticleFilter, Page, Paging
from aiwriter.storage.listing import ARTICLES
from aiwriter.storage.paging import any_of, page, within
from aiwriter.storage.records import (
    check_article,
    fold,
    id_range,
    no_such,
    read_document,
    searchable,
    searchable_of,
    the_one,
)
from aiwriter.storage.search import newest_matches
from aiwriter.storage.signatures import SqlSignatures
from aiwriter.storage.tables import (
    approvals,
    article_sentences,
    article_versions,
    articles,
    citations,
    findings,
    passages,
    quality_results,
)
from aiwriter.storage.transaction import Repository, Transaction

Row = dict[str, Any]


class SqlArticles(Repository):
    """`ArticleRepository`."""

    def __init__(self, transaction: Transaction, workspace_id: UUID) -> None:
        super().__init__(transaction, workspace_id)
        self._signatures = SqlSignatures(transaction, workspace_id)

    async def add_version(self, article: Article) -> None:
        check_article(article)
        is_latest = await self._move_head(article)
        if not await self._insert_version(article):
            return
        await self._insert(passages, _passage_rows(article), again_is_fine=True)
        await self._insert(citations, _citation_rows(article))
        await self._insert(quality_results, [_quality_row(article)])
        await self._insert(findings, _finding_rows(article))
        if is_latest:
            await self._tx.write(delete(article_sentences).where(self._of(article_sentences, article.id)))
            await self._insert(article_sentences, _sentence_rows(article))
            await self._signatures.put(article)

    async def get(self, article_id: UUID, version: int | None = None) -> Article:
        wanted = articles.c.latest_version if version is None else version
        found = await self._read(
            self._versions().where(articles.c.id == article_id, article_versions.c.version == wanted)
        )
        if not found:
            raise no_such("article", article_id if version is None else f"{article_id} version {version}")
        return found[0]

    async def heads(self, article_ids: Collection[UUID]) -> dict[UUID, ArticleHead]:
        those = select(*_HEAD.values()).where(self._mine, articles.c.id.in_(article_ids))
        return {row.id: _head(row) for row in await self._tx.read(those)}

    async def ids(self) -> set[UUID]:
        held = select(articles.c.id).where(self._mine)
        return set((await self._tx.read(held)).scalars())

    async def find(self, prefix: str) -> Article:
        ids = id_range(prefix)
        named = articles.c.slug == prefix
        called_so = named if ids is None else or_(named, articles.c.id.between(*ids))
        found = select(articles.c.id).where(self._mine, called_so).limit(6)
        return await self.get(the_one("article", prefix, (await self._tx.read(found)).scalars()))

    async def latest(self, limit: int = 20) -> list[Article]:
        return await self._read(self._newest_first(self._latest()).limit(limit))

    async def page(self, wanted: ArticleFilter, paging: Paging) -> Page[ArticleHead]:
        those = select(*_HEAD.values()).where(self._mine, *_wanted(wanted))
        return await page(self._tx, ARTICLES, paging, those, _SORTS, _head)

    async def versions(self, article_id: UUID) -> list[VersionHead]:
        judged = and_(
            quality_results.c.workspace_id == article_versions.c.workspace_id,
            quality_results.c.article_id == article_versions.c.article_id,
            quality_results.c.version == article_versions.c.version,
        )
        columns = [article_versions.c[name] for name in ("version", "status", "author", "words", "created_at")]
        all_ = (
            select(*columns, quality_results.c.score, _errors(article_versions, "article_id", "version"))
            .join_from(article_versions, quality_results, judged)
            .where(self._of(article_versions, article_id))
        )
        rows = (await self._tx.read(all_.order_by(article_versions.c.version.desc()))).all()
        if not rows:
            raise no_such("article", article_id)
        return [VersionHead(**row._mapping) for row in rows]

    async def counts(self) -> dict[str, int]:
        by_status = (
            select(articles.c.status, func.count().label("how_many")).where(self._mine).group_by(articles.c.status)
        )
        return {row.status: row.how_many for row in await self._tx.read(by_status)}

    async def containing(self, query: str, limit: int = 20) -> list[tuple[ArticleHead, str]]:
        words = fold(query).split()
        if not words:
            return []
        matches = (await newest_matches(self._tx, self._workspace, words)).limit(limit)
        position = {row.id: row.position for row in await self._tx.read(matches)}
        found = await self.heads(position)
        documents = self._latest().add_columns(articles.c.id).where(articles.c.id.in_(position))
        texts = {row.id: searchable_of(row.document) for row in await self._tx.read(documents)}
        return [(found[key], texts[key][position[key]]) for key in position if key in found]

    async def set_index_state(self, article_id: UUID, version: int, state: str) -> bool:
        is_latest = and_(self._is(article_id), articles.c.latest_version == version)
        change = update(articles).where(is_latest).values(index_state=state).returning(articles.c.id)
        return (await self._tx.write(change)).one_or_none() is not None

    async def index_pending(self) -> list[UUID]:
        pending = select(articles.c.id).where(self._mine, articles.c.index_state == "pending")
        return list((await self._tx.read(pending.order_by(articles.c.updated_at, articles.c.id))).scalars())

    async def delete(self, article_id: UUID) -> None:
        """Remove the article with all its versions. Raises NotFound."""
        removed = await self._tx.write(delete(articles).where(self._is(article_id)).returning(articles.c.id))
        if removed.one_or_none() is None:
            raise no_such("article", article_id)

    async def _move_head(self, article: Article) -> bool:
        """Make this version the latest, unless a later one is there already; whether it is now."""
        head = {
            "latest_version": article.version,
            "status": article.status,
            "kind": article.kind,
            "title": article.title,
            "title_folded": fold(article.title),
            "slug": article.slug,
            "description": article.description,
            "format": article.brief.format,
            "language": article.language,
            "author": article.provenance.author,
            "words": article.words,
            "score": article.quality.score,
            "run_id": article.provenance.run_id,
            "index_state": "pending",
            "updated_at": article.created_at,
        }
        moved = (
            self._tx.insert(articles)
            .values(workspace_id=self._workspace, id=article.id, created_at=article.created_at, **head)
            .on_conflict_do_update(
                index_elements=articles.primary_key.columns,
                set_=head,
                where=articles.c.latest_version < article.version,
            )
            .returning(articles.c.id)
        )
        return (await self._tx.write(moved)).one_or_none() is not None

    async def _insert_version(self, article: Article) -> bool:
        """Whether the version is new. Raises Conflict when it is there with other content."""
        row = {
            "workspace_id": self._workspace,
            "article_id": article.id,
            "version": article.version,
            "run_id": article.provenance.run_id,
            "author": article.provenance.author,
            "status": article.status,
            "format": article.brief.format,
            "language": article.language,
            "words": article.words,
            "fingerprint": article.fingerprint,
            "document": article.model_dump_json(),
            "schema_version": article.schema_version,
            "created_at": article.created_at,
        }
        key = article_versions.c.version
        added = self._tx.insert(article_versions).values(row).on_conflict_do_nothing().returning(key)
        if (await self._tx.write(added)).one_or_none() is not None:
            return True
        this = and_(self._of(article_versions, article.id), key == article.version)
        columns = [article_versions.c[name] for name in ("fingerprint", "document", "schema_version")]
        stored = (await self._tx.read(select(*columns).where(this))).one()
        if stored.fingerprint == article.fingerprint:
            return False
        # A field that came with a later version of aiwriter changes the fingerprint, not the article.
        if read_document(Article, stored.document, stored.schema_version) != article:
            raise Conflict(
                f"article {article.id} has a version {article.version} with other content",
                hint="Look at the latest version, then save your change as a new one.",
            )
        return False

    async def _insert(self, table: Table, rows: Sequence[Row], *, again_is_fine: bool = False) -> None:
        if rows:
            insert = self._tx.insert(table)
            statement = insert.on_conflict_do_nothing() if again_is_fine else insert
            await self._tx.write(statement, [{"workspace_id": self._workspace, **row} for row in rows])

    async def _read(self, query: Select[Any]) -> list[Article]:
        rows = await self._tx.read(query)
        return [read_document(Article, row.document, row.schema_version) for row in rows]

    def _versions(self) -> Select[Any]:
        same_article = and_(
            article_versions.c.workspace_id == articles.c.workspace_id, article_versions.c.article_id == articles.c.id
        )
        columns = (article_versions.c.document, article_versions.c.schema_version)
        return select(*columns).join_from(articles, article_versions, same_article).where(self._mine)

    def _latest(self) -> Select[Any]:
        return self._versions().where(article_versions.c.version == articles.c.latest_version)

    def _newest_first(self, query: Select[Any]) -> Select[Any]:
        return query.order_by(articles.c.updated_at.desc(), articles.c.id.desc())

    @property
    def _mine(self) -> ColumnElement[bool]:
        return articles.c.workspace_id == self._workspace

    def _is(self, article_id: UUID) -> ColumnElement[bool]:
        return and_(self._mine, articles.c.id == article_id)

    def _of(self, table: Table, article_id: UUID) -> ColumnElement[bool]:
        return and_(table.c.workspace_id == self._workspace, table.c.article_id == article_id)


_APPROVED = exists().where(
    approvals.c.workspace_id == articles.c.workspace_id,
    approvals.c.article_id == articles.c.id,
    approvals.c.version == articles.c.latest_version,
)


def _errors(table: Table, article_id: str, version: str) -> ColumnElement[Any]:
    """How many errors are open in the version that a row names."""
    those = select(func.count()).where(
        findings.c.workspace_id == table.c.workspace_id,
        findings.c.article_id == table.c[article_id],
        findings.c.version == table.c[version],
        findings.c.severity == Severity.ERROR,
    )
    return those.scalar_subquery().label("open_errors")


_HEAD: Mapping[str, ColumnElement[Any]] = {
    name: articles.c["latest_version" if name == "version" else name].label(name)
    for name in ArticleHead.model_fields
    if name not in ("approved", "open_errors")
} | {"approved": _APPROVED.label("approved"), "open_errors": _errors(articles, "id", "latest_version")}
_SORTS: Mapping[str, ColumnElement[Any]] = {
    **{name: articles.c[name] for name in (*ARTICLE_SORTS, "id")},
    "title": articles.c.title_folded,
}


def _head(row: Any) -> ArticleHead:
    return ArticleHead(**row._mapping)


def _wanted(wanted: ArticleFilter) -> Iterator[ColumnElement[bool]]:
    for name in ("status", "kind", "format", "language", "author"):
        yield from any_of(articles.c[name], getattr(wanted, name))
    if wanted.title:
        yield articles.c.title_folded.contains(fold(wanted.title), autoescape=True)
    if wanted.min_score is not None:
        yield articles.c.score >= wanted.min_score
    yield from within(articles.c.updated_at, wanted.since, wanted.until)


def _passage_rows(article: Article) -> list[Row]:
    by_id = {passage.id: passage for passage in article.passages}
    return [
        {
            "id": key,
            "source_hash": by_id[key].source_hash,
            "begins": by_id[key].start,
            "ends": by_id[key].end,
            "document": by_id[key].model_dump_json(),
            "schema_version": by_id[key].schema_version,
        }
        for key in sorted(by_id)  # sorted: two articles on the same sources meet their passages in the same order
    ]


def _citation_rows(article: Article) -> list[Row]:
    return [
        {**_key(article), "sentence_id": sentence.id, "position": position, "passage_id": passage}
        for sentence in article.sentences
        for position, passage in enumerate(sentence.citations)
    ]


def _quality_row(article: Article) -> Row:
    report = article.quality
    parts = json.dumps({part.name: part.score for part in report.parts})
    return {**_key(article), "verdict": report.verdict, "score": report.score, "parts": parts}


def _finding_rows(article: Article) -> list[Row]:
    """What counts: without what a person dismissed."""
    return [
        {
            **_key(article),
            "position": position,
            "rule": finding.rule,
            "severity": finding.severity,
            "message": finding.message,
            "sentence_id": finding.sentence_id,
        }
        for position, finding in enumerate(article.quality.findings)
        if finding.dismissed is None
    ]


def _sentence_rows(article: Article) -> list[Row]:
    return [
        {"article_id": article.id, "position": position, "folded": fold(text)}
        for position, text in enumerate(searchable(article))
    ]


def _key(article: Article) -> Row:
    return {"article_id": article.id, "version": article.version}

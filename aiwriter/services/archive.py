"""The own archive as a source: accepted articles of the workspace, found like the pages of a search engine and read as
sources that say whose they are.

An article of ours is a secondary source. What it rests on itself is named beside it, what our own checks doubted in it
is not handed on, and the article that is being written anew is never among its own sources.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from aiwriter.documents import (
    Article,
    ArticleStatus,
    Block,
    BlockKind,
    CitedSource,
    OwnArticle,
    Paragraph,
    ParagraphKind,
    Run,
    Source,
    SourceKind,
    Support,
)
from aiwriter.errors import NotFound, SourceGone
from aiwriter.ids import content_hash
from aiwriter.ports import (
    Changed,
    Database,
    Documents,
    Embedder,
    Principal,
    SearchHit,
    SearchQuery,
    SourceFinder,
    Unchanged,
    Validators,
    VectorIndex,
)
from aiwriter.services import articles

NAME = "archive"
_LOCATION = re.compile(r"archive://([0-9a-f-]{36})/([1-9]\d{0,8})")
_LOOKED_AT = 4  # articles for one that is wanted: some are refused, in another language, too old
_KINDS = {ParagraphKind.QUOTE: BlockKind.QUOTE, ParagraphKind.LIST_ITEM: BlockKind.LIST_ITEM}


@dataclass(frozen=True, slots=True)
class Writing:
    """What is being written or checked: an article of this run, this id or this topic is no source of it."""

    run_id: UUID
    article_id: UUID | None
    topic: str

    @classmethod
    def of(cls, run: Run) -> Writing:
        return cls(run.id, run.article_id, run.brief.topic)

    def is_this(self, article: Article) -> bool:
        same = article.id == self.article_id or article.provenance.run_id == self.run_id
        return same or _plain(article.brief.topic) == _plain(self.topic)


class ArchiveEngine:
    """A `SearchEngine` over the accepted articles of a workspace. `open_index` is called when something is asked."""

    name = NAME

    def __init__(
        self,
        database: Database,
        principal: Principal,
        open_index: Callable[[], tuple[VectorIndex, Embedder]],
        writing: Writing | None = None,
    ) -> None:
        self._database = database
        self._principal = principal
        self._open = open_index
        self._writing = writing

    async def search(self, query: SearchQuery) -> list[SearchHit]:
        """Articles by words and by meaning, best first. They lie on no domain: a query that names some finds none."""
        if query.domains:
            return []
        vectors, embedder = self._open()
        most = query.limit * _LOOKED_AT
        found, _ = await articles.search(self._database, self._principal, query.text, vectors, embedder, most)
        hits = []
        for one in found:
            article = await self._usable(one.article.id, query)
            if article is not None:
                where = location_of(article)
                hits.append(SearchHit(where, article.title, one.excerpt, article.created_at))
        return hits[: query.limit]

    async def _usable(self, article_id: UUID, query: SearchQuery) -> Article | None:
        try:
            article = await articles.get(self._database, self._principal, article_id)
        except NotFound:  # deleted meanwhile
            return None
        if article.status is not ArticleStatus.ACCEPTED or (self._writing and self._writing.is_this(article)):
            return None
        day = article.created_at.date()
        is_late = query.since is None or day >= query.since
        is_early = query.until is None or day <= query.until
        speaks = not query.language or article.language == query.language
        return article if is_late and is_early and speaks else None


class ArchiveFinder:
    """A `SourceFinder` that reads articles of the workspace as well, at the locations that `ArchiveEngine` names."""

    def __init__(self, finder: SourceFinder, database: Database, principal: Principal) -> None:
        self._finder = finder
        self._database = database
        self._principal = principal

    def expand(self, location: str) -> list[str]:
        return self._finder.expand(location)

    async def discover(self, location: str) -> Documents:
        return await self._finder.discover(location)

    async def read(self, location: str) -> Source:
        """Raises UnreadableSource, and SourceGone for an article that is not there, or not accepted (any more)."""
        named = _LOCATION.fullmatch(location)
        if named is None:
            return await self._finder.read(location)
        try:
            article = await articles.get(self._database, self._principal, UUID(named[1]), int(named[2]))
        except NotFound as error:
            raise SourceGone(f"{location}: there is no such article", hint=error.hint) from error
        if article.status is not ArticleStatus.ACCEPTED:
            raise SourceGone(
                f"{location}: this version is {article.status.value}, not accepted", hint="approve it, or leave it out"
            )
        return source_of(article, datetime.now(UTC))

    async def read_if_changed(self, location: str, known: Validators | None) -> Changed | Unchanged:
        if _LOCATION.fullmatch(location) is None:
            return await self._finder.read_if_changed(location, known)
        said = Validators(etag=location)  # a version never changes
        return Unchanged(said) if known and known.etag == location else Changed(await self.read(location), said)


def location_of(article: Article) -> str:
    """Where a version of an article of ours is read."""
    return f"archive://{article.id}/{article.version}"


def source_of(article: Article, retrieved_at: datetime) -> Source:
    """The article as a source: of its sentences those that our checks found supported, and those that state no fact.

    Raises SourceGone when nothing of it is supported.
    """
    texts: list[str] = []
    blocks: list[Block] = []
    position = 0
    for kind, text in _pieces(article):
        level = 2 if kind is BlockKind.HEADING else 0
        blocks.append(Block(kind=kind, start=position, end=position + len(text), level=level))
        position += len(text) + 2
        texts.append(text)
    if not texts:
        raise SourceGone(
            f"{location_of(article)}: none of its sentences is supported by a source", hint="give its sources instead"
        )
    whole = "\n\n".join(texts)
    return Source(
        location=location_of(article),
        kind=SourceKind.MARKDOWN,
        title=article.title,
        text=whole,
        blocks=tuple(blocks),
        content_hash=content_hash(whole),
        retrieved_at=retrieved_at,
        published_at=article.created_at,
        language=article.language,
        own=OwnArticle(
            article_id=article.id,
            version=article.version,
            kind=article.kind,
            created_at=article.created_at,
            rests_on=tuple(_rests_on(article).values()),
        ),
    )


def _pieces(article: Article) -> Iterator[tuple[BlockKind, str]]:
    """Headings and paragraphs; a heading only above something."""
    support = {verdict.sentence_id: verdict.support for verdict in article.quality.sentences}
    for section in article.sections:
        said = [(_KINDS.get(one.kind, BlockKind.PARAGRAPH), _sound(one, support)) for one in section.paragraphs]
        kept = [(kind, text) for kind, text in said if text]
        if kept and section.heading.strip():
            yield BlockKind.HEADING, section.heading.strip()
        yield from kept


def _sound(paragraph: Paragraph, support: Mapping[UUID, Support]) -> str:
    """The sentences that may be cited, unless none of them says where it comes from."""
    kept = [
        one
        for one in paragraph.sentences
        if support.get(one.id) is Support.SUPPORTED
        or (not one.citations and support.get(one.id, Support.NOT_NEEDED) is Support.NOT_NEEDED)
    ]
    return " ".join(one.text for one in kept) if any(one.citations for one in kept) else ""


def _rests_on(article: Article) -> dict[str, CitedSource]:
    """The sources of the article by content; for an article of ours among them, what that one rests on."""
    found: dict[str, CitedSource] = {}
    for ref in article.sources:
        own = CitedSource(content_hash=ref.content_hash, location=ref.location, title=ref.title)
        for one in ref.own.rests_on if ref.own else (own,):
            found.setdefault(one.content_hash, one)
    return found


def _plain(topic: str) -> str:
    return " ".join(topic.split()).casefold()

"""Lists: sorted, filtered and read page by page, with the same answer from every database."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from aiwriter.documents import (
    Article,
    ArticleHead,
    ArticleKind,
    ArticleStatus,
    Brief,
    Dismissal,
    Finding,
    Run,
    RunStatus,
    Severity,
    Source,
    SourceHead,
    SourceKind,
    VersionHead,
)
from aiwriter.errors import BadInput, NotFound
from aiwriter.ids import LOCAL_WORKSPACE, content_hash, new_id
from aiwriter.ports import ArticleFilter, Page, Paging, RunFilter, SourceFilter
from aiwriter.storage.database import SqlDatabase
from aiwriter.storage.listing import ARTICLES, RUNS, SOURCES
from aiwriter.testing import MemoryDatabase, sample_article

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
REFUSED = ArticleStatus.REFUSED
ELSEWHERE = UUID("00000000-0000-7000-8000-0000000000ee")

Db = MemoryDatabase | SqlDatabase
TITLES = (
    "Zebra",
    "apple",
    "Äpfel",
    "ähnlich",
    "Apple",
    "STRASSE",
    "straße",
    "日本",
    "100% wind",
    "a_b",
    "a-b",
    "ab",
    "🚢",
)


async def articles(database: Db, wanted: ArticleFilter | None = None, **paging: Any) -> Page[ArticleHead]:
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        return await work.articles.page(wanted or ArticleFilter(), Paging(**paging))


async def runs(database: Db, wanted: RunFilter | None = None, **paging: Any) -> Page[Run]:
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        return await work.runs.page(wanted or RunFilter(), Paging(**paging))


async def sources(database: Db, wanted: SourceFilter | None = None, **paging: Any) -> Page[SourceHead]:
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        return await work.sources.page(wanted or SourceFilter(), Paging(**paging))


def article(number: int = 0, **values: Any) -> Article:
    """An article that differs from the sample; `format` and `score` may be given as if they were its own."""
    sample = sample_article()
    if (format_ := values.pop("format", None)) is not None:
        values["brief"] = sample.brief.model_copy(update={"format": format_})
    if (score := values.pop("score", None)) is not None:
        values["quality"] = sample.quality.model_copy(update={"score": score})
    if (author := values.pop("author", None)) is not None:
        values["provenance"] = sample.provenance.model_copy(update={"author": author})
    return sample.model_copy(update={"id": UUID(int=2**80 + number), "created_at": NOON, **values})


def source(number: int, **values: Any) -> Source:
    text = f"Text {number}."
    defaults: dict[str, Any] = {
        "location": f"notes/{number}.md",
        "kind": SourceKind.MARKDOWN,
        "title": f"Note {number}",
        "retrieved_at": NOON,
    }
    return Source(id=UUID(int=number + 1), text=text, content_hash=content_hash(text), blocks=(), **defaults | values)


async def keep_articles(database: Db, *kept: Article, workspace: UUID = LOCAL_WORKSPACE) -> None:
    async with database.unit_of_work(workspace) as work:
        for one in kept:
            await work.articles.add_version(one)
        await work.commit()


async def keep_sources(database: Db, *kept: Source) -> None:
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.sources.keep(kept)
        await work.commit()


async def keep_run(database: Db, number: int = 0, **values: Any) -> Run:
    """A run, ended if it is given a `finished_at`."""
    fields = {"brief": Brief(topic="Ferries"), "model": "m", "embedder": "e", "created_at": NOON, **values}
    run = Run.model_validate({"id": UUID(int=number + 1), **fields})
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.runs.add(run, b"secret")
        await work.commit()
    return run


# ── heads and versions ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_head_tells_of_the_latest_version_and_when_the_first_was_made(database: Db) -> None:
    first = article()
    second = article(
        version=2,
        title="Second",
        description="Better",
        author="human",
        score=12.5,
        created_at=NOON + HOUR,
        slug="second",
    )
    await keep_articles(database, first, second)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.articles.set_index_state(first.id, 2, "indexed")
        await work.commit()
    assert (await articles(database)).items == [
        ArticleHead(
            id=first.id,
            version=2,
            kind=second.kind,
            status=second.status,
            title="Second",
            slug="second",
            description="Better",
            format=second.brief.format,
            language=second.language,
            author="human",
            words=second.words,
            score=12.5,
            run_id=second.provenance.run_id,
            index_state="indexed",
            created_at=NOON,
            updated_at=NOON + HOUR,
        )
    ]


async def test_versions_are_told_newest_first(database: Db) -> None:
    first = article(score=50.0)
    second = article(version=2, author="human", score=12.5, created_at=NOON + HOUR, status=REFUSED)
    await keep_articles(database, first, second)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.articles.versions(first.id) == [
            VersionHead(
                version=2,
                status=REFUSED,
                author="human",
                words=second.words,
                score=12.5,
                created_at=NOON + HOUR,
            ),
            VersionHead(
                version=1,
                status=first.status,
                author=first.provenance.author,
                words=first.words,
                score=50.0,
                created_at=NOON,
            ),
        ]
        with pytest.raises(NotFound):
            await work.articles.versions(new_id())


async def test_a_version_with_an_open_error_needs_mending_until_a_person_dismissed_it(database: Db) -> None:
    wrong = Finding(rule="support.number", severity=Severity.ERROR, message="“92” does not stand there.")
    word = Dismissal(finding="x", rule=wrong.rule, message=wrong.message, by="ada", reason="It does stand there.")
    report = sample_article().quality
    open_, dismissed = (
        report.model_copy(update={"findings": (one,)}) for one in (wrong, wrong.model_copy(update={"dismissed": word}))
    )
    await keep_articles(database, first := article(quality=open_))
    assert [one.standing for one in (await articles(database)).items] == ["needs_mending"]
    await keep_articles(database, article(version=2, quality=dismissed))
    assert [one.standing for one in (await articles(database)).items] == [first.status]
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert [one.open_errors for one in await work.articles.versions(first.id)] == [0, 1]


async def test_articles_are_counted_by_the_status_of_their_latest_version(database: Db) -> None:
    refused = article(1, status=REFUSED)
    await keep_articles(database, article(0), refused, article(1, version=2), article(2, status=REFUSED))
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.articles.counts() == {article().status: 2, "refused": 1}


# ── filters ──────────────────────────────────────────────────────────────────────────────────────────────────────────


ARTICLE_FILTERS: list[tuple[ArticleFilter, set[int]]] = [
    (ArticleFilter(), {0, 1, 2, 3}),
    (ArticleFilter(status=["refused"]), {1}),
    (ArticleFilter(status={"refused", "accepted"}, kind=("article",)), {0, 1, 2}),
    (ArticleFilter(kind=["digest"]), {3}),
    (ArticleFilter(format=["how_to", "none"]), {2}),
    (ArticleFilter(format=["nul \0", "none"]), set()),
    (ArticleFilter(language=["de"]), {1}),
    (ArticleFilter(author=["human"]), {2}),
    (ArticleFilter(title=""), {0, 1, 2, 3}),
    (ArticleFilter(title="STRASSE"), {1}),
    (ArticleFilter(title="ﬀ"), {0}),  # one character that means two
    (ArticleFilter(title="e Str"), {1}),
    (ArticleFilter(title="Str Gro"), set()),
    (ArticleFilter(title="100%"), {2}),
    (ArticleFilter(title="1%"), set()),
    (ArticleFilter(title="a_b"), {3}),
    (ArticleFilter(title="\\"), {3}),
    (ArticleFilter(title="' OR 1=1 --"), set()),
    (ArticleFilter(min_score=70.5), {0, 2}),
    (ArticleFilter(since=NOON + HOUR), {1, 2, 3}),
    (ArticleFilter(until=NOON + HOUR), {0}),
    (ArticleFilter(since=NOON, until=NOON + 2 * HOUR), {0, 1}),
]


async def test_articles_are_filtered(database: Db) -> None:
    await keep_articles(
        database,
        article(0, title="Office hours", score=90.0),
        article(1, title="Große Straße", language="de", score=70.0, status=REFUSED, created_at=NOON + HOUR),
        article(2, title="100% wind", format="how_to", score=70.5, author="human", created_at=NOON + 2 * HOUR),
        article(3, title="a_b\\c", kind=ArticleKind.DIGEST, score=10.0, created_at=NOON + 3 * HOUR),
    )
    for wanted, found in ARTICLE_FILTERS:
        page = await articles(database, wanted)
        assert {head.id.int - 2**80 for head in page.items} == found, wanted
        assert page.total == len(found), wanted


RUN_FILTERS: list[tuple[RunFilter, set[int]]] = [
    (RunFilter(), {0, 1, 2}),
    (RunFilter(status=[RunStatus.FAILED]), {1}),
    (RunFilter(status=["failed", "queued"], model=["openai:x"]), {1, 2}),
    (RunFilter(model=["m"]), {0}),
    (RunFilter(batch_id=UUID(int=77)), {2}),
    (RunFilter(article_id=UUID(int=88)), {1}),
    (RunFilter(since=NOON + HOUR, until=NOON + 2 * HOUR), {1}),
]


async def test_runs_are_filtered(database: Db) -> None:
    await keep_run(database, 0)
    await keep_run(database, 1, model="openai:x", status="failed", article_id=UUID(int=88), created_at=NOON + HOUR)
    await keep_run(database, 2, model="openai:x", batch_id=UUID(int=77), created_at=NOON + 2 * HOUR)
    for wanted, found in RUN_FILTERS:
        page = await runs(database, wanted)
        assert {run.id.int - 1 for run in page.items} == found, wanted
        assert page.total == len(found), wanted


SOURCE_FILTERS: list[tuple[SourceFilter, set[int]]] = [
    (SourceFilter(), {0, 1, 2}),
    (SourceFilter(kind=["pdf"]), {1}),
    (SourceFilter(words="ÜBERFAHRT"), {1}),
    (SourceFilter(words="example.org timetable"), {2}),
    (SourceFilter(words="example.org note"), set()),
    (SourceFilter(words="   "), {0, 1, 2}),
    (SourceFilter(words="%"), {1}),
    (SourceFilter(since=NOON + HOUR), {1, 2}),
    (SourceFilter(until=NOON + HOUR), {0}),
]


async def test_sources_are_filtered(database: Db) -> None:
    await keep_sources(
        database,
        source(0),
        source(1, kind=SourceKind.PDF, title="Überfahrt 50%", retrieved_at=NOON + HOUR),
        source(2, title="Timetable", location="https://example.org/Ferries", retrieved_at=NOON + 2 * HOUR),
    )
    for wanted, found in SOURCE_FILTERS:
        page = await sources(database, wanted)
        assert {head.id.int - 1 for head in page.items} == found, wanted
        assert page.total == len(found), wanted


async def test_a_source_head_tells_where_it_was_read(database: Db) -> None:
    one = source(0)
    await keep_sources(database, one)
    assert (await sources(database)).items == [SourceHead(**{n: getattr(one, n) for n in SourceHead.model_fields})]


# ── sorting ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_titles_are_sorted_folded_and_by_code_point_everywhere(database: Db) -> None:
    await keep_articles(database, *(article(number, title=title) for number, title in enumerate(TITLES)))
    up = [head.title for head in (await articles(database, sort=("title",))).items]
    assert up == sorted(TITLES, key=lambda title: (title.casefold(), TITLES.index(title)))
    down = [head.title for head in (await articles(database, sort=("-title",))).items]
    assert down == up[::-1]


async def test_lists_are_newest_first_unless_somebody_says_otherwise(database: Db) -> None:
    hours = (2, 0, 1, 1)
    await keep_articles(database, *(article(n, created_at=NOON + hour * HOUR) for n, hour in enumerate(hours)))
    await keep_sources(database, *(source(n, retrieved_at=NOON + hour * HOUR) for n, hour in enumerate(hours)))
    for number, hour in enumerate(hours):
        await keep_run(database, number, created_at=NOON + hour * HOUR)
    assert [head.id.int - 2**80 for head in (await articles(database)).items] == [0, 3, 2, 1]
    assert [head.id.int - 1 for head in (await sources(database)).items] == [0, 3, 2, 1]
    assert [run.id.int - 1 for run in (await runs(database)).items] == [0, 3, 2, 1]


async def test_several_fields_sort_each_in_its_direction(database: Db) -> None:
    made = [("de", 50.0), ("en", 70.0), ("de", 70.0), ("en", 90.0), ("de", 50.0)]
    await keep_articles(database, *(article(n, language=lang, score=score) for n, (lang, score) in enumerate(made)))
    page = await articles(database, sort=("language", "-score"))
    assert [head.id.int - 2**80 for head in page.items] == [2, 4, 0, 3, 1]  # ids go down with the last field
    page = await articles(database, sort=("language", "-score", "id"))
    assert [head.id.int - 2**80 for head in page.items] == [2, 0, 4, 3, 1]


async def test_runs_that_have_not_ended_come_after_all_that_have(database: Db) -> None:
    for number, ended in enumerate((NOON + HOUR, None, NOON, None)):
        await keep_run(database, number, finished_at=ended, status="queued" if ended is None else "done")
    assert [run.id.int - 1 for run in (await runs(database, sort=("finished_at",))).items] == [2, 0, 1, 3]
    assert [run.id.int - 1 for run in (await runs(database, sort=("-finished_at",))).items] == [3, 1, 0, 2]


# ── page by page ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def pages(look: Callable[..., Awaitable[Page[Any]]], sort: tuple[str, ...], limit: int) -> list[list[Any]]:
    """Every page, one cursor after the other."""
    read = [await look(sort=sort, limit=limit)]
    while read[-1].next_cursor is not None:
        read.append(await look(sort=sort, limit=limit, cursor=read[-1].next_cursor))
    assert {page.total for page in read} == {sum(len(page.items) for page in read)}
    return [page.items for page in read]


async def check_paging(look: Callable[..., Awaitable[Page[Any]]], sort: tuple[str, ...], rows: int) -> list[UUID]:
    """That cursors and offsets both visit each row once, in the order of the whole list; which is answered."""
    whole = (await look(sort=sort, limit=rows)).items
    assert len({row.id for row in whole}) == rows
    some, more = rows // 7 + 1, rows // 3 + 1
    by_cursor = await pages(look, sort, some)
    assert [row for page in by_cursor for row in page] == whole
    assert [len(page) for page in by_cursor] == [some] * (rows // some) + [rows % some]
    by_offset = [await look(sort=sort, limit=more, offset=offset) for offset in range(0, rows, more)]
    assert [row for part in by_offset for row in part.items] == whole
    return [row.id for row in whole]


ROWS = 80  # more than all that they are sorted by has values
many = pytest.mark.parametrize("rows", [ROWS, pytest.param(250, marks=pytest.mark.faults)])


@many
async def test_articles_are_read_page_by_page(database: Db, rows: int) -> None:
    """Many are equal in what they are sorted by."""
    made = [
        article(
            number * 7919 % rows,
            title=TITLES[number % len(TITLES)],
            language=("en", "de")[number % 2],
            score=float(number % 5) + 0.1,
            status=(ArticleStatus.ACCEPTED, REFUSED)[number % 3 == 0],
            created_at=NOON + timedelta(microseconds=number % 4),
        )
        for number in range(rows)
    ]
    await keep_articles(database, *made)
    reference = MemoryDatabase()
    await keep_articles(reference, *made)
    for sort in [
        (),
        ("title",),
        ("-title", "score"),
        ("status", "-updated_at", "language", "-words"),
        ("-score", "-id"),
        ("format", "-created_at"),
    ]:
        ids = await check_paging(lambda **paging: articles(database, **paging), sort, rows)
        assert ids == [head.id for head in (await articles(reference, sort=sort, limit=rows)).items]


@many
async def test_runs_are_read_page_by_page(database: Db, rows: int) -> None:
    reference = MemoryDatabase()
    for number in range(rows):
        values: dict[str, Any] = {
            "finished_at": None if number % 3 else NOON + timedelta(seconds=number % 7),
            "status": "queued" if number % 3 else "done",
            "model": ("offline:x", "openai:A", "openai:a")[number % 3],
            "created_at": NOON + timedelta(seconds=number % 10),
        }
        for each in (database, reference):
            await keep_run(each, number * 7919 % rows, **values)
    for sort in [(), ("finished_at",), ("-finished_at", "model"), ("status", "-model", "created_at")]:
        ids = await check_paging(lambda **paging: runs(database, **paging), sort, rows)
        assert ids == [run.id for run in (await runs(reference, sort=sort, limit=rows)).items]


@many
async def test_sources_are_read_page_by_page(database: Db, rows: int) -> None:
    made = [
        source(number * 7919 % rows, title=TITLES[number % len(TITLES)], retrieved_at=NOON + number % 6 * HOUR)
        for number in range(rows)
    ]
    await keep_sources(database, *made)
    reference = MemoryDatabase()
    await keep_sources(reference, *made)
    for sort in [(), ("title",), ("kind", "-title"), ("-location",), ("-retrieved_at", "location")]:
        ids = await check_paging(lambda **paging: sources(database, **paging), sort, rows)
        assert ids == [head.id for head in (await sources(reference, sort=sort, limit=rows)).items]


async def test_a_row_that_comes_or_goes_meanwhile_moves_no_other(database: Db) -> None:
    await keep_articles(database, *(article(number, created_at=NOON + number * HOUR) for number in range(10)))
    first = await articles(database, limit=4)
    await keep_articles(database, article(10, created_at=NOON + 10 * HOUR))
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.articles.delete(first.items[-1].id)
        await work.commit()
    rest = await articles(database, limit=20, cursor=first.next_cursor)
    assert [head.id.int - 2**80 for head in rest.items] == [5, 4, 3, 2, 1, 0]
    assert rest.next_cursor is None
    assert rest.total == 10


async def test_a_filter_goes_on_from_page_to_page(database: Db) -> None:
    await keep_articles(database, *(article(n, language=("en", "de")[n % 2]) for n in range(20)))
    german = ArticleFilter(language=["de"])
    first = await articles(database, german, limit=6)
    second = await articles(database, german, limit=6, cursor=first.next_cursor, offset=5)  # the cursor outweighs it
    assert (first.total, second.total) == (10, 10)
    assert {head.id.int - 2**80 for page in (first, second) for head in page.items} == set(range(1, 20, 2))


async def test_an_empty_list_is_a_page_too(database: Db) -> None:
    assert await articles(database) == Page([], 0, None)
    assert await runs(database, offset=5) == Page([], 0, None)
    assert await sources(database, sort=("-title", "kind")) == Page([], 0, None)


# ── what cannot be asked ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "paging",
    [
        {"sort": ("colour",)},
        {"sort": ("title", "-title")},
        {"sort": ("",)},
        {"sort": ("--title",)},
        {"sort": ("title; DROP TABLE articles",)},
        {"sort": ("index_state",)},
        {"limit": 0},
        {"limit": -1},
        {"offset": -1},
        {"offset": 2**70},
    ],
)
async def test_what_cannot_be_sorted_or_counted_is_refused_with_what_can(database: Db, paging: dict[str, Any]) -> None:
    for look in (articles, runs, sources):
        with pytest.raises(BadInput) as refused:
            await look(database, **paging)
        assert refused.value.hint


def cursor_of(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


ID = str(UUID(int=5))
BAD_CURSORS = [
    "",
    "!",
    "nonsense",
    "ü",
    "A" * 10_000,
    cursor_of(),
    cursor_of("articles", "-updated_at", "-id"),
    cursor_of("articles", "-updated_at", "-id", NOON.isoformat()),
    cursor_of("articles", "-updated_at", "-id", NOON.isoformat(), ID, "more"),
    cursor_of("articles", "-updated_at", "-id", "2026-03-01T12:00:00", ID),
    cursor_of("articles", "-updated_at", "-id", "0001-01-01T00:00:00+23:00", ID),
    cursor_of("articles", "-updated_at", "-id", 12, ID),
    cursor_of("articles", "-updated_at", "-id", NOON.isoformat(), 5),
    cursor_of("articles", "-updated_at", "-id", NOON.isoformat(), "' OR 1=1 --"),
    cursor_of("articles", "-updated_at", "-id", None, ID),
    cursor_of("articles", "updated_at", "id", NOON.isoformat(), ID),
    cursor_of("runs", "-created_at", "-id", NOON.isoformat(), ID),
    base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    base64.urlsafe_b64encode(b'{"a": 1}').decode(),
]


async def test_a_cursor_that_is_not_ours_is_refused_with_what_to_do(database: Db) -> None:
    await keep_articles(database, article(0))
    for cursor in BAD_CURSORS:
        with pytest.raises(BadInput, match="the cursor") as refused:
            await articles(database, cursor=cursor)
        assert refused.value.hint, cursor


BAD_VALUES: list[tuple[str, object]] = [
    ("score", True),
    ("score", "12"),
    ("score", float("nan")),
    ("score", float("inf")),
    ("words", 2**70),
    ("words", None),
    ("title", 5),
    ("title", "nul \0"),
    ("title", "half \udcff"),
]


async def test_a_cursor_with_a_value_that_no_row_can_have_is_refused(database: Db) -> None:
    await keep_articles(database, article(0))
    for sort, value in BAD_VALUES:
        with pytest.raises(BadInput, match="the cursor"):
            await articles(database, sort=(sort,), cursor=cursor_of("articles", sort, "id", value, ID))


async def test_a_cursor_belongs_to_its_list_and_its_sort(database: Db) -> None:
    await keep_articles(database, *(article(number) for number in range(3)))
    cursor = (await articles(database, limit=1, sort=("title",))).next_cursor
    assert cursor is not None
    for sort in ((), ("-title",), ("title", "-id"), ("title", "score")):
        with pytest.raises(BadInput, match="does not belong"):
            await articles(database, sort=sort, cursor=cursor)
    assert (await articles(database, sort=("title", "id"), cursor=cursor)).items  # the same, said in full
    with pytest.raises(BadInput):
        await sources(database, sort=("title",), cursor=cursor)


async def test_a_time_without_a_zone_is_refused(database: Db) -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(BadInput, match="time zone"):
        await articles(database, ArticleFilter(since=naive))
    with pytest.raises(BadInput, match="time zone"):
        await runs(database, RunFilter(until=naive))
    with pytest.raises(BadInput, match="time zone"):
        await sources(database, SourceFilter(since=naive))


async def test_every_promised_sort_is_there_and_by_id(database: Db) -> None:
    for look, listing in ((articles, ARTICLES), (runs, RUNS), (sources, SOURCES)):
        for name in listing.values:
            for sort in (name, f"-{name}"):
                assert (await look(database, sort=(sort,))).items == []


# ── other workspaces ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_lists_of_one_workspace_show_nothing_of_another(database: Db) -> None:
    await database.add_workspace(ELSEWHERE, "elsewhere")
    await keep_articles(database, article(0), article(1))
    await keep_sources(database, source(0))
    await keep_run(database, 0)
    cursor = (await articles(database, limit=1)).next_cursor
    async with database.unit_of_work(ELSEWHERE) as work:
        assert await work.articles.page(ArticleFilter(), Paging()) == Page([], 0)
        assert await work.articles.page(ArticleFilter(), Paging(cursor=cursor)) == Page([], 0)
        assert await work.articles.counts() == {}
        assert await work.sources.page(SourceFilter(), Paging()) == Page([], 0)
        assert await work.runs.page(RunFilter(), Paging()) == Page([], 0)
        with pytest.raises(NotFound):
            await work.articles.versions(article(0).id)

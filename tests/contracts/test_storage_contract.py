"""What every database promises: the one in dictionaries, SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from aiwriter.documents import (
    Article,
    Brief,
    Outline,
    Run,
    RunStatus,
    Sentence,
    SourceProblem,
    Stage,
)
from aiwriter.errors import BadInput, Conflict, NotFound
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.ports import CallTotals, Paging, SourceFilter
from aiwriter.testing import sample_article, sample_facts, sample_sources
from tests.contracts.records import ELSEWHERE, NOON, SECRET, Db, add_run, answer, intent

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def claim(database: Db, run: Run, owner: str, now: datetime = NOON, seconds: float = 30) -> bool:
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        taken = await work.runs.claim(run.id, owner, seconds, now)
        await work.commit()
    return taken


async def stored(database: Db, run: Run) -> Run:
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        return await work.runs.get(run.id)


async def keep(database: Db, *articles: Article, workspace: UUID = LOCAL_WORKSPACE) -> None:
    async with database.unit_of_work(workspace) as work:
        for article in articles:
            await work.articles.add_version(article)
        await work.commit()


# ── units of work ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_what_is_not_committed_never_was(database: Db) -> None:
    run = Run(brief=Brief(topic="Electric ferries"), model="m", embedder="e")
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.runs.add(run, SECRET)
        assert await work.runs.get(run.id) == run
    with pytest.raises(NotFound):
        await stored(database, run)


async def test_an_error_inside_rolls_back_everything(database: Db) -> None:
    run = await add_run(database)

    async def fail() -> None:
        async with database.unit_of_work(LOCAL_WORKSPACE) as work:
            await work.events.append(run.id, "run.started", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.events.after(run.id) == []
        assert (await work.events.append(run.id, "run.started", {})).seq == 1


async def test_others_see_nothing_before_the_commit(database: Db) -> None:
    run = await add_run(database)
    async with database.unit_of_work(LOCAL_WORKSPACE) as writing:
        await writing.events.append(run.id, "run.started", {})
        async with database.unit_of_work(LOCAL_WORKSPACE) as reading:
            assert await reading.events.after(run.id) == []
        await writing.commit()
        async with database.unit_of_work(LOCAL_WORKSPACE) as reading:
            assert len(await reading.events.after(run.id)) == 1


async def test_a_unit_of_work_can_go_on_after_a_commit_and_not_after_its_end(database: Db) -> None:
    run = await add_run(database)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.events.append(run.id, "one", {})
        await work.commit()
        await work.events.append(run.id, "two", {})
        await work.commit()
        assert [event.kind for event in await work.events.after(run.id)] == ["one", "two"]
    with pytest.raises(RuntimeError):
        await work.runs.get(run.id)


async def test_a_cancelled_writer_leaves_the_way_free_and_nothing_behind(database: Db) -> None:
    run = await add_run(database)
    written = asyncio.Event()

    async def write_and_wait() -> None:
        async with database.unit_of_work(LOCAL_WORKSPACE) as work:
            await work.events.append(run.id, "never", {})
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write_and_wait())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert (await work.events.append(run.id, "first", {})).seq == 1
        await work.commit()


# ── runs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_run_comes_back_equal_with_its_secret(database: Db) -> None:
    run = await add_run(database, budget_usd=Decimal("0.50"), out="/tmp/näme", reason=None)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.runs.get(run.id) == run
        assert await work.runs.fence_secret(run.id) == SECRET
        assert await work.runs.latest() == [run]


async def test_a_run_is_never_without_the_cap_it_asked_for(database: Db) -> None:
    run = await add_run(database, budget_usd=Decimal("0.50"))
    state = await database.budgets(LOCAL_WORKSPACE).state("run", str(run.id))
    assert state is not None
    assert state.cap_usd == Decimal("0.50")


async def test_runs_are_listed_newest_first(database: Db) -> None:
    runs = [await add_run(database, created_at=NOON + timedelta(hours=hour)) for hour in (1, 3, 2)]
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.runs.latest(limit=2) == [runs[1], runs[2]]


async def test_a_run_is_found_by_its_beginning_and_an_ambiguous_one_is_refused(database: Db) -> None:
    one = await add_run(database, id=UUID("01900000-aaaa-7000-8000-000000000001"))
    await add_run(database, id=UUID("01900000-aabb-7000-8000-000000000002"))
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        for prefix in ("01900000-aaa", "01900000AAA", str(one.id)):
            assert await work.runs.find(prefix) == one
        for nothing in ("02", "no such", "", "%", "0190%"):
            with pytest.raises(NotFound):
                await work.runs.find(nothing)
        with pytest.raises(BadInput, match="01900000-aabb"):
            await work.runs.find("01900000-aa")


async def test_of_twenty_concurrent_claimants_one_wins(database: Db) -> None:
    run = await add_run(database)
    taken = await asyncio.gather(*(claim(database, run, f"worker {number}") for number in range(20)))
    assert sum(taken) == 1
    now = await stored(database, run)
    assert (now.status, now.attempts) == (RunStatus.RUNNING, 1)


async def test_a_live_lease_is_respected_and_an_expired_one_is_not(database: Db) -> None:
    run = await add_run(database)
    assert await claim(database, run, "first", NOON, seconds=30)
    assert not await claim(database, run, "second", NOON + timedelta(seconds=29))
    assert await claim(database, run, "second", NOON + timedelta(seconds=30))
    assert (await stored(database, run)).attempts == 2


async def test_a_renewed_lease_lasts_longer_and_only_its_holder_renews_it(database: Db) -> None:
    run = await add_run(database)
    await claim(database, run, "first", NOON, seconds=30)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.runs.renew(run.id, "first", 30, NOON + timedelta(seconds=20))
        assert not await work.runs.renew(run.id, "second", 30, NOON)
        await work.commit()
    assert not await claim(database, run, "second", NOON + timedelta(seconds=45))


async def test_of_several_runs_those_that_are_held_have_their_holders(database: Db) -> None:
    held, free = await add_run(database), await add_run(database)
    await claim(database, held, "first")
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.runs.holders([held.id, free.id, new_id()]) == {held.id: "first"}
        assert await work.runs.holders([]) == {}


async def test_a_stale_owner_can_neither_renew_nor_keep_nor_finish(database: Db) -> None:
    run = await add_run(database)
    await claim(database, run, "stale", NOON)
    await claim(database, run, "new", NOON + timedelta(minutes=1))
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.runs.keep(run.id, "new")
        assert not await work.runs.keep(run.id, "stale")
        assert not await work.runs.renew(run.id, "stale", 30, NOON + timedelta(minutes=1))
        assert not await work.runs.finish(run.id, "stale", RunStatus.DONE)
        assert await work.runs.finish(run.id, "new", RunStatus.FAILED, reason="no luck")
        await work.commit()
    assert (await stored(database, run)).reason == "no luck"


async def test_a_released_run_can_be_taken_at_once(database: Db) -> None:
    run = await add_run(database)
    await claim(database, run, "first")
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.runs.holder(run.id) == "first"
        assert not await work.runs.release(run.id, "second")
        assert await work.runs.release(run.id, "first")
        assert await work.runs.holder(run.id) is None
        await work.commit()
    assert await claim(database, run, "second")


@pytest.mark.parametrize(
    ("status", "again"),
    [(RunStatus.DONE, False), (RunStatus.REFUSED, False), (RunStatus.CANCELLED, False), (RunStatus.FAILED, True)],
)
async def test_only_a_failed_run_can_be_taken_again(database: Db, status: RunStatus, again: bool) -> None:
    run = await add_run(database)
    article_id = new_id()
    await claim(database, run, "first")
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.runs.finish(run.id, "first", status, reason="because", article_id=article_id)
        assert not await work.runs.finish(run.id, "first", status)
        await work.commit()
    ended = await stored(database, run)
    assert (ended.status, ended.reason, ended.article_id, ended.finished_at) == (status, "because", article_id, NOON)
    assert await claim(database, run, "second") is again


async def test_what_is_not_there_is_named(database: Db) -> None:
    nobody = new_id()
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        for look in (
            work.runs.get(nobody),
            work.runs.claim(nobody, "me", 30, NOON),
            work.runs.fence_secret(nobody),
            work.events.append(nobody, "kind", {}),
            work.articles.get(nobody),
            work.articles.delete(nobody),
            work.sources.get_many([nobody]),
        ):
            with pytest.raises(NotFound, match=str(nobody)):
                await look


# ── events and stages ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_events_have_no_gaps_under_twenty_concurrent_appends(database: Db) -> None:
    run = await add_run(database)

    async def append(number: int) -> int:
        async with database.unit_of_work(LOCAL_WORKSPACE) as work:
            event = await work.events.append(run.id, "stage.progress", {"number": number})
            if number % 4:
                await work.commit()
        return event.seq

    await asyncio.gather(*(append(number) for number in range(20)))
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        events = await work.events.after(run.id)
    assert [event.seq for event in events] == list(range(1, 16))
    assert {event.data["number"] for event in events} == {number for number in range(20) if number % 4}


async def test_events_come_back_as_they_were_announced_from_where_one_left_off(database: Db) -> None:
    run = await add_run(database)
    odd = {
        "path": "half \udcff of a name, \x00, “ü”",
        "at": NOON,
        "cost": Decimal("0.1"),
        "nested": {"list": [1, None]},
    }
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        announced = [await work.events.append(run.id, f"kind.{number}", odd) for number in range(5)]
        await work.commit()
        assert await work.events.after(run.id) == announced
        assert await work.events.after(run.id, seq=2, limit=2) == announced[2:4]
    assert announced[0].data["nested"] == {"list": [1, None]}


async def test_a_finished_stage_is_kept_as_it_was_first_put(database: Db) -> None:
    run = await add_run(database)
    first, second = Outline(title="First “ü”", sections=()), Outline(title="Second", sections=())
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.stages.get(run.id, Stage.OUTLINE) is None
        await work.stages.put(run.id, Stage.OUTLINE, "", first, 1.0)
        await work.stages.put(run.id, Stage.OUTLINE, "", second, 9.0)
        await work.commit()
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.stages.get(run.id, Stage.OUTLINE) == first.model_dump_json()
        assert await work.stages.get(run.id, Stage.OUTLINE, "1") is None
        assert await work.stages.seconds(run.id) == {"outline": 1.0}


async def test_items_of_a_stage_that_end_together_count_as_their_longest(database: Db) -> None:
    run = await add_run(database)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        for item, seconds in (("0", 2.0), ("1", 5.0), ("2", 3.0)):
            await work.stages.put(run.id, Stage.SECTIONS, item, Outline(title="x", sections=()), seconds)
        assert await work.stages.seconds(run.id) == {"sections": 5.0}


async def test_a_stage_of_a_run_that_does_not_exist_is_refused(database: Db) -> None:
    with pytest.raises(NotFound):
        async with database.unit_of_work(LOCAL_WORKSPACE) as work:
            await work.stages.put(new_id(), Stage.OUTLINE, "", Outline(title="x", sections=()), 1.0)


# ── sources ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_sources_come_back_equal_in_the_order_asked_for(database: Db) -> None:
    sources = sample_sources().items
    odd = sources[0].model_copy(update={"id": new_id(), "text": "NUL \x00 and 🚢", "location": "x" * 5000})
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.sources.keep([*sources, odd]) == [*sources, odd]
        await work.commit()
        backwards = [odd, *reversed(sources)]
        assert await work.sources.get_many([source.id for source in backwards]) == backwards
        assert await work.sources.keep([]) == []
        assert await work.sources.get_many([]) == []


async def test_a_source_is_kept_once_for_its_content_and_location(database: Db) -> None:
    first, second, *_ = sample_sources().items
    again = first.model_copy(update={"id": new_id(), "retrieved_at": NOON})
    moved = first.model_copy(update={"id": new_id(), "location": "elsewhere.md"})
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.sources.keep([first])
        await work.commit()
        assert await work.sources.keep([moved, again, second, again]) == [moved, first, second, first]


async def test_what_a_source_says_of_itself_is_corrected_while_its_text_stays(database: Db) -> None:
    first, second, *_ = sample_sources().items
    said = {"title": "Mended", "published_at": NOON, "licence": "CC0", "author": "Vell", "language": "sv"}
    again = first.model_copy(update={"id": new_id(), "retrieved_at": NOON, **said})
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.sources.keep([first, second])
        assert await work.sources.keep([again]) == [first.model_copy(update=said)]
        await work.commit()
        assert await work.sources.get_many([first.id, second.id]) == [first.model_copy(update=said), second]
        assert [head.id for head in (await work.sources.page(SourceFilter(words="mended"), Paging())).items] == [
            first.id
        ]


async def test_a_page_that_says_no_day_keeps_the_one_that_was_known_and_a_file_does_not(database: Db) -> None:
    text = sample_sources().items[0].model_copy(update={"published_at": NOON, "location": "notes.md"})
    page = text.model_copy(update={"id": new_id(), "location": "https://example.org/a"})
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.sources.keep([text, page])
        undated = [one.model_copy(update={"published_at": None}) for one in (text, page)]
        assert [one.published_at for one in await work.sources.keep(undated)] == [None, NOON]


async def test_what_was_read_last_at_a_place_is_found_with_the_etag_that_it_was_kept_with_last(database: Db) -> None:
    old, elsewhere, *_ = sample_sources().items
    later = {"location": old.location, "retrieved_at": old.retrieved_at + timedelta(days=1), "etag": "1"}
    new = elsewhere.model_copy(update={"id": new_id(), **later})
    touched = new.model_copy(update={"etag": "2"})
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.sources.keep([new, old, elsewhere])
        assert await work.sources.newest_at(old.location) == new
        assert await work.sources.keep([touched.model_copy(update={"id": new_id()})]) == [touched]
        assert await work.sources.newest_at(old.location) == touched
        assert await work.sources.newest_at("nowhere.md") is None
        await work.commit()
    async with database.unit_of_work(ELSEWHERE) as work:
        assert await work.sources.newest_at(old.location) is None


async def test_concurrent_keepers_of_the_same_sources_get_the_same_ids(database: Db) -> None:
    sources = sample_sources().items

    async def keep_copies(number: int) -> list[UUID]:
        copies = [source.model_copy(update={"id": new_id()}) for source in sources]
        async with database.unit_of_work(LOCAL_WORKSPACE) as work:
            kept = await work.sources.keep(copies if number % 2 else copies[::-1])
            await work.commit()
        return sorted(source.id for source in kept)

    kept = await asyncio.gather(*(keep_copies(number) for number in range(8)))
    assert all(ids == kept[0] for ids in kept)


# ── articles ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def changed(article: Article, **values: object) -> Article:
    return article.model_copy(update=values)


async def test_an_article_comes_back_equal(database: Db) -> None:
    article = sample_article()
    await keep(database, article)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.articles.get(article.id) == article
        assert (await work.articles.get(article.id, 1)).fingerprint == article.fingerprint
        assert await work.articles.find(article.slug) == article
        assert await work.articles.find(str(article.id)[:9]) == article
        assert await work.articles.latest() == [article]


async def test_storing_a_version_again_changes_nothing_and_other_content_is_a_conflict(database: Db) -> None:
    article = sample_article()
    await keep(database, article)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.articles.set_index_state(article.id, 1, "indexed")
        await work.commit()
    await keep(database, article)
    with pytest.raises(Conflict):
        await keep(database, changed(article, title="Another"))
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.articles.get(article.id) == article
        assert await work.articles.index_pending() == []


async def test_versions_are_kept_and_the_highest_is_the_latest(database: Db) -> None:
    one = sample_article()
    two = changed(one, version=2, title="Zweite", created_at=one.created_at + timedelta(hours=1))
    three = changed(one, version=3, title="Third", created_at=one.created_at + timedelta(hours=2))
    await keep(database, one)
    await keep(database, three)
    await keep(database, two)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.articles.get(one.id) == three
        assert [await work.articles.get(one.id, version) for version in (1, 2, 3)] == [one, two, three]
        assert await work.articles.latest() == [three]
        assert await work.articles.containing("zweite") == []
        with pytest.raises(NotFound):
            await work.articles.get(one.id, 4)


async def test_of_two_who_save_the_same_version_one_is_told_of_the_conflict(database: Db) -> None:
    article = sample_article()
    await keep(database, article)
    edits = [keep(database, changed(article, version=2, title=f"Edit {number}")) for number in range(8)]
    results = await asyncio.gather(*edits, return_exceptions=True)
    assert sum(isinstance(result, Conflict) for result in results) == 7
    assert results.count(None) == 1


async def test_an_article_that_cites_what_it_does_not_carry_is_refused(database: Db) -> None:
    article = sample_article()
    with pytest.raises(BadInput, match="not among the article's passages"):
        await keep(database, changed(article, passages=()))


async def test_a_new_version_waits_to_be_indexed(database: Db) -> None:
    article = sample_article()
    await keep(database, article)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.articles.index_pending() == [article.id]
        await work.articles.set_index_state(article.id, 1, "indexed")
        await work.commit()
        assert await work.articles.index_pending() == []
    await keep(database, changed(article, version=2))
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.articles.index_pending() == [article.id]
        assert await work.articles.set_index_state(article.id, 1, "indexed") is False  # an indexer that came late


async def test_articles_are_found_by_their_ids_and_unknown_ones_are_left_out(database: Db) -> None:
    article = sample_article()
    await keep(database, article)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.articles.ids() == {article.id}
        assert {key: head.title for key, head in (await work.articles.heads([article.id, new_id()])).items()} == {
            article.id: article.title
        }


async def test_a_deleted_article_is_gone_with_its_versions_and_can_be_stored_again(database: Db) -> None:
    article = sample_article()
    await keep(database, article, changed(article, version=2))
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.articles.delete(article.id)
        await work.commit()
        assert await work.articles.latest() == []
        assert await work.articles.containing(article.title) == []
        with pytest.raises(NotFound):
            await work.articles.get(article.id, 1)
    await keep(database, article)


async def test_a_slug_of_two_articles_is_ambiguous(database: Db) -> None:
    article = sample_article()
    other = changed(article, id=new_id(), created_at=article.created_at + timedelta(days=1))
    await keep(database, article, other)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.articles.latest() == [other, article]
        assert await work.articles.latest(limit=1) == [other]
        with pytest.raises(BadInput, match=str(other.id)):
            await work.articles.find(article.slug)
        with pytest.raises(NotFound):
            await work.articles.find("no-such-slug")


def saying(text: str) -> Article:
    article = sample_article()
    section = article.sections[0]
    paragraph = section.paragraphs[0].model_copy(update={"sentences": (Sentence(text=text),)})
    only = section.model_copy(update={"paragraphs": (paragraph,)})
    return changed(article, id=new_id(), sections=(only,), title="Plain title")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("FERRY harbour", True),  # any case, any order
        ("harbour ferr", True),  # parts of words
        ("ferry airport", False),  # every word
        ("title ferry", False),  # in one sentence
        ("ÜBERSEE straße", True),  # case as Unicode has it
        ("100%", True),
        ("1%", False),  # no wildcards
        ("f_rry", False),
        ("a\\b", True),
        ("plain TITLE", True),
        ("ind\x00.", True),  # what no database can hold is searched for as it is kept
        ("fer\x00ry", False),
        ("harb\udcffour", False),
        ("", False),
        ("  ", False),
    ],
)
async def test_articles_are_found_by_every_word_of_a_query(database: Db, query: str, found: bool) -> None:
    text = "The ferry in ÜBERSEE harbour, STRASSE 5, ran on a\\b and 100% wind\x00."
    article = saying(text)
    await keep(database, article)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        expected = article.title if "TITLE" in query else text
        answers = [(head.id, text) for head, text in await work.articles.containing(query)]
        assert answers == ([(article.id, expected)] if found else [])


async def test_a_search_answers_each_article_once_newest_first(database: Db) -> None:
    article = sample_article()
    newer = changed(article, id=new_id(), created_at=article.created_at + timedelta(days=1))
    await keep(database, article, newer)
    word = article.sentences[0].text.split()[0]
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert [found.id for found, _ in await work.articles.containing(word)] == [newer.id, article.id]
        assert [found.id for found, _ in await work.articles.containing(word, limit=1)] == [newer.id]


# ── facts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_run_has_one_row_of_facts_and_recording_again_replaces_it(database: Db) -> None:
    run = await add_run(database)
    facts = sample_facts(run, article_id=new_id(), cost_usd=Decimal("0.0123456789"))
    better = facts.model_copy(update={"words": 901, "score": None, "kind": None, "article_id": None})
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.facts.get(run.id) is None
        await work.facts.record(facts)
        assert await work.facts.get(run.id) == facts
        await work.facts.record(better)
        await work.commit()
        assert await work.facts.get(run.id) == better


# ── workspaces ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_workspaces_see_nothing_of_each_other(database: Db) -> None:
    run, article, sources = await add_run(database), sample_article(), sample_sources().items
    await keep(database, article)
    journal = database.journal(LOCAL_WORKSPACE)
    call = await journal.begin(intent(run))
    await database.budgets(LOCAL_WORKSPACE).set_cap("provider", "openai", Decimal(1))
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.events.append(run.id, "run.started", {})
        await work.stages.put(run.id, Stage.OUTLINE, "", Outline(title="x", sections=()), 1.0)
        await work.sources.keep(sources)
        await work.commit()

    await database.add_workspace(ELSEWHERE, "elsewhere")
    await database.add_workspace(ELSEWHERE, "elsewhere")
    async with database.unit_of_work(ELSEWHERE) as work:
        assert await work.runs.latest() == []
        assert await work.articles.latest() == []
        assert await work.articles.containing(article.title) == []
        assert await work.articles.index_pending() == []
        assert await work.events.after(run.id) == []
        assert await work.stages.get(run.id, Stage.OUTLINE) is None
        assert await work.stages.seconds(run.id) == {}
        assert not await work.runs.finish(run.id, "me", RunStatus.DONE)
        for look in (
            work.runs.get(run.id),
            work.runs.find(str(run.id)),
            work.runs.claim(run.id, "me", 30, NOON),
            work.events.append(run.id, "kind", {}),
            work.articles.get(article.id),
            work.articles.find(article.slug),
            work.articles.delete(article.id),
            work.sources.get_many([sources[0].id]),
        ):
            with pytest.raises(NotFound):
                await look
    there = database.journal(ELSEWHERE)
    assert await there.totals(run.id) == CallTotals()
    assert await there.abandon(run.id) == 0
    with pytest.raises(NotFound):
        await there.finish(call, answer())
    assert await database.budgets(ELSEWHERE).state("provider", "openai") is None


async def test_the_same_things_can_be_kept_in_two_workspaces(database: Db) -> None:
    await database.add_workspace(ELSEWHERE, "elsewhere")
    article, sources = sample_article(), sample_sources().items
    there = changed(article, title="Another title")
    await keep(database, article)
    await keep(database, there, workspace=ELSEWHERE)
    run = await add_run(database)
    await add_run(database, ELSEWHERE, id=run.id)
    for workspace, expected in ((LOCAL_WORKSPACE, article), (ELSEWHERE, there)):
        async with database.unit_of_work(workspace) as work:
            assert await work.articles.get(article.id) == expected
            assert await work.sources.keep(sources) == list(sources)
            await work.commit()


async def test_nothing_can_be_kept_in_a_workspace_that_does_not_exist(database: Db) -> None:
    with pytest.raises(NotFound):
        await add_run(database, ELSEWHERE)
    run = await add_run(database)
    with pytest.raises(NotFound):
        await database.journal(ELSEWHERE).begin(replace(intent(run)))


async def test_problems_of_sources_travel_in_stages(database: Db) -> None:
    run = await add_run(database)
    problem = SourceProblem(location="a.pdf", reason="encrypted")
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.stages.put(run.id, Stage.RESEARCH, "", problem, 0.1)
        found = await work.stages.get(run.id, Stage.RESEARCH)
    assert found is not None
    assert SourceProblem.model_validate_json(found) == problem


# ── vectors of texts that were embedded before ───────────────────────────────────────────────────────────────────────


async def test_vectors_are_found_by_embedder_and_text(database: Db) -> None:
    cache = database.vector_cache(LOCAL_WORKSPACE)
    many = {f"{number:064x}": bytes([number % 256]) * 8 for number in range(1200)}
    await cache.put("hashing:2", many)
    assert await cache.get("hashing:2", {*many, "f" * 64}) == many
    assert await cache.get("other:2", many) == {}


async def test_a_vector_that_is_there_stays_as_it_is(database: Db) -> None:
    cache = database.vector_cache(LOCAL_WORKSPACE)
    await cache.put("hashing:2", {"a" * 64: b"first..."})
    await cache.put("hashing:2", {"a" * 64: b"second.."})
    assert await cache.get("hashing:2", ["a" * 64]) == {"a" * 64: b"first..."}
    assert await cache.get("hashing:2", []) == {}

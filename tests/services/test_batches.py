"""A batch is stored whole or not at all; its file is read with every mistake named at once."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from aiwriter.documents import Brief, RunStatus, utc_now
from aiwriter.errors import BadInput, Forbidden, NotFound
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.ports import Principal
from aiwriter.services import batches, dispatch, looking, runs
from aiwriter.services.batches import BatchState
from aiwriter.sources import create_finder
from aiwriter.testing import ManualClock, MemoryDatabase, sample_brief
from aiwriter.testing.search import TinyEngine, TinyEngines

WHO = Principal("tester", LOCAL_WORKSPACE)
A_WHILE = timedelta(seconds=dispatch.AGAIN_SECONDS)


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase()


async def asked(database: MemoryDatabase, briefs: list[Brief], **more: object) -> BatchState:
    batch = await batches.ask(
        database, WHO, briefs, name="ferries", model="offline:extractive", embedder="hashing:8",
        budget_usd=Decimal("0.20"), **more,
    )  # fmt: skip
    return await batches.state(database, WHO, batch.id)


async def test_a_batch_is_stored_with_a_capped_run_for_each_brief_in_order(database: MemoryDatabase) -> None:
    briefs = [sample_brief(), sample_brief().model_copy(update={"topic": "Another topic"})]
    state = await asked(database, briefs)
    assert [(run.brief, run.batch_item, run.requested_by) for run in state.runs] == [
        (briefs[0], 0, "tester"),
        (briefs[1], 1, "tester"),
    ]
    assert {run.budget_usd for run in state.runs} == {Decimal("0.20")}
    assert (state.counts, state.in_words) == ({"queued": 2}, "2 queued of 2")


async def test_the_runs_of_a_batch_are_carried_by_it_and_not_dispatched_one_by_one(database: MemoryDatabase) -> None:
    await asked(database, [sample_brief()])
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.runs.take_unsubmitted(utc_now(), utc_now() - A_WHILE) == []


class Ticking(ManualClock):
    """Lets others work between its ticks."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        await asyncio.sleep(0)


async def test_the_runs_of_a_batch_wait_for_their_turn_as_long_as_its_process_lives(database: MemoryDatabase) -> None:
    state = await asked(database, [sample_brief(), sample_brief()])
    clock = Ticking(utc_now())

    async def up_for_grabs() -> list[UUID]:
        async with database.unit_of_work(LOCAL_WORKSPACE) as work:
            return [run.id for run in await work.runs.take_unsubmitted(clock.now(), clock.now() - A_WHILE)]

    async with batches.in_hand(database, WHO, state.batch.id, clock):
        while len(clock.slept) < 10:
            await asyncio.sleep(0)
            assert await up_for_grabs() == []
    clock.advance(dispatch.AGAIN_SECONDS + 1)
    assert set(await up_for_grabs()) == {run.id for run in state.runs}


async def test_a_batch_that_somebody_stops_waits_for_them_to_resume_it(database: MemoryDatabase) -> None:
    state = await asked(database, [sample_brief(), sample_brief()])
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.runs.cancel(state.runs[0].id, utc_now())
        await work.commit()
    await batches.stop(database, WHO, state.batch.id, "interrupted")
    stopped = await batches.state(database, WHO, state.batch.id)
    assert [(run.status, run.reason) for run in stopped.runs][1] == (RunStatus.FAILED, "interrupted")
    assert stopped.counts == {"cancelled": 1, "failed": 1}
    assert (await looking.at(database, WHO, state.runs[1].id)).facts, "what ends has figures"
    resumed = await batches.resume(database, WHO, state.batch.id)
    assert resumed.counts == {"cancelled": 1, "queued": 1}


async def test_asking_again_with_the_id_of_a_stored_batch_stores_nothing(database: MemoryDatabase) -> None:
    batch_id = new_id()
    first = await asked(database, [sample_brief()], batch_id=batch_id)
    again = await asked(database, [sample_brief(), sample_brief()], batch_id=batch_id)
    assert (again.batch, again.runs) == (first.batch, first.runs)


@pytest.mark.parametrize("number", [0, batches.MOST_BRIEFS + 1])
async def test_a_batch_of_none_or_of_too_many_is_refused(database: MemoryDatabase, number: int) -> None:
    with pytest.raises(BadInput, match=f"a batch of {number} briefs"):
        await asked(database, [sample_brief()] * number)


async def test_resuming_queues_what_failed_and_leaves_what_ended(database: MemoryDatabase) -> None:
    state = await asked(database, [sample_brief()] * 3)
    done, failed, queued = (run.id for run in state.runs)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        for run_id, status in ((done, RunStatus.DONE), (failed, RunStatus.FAILED)):
            await work.runs.claim(run_id, "here|1|x", 30, utc_now())
            await work.runs.finish(run_id, "here|1|x", status)
        await work.commit()
    resumed = await batches.resume(database, WHO, state.batch.id)
    assert resumed.counts == {"done": 1, "queued": 2}
    assert [run.id for run in resumed.to_do] == [failed, queued]
    assert (await runs.events_after(database, WHO, failed, 0))[-1].kind == "run.resumed"


async def test_a_batch_that_is_not_there_is_not_found(database: MemoryDatabase) -> None:
    with pytest.raises(NotFound):
        await batches.state(database, WHO, new_id())


async def test_who_may_only_read_asks_for_no_batch(database: MemoryDatabase) -> None:
    reader = Principal("reader", LOCAL_WORKSPACE, frozenset({"read"}))
    with pytest.raises(Forbidden):
        await batches.ask(database, reader, [sample_brief()], name="", model="m", embedder="e", budget_usd=None)


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "a.md").write_text("# A\n\nText.\n")
    return tmp_path


async def read(folder: Path, text: str) -> list[Brief]:
    file = folder / "briefs.csv"
    file.write_text(text, encoding="utf-8")
    return await batches.read_csv(file, create_finder())


async def test_a_line_becomes_a_brief_with_sources_found_beside_the_file(folder: Path) -> None:
    columns = "\ufeffTopic,sources,words,keywords,approve_outline\n"
    (brief,) = await read(folder, columns + '"Ferries, at night",sources/a.md; sources ,300,ferry; night,yes\n')
    assert brief.topic == "Ferries, at night"
    assert brief.sources == (str(folder / "sources" / "a.md"), str(folder / "sources"))
    assert (brief.words, brief.keywords, brief.approve_outline) == (300, ("ferry", "night"), True)


async def test_empty_cells_and_lines_are_as_if_not_there(folder: Path) -> None:
    (brief,) = await read(folder, "topic,format,sources\n\nFerries,,sources\n,,\n")
    assert brief.format == "blog_post"


async def test_every_bad_line_is_named_with_its_field_at_once(folder: Path) -> None:
    with pytest.raises(BadInput) as refused:
        await read(
            folder,
            "topic,sources,words,format\n"
            "Good,sources,300,\n"
            'x,"sources",300,\n'
            '"Two\nlines",sources,,\n'
            ",sources,ten,\n"
            "Fine,nowhere,300,sonnet\n"
            "Too,many,300,values,here\n",
        )
    said = str(refused.value)
    assert "line 2" not in said
    for told in ("line 3, topic", "line 6, topic: there is none", "line 6, words", "line 7, format", "line 7, sources"):
        assert told in said
    assert "nowhere" in said
    assert "line 8, there are 5 values for 4 columns" in said


async def test_a_line_may_name_the_texts_of_its_voice_and_one_that_is_not_there_is_refused(folder: Path) -> None:
    (folder / "ours.md").write_text("# Us\n\n" + "We sail at night, and we like it. " * 50)
    first, second = await read(folder, "topic,sources,voice\nFerries,sources,ours.md\nTrains,sources,\n")
    assert first.voice is not None
    assert (first.voice.words, second.voice) == (400, None)
    with pytest.raises(BadInput) as refused:
        await read(folder, "topic,sources,voice\nFerries,sources,ours.md\nTrains,sources,theirs.md;sources/a.md\n")
    assert "line 3, voice: the sample of the voice" in str(refused.value)
    assert "theirs.md" in str(refused.value)
    with pytest.raises(BadInput, match="line 2, voice: the samples of the voice have 1 words"):
        await read(folder, "topic,sources,voice\nFerries,sources,sources/a.md\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no column topic"),
        ("topic\nFerries\n", "no column sources"),
        ("topic,sources,colour\n", "unknown column 'colour'"),
        ("topic,topic,sources\n", "the column topic twice"),
        ("topic,sources\n", "there is no brief"),
        ('topic,sources\n"Ferries,sources\n', "line 2: unexpected end of data"),
    ],
)
async def test_a_file_that_is_no_list_of_briefs_is_refused(folder: Path, text: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        await read(folder, text)


async def test_a_file_that_cannot_be_read_is_named(folder: Path) -> None:
    with pytest.raises(BadInput, match=r"absent\.csv"):
        await batches.read_csv(folder / "absent.csv", create_finder())
    (folder / "latin.csv").write_bytes("topic,sources\nFähre,x\n".encode("latin-1"))
    with pytest.raises(BadInput, match="not UTF-8"):
        await batches.read_csv(folder / "latin.csv", create_finder())


async def test_a_line_may_name_searches_and_their_filters(folder: Path) -> None:
    file = folder / "searches.csv"
    file.write_text(
        "topic,sources,since,domains,without_domains\n"
        "Night ferries,web:;wikipedia:ferries at night,2026-01-02,example.org;example.com,x.org\n"
    )
    engines = TinyEngines({"wikipedia": TinyEngine("wikipedia")})
    (brief,) = await batches.read_csv(file, create_finder(), engines)
    assert brief.sources == ("web:", "wikipedia:ferries at night")
    assert (brief.since, brief.domains) == (date(2026, 1, 2), ("example.org", "example.com"))
    assert brief.without_domains == ("x.org",)
    file.write_text("topic,sources,domains\nNight ferries,wikipedai:x,nowhere\nNight ferries,wikipedai:x,\n")
    with pytest.raises(BadInput) as refused:
        await batches.read_csv(file, create_finder(), engines)
    assert "line 2, domains.0: " in str(refused.value)
    assert "line 3, sources: there is neither a file nor a search engine" in str(refused.value)

"""From the first tables to those of this version, back and there again: no row is lost."""

from __future__ import annotations

import json
import os
import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import text

from aiwriter.documents import (
    Brief,
    Disagreement,
    Document,
    Evidence,
    KeptStudy,
    Outline,
    Run,
    RunStatus,
    Stage,
    StudyKind,
)
from aiwriter.errors import BadInput, Conflict
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.ports import ArticleFilter, Paging, Rates, SourceFilter, StudyFilter
from aiwriter.resilience.clock import SystemClock
from aiwriter.storage import copy, engines, migrate, open_database, schema, schema_state, tables
from aiwriter.storage.database import SqlDatabase
from aiwriter.storage.migrations.versions import rev_0002_lists_batches_and_keys as revision
from aiwriter.testing import sample_article, sample_evidence, sample_sources
from aiwriter.testing.terminal import ROOT

MANY = 2 * revision._AT_ONCE + 7  # more than two parts
# columns that are new, and made anew from what was there before
NEW_COLUMNS: dict[str, tuple[str, ...]] = {
    "articles": ("title_folded", "description", "format", "language", "author", "words", "score", "run_id"),
    "sources": ("title_folded", "location_folded", "place", "etag"),
    "runs": ("batch_id", "batch_item", "requested_by", "submitted_at", "short_of", "short"),
    "article_sentences": ("id",),
}
NEW_TABLES = {
    *("batches", "rolled_up_days", "daily_figures", "api_keys", "idempotency_keys"),
    *("provider_states", "turns"),
    *("feeds", "known_sources", "known_passages", "stem_counts"),
    *("studies", "looks"),
    *("publications", "approvals", "gate_blocks"),
    *("article_signatures", "article_bands"),
}
OLD_TABLES = [name for name in tables.tables.tables if name not in NEW_TABLES]


async def rows_of(url: str, table: str, without: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Every row of a table, in an order of its own, leaving some columns out."""
    readers, writers = engines.engines(engines.address(url))
    async with readers.connect() as connection:
        found = (await connection.execute(text(f"SELECT * FROM {table}"))).mappings().all()
    await readers.dispose()
    await writers.dispose()
    kept = [{name: value for name, value in row.items() if name not in without} for row in found]
    return sorted(kept, key=lambda row: json.dumps(row, default=str, sort_keys=True))


async def contents(url: str) -> dict[str, list[dict[str, Any]]]:
    return {table: await rows_of(url, table, NEW_COLUMNS.get(table, ())) for table in OLD_TABLES}


def many_articles() -> list[Any]:
    sample = sample_article()
    return [
        sample.model_copy(
            update={
                "id": new_id(),
                "title": f"Große Straße {number}",
                "description": f"Nr. {number}: “ü”",
                "quality": sample.quality.model_copy(update={"score": number / 10}),
                "created_at": sample.created_at + timedelta(seconds=number),
            }
        )
        for number in range(MANY)
    ]


async def test_there_back_and_there_again_nothing_is_lost(sql_url: str) -> None:
    database = SqlDatabase(sql_url)
    run = Run(brief=Brief(topic="Electric ferries"), model="offline:x", embedder="hashing:8")
    articles, sources = many_articles(), list(sample_sources().items)
    second = articles[0].model_copy(update={"version": 2, "title": "Zweite Fassung", "description": "Newer"})
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.runs.add(run, b"secret")
        await work.events.append(run.id, "run.queued", {})
        await work.sources.keep(sources)
        for article in (*articles, second):
            await work.articles.add_version(article)
        await work.commit()
        heads = await work.articles.page(ArticleFilter(), Paging(limit=MANY + 1))
        source_heads = await work.sources.page(SourceFilter(words="ferr"), Paging(sort=("title",)))
    await database.close()
    assert heads.total == MANY
    new = {table: await rows_of(sql_url, table) for table in NEW_COLUMNS if table != "article_sentences"}
    signed = {table: await rows_of(sql_url, table) for table in ("article_signatures", "article_bands")}
    assert len(signed["article_signatures"]) == MANY
    before = await contents(sql_url)

    await schema.downgrade(sql_url, "0001")
    assert await schema_state(sql_url) == "old"
    refused = open_database(sql_url)
    with pytest.raises(BadInput, match="are old") as refusal:
        await refused.ping()
    await refused.close()
    assert refusal.value.hint is not None
    assert "aiwriter migrate" in refusal.value.hint
    for table, columns in NEW_COLUMNS.items():
        assert not set(columns) & set((await rows_of(sql_url, table))[0])
    assert await contents(sql_url) == before

    await migrate(sql_url)
    assert await schema_state(sql_url) == "current"
    assert await contents(sql_url) == before
    for table, rows in (new | signed).items():
        assert await rows_of(sql_url, table) == rows
    database = SqlDatabase(sql_url)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.articles.page(ArticleFilter(), Paging(limit=MANY + 1)) == heads
        assert await work.sources.page(SourceFilter(words="ferr"), Paging(sort=("title",))) == source_heads
        assert [found.id for found, _ in await work.articles.containing("zweite fassung")] == [second.id]
        found = await work.runs.get(run.id)
        assert found == run
        assert (found.batch_id, found.batch_item, found.requested_by) == (None, None, "")
        assert [one.id for one in await work.runs.take_unsubmitted(run.created_at, run.created_at)] == [run.id]
        await work.articles.delete(articles[0].id)  # versions still go with their article
        await work.commit()
    await database.close()
    assert len(await rows_of(sql_url, "article_versions")) == MANY - 1


async def test_all_that_sqlite_has_comes_to_postgresql_once(sqlite_url: str, postgres_url: str) -> None:
    database = SqlDatabase(sqlite_url)
    run = Run(brief=Brief(topic="Electric ferries"), model="offline:x", embedder="hashing:8")
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.runs.add(run, b"secret")
        await work.events.append(run.id, "run.queued", {})
        await work.sources.keep(list(sample_sources().items))
        await work.articles.add_version(sample_article())
        await work.commit()
    await database.close()
    assert await copy(sqlite_url, postgres_url) > 10
    database = SqlDatabase(postgres_url)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.runs.get(run.id) == run
        assert [event.kind for event in await work.events.after(run.id)] == ["run.queued"]
        assert await work.articles.get(sample_article().id) == sample_article()
        assert (await work.sources.page(SourceFilter(words="ferr"), Paging())).total > 0
        await work.articles.add_version(sample_article(id=new_id()))  # numbers go on after those that came along
        await work.commit()
    await database.close()
    with pytest.raises(BadInput, match="has rows of its own in articles"):
        await copy(sqlite_url, postgres_url)


async def test_a_run_that_a_budget_refused_before_it_was_kept_which_is_told_by_its_words(sql_url: str) -> None:
    database, asked = SqlDatabase(sql_url), []
    reasons = {
        "$0 of the day 2026-11-27's $1 is left. Raise the cap of the day and resume": "day",
        "… of the provider openai's $1 is left. Raise the cap of the provider and resume": "openai",
        "… of the run's $1 is left. Give more with --budget and resume": "run",
        "the sources say nothing of it": None,
    }
    for reason in reasons:
        run = Run(brief=Brief(topic="Electric ferries"), model="openai:x", embedder="hashing:8")
        async with database.unit_of_work(LOCAL_WORKSPACE) as work:
            await work.runs.add(run, b"secret")
            assert await work.runs.claim(run.id, "worker", 30, run.created_at)
            assert await work.runs.finish(run.id, "worker", RunStatus.REFUSED, reason=reason)
            await work.commit()
        asked.append(run.id)
    await database.close()
    await schema.downgrade(sql_url, "0011")
    await migrate(sql_url)
    database = SqlDatabase(sql_url)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        found = [(await work.runs.get(run_id)).short for run_id in asked]
    await database.close()
    assert [one and one.budget for one in found] == list(reasons.values())


async def test_without_shared_limits_what_was_there_before_stays(sql_url: str) -> None:
    database = SqlDatabase(sql_url)
    limits = database.limits(SystemClock())
    await limits.pause("openai", "disabled", 900, "no such key")
    assert (await limits.take("openai:heron", 10, Rates(rpm=1), 0)).id
    await database.close()
    await schema.downgrade(sql_url, "0003")
    await migrate(sql_url)
    database = SqlDatabase(sql_url)
    limits = database.limits(SystemClock())
    assert await limits.paused() == []
    assert (await limits.take("openai:heron", 10, Rates(rpm=1), 0)).id
    await database.close()


async def test_a_version_stored_before_a_document_got_a_new_field_is_still_the_same(sql_url: str) -> None:
    database = SqlDatabase(sql_url)
    article = sample_article()
    for _ in range(2):
        async with database.unit_of_work(LOCAL_WORKSPACE) as work:
            await work.articles.add_version(article)
            await work.commit()
        async with database.transaction() as transaction:
            without = article.model_dump_json().replace(',"approve_outline":false', "")
            assert without != article.model_dump_json()
            change = tables.article_versions.update().values(document=without, fingerprint="of before")
            await transaction.write(change)
            await transaction.commit()
    with pytest.raises(Conflict):
        async with database.unit_of_work(LOCAL_WORKSPACE) as work:
            await work.articles.add_version(article.model_copy(update={"title": "Another"}))
    await database.close()


async def test_the_backup_of_an_older_version_comes_back_over_newer_tables_and_can_be_upgraded_again(
    postgres_url: str, tmp_path: Path
) -> None:
    """By the commands that deployments/README.md tells: tables that the backup does not know are gone."""
    await schema.downgrade(postgres_url, "0010")
    _run_as_told("pg_dump", postgres_url, tmp_path)
    await migrate(postgres_url)
    _run_as_told("pg_restore", postgres_url, tmp_path)
    assert await schema_state(postgres_url) == "old"
    await migrate(postgres_url)
    assert await schema_state(postgres_url) == "current"


def _run_as_told(program: str, url: str, folder: Path) -> None:
    """The command of the README for our database, without the container around it."""
    told = (ROOT / "deployments" / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(rf"(?m)^docker compose exec -T postgres ({program} .*aiwriter\.dump)$", told)
    parsed = urlsplit(url)
    command = re.sub(r"(?<=[ =])aiwriter(?= )", parsed.path[1:], command)
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        found = connection.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'").fetchone()
        told_by = connection.info
        where = {"PGHOST": told_by.host, "PGPORT": str(told_by.port), "PGPASSWORD": told_by.password}
    assert found is not None
    environment = where | {"PATH": f"{found[0]}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-c", command], env=environment, cwd=folder, check=True)


async def test_studies_of_topics_outlive_a_version_that_knows_no_checks_of_texts(sql_url: str) -> None:
    database = SqlDatabase(sql_url)
    topic = KeptStudy(topic="Ferries", brief=Brief(topic="Ferries"))
    check = topic.model_copy(update={"id": new_id(), "kind": StudyKind.TEXT})
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        for one in (topic, check):
            await work.studies.add(one)
        await work.commit()
    await database.close()
    await schema.downgrade(sql_url, "0014")
    await migrate(sql_url)
    database = SqlDatabase(sql_url)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert [one.id for one in (await work.studies.page(StudyFilter(), Paging())).items] == [topic.id]
        assert (await work.studies.get(topic.id)).kind is StudyKind.TOPIC
    await database.close()


class Compared(Document):
    """What one version kept beside the evidence of a run."""

    disagreements: tuple[Disagreement, ...] = ()
    notes: tuple[str, ...] = ()


async def test_what_was_kept_beside_the_evidence_of_a_run_is_part_of_it(sql_url: str) -> None:
    evidence, outline = sample_evidence(), Outline(title="Ferries", sections=())
    one, other = (item.passage.id for item in evidence.items[:2])
    told = Disagreement(
        one=one, one_sentence="4 hours.", one_says="4", other=other, other_sentence="6.", other_says="6"
    )
    found = Compared(disagreements=(told,), notes=("sources disagree: “4” where “6”",))
    whole = evidence.model_copy(update={"disagreements": (told,), "notes": (*evidence.notes, *found.notes)})
    kept: dict[str, tuple[Compared | None, Outline | None, Evidence | None]] = {
        "compared and found to disagree": (found, None, whole),
        "compared and found to agree": (Compared(), outline, evidence),
        "of a version that kept it together": (None, outline, evidence),
        "stopped before it was compared": (None, None, None),
    }
    database, asked = SqlDatabase(sql_url), {}
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        for case, (compared, planned, _) in kept.items():
            run = Run(brief=Brief(topic="Electric ferries"), model="offline:x", embedder="hashing:8")
            asked[case] = run.id
            await work.runs.add(run, b"secret")
            left = (Stage.EVIDENCE, "", evidence), (Stage.EVIDENCE, "compared", compared), (Stage.OUTLINE, "", planned)
            for stage, item, document in left:
                if document is not None:
                    await work.stages.put(run.id, stage, item, document, 0.1)
        await work.commit()
    await database.close()
    await schema.downgrade(sql_url, "0016")
    await migrate(sql_url)
    database = SqlDatabase(sql_url)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        for case, (_, _, expected) in kept.items():
            now = await work.stages.get(asked[case], Stage.EVIDENCE)
            assert (now and Evidence.model_validate_json(now)) == expected, case
            assert await work.stages.get(asked[case], Stage.EVIDENCE, "compared") is None
    await database.close()

"""Queries are planned by rule, or by a model whose plan is checked; a model that fails ends nothing."""

from __future__ import annotations

import pytest

from aiwriter.documents import ArticleKind, Brief, Stage
from aiwriter.errors import AccountRefused, BadReply, BudgetSpent, Conflict, RateLimited, Unavailable
from aiwriter.ids import new_id
from aiwriter.pipeline.queries import asked_of, planned, usable
from aiwriter.ports import QueriesReply, RunContext
from aiwriter.testing import ScriptedModel

CONTEXT = RunContext(new_id(), b"a secret of the run")
BRIEF = Brief(topic="Electric ferries of Norway", keywords=("batteries", "Ampere"))


def test_the_topic_comes_first_then_the_keywords_then_what_readers_ask() -> None:
    assert planned(BRIEF, 4) == [
        "Electric ferries of Norway",
        "Electric ferries of Norway batteries Ampere",
        "Electric ferries of Norway facts and figures",
        "Electric ferries of Norway how it works",
    ]
    assert planned(BRIEF, 1) == ["Electric ferries of Norway"]


def test_they_are_in_the_briefs_language_and_those_of_its_format() -> None:
    german = Brief(topic="Elektrische Fähren", language="de", format="how_to")
    assert planned(german, 3)[1] == "Elektrische Fähren Schritt für Schritt"
    finnish = Brief(topic="Sähkölautat", language="fi", keywords=("akku",))
    assert planned(finnish, 4) == ["Sähkölautat", "Sähkölautat akku"], "better few than in another language"


def test_keywords_that_the_topic_has_make_no_second_query() -> None:
    assert planned(Brief(topic="Ampere ferry", keywords=("ferry", "Ampere")), 2)[1] == "Ampere ferry facts and figures"


async def test_a_model_is_asked_once_and_its_queries_stand_behind_the_topic() -> None:
    said = QueriesReply(queries=["ferries battery capacity", "Norway ferries emissions", "electric ferries cost"])
    model = ScriptedModel([said])
    assert await asked_of(model, BRIEF, 4, CONTEXT) == ["Electric ferries of Norway", *said.queries]
    (request,) = model.requests
    assert (request.key.stage, request.key.item) == (Stage.RESEARCH, "queries")
    assert "Write 3 search queries in English" in request.prompt.text
    assert "$" not in request.prompt.text


@pytest.mark.parametrize(
    "query",
    [
        "ferries site:example.org",
        "https://example.org/ferries",
        "ferries example.com",
        'electric "ferries"',
        "ferries -sail",
        "ferries OR ships",
        "cheap watches",
        "electric ferries \x00",
        "electric ferries \ud800",
        "the best of the year",
        "",
        "electric ferries " + "and more words " * 6,
    ],
)
def test_what_cannot_be_asked_is_dropped(query: str) -> None:
    assert usable([query, "electric ferries today"], BRIEF) == ["electric ferries today"]


async def test_where_a_models_queries_are_too_few_the_planned_ones_fill_up() -> None:
    model = ScriptedModel([QueriesReply(queries=["buy watches", "Ferries of Norway?"])])
    assert await asked_of(model, BRIEF, 4, CONTEXT) == [
        "Electric ferries of Norway",
        "Ferries of Norway",
        "Electric ferries of Norway batteries Ampere",
        "Electric ferries of Norway facts and figures",
    ]


@pytest.mark.parametrize(
    "failure",
    [
        Unavailable("down"),
        RateLimited("wait"),
        AccountRefused("key"),
        BadReply("no JSON"),
        BudgetSpent("cap"),
        "Hello.",
    ],
    ids=lambda failure: type(failure).__name__,
)
async def test_a_model_that_fails_ends_nothing(failure: Exception | str) -> None:
    assert await asked_of(ScriptedModel([failure]), BRIEF, 4, CONTEXT) == planned(BRIEF, 4)


async def test_a_run_that_is_not_ours_any_more_is_no_failure_of_the_model() -> None:
    with pytest.raises(Conflict):
        await asked_of(ScriptedModel([Conflict("taken over")]), BRIEF, 4, CONTEXT)


async def test_the_offline_writer_is_not_asked() -> None:
    model = ScriptedModel(writes=ArticleKind.DIGEST)
    assert await asked_of(model, BRIEF, 4, CONTEXT) == planned(BRIEF, 4)
    assert model.requests == []

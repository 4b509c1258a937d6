import json
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import streamlit as st

from aiwriter.api.schemas import OrchestratorView
from aiwriter.documents import (
    Answered,
    ArticleKind,
    ArticleStatus,
    Dismissal,
    Draft,
    Finding,
    RunStatus,
    Severity,
    Stage,
    Support,
)
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.pipeline import finishing, formats
from aiwriter.ports import CallIntent, CallKey
from aiwriter.servers import free_port
from aiwriter.services import answered
from aiwriter.testing import HOSTILE, hostile_article, sample_article, sample_evidence, sound_article
from aiwriter.testing.launcher import switch_off
from aiwriter.testing.samples import sample_id
from dashboard import wording
from dashboard.components import article_parts, notices
from tests.dashboard.serving import OWNER, SECRET, serving, settings_for, until


def shelf(served):
    """Three articles: accepted, a digest that needs approval, refused."""
    return [
        served.store(),
        served.store(sample_article(ArticleKind.DIGEST)),
        served.store(sample_article(status=ArticleStatus.REFUSED, id=sample_id("refused"), title="Copper in 2031")),
    ]


# ── library ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_empty_library_says_what_to_do(served, visit):
    page = visit("library")
    assert "No article yet" in page.text
    assert "./" in page.links or "" in page.links


def test_the_library_lists_articles_with_their_standing(served, visit):
    articles = shelf(served)
    page = visit("library")
    assert "3 articles" in page.text
    assert {f"article?id={article.id}" for article in articles} <= set(page.links)
    assert "Needs approval" in page.text


def test_filters_narrow_the_list(served, visit):
    shelf(served)
    page = visit("library")
    page.app.multiselect(key="status").set_value(["refused"])
    page.run()
    assert "1 article" in page.text
    assert "Copper in 2031" in page.text
    page.app.slider(key="score").set_value(60)
    page.run()
    assert "No article is like that" in page.text


def test_a_search_says_which_way_found_what(served, visit):
    shelf(served)
    page = visit("library")
    page.app.text_input(key="q").input("electric ferries harbour battery")
    page.run()
    assert "best first" in page.text
    assert "found by its" in page.text


def test_a_search_says_when_it_could_look_for_words_only(sqlite_url, tmp_path, visit, monkeypatch):
    nowhere = f"chroma:127.0.0.1:{free_port()}"
    with serving(settings_for(tmp_path / "home", sqlite_url, vectors=nowhere)) as served:
        monkeypatch.setenv("AIWRITER_API__URL", served.url)
        monkeypatch.setenv("AIWRITER_API__KEY", SECRET)
        article = served.store()
        page = visit("library", q=article.title)
        assert "Only one way of searching could be used" in page.text
        assert "searched by words only" in page.text
        assert article.title in page.text
    st.cache_resource.clear()


def test_pages_of_the_library_are_turned(served, visit):
    first = sample_article()
    for number in range(21):
        at = first.created_at + timedelta(minutes=number)
        served.store(
            first.model_copy(update={"id": UUID(int=number + 1), "title": f"Ferry {number}", "created_at": at})
        )
    page = visit("library")
    assert "21 articles" in page.text
    assert len([link for link in page.links if link.startswith("article?")]) == 20
    page.app.get("pagination")[0].set_value(2)
    page.run()
    assert len([link for link in page.links if link.startswith("article?")]) == 1


# ── article ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_article_carries_the_evidence_of_each_sentence(served, visit):
    article = served.store()
    page = visit("article", id=article.id)
    reader = next(tree for tree in page.trees if "evidence" in tree)
    cited = [sentence for sentence in article.sentences if sentence.citations]
    assert {str(sentence.id) for sentence in cited} <= set(reader["evidence"])
    assert article.title in page.text


def test_a_refused_article_says_so_before_its_text(served, visit):
    article = shelf(served)[2]
    page = visit("article", id=article.id)
    assert "Refused: not for publication" in page.text
    assert "7 of 12 factual sentences" in page.text


@pytest.mark.parametrize(
    ("tab", "text"),
    [
        ("Quality", "Say what was measured at Vell, or take the sentence out."),
        ("Sources", "What each sentence rests on"),
        ("Edit", "One sentence a line"),
        ("Versions", "There is one version"),
    ],
)
def test_each_tab_has_its_contents(served, visit, tab, text):
    article = served.store()
    page = visit("article", id=article.id, tab=tab)
    assert text in page.text


def test_the_score_is_a_figure_of_its_parts_with_their_numbers_beside_it(served, visit):
    article = served.store()
    page = visit("article", id=article.id, tab="Quality")
    (figure,) = page.app.get("plotly_chart")
    won, lost = json.loads(figure.proto.spec)["data"]
    parts = sorted(article.quality.parts, key=lambda part: -part.weight)
    share = 100 / sum(part.weight for part in parts)
    assert won["y"] == [part.name.capitalize() for part in parts]
    for part, got, gone in zip(parts, won["x"], lost["x"], strict=True):
        assert (got, got + gone) == pytest.approx((part.weight * share * part.score / 100, part.weight * share))
    assert all(part.name.capitalize() in page.text for part in parts)
    assert lost["marker"]["pattern"]["shape"]  # told apart without its colour


def test_a_finding_is_dismissed_for_a_reason_and_stands_struck(served, visit):
    given = sample_article()
    draft = Draft(kind=given.kind, title=given.title, sections=given.sections)
    article = served.store(finishing.revise(given, draft, sample_evidence(), formats.load("blog_post")))
    page = visit("article", id=article.id, tab="Quality")
    page.app.text_input(key=f"dismiss-reason-{article.version}").input("Measured at Aske as well.")
    page.click("dismiss-it")
    assert "Dismissed by" in page.text
    assert "Measured at Aske as well." in visit("article", id=article.id, tab="Quality").text


@pytest.mark.parametrize("reason", ["", "no"])
def test_a_reason_that_says_nothing_is_refused_in_our_words(reason, served, visit):
    article = served.store()
    page = visit("article", id=article.id, tab="Quality")
    page.app.text_input(key="dismiss-reason-1").input(reason)
    page.click("dismiss-it")
    assert f"The reason has {len(reason)} characters" in page.text
    assert "why the finding does not hold" in page.text
    assert page.app.text_input(key="dismiss-reason-1").value == reason


def test_an_edit_that_leaves_no_text_is_refused_in_our_words(served, visit):
    article = served.store()
    page = visit("article", id=article.id, tab="Edit")
    page.app.text_area(key=f"edit-{article.id}-1").input("")
    page.click("save")
    assert "The edited text holds no sentence" in page.text
    assert "Put the text back" in page.text


def test_an_edit_with_an_open_error_is_not_called_accepted_anywhere(served, visit):
    article = served.store(sound_article())
    page = visit("article", id=article.id, tab="Edit")
    box = page.app.text_area(key=f"edit-{article.id}-1")
    box.input(box.value.replace("38 minutes", "58 minutes"))
    page.click("save")
    assert "Saved as version 2: 1 error is open" in page.text
    assert "Accepted" not in page.text
    assert "Needs mending" in page.text
    assert "58" in page.text.partition("1 error is open")[2]
    assert "dismiss a finding that does not hold" in page.text
    assert "1 error is open" in visit("article", id=article.id).text
    assert "Needs mending" in visit("library").text
    assert "Needs mending" in visit("article", id=article.id, tab="Versions").text.partition("Newest first")[2]


def test_the_quality_of_a_refused_article_begins_with_the_refusal_its_reasons_and_limits(served, visit):
    article = served.store(sample_article(status=ArticleStatus.REFUSED))
    text = visit("article", id=article.id, tab="Quality").text.partition("its run")[2]
    assert text.index("Refused") < text.index("1 in 10 is the limit") < text.index("of 100")


def test_what_is_dismissed_or_a_measure_is_not_counted_among_the_findings():
    finding = Finding(rule="length.short", severity=Severity.WARN, message="Too short.")
    word = Dismissal(finding="x", rule="length.short", message="Too short.", by="ada", reason="It is meant so.")
    gone = finding.model_copy(update={"dismissed": word, "id": "x"})
    measure = Finding(rule="readability.range", severity=Severity.INFO, message="Within the range.")
    given = sample_article()
    article = given.model_copy(
        update={"quality": given.quality.model_copy(update={"findings": (finding, gone, measure)})}
    )
    assert "1 finding, 1 dismissed, 1 measure" in str(article_parts.findings(article, str))


def test_findings_about_two_articles_of_ours_of_one_title_are_told_apart():
    given, ids = sample_article(), (UUID(int=1 << 100), UUID(int=2 << 100))
    told = [f"An article of ours says much the same: “Ferries” (archive://{one}/1)." for one in ids]
    found = [Finding(rule="originality.meaning", severity=Severity.WARN, message=message) for message in told]
    quality = given.quality.model_copy(update={"findings": tuple(found)})
    shown = str(article_parts.findings(given.model_copy(update={"quality": quality}), str))
    assert all(f"Open article {str(one)[:13]}" in shown for one in ids)


def test_what_a_person_vouches_for_is_not_called_supported(served, visit):
    given = sound_article()
    first = next(one for one in given.quality.sentences if one.support is Support.SUPPORTED)
    told = tuple(
        one.model_copy(update={"support": Support.VOUCHED}) if one == first else one for one in given.quality.sentences
    )
    quality = given.quality.model_copy(update={"sentences": told})
    page = visit("article", id=served.store(given.model_copy(update={"quality": quality})).id)
    assert "Vouched for by a person" in page.text
    assert "a person vouches for it" in page.text


def test_an_edit_is_checked_and_kept_as_a_new_version(served, visit):
    article = served.store()
    page = visit("article", id=article.id, tab="Edit")
    box = page.app.text_area(key=f"edit-{article.id}-1")
    assert "Not saved yet" not in page.text
    box.input(box.value.replace("A full charge takes 38 minutes.", "A full charge takes 38 minutes, no more."))
    page.go("library")
    page.go("article", id=article.id, tab="Edit")
    assert "no more." in page.app.text_area(key=f"edit-{article.id}-1").value  # not saved yet, and not lost
    assert "Not saved yet" in page.text
    assert f"[@{article.passages[0].id}]" in page.text
    page.click("save")
    assert "Saved as version 2" in page.text
    page = visit("article", id=article.id, tab="Versions")
    assert "no more." in page.text
    page.click("restore")
    assert "Saved as version 3" in page.text
    assert "no more." not in visit("article", id=article.id, tab="Read").text


def test_a_conflict_shows_both_texts_and_loses_neither(served, visit):
    article = served.store()
    mine, theirs = (visit("article", id=article.id, tab="Edit") for _ in range(2))
    for page, words in ((theirs, "theirs was first"), (mine, "mine comes late")):
        box = page.app.text_area(key=f"edit-{article.id}-1")
        box.input(box.value.replace("A full charge takes 38 minutes.", f"A full charge takes long, {words}."))
        page.click("save")
    assert "Version 2 was saved meanwhile" in mine.text
    assert "theirs was first" in mine.app.text_area(key="theirs").value
    assert "mine comes late" in mine.app.text_area(key=f"edit-{article.id}-1").value
    mine.click("mine")
    assert "Saved as version 3" in mine.text


def test_an_article_goes_after_its_name_was_typed(served, visit):
    article = served.store()
    page = visit("article", id=article.id, tab="Files")
    page.click("delete")
    page.app.button(key="delete").click()  # a dialog is a fragment; here each run is a whole one
    page.click("delete-yes")
    assert "nothing was deleted" in page.text
    page.app.button(key="delete").click()
    page.run()
    page.app.button(key="delete").click()
    page.app.text_input(key="delete-typed").input("delete")
    page.app.button(key="delete-yes").click()
    page.run()
    assert "No article yet" in visit("library").text


def test_an_article_that_is_gone_is_said_so(served, visit):
    page = visit("article", id=UUID(int=7))
    assert "no article" in page.text.lower()
    assert "library" in page.links
    assert "aiwriter" not in page.text  # who reads here has no command line


@pytest.mark.parametrize("tab", ["Read", "Quality", "Sources", "Versions"])
def test_hostile_texts_reach_no_element_that_reads_markdown(served, visit, tab):
    for number, text in enumerate(HOSTILE[:12]):
        article = served.store(hostile_article(text, id=UUID(int=number + 1), slug=f"s{number}"))
    page = visit("article", id=article.id, tab=tab)
    read_as_markdown = [element.value for kind in ("markdown", "caption", "title") for element in page.app.get(kind)]
    assert not any("evil" in str(text) or "alert" in str(text) for text in read_as_markdown)
    assert all(link.startswith(("http", "article", "library", "run", "./")) for link in page.links)


# ── runs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_runs_are_listed_and_filtered(served, visit):
    failed, _waiting = served.ask("Ferries"), served.ask("Batteries")
    worker = served.worker(failed.id)
    worker.start()
    worker.end(RunStatus.FAILED, "the model answered 503")
    page = visit("runs")
    assert "2 runs" in page.text
    assert "The model answered 503" in page.text
    page.app.multiselect(key="run-status").set_value(["failed"])
    page.run()
    assert "1 run" in page.text
    assert "Batteries" not in page.text


def test_what_calls_of_a_process_that_died_may_have_cost_is_a_bound_on_the_page_of_the_run(served, visit):
    run, journal = served.ask("Ferries"), served.tools.database.journal(LOCAL_WORKSPACE)
    key = CallKey(run.id, Stage.SECTIONS, "0")
    served.do(journal.begin(CallIntent("k", key, 1, "openai:m", "section", "h", Decimal("0.0176"))))
    served.do(journal.abandon(run.id))
    page = visit("run", id=run.id, part="Model calls")
    assert "$0.0176, of which at most $0.0176 in 1 unknown call" in page.text
    assert "at most $0.0176" in page.text.rpartition("unknown")[2]


def test_a_run_in_full_shows_times_events_and_brief(served, visit):
    run = served.ask("Ferries")
    worker = served.worker(run.id)
    worker.start()
    worker.stage(Stage.RESEARCH, seconds=2.0)
    worker.end(RunStatus.CANCELLED)
    assert "Seconds by stage" in visit("run", id=run.id, part="Time").text
    assert "run.finished" in visit("run", id=run.id, part="Events").text
    brief = visit("run", id=run.id, part="Brief").text
    assert [word for word in ("https://ferries.example/a", "Blog post", "English") if word not in brief] == []
    assert "No model was asked" in visit("run", id=run.id, part="Model calls").text


def test_what_had_answered_a_topic_and_why_a_person_must_look_stand_on_the_page_of_its_run(served, visit):
    article = served.store()
    run = served.ask(article.brief.topic)
    place = f"archive://{article.id}/1"
    before = Answered(
        article_id=article.id, version=1, title="Before", location=place, created_at=article.created_at, likeness=1
    )
    served.do(answered.note(served.tools.database, OWNER, {run.id: [before]}))
    worker = served.worker(run.id)
    worker.start()
    worker.end(RunStatus.DONE, f"It is that of “Before” ({place}).", article=article)
    page = visit("run", id=run.id)
    assert "it seemed to be answered already" in page.text
    assert "It is that of “Before”." in page.text
    assert "archive:" not in page.text + visit("runs").text
    assert "Carried by a command line" in " ".join(page.text.split())


def test_nothing_was_asked_for_yet(served, visit):
    assert "No run yet" in visit("runs").text


# ── analytics ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_figures_stand_beside_their_tables(served, visit):
    run = served.ask("Ferries")
    worker = served.worker(run.id)
    worker.start()
    worker.end(RunStatus.DONE, article=served.store())
    page = visit("analytics")
    assert "Articles a day, by format" in page.text
    assert "Support: generalised" in page.text
    assert len(page.app.get("plotly_chart")) == 3  # nothing was spent: no figure of costs


def test_the_figure_of_quality_shows_the_score_and_its_lowest_parts_and_costs_are_told_by_model(served, visit):
    run, journal = served.ask("Ferries"), served.tools.database.journal(LOCAL_WORKSPACE)
    key = CallKey(run.id, Stage.SECTIONS, "0")
    served.do(journal.begin(CallIntent("k", key, 1, "openai:m", "section", "h", Decimal("0.0176"))))
    served.do(journal.abandon(run.id))
    worker = served.worker(run.id)
    worker.start()
    article = served.store()
    worker.end(RunStatus.DONE, article=article)
    page = visit("analytics")
    figures = [json.loads(it.proto.spec)["data"] for it in page.app.get("plotly_chart")]
    lines = next([line["name"] for line in data] for data in figures if data[0].get("name") == "Score")
    lowest = sorted(article.quality.parts, key=lambda part: part.score)[:3]
    assert lines == ["Score", *(wording.part_name(part.name) for part in lowest)]
    assert ["offline:extractive"] in [[bar.get("name") for bar in data] for data in figures]  # as it is written
    assert "$0.0176 of which at most $0.0176 in 1 unknown call" in " ".join(page.text.split())


def test_a_period_without_runs_is_no_error(served, visit):
    page = visit("analytics")
    assert "No run ended in this period" in page.text
    assert "System" in page.text
    assert "Left alone" in page.text


def test_an_orchestrator_that_is_away_is_said_so(served, visit):
    page = visit("analytics")
    assert "does not answer" not in page.text
    switch_off(served.settings.home_folder)
    until(lambda: "The orchestrator does not answer" in page.run().text)
    assert "switched off by a test" in page.text


def test_an_orchestrator_without_a_worker_is_said_so():
    idle = notices.orchestrator(OrchestratorView(answers=True, workers=0))
    assert "No worker is there" in str(idle)
    assert notices.orchestrator(OrchestratorView(answers=True, workers=1)) is None


# ── when the API does not answer ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("page", ["", "library", "runs", "analytics"])
def test_without_the_api_a_page_says_what_is_wrong_and_what_helps(visit, monkeypatch, page):
    monkeypatch.setenv("AIWRITER_API__URL", "http://127.0.0.1:9")
    seen = visit(page).text
    assert "The API cannot be reached" in seen
    assert "http://127.0.0.1:9" in seen
    assert "goes on by itself" in seen


def test_a_wrong_key_is_named(served, visit, monkeypatch):
    monkeypatch.setenv("AIWRITER_API__KEY", "aw_wrong")
    assert "The dashboard's key may not do this" in visit("library").text


def test_an_api_that_answers_but_lacks_something_is_not_called_away(served, visit):
    article = sample_article()
    unreadable = article.brief.model_copy(update={"topic": "x" * 501})  # as after a change by another hand
    served.store(article.model_copy(update={"brief": unreadable}))
    page = visit("article", id=article.id)
    assert "Something that is needed does not answer" in page.text
    assert "cannot be read" in page.text
    assert page.app.title[0].value == "Article"

from decimal import Decimal
from uuid import UUID

import streamlit as st
from pydantic import SecretStr

from aiwriter.documents import RunStatus, Shortage, Stage
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import EVERY_DAY, Paging, RunFilter
from aiwriter.services import keys, runs
from aiwriter.testing.launcher import switch_off, switch_on
from tests.dashboard.serving import OWNER, SECRET, sample_outline, serving, settings_for, until


def filled(visit, topic="What the ferry carries", sources="https://ferries.example/a"):
    page = visit()
    page.app.text_area(key="topic").input(topic)
    page.app.text_area(key="sources").input(sources)
    return page.run()


def test_the_form_is_what_one_meets_first(served, visit):
    page = visit()
    assert page.app.title[0].value == "Write"
    assert page.app.selectbox(key="format").value == "blog_post"
    assert page.app.button(key="start").label == "Start writing"


def test_what_it_will_take_is_told_before_the_start(served, visit):
    told = " ".join(visit().text.split())
    assert "Will cost nothing" in told
    assert "It will be a digest" in told  # nobody chose a language model


def test_an_article_that_answers_the_topic_already_is_named_and_blocks_nothing(served, visit):
    article = served.store()
    page = filled(visit, topic=article.brief.topic)
    assert "This seems to be answered already" in page.text
    assert f"article?id={article.id}" in page.links
    assert "answered already" not in filled(visit, topic="Growing apples in Normandy").text


def test_start_asks_for_a_run_with_all_that_the_form_holds(served, visit, tmp_path):
    notes = tmp_path / "notes.md"
    notes.write_text("# Ferries")
    page = filled(visit, sources=f"https://ferries.example/a\n\n {notes} ")
    page.app.text_input(key="audience").input("harbour towns")
    page.app.text_input(key="keywords").input("ferry, battery")
    page.app.text_area(key="voice").input("You know, I rowed the old boat home at night. " * 40)
    page.app.toggle(key="approve").set_value(True)
    page.click("start")
    [found] = [UUID(link.partition("id=")[2]) for link in page.links if link.startswith("run?")]
    brief = served.do(_run(served, found)).brief
    assert brief.topic == "What the ferry carries"
    assert brief.sources == ("https://ferries.example/a", str(notes))
    assert (brief.voice.words, brief.voice.sentence_words) == (400, 10)
    assert (brief.audience, brief.keywords, brief.approve_outline) == ("harbour towns", ("ferry", "battery"), True)
    assert "What the ferry carries" in page.text


async def _run(served, run_id):
    async with served.tools.unit_of_work() as work:
        return await work.runs.get(run_id)


def test_a_model_that_is_left_alone_is_shown_so_before_the_start(sqlite_url, tmp_path, visit, monkeypatch):
    settings = settings_for(tmp_path / "home", sqlite_url).model_copy(
        update={"model": "openai:gpt-4.1-mini", "openai_api_key": SecretStr("sk-nobody")}
    )
    with serving(settings) as api:
        monkeypatch.setenv("AIWRITER_API__URL", api.url)
        monkeypatch.setenv("AIWRITER_API__KEY", SECRET)
        api.do(api.tools.limits.pause("openai", "disabled", 900, "no credit"))
        page = visit()
        assert "openai:gpt-4.1-mini cannot be used now" in page.text
        assert "no credit" in page.text
        assert page.app.button(key="ask-model")
        st.cache_resource.clear()
        st.cache_data.clear()


def test_what_is_missing_is_said_beside_start(served, visit):
    page = filled(visit, topic=" ", sources="").click("start")
    assert "Say what the article is to be about." in page.text
    assert "Name at least one source" in page.text
    assert "run" not in page.app.query_params


def test_what_the_api_does_not_accept_is_said_with_its_reason(served, visit):
    page = filled(visit, sources="/no/such/notes.md").click("start")
    assert "/no/such/notes.md" in page.text
    assert "run" not in page.app.query_params


def test_the_length_goes_with_the_format(served, visit):
    page = visit()
    page.app.selectbox(key="format").set_value("news_report")
    page.run()
    assert page.app.number_input(key="words-news_report").value == 500


def test_what_the_chosen_format_demands_is_told_with_its_limits(served, visit):
    page = visit()
    assert "Sentences of at most 40 words" in page.text
    page.app.selectbox(key="format").set_value("how_to")
    page.run()
    assert "Sentences of at most 32 words" in page.text


def test_another_visitor_finds_the_run_again(served, visit):
    run = served.ask("Ferries of the north")
    assert f"?run={run.id}" in visit().links
    assert "Ferries of the north" in visit(run=run.id).text


def test_a_run_is_seen_as_it_goes_on(served, visit):
    run = served.ask()
    page = visit(run=run.id)
    assert "In line" in page.text
    worker = served.worker(run.id)
    worker.start()
    worker.stage(Stage.RESEARCH, seconds=2.0)
    worker.tell("stage.started", stage=Stage.SECTIONS, item="0")
    worker.write(0, "Quieter", "On the car deck the noise fell.")
    page.run()
    assert "On the car deck the noise fell." in page.text
    assert "Reading the sources" in page.text
    assert "2.0 s" in page.text


def test_a_run_in_line_says_why_it_waits_while_the_orchestrator_is_away(served, visit):
    run = served.ask()
    page = visit(run=run.id)
    assert "orchestrator does not answer" not in page.text
    switch_off(served.settings.home_folder)
    until(lambda: "The orchestrator does not answer" in page.run().text)
    assert "starts as soon as it is back" in page.text
    assert page.text.index("does not answer") < page.text.index("Reading the sources")  # what matters stands first
    switch_on(served.settings.home_folder)
    until(lambda: "orchestrator does not answer" not in page.run().text)


def test_a_run_that_is_done_leads_to_its_article(served, visit):
    run = served.ask()
    article = served.store()
    worker = served.worker(run.id)
    worker.start()
    worker.end(RunStatus.DONE, article=article)
    page = visit(run=run.id)
    assert "The article is ready" in page.text
    assert f"article?id={article.id}" in page.links


def test_a_refusal_gives_its_reasons(served, visit):
    run = served.ask()
    worker = served.worker(run.id)
    worker.start()
    worker.end(RunStatus.REFUSED, "None of the sources mentions copper.")
    assert "None of the sources mentions copper." in visit(run=run.id).text


def test_a_failed_run_is_resumed(served, visit):
    run = served.ask()
    worker = served.worker(run.id)
    worker.start()
    worker.end(RunStatus.FAILED, "the model answered 503")
    page = visit(run=run.id)
    assert "The model answered 503" in page.text
    page.click("resume")
    assert served.do(_run(served, run.id)).status is RunStatus.QUEUED


def refused_by(served, budget, needs="0.25", **asked):
    run = served.ask(**asked)
    worker = served.worker(run.id)
    worker.start()
    short = Shortage(budget=budget, needs_usd=Decimal(needs))
    worker.end(RunStatus.REFUSED, "The next call would cost more than is left.", short=short)
    return run


def test_a_run_refused_for_its_own_budget_goes_on_with_a_larger_one(served, visit):
    run = refused_by(served, "run", budget_usd=Decimal("0.10"))
    page = visit(run=run.id)
    assert "Its own budget has no room for it" in page.text
    assert "Add sources" not in page.text
    assert page.app.number_input(key="more-budget").value == 0.25  # what it has cost and what it needs
    page.app.number_input(key="more-budget").set_value(0.35)
    page.run().click("resume")
    resumed = served.do(_run(served, run.id))
    assert (resumed.status, resumed.budget_usd) == (RunStatus.QUEUED, Decimal("0.35"))


def test_a_run_refused_by_the_cap_of_the_day_says_what_is_left_where_it_is_set_and_goes_on_when_it_was(served, visit):
    served.do(served.tools.database.budgets(LOCAL_WORKSPACE).set_cap("day", EVERY_DAY, Decimal("0.20")))
    run = refused_by(served, "day", budget_usd=Decimal(1))
    page = visit(run=run.id)
    assert "may spend $0.20, of which $0.20 is left" in page.text
    assert "budgets?budget=day" in page.links
    assert not [one for one in page.app.number_input if one.key == "more-budget"]
    assert "is left" in page.click("resume").text
    assert served.do(_run(served, run.id)).status is RunStatus.REFUSED
    budgets = visit("budgets", budget="day")
    assert not budgets.app.button(key="no-cap").disabled
    budgets.app.number_input(key="cap").set_value(0.30)
    assert "$0.30" in budgets.run().click("set-cap").text
    budgets.app.selectbox(key="budget-of").select("workspace")
    assert budgets.run().app.button(key="no-cap").disabled  # it has no cap that could be taken away
    visit(run=run.id).click("resume")
    assert served.do(_run(served, run.id)).status is RunStatus.QUEUED


def test_a_key_that_may_set_no_cap_is_told_what_does(served, visit, monkeypatch):
    made = served.do(keys.add(served.tools.database, OWNER, "editor", ("read", "write")))
    monkeypatch.setenv("AIWRITER_API__KEY", made.secret)
    page = visit("budgets", budget="day")
    page.app.number_input(key="cap").set_value(0.5)
    told = page.run().click("set-cap").text
    assert "may not set budgets" in told
    assert "aiwriter budgets set day 0.5" in told


def test_what_was_refused_is_asked_again_with_changes(served, visit):
    run = served.ask("What copper cost in 2031", model="openai:x", words=600, audience="miners", approve_outline=True)
    worker = served.worker(run.id)
    worker.start()
    worker.end(RunStatus.REFUSED, "No source mentions copper.")
    assert f"?again={run.id}" in visit("", run=run.id).links
    page = visit("", again=run.id)
    assert "Correct what is named here" in page.text  # there is no key for this model
    form = page.app
    assert (form.text_area(key="topic").value, form.text_area(key="sources").value) == (
        "What copper cost in 2031",
        "https://ferries.example/a",
    )
    assert (form.number_input(key="words-blog_post").value, form.text_input(key="audience").value) == (600, "miners")
    assert form.toggle(key="approve").value
    assert form.session_state["model"] == "openai:x"


def test_a_run_that_the_sources_refused_offers_no_budget(served, visit):
    run = served.ask(budget_usd=Decimal("0.10"))
    worker = served.worker(run.id)
    worker.start()
    worker.end(RunStatus.REFUSED, "None of the sources mentions copper.")
    page = visit(run=run.id)
    assert "Add sources" in page.text
    assert not [one for one in page.app.button if one.key == "resume"]


def test_an_article_asked_for_again_because_no_answer_came_is_one_run(served, visit):
    served.lose_answer("/generate/content")
    page = filled(visit)
    page.click("start")
    assert not [link for link in page.links if link.startswith("run?")]
    page.click("start")
    assert [link for link in page.links if link.startswith("run?")]
    found = served.do(runs.page(served.tools.database, OWNER, RunFilter(), Paging()))
    assert found.total == 1


def test_cancelling_asks_once_more(served, visit):
    run = served.ask()
    page = visit(run=run.id).click("cancel")
    assert served.do(_run(served, run.id)).status is RunStatus.QUEUED
    page.app.button(key="cancel").click()  # a dialog is a fragment; here each run is a whole one
    page.click("cancel-yes")
    assert served.do(_run(served, run.id)).status is RunStatus.CANCELLED
    assert "The run was cancelled" in page.text


def waiting(served):
    run = served.ask(approve_outline=True)
    worker = served.worker(run.id)
    worker.start()
    worker.leave_outline(sample_outline())
    return run


def test_an_outline_is_renamed_reordered_shortened_and_approved(served, visit):
    run = waiting(served)
    page = visit(run=run.id)
    assert "Nothing is written before you approve it" in page.text
    page.app.text_input(key=f"outline-title-{run.id}").input("Quiet ships")
    page.app.text_input(key=f"outline-heading-{run.id}-2").input("What a crossing costs")
    page.run()
    page.click("outline-up-2")
    page.click("outline-drop-1")
    page.click("approve-outline")
    view = served.do(_approved(served, run.id))
    assert view.title == "Quiet ships"
    assert [section.heading for section in view.sections] == ["", "What a crossing costs"]
    assert served.do(_run(served, run.id)).status is RunStatus.QUEUED


async def _approved(served, run_id):
    from aiwriter.documents import Outline

    async with served.tools.unit_of_work() as work:
        return Outline.model_validate_json(await work.stages.get(run_id, Stage.OUTLINE, "approved"))


def test_a_dropped_section_can_be_put_back(served, visit):
    run = waiting(served)
    page = visit(run=run.id).click("outline-drop-1")
    assert len([box for box in page.app.text_input if box.label.startswith("Heading")]) == 2
    page.click("outline-back")
    assert len([box for box in page.app.text_input if box.label.startswith("Heading")]) == 3


def test_a_run_that_does_not_exist_is_said_so(served, visit):
    page = visit(run=UUID(int=1))
    assert "no run" in page.text.lower()

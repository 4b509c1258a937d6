"""Research: a topic is looked into, followed, read with its figures, written from and removed."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from aiwriter.documents import Brief, Disagreement, RunStatus, Stage
from aiwriter.errors import Refused
from aiwriter.ports import Paging, StudyFilter
from aiwriter.services import studies
from aiwriter.testing.launcher import switch_off
from tests.dashboard.serving import OWNER


@pytest.fixture
def brief(tmp_path):
    told = {
        "report.md": "date: 2024-03-01\n---\n# Report\n\nThe ferry of Ostrel carries 140 cars a night.\n",
        "news.md": "date: 2025-03-01\n---\n# News\n\nWhy <b>electric</b>? Islanders like the ferry of Ostrel.\n",
    }
    files = [tmp_path / name for name in told]
    for file in files:
        file.write_text(f"---\n{told[file.name]}", encoding="utf-8")
    limits = {"since": date(2024, 1, 1), "domains": ("example.org",), "without_domains": ("example.com",)}
    return Brief(topic="The ferry of Ostrel", sources=tuple(map(str, files)), keywords=("cars",), **limits)


def asked(served, brief):
    return served.do(studies.ask(served.tools.database, OWNER, brief))


def carried(served, brief):
    study = asked(served, brief)
    return served.do(studies.carry(served.tools.database, OWNER, study.id, served.tools.desk()))


def test_a_topic_is_handed_on_with_all_that_the_form_holds_and_followed(served, visit, brief):
    page = visit("research")
    assert "Nothing was looked into yet" in page.text
    page.click("research-start")
    assert "Say what to look into." in page.text
    page.app.text_area(key="research-topic").input(brief.topic)
    page.app.text_area(key="research-sources").input("\n".join(brief.sources))
    page.app.text_input(key="research-keywords").input("cars")
    page.app.date_input(key="research-since").set_value(brief.since)
    page.app.text_input(key="research-domains").input("example.org")
    page.app.text_input(key="research-without-domains").input("example.com")
    page.click("research-start")
    study_id = UUID(page.app.query_params["id"])
    assert served.do(studies.get(served.tools.database, OWNER, study_id)).brief == brief
    assert "Waiting for a worker" in page.text

    async def reading():
        async with served.tools.unit_of_work() as work:
            long_ago = served.tools.clock.now() - timedelta(minutes=11)
            assert await work.studies.claim(study_id, "elsewhere|1|x", 3600, long_ago)
            assert await work.studies.tell(study_id, "elsewhere|1|x", long_ago, Stage.RESEARCH, 1, 2)
            await work.commit()

    served.do(reading())
    page.run()
    assert "Reading the sources, 1 of 2" in page.text
    assert "No sign of life" in page.text
    page.click("study-cancel")
    assert "The study was cancelled" in page.text


def test_a_source_that_cannot_be_used_is_named_as_the_form_has_it(served, visit):
    page = visit("research")
    page.app.text_area(key="research-topic").input("咖啡")
    page.app.text_area(key="research-sources").input("https://example.org/\nnotes/interview.md")
    page.click("research-start")
    assert "Source 2, “notes/interview.md”: the path" in page.text
    assert "Give the full path" in page.text
    assert "API" not in page.text


def test_what_was_found_is_shown_written_from_and_removed(served, visit, brief):
    done = carried(served, brief)
    page = visit("research", id=done.id)
    assert "The ferry of Ostrel carries 140 cars a night." in page.text
    assert len(page.app.get("plotly_chart")) == 3
    assert f"?study={done.id}" in page.links

    written = visit("", study=done.id)
    assert written.app.text_area(key="topic").value == brief.topic
    assert written.app.text_area(key="sources").value.splitlines() == list(brief.sources)
    assert written.app.date_input(key="since").value == brief.since
    assert written.app.text_input(key="domains").value == "example.org"
    written.app.text_input(key="without-domains").input("example.com, example.net")
    written.click("start")
    (run,) = served.do(_runs(served))
    assert run.brief.without_domains == ("example.com", "example.net")

    assert brief.topic in visit("research").text
    assert "No study has these words" in visit("research", q="lighthouse").text
    page.click("study-remove")
    assert "Nothing was looked into yet" in page.text


async def _runs(served):
    async with served.tools.unit_of_work() as work:
        return await work.runs.latest()


def test_both_sides_of_a_disagreement_stand_beside_each_other(served, visit, brief):
    done = carried(served, brief)
    one, other = done.study.evidence.items[0].passage, done.study.evidence.items[-1].passage
    against = Disagreement(
        one=one.id,
        one_sentence="It has 120 cars.",
        one_says="120",
        other=other.id,
        other_sentence="140!",
        other_says="140",
    )
    evidence = done.study.evidence.model_copy(update={"disagreements": (against,)})

    async def kept():
        study = done.model_copy(update={"study": done.study.model_copy(update={"evidence": evidence})})
        async with served.tools.unit_of_work() as work:
            await work.studies.remove(done.id)
            await work.studies.add(study)
            await work.commit()

    served.do(kept())
    assert "It has  120  cars." in visit("research", id=done.id).text


def test_a_refusal_says_why(served, visit, brief):
    study = asked(served, brief)

    async def refused():
        async with studies.in_hand(served.tools.database, OWNER, study.id, served.tools.clock):
            raise Refused("the sources say nothing about it")

    with pytest.raises(Refused):
        served.do(refused())
    page = visit("research", id=study.id)
    assert "the sources say nothing about it" in page.text
    assert served.do(studies.get(served.tools.database, OWNER, study.id)).status == RunStatus.REFUSED


def test_what_no_worker_can_be_told_waits(served, visit, brief):
    switch_off(served.settings.home_folder)
    page = visit("research")
    page.app.text_area(key="research-topic").input(brief.topic)
    page.app.text_area(key="research-sources").input(brief.sources[0])
    page.click("research-start")
    assert "Waiting for a worker" in page.text


def test_a_list_that_words_make_shorter_is_shown_from_its_beginning(served, visit, brief):
    for number in range(21):
        asked(served, brief.model_copy(update={"topic": f"Ferry {number}"}))
    page = visit("research")
    assert "21 studies" in page.text
    page.app.get("pagination")[0].set_value(2)
    page.run()
    assert "Ferry 0" in page.text
    assert "Ferry 20" not in page.text
    page.app.text_input(key="studies-q").input("Ferry 20")
    page.run()
    assert "1 study" in page.text
    assert "Ferry 20" in page.text


def test_a_topic_asked_for_again_because_no_answer_came_is_looked_into_once(served, visit, brief):
    served.lose_answer("/research")
    page = visit("research")
    page.app.text_area(key="research-topic").input(brief.topic)
    page.app.text_area(key="research-sources").input("\n".join(brief.sources))
    page.click("research-start")
    assert "id" not in page.app.query_params
    page.click("research-start")
    assert "id" in page.app.query_params
    found = served.do(studies.page(served.tools.database, OWNER, StudyFilter(), Paging()))
    assert found.total == 1

"""Check: a text is pasted or uploaded with its sources, followed, read with its evidence, asked again and removed."""

from __future__ import annotations

from uuid import UUID

import pytest

from aiwriter.documents import Brief, CheckAsked, GivenSource, KeptStudy, RunStatus, Stage, StudyKind
from aiwriter.errors import Refused
from aiwriter.ports import Paging, StudyFilter
from aiwriter.services import studies
from aiwriter.testing import Text, pdf_of
from aiwriter.testing.launcher import switch_off
from tests.dashboard.serving import OWNER

SOURCE = GivenSource(name="crew.txt", text="The ferry carries 132 passengers. She sails at nine knots.")
PDF = pdf_of([[Text(72, 700, "The ferry carries 132 passengers."), Text(72, 680, "Six cooks sail with her.")]])
TEXT = "# The ferry of Torvick\n\nThe ferry carries 132 passengers. She sails at ninety knots. Gulls follow her.\n"


def carried(served, check_id):
    return served.do(studies.carry(served.tools.database, OWNER, check_id, served.tools.desk()))


def checked(served, text=TEXT, *given, carry=True):
    asked = CheckAsked(name="text", text=text, given=given or (SOURCE,))
    check = KeptStudy(kind=StudyKind.TEXT, topic="The ferry of Torvick", brief=Brief(topic="Ferry"), asked=asked)

    async def kept():
        async with served.tools.unit_of_work() as work:
            await work.studies.add(check)
            await work.commit()

    served.do(kept())
    if carry:
        carried(served, check.id)
    return check.id


def asked_of(served, check_id):
    return served.do(studies.get(served.tools.database, OWNER, check_id))


def test_a_pasted_text_is_handed_on_with_all_that_the_form_holds_and_followed(served, visit):
    page = visit("check")
    assert "Nothing was checked yet" in page.text
    page.click("check-start")
    assert "Paste or upload the text that is to be checked." in page.text
    assert "Give at least one source" in page.text
    page.app.text_area(key="check-text").input(TEXT)
    page.app.text_input(key="check-name-0").input("crew list")
    page.app.text_area(key="check-source-0").input(SOURCE.text)
    page.click("check-more")
    page.app.text_area(key="check-source-1").input("Gulls follow the ferry.")
    page.app.text_area(key="check-sources").input("https://ferries.example/a")
    page.app.selectbox(key="check-language").select("en")
    page.app.text_input(key="check-domains").input("ferries.example")
    page.click("check-start")
    kept = asked_of(served, UUID(page.app.query_params["id"]))
    assert (kept.asked.text, kept.asked.language) == (TEXT, "en")
    assert [(one.name, one.text) for one in kept.asked.given] == [
        ("crew list", SOURCE.text),
        ("Source 2", "Gulls follow the ferry."),
    ]
    assert (kept.brief.sources, kept.brief.domains) == (("https://ferries.example/a",), ("ferries.example",))
    assert "Waiting for a worker" in page.text

    async def reading():
        async with served.tools.unit_of_work() as work:
            now = served.tools.clock.now()
            assert await work.studies.claim(kept.id, "elsewhere|1|x", 3600, now)
            assert await work.studies.tell(kept.id, "elsewhere|1|x", now, Stage.RESEARCH, 1, 3)
            await work.commit()

    served.do(reading())
    page.run()
    assert "Reading the sources, 1 of 3" in page.text
    page.click("check-cancel")
    assert "The check was cancelled" in page.text


def test_a_check_asked_for_again_because_no_answer_came_is_one_and_the_same_text_later_is_another(served, visit):
    def kept():
        wanted = StudyFilter(kind=[StudyKind.TEXT])
        return served.do(studies.page(served.tools.database, OWNER, wanted, Paging())).total

    served.lose_answer("/checks")
    page = visit("check")
    page.click("check-example")
    page.click("check-start")
    assert "id" not in page.app.query_params
    page.click("check-start")
    assert "id" in page.app.query_params
    assert kept() == 1
    page = visit("check")
    page.click("check-example")
    page.click("check-start")
    assert kept() == 2


def test_the_example_can_be_checked_at_once_and_shows_what_is_wrong_in_it(served, visit):
    page = visit("check")
    page.click("check-example")
    page.click("check-start")
    check_id = UUID(page.app.query_params["id"])
    carried(served, check_id)
    page.run()
    assert "The quiet ship" in page.text
    outcomes = {one.outcome for one in asked_of(served, check_id).checked.result.sentences}
    assert outcomes >= {"supported", "unsupported", "not_judged"}


def test_uploads_count_as_what_was_pasted_and_those_that_are_no_text_are_named(served, visit):
    page = visit("check")
    page.app.file_uploader(key="check-upload").set_value(("odd.txt", b"\xff\xfe\x00", "text/plain"))
    page.run()
    page.click("check-start")
    assert "“odd.txt” cannot be read as text" in page.text
    drafted = visit("check")
    drafted.app.file_uploader(key="check-upload").set_value(("draft.pdf", PDF, "application/pdf"))
    drafted.app.text_area(key="check-source-0").input(SOURCE.text)
    drafted.click("check-start")
    assert "Six cooks" in asked_of(served, UUID(drafted.app.query_params["id"])).asked.text
    page.app.file_uploader(key="check-upload").set_value(("draft.md", b"\xef\xbb\xbf" + TEXT.encode(), "text/markdown"))
    good = ("crew.txt", SOURCE.text.encode(), "text/plain")
    page.app.file_uploader(key="check-files").set_value([good, good, ("a.pdf", PDF, "application/pdf")])
    page.run()
    page.click("check-start")
    kept = asked_of(served, UUID(page.app.query_params["id"]))
    assert (kept.asked.name, kept.asked.text) == ("draft.md", TEXT)
    assert [one.name for one in kept.asked.given] == ["crew.txt", "crew (2).txt", "a.pdf"]
    carried(served, kept.id)
    page.run()
    assert "Supported" in page.text
    again = visit("check", again=kept.id)
    assert again.app.multiselect(key="check-before").value == ["crew.txt", "crew (2).txt", "a.pdf"]
    again.click("check-start")
    assert asked_of(served, UUID(again.app.query_params["id"])).asked.given == kept.asked.given


def test_a_source_that_cannot_be_used_is_named_as_the_form_has_it(served, visit):
    page = visit("check")
    page.app.text_area(key="check-text").input("Nine ferries.")
    page.app.text_area(key="check-sources").input("https://example.org/\nnotes/interview.md")
    page.click("check-start")
    assert "Source 2, “notes/interview.md”: the path" in page.text
    page.app.text_area(key="check-sources").input("https://example.org/")
    page.app.text_area(key="check-text").input("```\ncode\n```")
    page.click("check-start")
    assert "the text holds no sentence" in page.text
    assert "API" not in page.text


def test_more_than_a_request_holds_is_refused_with_a_word_about_it(served, visit):
    page = visit("check")
    page.click("check-example")
    big = [(f"{number}.txt", b"Nine ferries. " * 100_000, "text/plain") for number in range(2)]
    page.app.file_uploader(key="check-files").set_value(big)
    page.run()
    page.click("check-start")
    assert "All together it is 3.7 MB; one check may hold 2.0 MB." in page.text


def test_what_was_found_is_shown_with_its_evidence_asked_again_and_removed(served, visit):
    check_id = checked(served)
    page = visit("check", id=check_id)
    assert "It should be revised" in page.text or "Refused" in page.text
    assert len(page.app.get("plotly_chart")) == 1
    reader = next(tree for tree in page.trees if "evidence" in tree)
    assert len(reader["evidence"]) == 2
    assert "1?" not in page.text
    assert "Not judged" in page.text
    assert "states nothing that can be compared" in page.text

    findings = visit("check", id=check_id, tab="Findings")
    assert "support.number" in findings.text
    assert any(f"id={check_id}&tab=Text&sentence=" in link for link in findings.links)
    assert "crew.txt" in visit("check", id=check_id, tab="Sources").text

    again = visit("check", again=check_id)
    assert again.app.text_area(key="check-text").value == TEXT
    assert again.app.text_area(key="check-source-0").value == SOURCE.text
    assert again.app.text_input(key="check-name-0").value == SOURCE.name

    assert "1 of 2 judged sentences supported" in visit("check").text
    assert "No check has these words" in visit("check", q="lighthouse").text
    page.click("check-remove")
    assert "Nothing was checked yet" in page.text


def test_a_text_of_which_nothing_was_judged_does_not_pass(served, visit):
    page = visit("check", id=checked(served, "Gulls follow her."))
    assert "Nothing was judged" in page.text
    assert "Give a text with sentences that state figures" in page.text


def test_a_check_without_a_usable_source_says_why(served, visit):
    check_id = checked(served, TEXT, GivenSource(name="empty.txt", text="–"), carry=False)
    with pytest.raises(Refused):
        carried(served, check_id)
    page = visit("check", id=check_id)
    assert asked_of(served, check_id).status is RunStatus.REFUSED
    assert "Nothing could be checked" in page.text
    assert "empty.txt" in page.text
    assert f"check?again={check_id}" in page.links


def test_what_no_worker_can_be_told_waits(served, visit):
    switch_off(served.settings.home_folder)
    page = visit("check")
    page.click("check-example")
    page.click("check-start")
    assert "Waiting for a worker" in page.text

"""Texts and claims are checked through the API: stored, carried out, reported, asked again and removed."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from aiwriter.api.client import CheckRequest, ClaimToCheck, InvalidRequest
from aiwriter.documents import GivenSource, RunStatus, Support
from aiwriter.errors import BadInput, Conflict, Forbidden, NotFound
from aiwriter.ids import new_id
from aiwriter.ports import Paging, Principal, StudyFilter
from aiwriter.publishing import provenance_json
from aiwriter.services import keys, studies
from aiwriter.testing import Text, launcher, pdf_of, sample_article
from tests.api.harness import OWNER, Api, running, settings_for, until

SOURCE = GivenSource(name="crew list.txt", text="The ferry carries 132 passengers. She sails at nine knots.")
TEXT = "# The ferry of Torvick\n\nThe ferry carries 132 passengers. She sails at ninety knots. Gulls follow her.\n"
SECRET = "sk-" + "proj-abcdEFGH1234567890abcdEFGH1234567890abcd"


def asked(text: str = TEXT, **more: Any) -> CheckRequest:
    return CheckRequest(**{"text": text, "name": "ferry.md", "given": (SOURCE,), **more})


async def done(api: Api, request: CheckRequest) -> Any:
    """The check, carried out as a worker does."""
    async with api.client() as client:
        accepted = await client.start_check(request)
        await studies.carry(api.tools.database, OWNER, accepted.check_id, api.tools.desk())
        return await client.check(accepted.check_id)


async def test_from_a_text_to_its_report(api: Api) -> None:
    async with api.client() as client:
        accepted = await client.start_check(asked())
        assert accepted.href == f"/api/v1/checks/{accepted.check_id}"
        await until(lambda: _submitted(api, accepted.check_id))
        for early in (client.check_report(accepted.check_id), client.checked_text(accepted.check_id)):
            with pytest.raises(Conflict, match="queued"):
                await early
        assert (await client.check(accepted.check_id)).result is None

        await studies.carry(api.tools.database, OWNER, accepted.check_id, api.tools.desk())
        found = await client.check(accepted.check_id)
        assert (found.status, found.judged, found.supported, found.sources) == (RunStatus.DONE, 2, 1, 1)
        result = found.result
        assert result is not None
        assert result.counts == {"supported": 1, "unsupported": 1, "not_judged": 1}
        right, wrong, plain = result.sentences
        assert [one.rule for one in wrong.findings] == ["support.number"]
        assert (plain.outcome, plain.probability) == ("not_judged", None)
        assert {*right.passages, *wrong.passages} == {one.id for one in result.evidence}
        assert {(one.source, one.location) for one in result.evidence} == {("crew list.txt", "crew list.txt")}
        report = await client.check_report(accepted.check_id)
        assert report.name == f"check-{accepted.check_id}.html"
        assert "ninety knots" in report.data.decode()
        text = await client.checked_text(accepted.check_id)
        assert [section.heading for section in text.sections] == [""]
        assert text.title == "The ferry of Torvick"


async def _submitted(api: Api, check_id: Any) -> bool:
    return launcher.submissions(api.settings.home_folder) == [("study", check_id, 0)]


async def test_the_answer_is_what_the_command_prints(sqlite_api: Api, tmp_path: Path, capfd: Any) -> None:
    from aiwriter.commands import checking

    (tmp_path / "ferry.md").write_text(TEXT, encoding="utf-8")
    source = tmp_path / SOURCE.name
    source.write_text(SOURCE.text, encoding="utf-8")
    code = await checking.check(sqlite_api.tools, tmp_path / "ferry.md", [str(source)], as_json=True)
    printed = json.loads(capfd.readouterr().out)
    found = (await done(sqlite_api, asked(given=(), sources=(str(source),)))).result.model_dump(mode="json")
    assert (code, printed.pop("file")) == (1, str(tmp_path / "ferry.md"))
    assert printed == found


async def test_checks_and_studies_are_lists_of_their_own(sqlite_api: Api, brief) -> None:
    async with sqlite_api.client() as client:
        check, study = await client.start_check(asked()), await client.start_research(brief)
        assert [one.id for one in (await client.checks(StudyFilter(words="TORVICK"), Paging(limit=5))).items] == [
            check.check_id
        ]
        assert [one.id for one in (await client.studies()).items] == [study.study_id]
        for strange in (
            client.study(check.check_id),
            client.cancel_study(check.check_id),
            client.remove_study(check.check_id),
            client.check(study.study_id),
            client.remove_check(study.study_id),
        ):
            with pytest.raises(NotFound, match="there is no"):
                await strange


async def test_what_was_asked_can_be_asked_again_cancelled_and_removed(sqlite_api: Api) -> None:
    request = asked(language="en", sources=("https://ferries.example/a",), domains=("ferries.example",))
    async with sqlite_api.client() as client:
        accepted = await client.start_check(request)
        assert await client.check_asked(accepted.check_id) == request
        assert (await client.cancel_check(accepted.check_id)).status is RunStatus.CANCELLED
        with pytest.raises(Conflict, match="has ended already"):
            await client.cancel_check(accepted.check_id)
        await client.remove_check(accepted.check_id)
        for gone in (client.check(accepted.check_id), client.check_asked(accepted.check_id)):
            with pytest.raises(NotFound, match="no check"):
                await gone


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"given": ()}, "sources"),
        ({"sources": ("https://ferries.example/a", "/no/such/file.md")}, "sources.1"),
        ({"sources": ("webb:ferries",)}, "sources.0"),
        ({"given": (SOURCE, SOURCE)}, "given.1.name"),
        ({"language": "klingon"}, "language"),
        ({"text": "```\ncode alone\n```"}, "text"),
        ({"text": '{"document": "article", "article": {}}'}, "text"),
    ],
)
async def test_what_cannot_be_used_is_named_and_nothing_is_kept(
    sqlite_api: Api, more: dict[str, Any], field: str
) -> None:
    async with sqlite_api.client() as client:
        with pytest.raises(InvalidRequest) as refused:
            await client.start_check(lambda: asked(**more))
        assert [one.field for one in refused.value.fields] == [field]
        assert (await client.checks()).total == 0


async def test_a_key_reads_no_file_that_a_brief_could_not_name(sqlite_url: str, tmp_path: Path) -> None:
    folder, outside = tmp_path / "sources", tmp_path / "secret.md"
    folder.mkdir()
    outside.write_text("The ferry carries 132 passengers.")
    (folder / "notes.md").write_text("The ferry carries 132 passengers.")
    settings = settings_for(tmp_path / "home", sqlite_url, sources={"folders": [str(folder)]})
    async with running(settings) as api, api.client() as client:
        await client.start_check(asked(given=(), sources=("notes.md",)))
        for place in (str(outside), "../secret.md"):
            with pytest.raises(InvalidRequest, match="sources"):
                await client.start_check(asked(given=(), sources=(place,)))
        named = asked(given=(GivenSource(name=str(outside), text="Gulls follow the ferry."),))
        accepted = await client.start_check(named)
        await studies.carry(api.tools.database, OWNER, accepted.check_id, api.tools.desk())
        result = (await client.check(accepted.check_id)).result
        assert result is not None
        assert not any("132" in one.text for one in result.evidence)


async def test_a_text_without_a_usable_source_is_not_judged_but_refused(sqlite_api: Api) -> None:
    async with sqlite_api.client() as client:
        accepted = await client.start_check(asked(given=(GivenSource(name="empty.md", text="![](a.png)"),)))
        with pytest.raises(Exception, match="nothing was checked"):
            await studies.carry(sqlite_api.tools.database, OWNER, accepted.check_id, sqlite_api.tools.desk())
        ended = await client.check(accepted.check_id)
        assert (ended.status, ended.result) == (RunStatus.REFUSED, None)
        assert "empty.md" in (ended.reason or "")


async def test_secrets_of_a_text_are_legible_nowhere_but_where_it_is_asked_for_again(sqlite_api: Api) -> None:
    text = f"The ferry carries 132 passengers. The key is {SECRET}."
    check = await done(sqlite_api, asked(text))
    async with sqlite_api.client() as client:
        shown = [(await client.check_report(check.id)).data.decode(), (await client.checked_text(check.id)).title]
        assert check.result.verdict == "refuse"
        assert SECRET[8:20] not in "".join([*shown, check.model_dump_json()])


async def test_secrets_of_a_source_are_legible_nowhere(sqlite_api: Api) -> None:
    told = f"# The key {SECRET}\n\n## Under {SECRET}\n\nThe ferry carries 132 passengers and {SECRET}."
    check = await done(sqlite_api, asked(given=(GivenSource(name="crew.md", text=told),)))
    assert check.result.counts["supported"] == 1
    async with sqlite_api.client() as client:
        report, text = await client.check_report(check.id), await client.checked_text(check.id)
    assert SECRET[8:20] not in report.data.decode() + text.model_dump_json() + check.model_dump_json()


async def test_the_text_of_a_file_is_checked_and_asked_again_as_text(sqlite_api: Api) -> None:
    pdf = pdf_of([[Text(72, 700, "The ferry carries 132 passengers.")]])
    async with sqlite_api.client() as client:
        check = await done(sqlite_api, asked("", data=b64encode(pdf), name="draft.pdf"))
        assert (check.supported, check.judged) == (1, 1)
        again = await client.check_asked(check.id)
        assert (again.text, again.data) == ("The ferry carries 132 passengers.", None)
        for name, data in (("draft.md", pdf), ("draft.docx", b"PK broken"), ("empty.pdf", pdf_of([[]]))):
            with pytest.raises(InvalidRequest) as refused:
                await client.start_check(asked("", data=b64encode(data), name=name))
            assert [one.field for one in refused.value.fields] == ["data"]
        for both in ({"text": " "}, {"data": b64encode(pdf)}):
            with pytest.raises(InvalidRequest, match="give either"):
                await client.start_check(lambda both=both: asked(**both))


async def test_an_exported_article_is_checked_by_its_own_citations(sqlite_api: Api) -> None:
    check = await done(sqlite_api, asked(provenance_json.render(sample_article())))
    assert check.title == sample_article().brief.topic
    assert any("not among the given sources" in note for note in check.result.notes)


async def test_the_same_request_with_a_key_is_one_check(sqlite_api: Api) -> None:
    async with sqlite_api.client() as client:
        answers = await asyncio.gather(*(client.start_check(asked(), idempotency_key="once") for _ in range(4)))
        assert len({one.check_id for one in answers}) == 1
        with pytest.raises(BadInput, match="another request"):
            await client.start_check(asked(name="other.md"), idempotency_key="once")


async def test_claims_are_answered_at_once_in_their_order(api: Api) -> None:
    claims = [
        ClaimToCheck(id="right", claim="The ferry carries 132 passengers.", sources=(SOURCE.text,)),
        ClaimToCheck(id=2, claim="The ferry carries 312 passengers.", sources=(SOURCE.text,)),
        ClaimToCheck(id=3, claim="The ferry carries 132 passengers.", sources=()),
    ]
    async with api.client() as client:
        found = await client.check_claims(claims)
        outcomes = [(one.id, one.outcome) for one in found.items]
        assert outcomes == [("right", Support.SUPPORTED), (2, Support.UNSUPPORTED), (3, Support.UNSUPPORTED)]
        assert found.items[1].findings[0].rule == "support.number"
        assert found.counts == {"supported": 1, "unsupported": 2}
        assert "by words alone" in (found.note or "")  # the embedder of tests knows no meaning
        with pytest.raises(InvalidRequest, match="language"):
            await client.check_claims([claims[0].model_copy(update={"language": "klingon"})])
        for sources, count in ((("9 " * 10_001,), 1), (("9 " * 6_000,), 17)):
            with pytest.raises(InvalidRequest, match="characters"):
                await client.check_claims([claims[0].model_construct(id=1, claim="a", sources=sources)] * count)
        for number in (0, 65):
            with pytest.raises(InvalidRequest, match="claims"):
                await client.check_claims(claims[:1] * number)
        assert (await client.checks()).total == 0


async def test_who_may_only_read_checks_claims_and_starts_nothing(sqlite_api: Api) -> None:
    tools = sqlite_api.tools
    made = await keys.add(tools.database, OWNER, "reader", ("read",), None, tools.clock.now())
    async with sqlite_api.client(made.secret) as client:
        for attempt in (client.start_check(asked()), client.remove_check(new_id()), client.cancel_check(new_id())):
            with pytest.raises(Forbidden):
                await attempt
        assert (await client.checks()).total == 0
        assert (await client.check_claims([ClaimToCheck(id=1, claim="Nine knots.", sources=("Nine knots.",))])).items


async def test_a_check_of_another_workspace_is_not_there(sqlite_api: Api) -> None:
    check = await done(sqlite_api, asked())
    elsewhere = new_id()
    await sqlite_api.tools.database.add_workspace(elsewhere, "elsewhere")
    stranger = await keys.add(sqlite_api.tools.database, Principal("stranger", elsewhere), "stranger")
    async with sqlite_api.client(stranger.secret) as client:
        assert (await client.checks()).total == 0
        for look in (client.check, client.checked_text, client.check_asked, client.check_report, client.remove_check):
            with pytest.raises(NotFound):
                await look(check.id)


async def test_a_text_that_is_too_long_is_refused(sqlite_api: Api) -> None:
    async with sqlite_api.client() as client:
        with pytest.raises(InvalidRequest, match="text"):
            await client.start_check(lambda: asked("A ferry. " * 40_000))
    async with sqlite_api.http("") as http:
        assert (await http.post("/checks", json={"text": "x" * 3_000_000})).status_code in (401, 413)

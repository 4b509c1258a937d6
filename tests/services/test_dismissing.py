"""A person dismisses a finding for a reason: it stays in the record and counts no more."""

from __future__ import annotations

from collections import Counter

import pytest

from aiwriter import embeddings
from aiwriter.documents import Article, Dismissal, Draft, Finding, Run, RunStatus, Severity, Support
from aiwriter.errors import BadInput, Forbidden, NotFound
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.pipeline import checking, editable, finishing, formats, quality
from aiwriter.ports import Principal
from aiwriter.publishing import RENDERERS, FilesPublisher
from aiwriter.services import analytics, articles, dismissing
from aiwriter.services.editing import save
from aiwriter.storage.blobs import FsspecBlobStore
from aiwriter.testing import MemoryDatabase, sample_article, sample_brief, sample_evidence, sound_article
from aiwriter.testing.vectors import MemoryVectorIndex

WHO = Principal("ada", LOCAL_WORKSPACE)
EMBEDDER = embeddings.create("hashing:64")
REASON = "The harbour master confirmed it by telephone."


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase()


@pytest.fixture
async def article(database, means) -> Article:
    """The sample, judged by the real checks and stored."""
    given = sample_article()
    draft = Draft(kind=given.kind, title=given.title, description=given.description, sections=given.sections)
    judged = finishing.revise(given, draft, sample_evidence(), formats.load("blog_post"))
    await articles.store(database, WHO, judged, *means)
    return judged


@pytest.fixture
def means(tmp_path):
    return FilesPublisher(FsspecBlobStore(str(tmp_path))), MemoryVectorIndex(), EMBEDDER


@pytest.fixture
def dismissed(database, means):
    async def dismiss(article, finding, reason=REASON, who=WHO):
        return await dismissing.dismiss(database, who, article, finding, reason, *means)

    return dismiss


def of_a_sentence(article: Article):
    """One that stands alone on its sentence."""
    found = [f for f in article.quality.findings if f.sentence_id and f.severity is not Severity.INFO]
    each = Counter(f.sentence_id for f in found)
    return next(f for f in found if each[f.sentence_id] == 1)


async def test_it_makes_a_new_version_that_is_judged_without_it_and_tells_who_and_why(dismissed, article):
    finding = of_a_sentence(article)
    judged = await dismissed(article, finding.id)
    word = next(one.dismissed for one in judged.quality.findings if one.id == finding.id)
    assert (judged.version, word.by, word.reason, judged.dismissals) == (article.version + 1, "ada", REASON, (word,))
    assert judged.quality.score > article.quality.score
    assert [form for form in ("json", "html", "md", "report") if REASON not in RENDERERS[form](judged)] == []
    assert "~~ ada" in RENDERERS["md"](judged)


async def test_dismissing_everything_leaves_no_reason_and_full_support(dismissed, article):
    for finding in (one for one in article.quality.findings if not one.is_measure):
        article = await dismissed(article, finding.id)
    assert {v.support for v in article.quality.sentences} <= {Support.SUPPORTED, Support.VOUCHED, Support.NOT_NEEDED}
    assert next(part.score for part in article.quality.parts if part.name == "support") == 100


async def test_a_sentence_that_a_person_vouches_for_is_never_called_supported(dismissed, article):
    sentence, judged = await vouched(article, dismissed)
    kept = {verdict.sentence_id: verdict.support for verdict in judged.quality.sentences}
    assert kept[sentence.id] is Support.VOUCHED


async def test_a_dismissed_citation_that_leads_nowhere_is_vouched_for_and_not_supported():
    given = sound_article()
    cited = next(sentence for sentence in given.sentences if sentence.citations)
    bad = cited.model_copy(update={"citations": (*cited.citations, "f" * 16)})
    draft = checking.draft_of(given).model_copy(update={"sections": swapped(given.sections, cited, bad)})
    fmt = formats.load("blog_post")
    found = quality.judge(draft, sample_evidence(), given.brief, fmt).findings
    words = [
        Dismissal(finding=one.id, rule=one.rule, message=one.message, by="ada", reason=REASON)
        for one in found
        if one.sentence_id == bad.id
    ]
    report = quality.judge(draft, sample_evidence(), given.brief, fmt, dismissals=words)
    assert words
    assert next(one.support for one in report.sentences if one.sentence_id == bad.id) is Support.VOUCHED


async def test_readers_are_told_that_a_person_vouches_and_not_who_or_why(dismissed, article):
    sentence, judged = await vouched(article, dismissed)
    out = finishing.for_readers(judged)
    line = next(row for row in RENDERERS["md"](out).splitlines() if sentence.text in row)
    assert "*(vouched for by a person)*" in line.partition(sentence.text)[2]
    assert "†</span>" in RENDERERS["html"](out)
    for form in ("md", "html"):
        assert "a person vouches for it" in RENDERERS[form](out)
        assert REASON not in RENDERERS[form](out)
    assert '"vouched"' in RENDERERS["json"](out)


async def vouched(article, dismiss):
    """A sentence of which every finding is dismissed, and the article with it."""
    key = of_a_sentence(article).sentence_id
    for finding in (one for one in article.quality.findings if one.sentence_id == key):
        article = await dismiss(article, finding.id)
    return next(one for one in article.sentences if one.id == key), article


def swapped(sections, old, new):
    def of(section):
        paragraphs = (
            one.model_copy(update={"sentences": tuple(new if s.id == old.id else s for s in one.sentences)})
            for one in section.paragraphs
        )
        return section.model_copy(update={"paragraphs": tuple(paragraphs)})

    return tuple(map(of, sections))


async def test_what_is_dismissed_is_not_counted_among_the_findings_of_its_run(database, means):
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        run = Run(brief=sample_brief(), model="offline:x", embedder=EMBEDDER.name)
        await work.runs.add(run, "a fence")
        await work.commit()
    given = sample_article()
    draft = Draft(kind=given.kind, title=given.title, description=given.description, sections=given.sections)
    judged = finishing.revise(given, draft, sample_evidence(), formats.load("blog_post"))
    told = judged.provenance.model_copy(update={"run_id": run.id})
    measure = Finding(rule="readability.range", severity=Severity.INFO, message="LIX is 40, within the 25 to 60.")
    whole = judged.quality.model_copy(update={"findings": (measure, *judged.quality.findings)})
    article = judged.model_copy(update={"version": 1, "provenance": told, "quality": whole})
    await articles.store(database, WHO, article, *means)
    before = await analytics.record_run(database, WHO, run.id, RunStatus.DONE, article)
    finding = of_a_sentence(article)
    assert "readability.range" not in before.findings_by_rule
    await dismissing.dismiss(database, WHO, article, finding.id, REASON, *means)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        after = (await work.facts.get(run.id)).findings_by_rule
    assert after.get(finding.rule, 0) == before.findings_by_rule[finding.rule] - 1
    assert sum(after.values()) == sum(before.findings_by_rule.values()) - 1


async def test_it_outlives_an_edit_of_another_sentence_and_ends_with_its_own(database, means, dismissed, article):
    finding = of_a_sentence(article)
    judged = await dismissed(article, finding.id)
    own = next(s for s in judged.sentences if s.id == finding.sentence_id)
    other = next(s for s in reversed(judged.sentences) if s.id != own.id)
    text = editable.to_editable(judged)
    kept = await save(database, WHO, judged, text.replace(other.text, "Another sentence stands here."), *means)
    assert [f.dismissed.by for f in kept.quality.findings if f.id == finding.id] == ["ada"]
    text = editable.to_editable(kept).replace(own.text, own.text[:-1] + " now.")
    changed = await save(database, WHO, kept, text, *means)
    assert not any(f.dismissed for f in changed.quality.findings)
    assert changed.dismissals == judged.dismissals


async def test_who_may_only_read_dismisses_nothing(dismissed, article):
    reader = Principal("reader", LOCAL_WORKSPACE, frozenset({"read"}))
    with pytest.raises(Forbidden):
        await dismissed(article, article.quality.findings[0].id, who=reader)


async def test_an_unknown_finding_and_a_reason_that_says_nothing_are_refused(dismissed, article):
    with pytest.raises(NotFound):
        await dismissed(article, "f" * 16)
    with pytest.raises(BadInput):
        await dismissed(article, article.quality.findings[0].id, reason="  .")


async def test_what_is_dismissed_already_makes_no_version(dismissed, article):
    finding = of_a_sentence(article)
    once = await dismissed(article, finding.id)
    assert await dismissed(once, finding.id) == once


async def test_another_reason_for_what_is_dismissed_is_not_dropped_in_silence(dismissed, article):
    finding = of_a_sentence(article)
    once = await dismissed(article, finding.id)
    with pytest.raises(BadInput, match=f"by ada on .*: “{REASON}”"):
        await dismissed(once, finding.id, "Another one.")


async def test_a_measure_that_is_as_it_should_be_is_no_finding_to_be_dismissed(dismissed, article):
    measure = Finding(rule="readability.range", severity=Severity.INFO, message="LIX is 40, within the 25 to 60.")
    report = article.quality.model_copy(update={"findings": (measure, *article.quality.findings)})
    with pytest.raises(BadInput, match="nothing is wrong with it"):
        await dismissed(article.model_copy(update={"quality": report}), measure.id)

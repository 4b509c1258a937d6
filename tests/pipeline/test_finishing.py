"""Finishing: unsupported sentences go, the rest is judged again, and the article can be shown."""

from __future__ import annotations

from uuid import UUID

import pytest

from aiwriter.documents import (
    Article,
    ArticleKind,
    ArticleStatus,
    Dismissal,
    Draft,
    Evidence,
    Neighbour,
    Paragraph,
    ParagraphKind,
    Sentence,
    Support,
    Verdict,
)
from aiwriter.documents.concealing import concealed_article
from aiwriter.pipeline import finishing, formats, heading, quality
from aiwriter.pipeline.checking import draft_of
from aiwriter.publishing import RENDERERS
from aiwriter.testing import sample_article, sample_brief, sample_draft, sample_evidence

FORMAT = formats.load("blog_post")
SECRET = "AKIA" + "IOSFODNN7EXAMPLQ"  # in two pieces: none stands in a commit
KEY = UUID(int=7)
LIE = "The two battery ships of Kestrel Sound Ferries made 99,999 crossings in the year."


def finish(draft: Draft, words: int = 300) -> Article:
    brief = sample_brief().model_copy(update={"words": words})
    report = quality.judge(draft, sample_evidence(), brief, FORMAT)
    provenance = sample_article().provenance
    created = sample_article().created_at
    return finishing.finish(draft, sample_evidence(), report, brief, provenance, FORMAT, stamp=(KEY, created))


def with_lie(draft: Draft) -> Draft:
    section = draft.sections[1]
    paragraph = section.paragraphs[0]
    lie = Sentence(id=UUID(int=1), text=LIE, citations=paragraph.sentences[-1].citations)
    changed = paragraph.model_copy(update={"sentences": (*paragraph.sentences, lie)})
    section = section.model_copy(update={"paragraphs": (changed, *section.paragraphs[1:])})
    return draft.model_copy(update={"sections": (draft.sections[0], section, *draft.sections[2:])})


def test_an_unsupported_sentence_is_taken_out_kept_and_explained():
    article = finish(with_lie(sample_draft()))
    assert LIE in [sentence.text for sentence in article.removed]
    assert LIE not in [sentence.text for sentence in article.sentences]
    assert any(LIE in note and "99,999" in note for note in article.notes)
    assert all(verdict.support is not Support.UNSUPPORTED for verdict in article.quality.sentences)


def test_an_article_of_which_much_had_to_be_taken_out_wants_a_person():
    strict = FORMAT.model_copy(update={"thresholds": FORMAT.thresholds.model_copy(update={"removed_max": 0.0})})
    draft, brief = with_lie(sample_draft()), sample_brief().model_copy(update={"words": 300})
    report = quality.judge(draft, sample_evidence(), brief, strict)
    few, many = (
        finishing.finish(draft, sample_evidence(), report, brief, sample_article().provenance, one)
        for one in (FORMAT, strict)
    )
    assert many.status is ArticleStatus.NEEDS_APPROVAL
    assert "had to be taken out" in many.quality.reasons[-1]
    assert not any("taken out" in reason for reason in few.quality.reasons)


def test_an_article_of_which_much_is_quoted_wants_a_person_and_is_not_refused_for_copying():
    draft, titles = sample_draft(), sample_evidence().origins
    first = draft.sections[1]
    copies = [
        Sentence(id=UUID(int=n + 1), text=item.passage.text, citations=(item.passage.id,))
        for n, item in enumerate(sample_evidence().items[:5])
    ]
    source = titles[copies[0].citations[0]]
    quote = Paragraph(kind=ParagraphKind.QUOTE, sentences=tuple(copies), attribution=source)
    text = quote.model_copy(update={"kind": ParagraphKind.TEXT, "attribution": None})
    plain, quoted = (
        finish(
            draft.model_copy(
                update={"sections": (first.model_copy(update={"paragraphs": (one,)}), *draft.sections[2:])}
            )
        )
        for one in (text, quote)
    )
    assert plain.status is ArticleStatus.REFUSED
    assert quoted.status is ArticleStatus.NEEDS_APPROVAL
    assert "of the words are quoted from sources" in quoted.quality.reasons[-1]


def with_key(draft: Draft) -> Draft:
    section = draft.sections[1]
    paragraph = section.paragraphs[0]
    told = Sentence(
        id=UUID(int=2), text=f"The administrator key is {SECRET}.", citations=paragraph.sentences[-1].citations
    )
    changed = paragraph.model_copy(update={"sentences": (*paragraph.sentences, told)})
    section = section.model_copy(update={"paragraphs": (changed, *section.paragraphs[1:])})
    described = f"The key of the ferries in Ostrel is {SECRET}, and no other one opens them."
    sections = (draft.sections[0], section, *draft.sections[2:])
    return draft.model_copy(update={"sections": sections, "description": described})


def test_a_secret_that_a_model_wrote_stands_nowhere_in_the_refused_article_and_is_still_what_refuses_it():
    article = finish(with_key(sample_draft()))
    whole = article.model_dump_json()
    assert article.status is ArticleStatus.REFUSED
    assert SECRET not in whole
    assert SECRET[:8] not in whole
    assert any("AKI•••••••••••••••••" in sentence.text for sentence in article.sentences)
    messages = [finding.message for finding in article.quality.findings if finding.rule == "private.secret"]
    assert "This looks like an AWS access key: AKI… (20 characters)." in messages
    again = quality.judge(draft_of(article), sample_evidence(), sample_brief(), FORMAT)
    assert again.verdict is Verdict.REFUSE


def test_a_secret_that_a_person_types_is_kept_for_him_to_take_out_and_no_finding_repeats_it():
    article = finishing.revise(finish(sample_draft()), with_key(sample_draft()), sample_evidence(), FORMAT)
    assert any(SECRET in sentence.text for sentence in article.sentences)
    assert SECRET not in article.quality.model_dump_json()
    assert SECRET not in concealed_article(article).model_dump_json()


def test_a_false_description_gives_way_to_a_supported_sentence_and_a_note_says_so():
    false = sample_draft().model_copy(update={"description": "On the car deck the noise fell from 71 to 68 decibels."})
    article = finish(false)
    supported = {one.sentence_id for one in article.quality.sentences if one.support is Support.SUPPORTED}
    assert article.description in [one.text for one in article.sentences if one.id in supported]
    assert any("description" in note for note in article.notes)
    assert not any("In the description" in finding.message for finding in article.quality.findings)
    assert finish(sample_draft()).description == sample_draft().description


@pytest.mark.parametrize(
    "title", ["Kestrel Sound Ferries killed 400 people in 2031", "Kestrel Sound Ferries and its thieving captains"]
)
def test_a_title_that_the_text_does_not_bear_gives_way_to_what_was_asked_for(title):
    article = finish(sample_draft().model_copy(update={"title": title}))
    assert article.title == sample_brief().topic
    assert not any(one.rule.startswith("head.") for one in article.quality.findings)
    assert any(title in note for note in article.notes)


@pytest.mark.parametrize("said", ["The captain murdered 12 keepers", "The company stole the money"])
def test_a_heading_that_the_text_does_not_bear_gives_way_to_one_of_the_sources(said):
    sound = sample_draft()
    first, second, *others = sound.sections
    false = second.model_copy(update={"heading": said})
    article = finish(sound.model_copy(update={"sections": (first, false, *others)}))
    made = [one.heading for one in article.sections]
    evidence = sample_evidence()
    told = {one for item in evidence.items for one in item.passage.headings} | {one.title for one in evidence.sources}
    assert made[1] in told
    assert len(set(made)) == len(made)
    assert not any(one.rule.startswith("head.") for one in article.quality.findings)


def test_a_heading_for_which_nothing_fits_is_an_error_that_the_gate_holds():
    sound = sample_draft()
    last = sound.sections[-1]
    silent = [one.model_copy(update={"citations": ()}) for one in last.sentences]
    paragraph = last.paragraphs[0].model_copy(update={"sentences": tuple(silent)})
    asked = sample_brief().model_copy(update={"topic": "Elgar murdered 12 keepers"})
    false = last.model_copy(update={"heading": "Elgar murdered 12 keepers", "paragraphs": (paragraph,)})
    draft = sound.model_copy(update={"title": "Ferries", "sections": (*sound.sections[:-1], false)})
    report = quality.judge(draft, sample_evidence(), asked, FORMAT)
    kept, _ = heading.headed(draft, sample_evidence(), report, asked, FORMAT)
    assert kept.sections[-1].heading == "Elgar murdered 12 keepers"
    assert report.verdict is not Verdict.PASS


def test_a_person_s_own_title_that_certainly_does_not_fit_is_an_error_and_stays():
    article = finish(sample_draft())
    title = "Kestrel Sound Ferries killed 400 people in 2031"
    edited = Draft(kind=article.kind, title=title, description=article.description, sections=article.sections)
    revised = finishing.revise(article, edited, sample_evidence(), FORMAT)
    assert (revised.title, revised.status) == (title, ArticleStatus.NEEDS_APPROVAL)
    assert [one.rule for one in revised.quality.findings if one.is_open_error] == ["head.untrue"]


def test_an_uncited_sentence_that_a_person_adds_is_named_and_stays():
    article = finish(sample_draft())
    section, *others = article.sections
    added = Paragraph(sentences=(Sentence(id=KEY, text="The captain drinks too much and beats the crew."),))
    edited = section.model_copy(update={"paragraphs": (*section.paragraphs, added)})
    draft = Draft(kind=article.kind, title=article.title, sections=(edited, *others))
    revised = finishing.revise(article, draft, sample_evidence(), FORMAT)
    assert KEY in [sentence.id for sentence in revised.sentences]
    assert [one.rule for one in revised.quality.findings if one.sentence_id == KEY] == ["support.uncited"]


def test_finishing_again_gives_the_same_article():
    assert finish(with_lie(sample_draft())) == finish(with_lie(sample_draft()))


def test_sources_and_passages_are_those_cited_in_order_of_first_citation():
    article = finish(sample_draft())
    keys = list(dict.fromkeys(key for sentence in article.sentences for key in sentence.citations))
    assert [passage.id for passage in article.passages] == keys
    order = list(dict.fromkeys(passage.source_hash for passage in article.passages))
    assert [source.content_hash for source in article.sources] == order


def test_a_digest_needs_a_person_however_good_it_is():
    article = finish(sample_draft(ArticleKind.DIGEST), words=200)
    assert (article.quality.verdict, article.status) == (Verdict.PASS, ArticleStatus.NEEDS_APPROVAL)


def test_an_article_of_sources_that_may_not_be_about_its_topic_needs_a_person():
    article = sample_article()
    passed = article.quality.model_copy(update={"verdict": Verdict.PASS})
    doubtful = sample_evidence().model_copy(update={"notes": (f"{Evidence.LITTLE}no source is clearly about it",)})
    found = [
        finishing.finish(sample_draft(), evidence, passed, article.brief, article.provenance, FORMAT).status
        for evidence in (sample_evidence(), doubtful)
    ]
    assert found == [ArticleStatus.ACCEPTED, ArticleStatus.NEEDS_APPROVAL]


def test_a_refused_draft_is_kept_whole_with_its_reasons():
    draft = sample_draft()
    strangers = tuple(
        section.model_copy(
            update={
                "paragraphs": tuple(
                    p.model_copy(
                        update={
                            "sentences": tuple(s.model_copy(update={"citations": ("f" * 16,)}) for s in p.sentences)
                        }
                    )
                    for p in section.paragraphs
                )
            }
        )
        for section in draft.sections
    )
    article = finish(draft.model_copy(update={"sections": strangers}))
    assert article.status is ArticleStatus.REFUSED
    assert article.quality.reasons
    assert (article.removed, article.sentences) == ((), tuple(s for section in strangers for s in section.sentences))


def test_a_section_left_without_sentences_goes_too():
    draft = sample_draft()
    lie = Sentence(text=LIE, citations=draft.sentences[1].citations)
    extra = draft.sections[1].model_copy(
        update={
            "heading": "Only lies",
            "paragraphs": (draft.sections[1].paragraphs[0].model_copy(update={"sentences": (lie,)}),),
        }
    )
    article = finish(draft.model_copy(update={"sections": (*draft.sections, extra)}))
    assert "Only lies" not in [section.heading for section in article.sections]


def test_a_revision_by_a_person_is_judged_and_nothing_is_taken_out():
    article = finish(sample_draft())
    edited = with_lie(Draft(kind=article.kind, title="New title", sections=article.sections))
    revised = finishing.revise(article, edited, sample_evidence(), FORMAT)
    assert (revised.id, revised.version, revised.title, revised.slug) == (article.id, 2, "New title", article.slug)
    assert revised.provenance.author == "human"
    assert LIE in [sentence.text for sentence in revised.sentences]
    bad = [v.sentence_id for v in revised.quality.sentences if v.support is Support.UNSUPPORTED]
    assert UUID(int=1) in bad


def test_readers_are_not_told_of_other_articles_of_ours():
    place = "archive://01a21946-cb9a-771f-a344-b4bb52101127/1"
    other = Neighbour(
        article_id=KEY,
        version=1,
        title="Kept back",
        location=place,
        created_at=sample_article().created_at,
        wording=0.6,
    )
    draft = sample_draft().model_copy(update={"neighbours": (other,)})
    report = quality.judge(draft, sample_evidence(), sample_brief(), FORMAT)
    assert place in report.model_dump_json()
    sent = finishing.for_readers(sample_article(quality=report))
    assert place not in sent.model_dump_json()
    assert [one.rule for one in sent.quality.findings] == [
        one.rule for one in report.findings if one.rule != "originality.archive"
    ]


def test_readers_are_not_told_what_was_dismissed_by_whom_and_why():
    article = sample_article()
    first, *others = article.quality.findings
    word = Dismissal(finding=first.id, rule=first.rule, message=first.message, by="ada", reason="Measured anew.")
    findings = (first.model_copy(update={"dismissed": word}), *others)
    report = article.quality.model_copy(update={"findings": findings})
    sent = finishing.for_readers(article.model_copy(update={"quality": report, "dismissals": (word,)}))
    assert (sent.quality.findings, sent.dismissals) == (tuple(others), ())
    assert [form for form, render in RENDERERS.items() if "Measured anew." in render(sent)] == []

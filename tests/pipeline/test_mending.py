"""Mending makes failing sentences right, one for one, and touches no others; what a model says of them is checked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from aiwriter.documents import (
    ArticleKind,
    Disagreement,
    Draft,
    Evidence,
    EvidenceItem,
    MendedSection,
    Paragraph,
    ParagraphKind,
    Passage,
    Rewrite,
    Section,
    SectionPlan,
    Sentence,
    SentenceVerdict,
    Stage,
    Support,
)
from aiwriter.errors import BadReply, BudgetSpent, Unavailable
from aiwriter.ids import LOCAL_WORKSPACE, content_hash, new_id, passage_id
from aiwriter.pipeline import formats, mending, quality
from aiwriter.pipeline.quality import meaning
from aiwriter.pipeline.second_opinion import ModelChecker
from aiwriter.pipeline.workbench import Bench, Means
from aiwriter.ports import CheckedClaim, CheckReply, MendedSentence, MendReply, RunContext, WordEmbedder
from aiwriter.resilience.layers import wrap
from aiwriter.testing import (
    ManualClock,
    MemoryDatabase,
    ScriptedChecker,
    ScriptedModel,
    sample_brief,
    sample_draft,
    sample_evidence,
)
from aiwriter.testing.scripted import Scripted
from aiwriter.testing.strange_words import StrangeWords

BRIEF, EVIDENCE, FORMAT = sample_brief(), sample_evidence(), formats.load("blog_post")
CONTEXT = RunContext(new_id(), b"a secret of the run")
PASSAGES = {n: item.passage for n, item in enumerate(EVIDENCE.items)}
FLEET, CROSSINGS, ENERGY = (PASSAGES[n].id for n in range(3))
GOOD = Sentence(
    text="At the end of 2025, two of the nine ships of the fleet sailed on batteries alone.", citations=(FLEET,)
)
WRONG = Sentence(text="The electric ships made 23,900 crossings in the year.", citations=(CROSSINGS,))
RIGHT = "The electric ships made 11,480 crossings in the year."
PLAN = SectionPlan(heading="Fleet", passages=(FLEET, CROSSINGS), words=60)


def section(*sentences: Sentence) -> Section:
    return Section(heading="Fleet", paragraphs=(Paragraph(sentences=sentences),))


def says(*mended: tuple[str, str, list[str]]) -> MendReply:
    return MendReply(mended=[MendedSentence(sentence=t, text=text, passages=named) for t, text, named in mended])


async def affords(_usd: Decimal) -> bool:
    return True


async def mend(
    script: Any, *sentences: Sentence, evidence: Evidence = EVIDENCE, **means: Any
) -> tuple[MendedSection, ScriptedModel]:
    model = ScriptedModel(script)
    given = Means(**({"model": model, "context": CONTEXT, "affords": affords} | means))
    return await mending.mend(section(*sentences), PLAN, 2, BRIEF, evidence, FORMAT, given), model


def handle_of(model: ScriptedModel, passage: str) -> str:
    """The handle that a passage had in the last prompt."""
    text = next(item.passage.text for item in EVIDENCE.items if item.passage.id == passage)
    line = next(line for line in model.requests[-1].prompt.text.splitlines() if text[:40] in line and line[1] == "S")
    return line[1 : line.index("]")]


def citing(passage: str, text: str, target: str = "T2") -> Any:
    """A script that names the passage as the prompt does."""

    def answer(request: Any) -> Scripted:
        shown = ScriptedModel()
        shown.requests.append(request)
        return says((target, text, [handle_of(shown, passage)]))

    return answer


COPIES = (
    Sentence(text=PASSAGES[1].text, citations=(CROSSINGS,)),
    Sentence(text=PASSAGES[2].text, citations=(ENERGY,)),
)
REWORDED = (
    "In the year 11,480 crossings were made by electric ships, of which 98.4 per cent left within three minutes of the "
    "timetable.",
    "The harbour battery at Vell covered 62 per cent of the energy; at night and between crossings ships were charged.",
)


# ── what is mended, and what is not ──────────────────────────────────────────────────────────────────────────────────


async def test_a_section_that_passes_is_left_alone_and_no_model_is_asked() -> None:
    made, model = await mend(None, GOOD)
    assert (made.section, made.rewrites, model.requests) == (section(GOOD), (), [])


async def test_a_false_sentence_becomes_a_true_one_and_its_neighbour_keeps_id_and_text() -> None:
    made, model = await mend(citing(CROSSINGS, RIGHT), GOOD, WRONG)
    first, second = made.section.sentences
    assert first == GOOD
    assert (second.text, second.citations) == (RIGHT, (CROSSINGS,))
    (told,) = made.rewrites
    assert (told.round, told.before, told.after, made.calls) == (1, WRONG.text, RIGHT, 1)
    assert "11,480" in told.reason or "23,900" in told.reason
    assert (model.requests[0].key.stage, model.requests[0].key.item, model.requests[0].key.ordinal) == (
        Stage.MENDING,
        "2",
        1,
    )


async def test_a_section_that_would_be_refused_for_copying_is_said_in_other_words() -> None:
    """A small model writes its passages off: every article of it was refused."""
    rewords = [(CROSSINGS, REWORDED[0], "T1"), (ENERGY, REWORDED[1], "T2")]

    def reword(request: Any) -> MendReply:
        one, two = (citing(key, text, target)(request) for key, text, target in rewords)
        return MendReply(mended=[*one.mended, *two.mended])

    made, model = await mend(reword, *COPIES)
    assert [one.text for one in made.section.sentences] == list(REWORDED)
    assert made.calls == 1
    told = model.requests[0].prompt.text
    assert "Rewrite T1, T2 in English" in told
    assert "[F2] (copied) This stands in a source word for word" in told
    assert "originality.run" not in told
    assert told.count("\n[S") == 2  # what is near to a sentence that stands is not read: a small machine takes minutes


async def test_a_copy_stays_where_what_is_said_instead_does_not_stand_as_well() -> None:
    made, _ = await mend(citing(CROSSINGS, "The electric ships made 14,480 crossings.", "T1"), *COPIES)
    assert made.section.sentences == COPIES


async def test_what_is_copied_and_cannot_be_said_otherwise_is_quoted_with_its_source() -> None:
    """The article of a small model was refused whole for what is true, cited and could have been shown as quoted."""
    own = Sentence(text="Two of the nine ships sailed on batteries alone when 2025 ended.", citations=(FLEET,))
    made, _ = await mend([says()], COPIES[0], own, COPIES[1])
    shown = [(one.kind, one.attribution, one.sentences) for one in made.section.paragraphs]
    source = PASSAGES[1].source_hash
    assert shown == [
        (ParagraphKind.QUOTE, source, COPIES[:1]),
        (ParagraphKind.TEXT, None, (own,)),
        (ParagraphKind.QUOTE, source, COPIES[1:]),
    ]
    assert made.notes == ("2 sentences of section “Fleet”, word for word as in a source, set apart as quoted.",)


async def test_a_sentence_that_is_copied_among_others_that_are_not_costs_no_call() -> None:
    others = (
        "Of those in the year, 11,480 were made by electric ships.",
        "Two ships, Skarven and Ternen, had only batteries when 2025 ended.",
        "There were nine ships in the fleet at the end of that year.",
    )
    cited = (CROSSINGS, FLEET, FLEET)
    own = [Sentence(text=text, citations=(key,)) for text, key in zip(others, cited, strict=True)]
    _, model = await mend(None, COPIES[1], *own)
    assert model.requests == []


async def test_a_sentence_in_another_language_is_rewritten_and_the_model_is_told_again_which_one_was_asked_for() -> (
    None
):
    german = Sentence(
        text="Die elektrischen Schiffe waren im Jahr 11,480 mal unterwegs und sind von der Insel.",
        citations=(CROSSINGS,),
    )
    made, model = await mend(citing(CROSSINGS, RIGHT), GOOD, german)
    assert [one.text for one in made.section.sentences] == [GOOD.text, RIGHT]
    told = model.requests[0].prompt.text
    assert "[F2] (language.other) This is in German; English was asked for. write it in English" in told


async def test_the_model_is_given_the_sentence_its_neighbours_what_was_found_and_the_passages_fenced() -> None:
    _, model = await mend(citing(CROSSINGS, RIGHT), GOOD, WRONG)
    text = model.requests[0].prompt.text
    fenced = text[text.index("<sources") : text.index("</sources")]
    assert "[T1] (stays as it is)" in fenced
    assert "[T2] (to be rewritten; cites S1)" in fenced
    assert "[F2] (support.number)" in fenced
    assert PASSAGES[1].text in fenced
    assert "Rewrite T2 in English" in text


async def test_a_sentence_that_cites_the_wrong_passage_cites_the_right_one_without_a_call() -> None:
    moved = GOOD.model_copy(update={"citations": (ENERGY,)})
    made, model = await mend(None, moved)
    (sentence,) = made.section.sentences
    assert (sentence.id, sentence.text, sentence.citations) == (moved.id, moved.text, (FLEET,))
    assert [(told.round, told.before == told.after) for told in made.rewrites] == [(0, True)]
    assert model.requests == []


async def test_a_sentence_whose_passage_lacks_some_of_its_words_cites_the_one_that_has_them_all() -> None:
    text = "In the year the electric ships made 11,480 crossings, and 98.4 per cent of those left on time."
    told = "98.4 per cent of 11,480 crossings in the year the electric ships left on within three minutes of timetable."
    near = GOOD.model_copy(update={"text": told, "citations": (FLEET,)})
    made, model = await mend(None, near, Sentence(text=text, citations=(CROSSINGS,)))
    assert [one.citations for one in made.section.sentences] == [(CROSSINGS,), (CROSSINGS,)]
    assert model.requests == []


TRUST = (
    "The light has worked by itself since 1988. A trust of 260 members has owned the house since 1994. About 9,000 "
    "visitors come to the point each year. The trust asks six pounds for a visit to the tower. The museum shows the "
    "first lamp and the weather diary. The house is closed from November to March."
)


async def mended_beside_the_trust(model: ScriptedModel, *sentences: Sentence) -> MendedSection:
    first, second, *_ = EVIDENCE.items
    passage = first.passage.model_copy(update={"text": TRUST})
    evidence = EVIDENCE.model_copy(
        update={"items": (first.model_copy(update={"passage": passage}), second), "disagreements": ()}
    )
    return await mending.mend(section(*sentences), PLAN, 2, BRIEF, evidence, FORMAT, Means(model, CONTEXT, affords))


@pytest.mark.parametrize("cited", [(), (CROSSINGS,)])
async def test_no_passage_is_given_to_a_sentence_that_it_does_not_say_for_certain(cited: tuple[str, ...]) -> None:
    lie = Sentence(text="The trust stole the money of its members.", citations=cited)
    made = await mended_beside_the_trust(ScriptedModel([MendReply(mended=[])]), lie)
    assert [one.citations for one in made.section.sentences] == [cited]
    assert made.outcomes[lie.id] is Support.UNSUPPORTED


async def test_a_plain_sentence_that_cites_nothing_is_given_the_passage_that_says_it() -> None:
    plain = Sentence(text="The museum shows the first lamp and the diary of the weather.")
    made = await mended_beside_the_trust(ScriptedModel(None), plain)
    assert [one.citations for one in made.section.sentences] == [(FLEET,)]


async def test_an_invented_sentence_that_cites_nothing_is_rewritten() -> None:
    lie, true = Sentence(text="The trust beats its members."), "The trust has 260 members."
    made = await mended_beside_the_trust(ScriptedModel([says(("T1", true, ["S1"]))]), lie)
    assert [(one.text, one.citations) for one in made.section.sentences] == [(true, (FLEET,))]


async def test_words_that_no_passage_has_do_not_hide_which_one_tells_the_rest() -> None:
    alike = (
        "A contract is in force since 1 October 2023: whenever the ship lies in the bay, energy is kept for Vell.",
        "Since 1 October 2023 there has been a standby contract: whenever the ship lies in the bay, energy is kept for "
        "Vell and part of the battery for its clinic.",
    )
    cited, home = (
        item.model_copy(update={"passage": item.passage.model_copy(update={"text": text})})
        for item, text in zip(EVIDENCE.items, alike, strict=False)
    )
    text = alike[1].replace("whenever", "indeed, whenever").replace("part of", "notably part of")
    written = section(Sentence(text=text, citations=(cited.passage.id,)))
    evidence = EVIDENCE.model_copy(update={"items": (cited, home)})
    means = Means(ScriptedModel(None), CONTEXT, affords)
    made = await mending.mend(written, PLAN, 2, BRIEF, evidence, FORMAT, means)
    assert [one.citations for one in made.section.sentences] == [(home.passage.id,)]


async def test_a_digest_is_left_as_it_is() -> None:
    made, model = await mend(None, WRONG, model=ScriptedModel(writes=ArticleKind.DIGEST))
    assert made == MendedSection(section=section(WRONG))
    assert model.requests == []


# ── what a model says is checked ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("T1", RIGHT),  # not asked for
        ("T9", RIGHT),
        ("T2", "The electric ships made 31,000 crossings in the year."),  # no better
        ("T2", f"{RIGHT} See https://evil.example/login for more."),
        ("T2", "The electric ships made 11,480 crossings in the year, as [the report](http://x) says."),
        ("T2", f"{RIGHT} At the end of 2025 the fleet counted nine ships."),  # two for one
        ("T2", " ".join([RIGHT.rstrip("."), *["and also in the year"] * 6]) + "."),  # more than twice as long
        ("T2", GOOD.text),  # said already
        ("T2", ""),
    ],
)
async def test_a_reply_that_may_not_stand_changes_nothing(target: str, text: str) -> None:
    made, _ = await mend(citing(CROSSINGS, text, target), GOOD, WRONG)
    assert (made.section, made.rewrites) == (section(GOOD, WRONG), ())


async def test_handles_that_were_not_shown_are_not_cited() -> None:
    vague = "Things went well enough for all of us."
    made, _ = await mend([says(("T2", vague, ["S99", "S0"]))], GOOD, WRONG)
    assert made.section == section(GOOD, WRONG)


async def test_what_a_model_drops_is_left_to_the_gate_and_not_asked_for_again() -> None:
    drop = MendReply(mended=[MendedSentence(sentence="T2", drop=True)])
    made, model = await mend([drop], GOOD, WRONG)
    assert made.section == section(GOOD, WRONG)
    assert len(model.requests) == 1


# ── rounds, money and failures ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_second_round_mends_what_the_first_left_and_is_the_last() -> None:
    other = Sentence(text="The harbour battery at Vell covered 12 per cent of the energy used.", citations=(ENERGY,))
    first, second = citing(CROSSINGS, RIGHT), citing(ENERGY, "The harbour battery covered 62 per cent.", "T3")
    never = Sentence(text="The board decided in November to order five further trains.", citations=(ENERGY,))
    made, model = await mend(
        lambda request: (first, second)[request.key.ordinal - 1](request), GOOD, WRONG, other, never
    )
    assert [request.key.ordinal for request in model.requests] == [1, 2]
    assert [told.round for told in made.rewrites] == [1, 2]
    assert len({request.prompt.hash for request in model.requests}) == 2


async def test_a_round_that_helps_nothing_is_the_last() -> None:
    made, model = await mend([says(("T2", "The ships made 7 crossings.", ["S1"]))], GOOD, WRONG)
    assert len(model.requests) == 1
    assert made.calls == 1


@pytest.mark.parametrize("means", [{"thrifty": True}, {"affords": lambda _usd: _no()}])
async def test_near_its_budget_nothing_is_rewritten_and_the_report_says_so(means: dict[str, Any]) -> None:
    made, model = await mend(None, GOOD, WRONG, **means)
    assert model.requests == []
    assert "near its budget" in made.notes[0]


async def _no() -> bool:
    return False


@pytest.mark.parametrize("error", [BadReply("it babbled"), BudgetSpent("the cap is reached")])
async def test_a_model_that_cannot_mend_leaves_the_section_and_a_note(error: Exception) -> None:
    made, _ = await mend([error], GOOD, WRONG)
    assert made.section == section(GOOD, WRONG)
    assert str(error) in made.notes[0]


async def test_a_section_that_is_mended_again_after_a_kill_pays_for_no_answer_twice() -> None:
    model, journal = ScriptedModel(citing(CROSSINGS, RIGHT)), MemoryDatabase().journal(LOCAL_WORKSPACE)
    first, _ = await mend(None, GOOD, WRONG, model=wrap(model, journal, ManualClock()))
    second, _ = await mend(None, GOOD, WRONG, model=wrap(model, journal, ManualClock()))
    assert [one.text for one in second.section.sentences] == [one.text for one in first.section.sentences]
    assert len(model.requests) == 1


async def test_a_provider_that_is_down_stops_the_stage_so_that_it_can_be_resumed() -> None:
    with pytest.raises(Unavailable):
        await mend([Unavailable("down")], GOOD, WRONG)


# ── second opinions ──────────────────────────────────────────────────────────────────────────────────────────────────


UNSURE = next(
    one
    for one in sample_draft().sentences
    if one.citations
    and Bench(BRIEF, EVIDENCE, FORMAT).judged(section(one)).report.sentences[0].support is Support.UNSURE
)


def stands(made: MendedSection, sentence: Sentence) -> Support:
    draft = sample_draft().model_copy(update={"sections": (made.section,), "opinions": made.opinions})
    report = quality.judge(draft, EVIDENCE, BRIEF, FORMAT)
    return next(one.support for one in report.sentences if one.sentence_id == sentence.id)


@pytest.mark.parametrize("means", [{"thrifty": True}, {"affords": lambda _usd: _no()}])
@pytest.mark.parametrize("usd", ["0.01", "0"])
async def test_near_its_budget_a_checker_is_asked_that_costs_nothing(means: dict[str, Any], usd: str) -> None:
    judge = ScriptedModel([CheckReply(checked=[CheckedClaim(claim="T1", probability=0.97)])], cost_usd=Decimal(usd))
    made, _ = await mend(None, GOOD, UNSURE, checker=ModelChecker(judge), **means)
    assert len(judge.requests) == (usd == "0")
    told = [note for note in made.notes if "no second opinion" in note]
    assert [note.endswith("the run is near its budget") for note in told] == ([] if usd == "0" else [True])


@pytest.mark.parametrize(
    ("chance", "outcome"),
    [(0.97, Support.SUPPORTED), (0.5, Support.UNSURE), (0.03, Support.UNSUPPORTED), (None, Support.UNSURE)],
)
async def test_a_second_opinion_moves_what_is_unsure(chance: float | None, outcome: Support) -> None:
    checker = ScriptedChecker(chance)
    made, _ = await mend([MendReply(mended=[])], GOOD, UNSURE, checker=checker)
    assert stands(made, UNSURE) is outcome
    assert [[claim.text for claim in claims] for claims in checker.asked] == [[UNSURE.text]]
    assert made.checker == ("" if chance is None else checker.name)


async def test_no_opinion_lifts_what_is_certainly_false_or_cites_nothing() -> None:
    bare = UNSURE.model_copy(update={"id": new_id(), "citations": ()})
    checker = ScriptedChecker(1.0)
    made, _ = await mend([MendReply(mended=[])], GOOD, WRONG, bare, checker=checker)
    assert checker.asked == []
    assert stands(made, WRONG) is Support.UNSUPPORTED
    assert stands(made, bare) is not Support.SUPPORTED


async def judged_by_the_gate(made: MendedSection, words: WordEmbedder) -> dict[str, SentenceVerdict]:
    """The verdicts that readers see, by the text of the sentence."""
    draft = sample_draft().model_copy(update={"sections": (made.section,), "opinions": made.opinions})
    report = quality.judge(await meaning.heard(draft, EVIDENCE, BRIEF, words), EVIDENCE, BRIEF, FORMAT)
    texts = {one.id: one.text for one in draft.sentences}
    return {texts[one.sentence_id]: one for one in report.sentences}


async def test_a_sentence_that_only_its_meaning_makes_unsure_is_asked_about() -> None:
    checker, words = ScriptedChecker(0.97), StrangeWords()
    made, _ = await mend(None, GOOD, checker=checker, words=words)
    assert [[claim.text for claim in claims] for claims in checker.asked] == [[GOOD.text]]
    assert (await judged_by_the_gate(made, words))[GOOD.text].support is Support.SUPPORTED


async def test_a_sentence_that_was_rewritten_and_is_unsure_is_asked_about_and_no_other_twice() -> None:
    checker, words = ScriptedChecker(0.5), StrangeWords()
    anew = "Electric ships made 11,480 crossings within the year."
    made, _ = await mend(citing(CROSSINGS, anew), GOOD, WRONG, checker=checker, words=words)
    assert [[claim.text for claim in claims] for claims in checker.asked] == [[GOOD.text], [anew]]
    assert [(await judged_by_the_gate(made, words))[text].opinion for text in (GOOD.text, anew)] == [0.5, 0.5]


async def test_a_section_that_is_taken_up_once_more_asks_about_what_is_new_in_it_alone() -> None:
    checker, words = ScriptedChecker(0.5), StrangeWords()
    made, _ = await mend([MendReply(mended=[])], GOOD, checker=checker, words=words)
    anew = "Of the nine ships of the fleet, two sailed on batteries alone at the end of 2025."
    means = Means(ScriptedModel(citing(FLEET, anew, "T1")), CONTEXT, affords, checker, words)
    again = await mending.mend_rest(made, PLAN, 2, BRIEF, EVIDENCE, FORMAT, means)
    assert [one.text for one in again.section.sentences] == [anew]
    assert [[claim.text for claim in claims] for claims in checker.asked] == [[GOOD.text], [anew]]


async def test_without_a_checker_no_embedder_is_waited_for() -> None:
    made, _ = await mend(None, GOOD, words=StrangeWords())
    assert made.outcomes == {GOOD.id: Support.SUPPORTED}


def draft_of(*mended: MendedSection) -> Draft:
    return sample_draft().model_copy(update={"sections": tuple(one.section for one in mended)})


async def test_unsure_sentences_wait_for_the_whole_article_which_alone_knows_how_many_there_may_be() -> None:
    made, model = await mend(None, GOOD, UNSURE)
    assert model.requests == []
    assert made.outcomes == {GOOD.id: Support.SUPPORTED, UNSURE.id: Support.UNSURE}
    rest = tuple(GOOD.model_copy(update={"id": new_id()}) for _ in range(20))
    other = made.model_copy(update={"section": section(*rest), "outcomes": {one.id: Support.SUPPORTED for one in rest}})
    assert mending.unfinished(draft_of(made, other), [made, other], FORMAT) == []
    assert mending.unfinished(draft_of(made), [made], FORMAT) == [0]
    means = Means(ScriptedModel([MendReply(mended=[])]), CONTEXT, affords)
    again = await mending.mend_rest(made, PLAN, 2, BRIEF, EVIDENCE, FORMAT, means)
    assert (again.calls, again.section) == (1, made.section)
    assert mending.unfinished(draft_of(again), [again], FORMAT) == []


@pytest.mark.parametrize("place", ["before", "after"])
def test_the_account_of_a_rewrite_holds_no_secret_whichever_side_has_it(place: str) -> None:
    secret = "AKIA" + "IOSFODNN7EXAMPLQ"
    told = {"before": WRONG.text, "after": RIGHT, "reason": "It is wrong."} | {place: f"The key is {secret}."}
    made = MendedSection(section=section(GOOD), rewrites=(Rewrite(round=1, **told),))
    draft = draft_of(made)
    report = quality.judge(draft, EVIDENCE, BRIEF, FORMAT)
    kept = mending.account(draft, [made], report, BRIEF, EVIDENCE, FORMAT)
    assert kept is not None
    assert secret not in kept.model_dump_json()


async def test_what_is_rewritten_counts_in_the_account_with_what_it_gained() -> None:
    made, _ = await mend(citing(CROSSINGS, RIGHT), GOOD, WRONG)
    written = sample_draft().model_copy(update={"sections": (section(GOOD, WRONG),)})
    now = written.model_copy(update={"sections": (made.section,)})
    report = quality.judge(now, EVIDENCE, BRIEF, FORMAT)
    told = mending.account(written, [made], report, BRIEF, EVIDENCE, FORMAT)
    assert told is not None
    assert (len(told.rewrites), told.calls) == (1, 1)
    assert told.score_after > told.score_before
    untouched = MendedSection(section=section(GOOD))
    assert mending.account(written, [untouched], report, BRIEF, EVIDENCE, FORMAT) is None


# ── what sources disagree on ─────────────────────────────────────────────────────────────────────────────────────────

FERRY = "The electric ships made 11,480 crossings in the year, all of them between Vell and Torvick."
OTHERWISE = "In the year the electric ships made 12,900 crossings between Vell and Torvick."
ONE_SIDED = "Between Vell and Torvick the electric ships made 11,480 crossings in the year."


def contested(otherwise: str = OTHERWISE) -> Evidence:
    """Two sources, one of which has another number of crossings."""
    sources = [
        EVIDENCE.sources[n].model_copy(update={"content_hash": content_hash(text), "title": f"Source {n}"})
        for n, text in enumerate((FERRY, otherwise))
    ]
    items = tuple(
        EvidenceItem(
            passage=Passage(
                id=passage_id(source.content_hash, 0, len(text)),
                source_hash=source.content_hash,
                start=0,
                end=len(text),
                text=text,
            ),
            relevance=0.5,
        )
        for source, text in zip(sources, (FERRY, otherwise), strict=True)
    )
    found = Disagreement(
        one=items[0].passage.id,
        one_sentence=FERRY,
        one_says="11,480",
        other=items[1].passage.id,
        other_sentence=otherwise,
        other_says="12,900",
    )
    return Evidence(items=items, sources=tuple(sources), disagreements=(found,))


async def test_a_contested_figure_told_as_undisputed_is_rewritten_with_the_other_one_from_both_passages() -> None:
    evidence = contested()
    one = Sentence(text=ONE_SIDED, citations=(evidence.items[0].passage.id,))
    both = "Between Vell and Torvick the electric ships made 11,480 crossings in the year; another source says 12,900."
    made, model = await mend([says(("T1", both, ["S1", "S2"]))], one, evidence=evidence)
    (told,) = made.section.sentences
    assert OTHERWISE in model.requests[0].prompt.text
    assert "[F1] (contradictions.untold)" in model.requests[0].prompt.text
    assert (told.text, set(told.citations)) == (both, {item.passage.id for item in evidence.items})
    assert "disagree" in made.rewrites[0].reason


async def test_the_other_side_is_cited_though_it_shares_no_more_than_its_figure() -> None:
    evidence = contested("Battery boats sailed the route 12,900 times.")
    one = Sentence(text=ONE_SIDED, citations=(evidence.items[0].passage.id,))
    both = "Between Vell and Torvick the electric ships made 11,480 crossings in the year; another source says 12,900."
    made, _ = await mend([says(("T1", both, ["S1", "S2"]))], one, evidence=evidence)
    (told,) = made.section.sentences
    assert (told.text, set(told.citations)) == (both, {item.passage.id for item in evidence.items})


async def test_a_rewrite_that_still_tells_one_figure_alone_is_not_used() -> None:
    evidence = contested()
    one = Sentence(text=ONE_SIDED, citations=(evidence.items[0].passage.id,))
    still = "The electric ships made 11,480 crossings in the year."
    made, _ = await mend([says(("T1", still, ["S1"]))], one, evidence=evidence)
    assert made.section.sentences == (one,)

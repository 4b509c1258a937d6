"""Mending: the sentences of a section that fail their checks are made right, and no others are touched.

In this order: a sentence that another passage says for certain cites that one (no model is asked); a checker, if there
is one, is heard about what is unsure; what then fails is rewritten by the model that wrote it, with the findings and
the passages in hand, one call a round; the checker is heard about what is unsure of that. A new sentence stays only
when it stands better than the old one, a round only when the section scores better, and the last one is the one that no
longer helps. What is then still copied, where a section would be refused for it, is set apart as quoted. What still
fails is left to `finishing`.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiwriter.documents import (
    ArticleKind,
    Brief,
    Draft,
    Evidence,
    MendedSection,
    Mending,
    QualityReport,
    Rewrite,
    Section,
    SectionPlan,
    Sentence,
    Support,
)
from aiwriter.pipeline import quality, quoting
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.opinions import Opinions
from aiwriter.pipeline.quality import support
from aiwriter.pipeline.quality.statements import statement
from aiwriter.pipeline.rewriting import Rewriting
from aiwriter.pipeline.workbench import Bench, Judged, Means, changed, where
from aiwriter.text.counted import counted
from aiwriter.text.identifiers import concealed, secrets
from aiwriter.threads import computed


async def mend(
    section: Section, plan: SectionPlan, index: int, brief: Brief, evidence: Evidence, fmt: Format, means: Means
) -> MendedSection:
    """Section `index` of the outline as it becomes; a digest's is left as it is. Raises what `answer` raises, but when
    the model cannot or may not do it: then the notes say so."""
    if means.model.writes is ArticleKind.DIGEST:
        return MendedSection(section=section)
    bench, opinions = Bench(brief, evidence, fmt), Opinions(index, means)
    judged, moved = await computed(_cited_anew, bench, section)
    return await _rewritten(bench, judged, plan, opinions, MendedSection(section=section, rewrites=tuple(moved)))


async def mend_rest(
    mended: MendedSection, plan: SectionPlan, index: int, brief: Brief, evidence: Evidence, fmt: Format, means: Means
) -> MendedSection:
    """The section with what is unsure in it made sure, where it can be; raises as `mend`."""
    bench = Bench(brief, evidence, fmt, mended.opinions, strict=True)
    opinions = Opinions(index, means, mended.opinions, (one.id for one in mended.section.sentences))
    judged = await computed(bench.judged, mended.section)
    return await _rewritten(bench, judged, plan, opinions, mended)


def unfinished(draft: Draft, mended: Sequence[MendedSection], fmt: Format) -> list[int]:
    """The sections to which `mend_rest` is to be done: those with unsure sentences that no call was made for, when the
    draft, in which each thing is said once, has more of them than the format lets be."""
    outcomes = {key: outcome for one in mended for key, outcome in one.outcomes.items()}
    stands = {one.id: outcomes.get(one.id, Support.NOT_NEEDED) for one in draft.sentences}
    counted = [outcome for outcome in stands.values() if outcome is not Support.NOT_NEEDED]
    if not counted or counted.count(Support.SUPPORTED) / len(counted) >= fmt.thresholds.supported_min:
        return []
    weak = {key for key, outcome in stands.items() if outcome in (Support.UNSURE, Support.UNSUPPORTED)}
    return [index for index, one in enumerate(mended) if weak & one.outcomes.keys() and not (one.calls or one.notes)]


async def _rewritten(
    bench: Bench, judged: Judged, plan: SectionPlan, opinions: Opinions, so_far: MendedSection
) -> MendedSection:
    """The section rewritten where it fails; the checker is heard before that, and about what is new after it."""
    bench, judged = await opinions.heard(bench, judged)
    work = Rewriting(bench, plan, opinions.index, opinions.means)
    made = await work.until_nothing_improves(judged)
    if work.rewrites:
        _, made = await opinions.heard(bench, made)
    checker = opinions.means.checker
    section, told = _set_apart(bench, made)
    return so_far.model_copy(
        update={
            "section": section,
            "rewrites": (*so_far.rewrites, *work.rewrites),
            "calls": so_far.calls + work.calls,
            "outcomes": {key: verdict.support for key, verdict in made.verdicts.items()},
            "checker": checker.name if checker and opinions.given else "",
            "opinions": opinions.given,
            "notes": (*so_far.notes, *opinions.notes, *work.notes, *told),
        }
    )


def _set_apart(bench: Bench, made: Judged) -> tuple[Section, list[str]]:
    """The section with what it copies and nobody could say otherwise quoted, and what was done, for people."""
    if not made.copied:
        return made.section, []
    section = quoting.quoted(made.section, bench.evidence)
    number = len(made.section.own) - len(section.own)
    if number == 0:
        return section, []
    said = counted(number, "sentence")
    return section, [f"{said} of {where(section)}, word for word as in a source, set apart as quoted."]


def account(
    written: Draft,
    mended: Sequence[MendedSection],
    report: QualityReport,
    brief: Brief,
    evidence: Evidence,
    fmt: Format,
) -> Mending | None:
    """What mending came to; None when nothing was done. `report` is on the mended draft."""
    rewrites = tuple(_concealed(rewrite) for one in mended for rewrite in one.rewrites)
    notes = tuple(note for one in mended for note in one.notes)
    asked = sum(len(one.opinions) for one in mended)
    if not (rewrites or notes or asked):
        return None
    written = written.model_copy(update={"neighbours": report.neighbours})
    before = quality.judge(written, evidence, brief, fmt).score if rewrites or asked else report.score
    return Mending(
        rewrites=rewrites,
        calls=sum(one.calls for one in mended),
        score_before=before,
        score_after=report.score,
        checker=next((one.checker for one in mended if one.checker), ""),
        opinions=asked,
        notes=notes,
    )


def _concealed(rewrite: Rewrite) -> Rewrite:
    """A sentence may have been rewritten for the secret that stood in it, and a rewrite may hold one."""
    hidden = [*secrets(rewrite.before), *secrets(rewrite.after)]
    if not hidden:
        return rewrite
    told = {"before": rewrite.before, "after": rewrite.after, "reason": rewrite.reason}
    return rewrite.model_copy(update={name: concealed(text, hidden) for name, text in told.items()})


def _cited_anew(bench: Bench, section: Section) -> tuple[Judged, list[Rewrite]]:
    """The section whose sentences cite the passage that says them: those that are weak, and those that another passage
    tells more of than the cited ones."""
    judged = bench.judged(section)
    weak = {one.id for one in judged.weak}
    moved = {one.id: _elsewhere(bench, one, whole=one.id not in weak) for one in section.own}
    found = {key: one for key, one in moved.items() if one is not None}
    if not found:
        return judged, []
    tried = bench.judged(changed(section, found))
    kept = {key: one for key, one in found.items() if tried.support(one) is Support.SUPPORTED}
    told = [
        Rewrite(round=0, before=one.text, after=one.text, reason=judged.reason(one))
        for one in section.own
        if one.id in kept
    ]
    return bench.judged(changed(section, kept)), told


def _elsewhere(bench: Bench, sentence: Sentence, *, whole: bool) -> Sentence | None:
    """The sentence, with the same id, citing the nearest passage that says it for certain; `whole`: one that supports
    it and tells clearly more of it than those it cites, which do support it."""
    told = _words_told(bench, sentence)
    lacking = _lacking(bench, sentence.citations, told)
    if whole and (not sentence.citations or lacking == 0):
        return None
    for one in bench.near(sentence):
        better = not whole or _tells_more(_lacking(bench, (one.key,), told), lacking)
        if better and one.key not in sentence.citations:
            judgement = support.judge_claim(sentence.text, (one,), bench.known, bench.brief.language)
            supported = judgement.outcome is Support.SUPPORTED
            if supported and (whole or support.is_borne(sentence.text, judgement, (one,), bench.brief.language)):
                return sentence.model_copy(update={"citations": (one.key,)})
    return None


_CLEARLY = 3  # words fewer that a passage lacks, to be the better one though it lacks some


def _tells_more(lacks: int, cited_lack: int) -> bool:
    return lacks == 0 < cited_lack or lacks + _CLEARLY <= cited_lack


def _words_told(bench: Bench, sentence: Sentence) -> frozenset[str]:
    """The content words of a sentence that any passage has; the others say nothing of where it comes from."""
    stems = statement(sentence.text, bench.brief.language).stem_set
    return frozenset(stem for stem in stems if any(ground.whole.holds(stem) for ground in bench.grounds.values()))


def _lacking(bench: Bench, cited: Sequence[str], stems: frozenset[str]) -> int:
    """How many content words none of the passages has."""
    texts = [bench.grounds[key].whole for key in cited if key in bench.grounds]
    return sum(not any(text.holds(stem) for text in texts) for stem in stems)

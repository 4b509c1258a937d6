"""Does what a sentence cites support it? Word for word, by rules, then by a fitted score; three outcomes.

Measures: share of judged sentences that are supported, an unsure one counting half.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from uuid import UUID

from aiwriter.documents import Brief, Draft, Evidence, Finding, Sentence, SentenceVerdict, Severity, Support
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality import asserting
from aiwriter.pipeline.quality.alignment import Alignment, align, nearest_sentences, verbatim
from aiwriter.pipeline.quality.asides import claimed
from aiwriter.pipeline.quality.faults import Fault, exchanged_words, faults
from aiwriter.pipeline.quality.opinion import heard
from aiwriter.pipeline.quality.result import CheckResult, percent
from aiwriter.pipeline.quality.scorer import MEANING, cuts, features, weights
from aiwriter.pipeline.quality.statements import Ground, Statement, grounds, known_names, statement
from aiwriter.text.facts import DateFact
from aiwriter.text.rarity import rarity
from aiwriter.text.scripts import is_unreadable

PART = "support"
OVERLAP, UNCITED = "support.overlap", "support.uncited"
# Probability from which a passage that its writer did not name is believed to say a sentence: of the development claims
# that have it and all whose words stand in their passages, nine of ten are supported.
BORNE = 0.75
_OF_FIGURES_AND_NAMES = ("support.number", "support.date", "support.name")
_NAMED = 3  # strange words that a finding tells
_CERTAIN = 0.99  # of a verbatim quotation
_READ = 600  # characters of a sentence that an embedder is shown: a table or a list is often taken for one
_COUNTABLE = 12  # a small number stands in many passages
_WEIGHT = {Support.SUPPORTED: 1.0, Support.VOUCHED: 1.0, Support.UNSURE: 0.5, Support.UNSUPPORTED: 0.0}
_THIN = 0.2  # of its words missing, to be thin
_FIGURE_WEIGHS, _LOOKED_AT = 2, 12  # as much as so many telling words; in how many passages
# What fits worst in meaning, when two words in one place mean the same: of the fresh claims and the development sets,
# "aspects" for "parts" has 0.88, "door" for "lift" 0.71.
_WORST, _UNLIKE = MEANING.index("worst_matched"), 0.85
_MIN_RECALL = 0.5  # a passage is highlighted when it holds at least this share of what the best one holds


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a text stands to the passages it cites; `highlight` as in SentenceVerdict."""

    outcome: Support
    probability: float
    faults: tuple[Fault, ...]
    highlight: dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Examined:
    """What rules and shared words say of a text, before its score. `text` is what it claims; `nearest` are the
    sentences of its passages that hold most of it, best first: what an embedder should see beside it; `window` those
    of the best window, in order. `readable`: its words can be told apart; else nobody can judge it here. `thin`: it has
    no figure and no name, which rules could hold, and a fifth of its words stand nowhere. `exchanged`: words in the
    places of others, which are faults if an embedder finds them unlike."""

    text: str
    exact: bool
    words: tuple[float, ...]
    faults: tuple[Fault, ...]
    anchored: bool
    highlight: dict[str, tuple[int, int]]
    nearest: tuple[str, ...] = ()
    window: tuple[str, ...] = ()
    readable: bool = True
    thin: bool = False
    exchanged: tuple[Fault, ...] = ()


def judge_claim(text: str, cited: Sequence[Ground], known: Collection[str] = (), language: str = "en") -> Judgement:
    """Judge one sentence by the passages it cites, taken together; without any it is unsupported."""
    return decide(examine(text, cited, known, language))


def examine(text: str, cited: Sequence[Ground], known: Collection[str] = (), language: str = "en") -> Examined | None:
    """Compare one sentence with the passages it cites; None when it cites none. Worked out once for equal ones."""
    return _examined(text, tuple(cited), frozenset(known), language) if cited else None


@lru_cache(maxsize=2048)
def _examined(text: str, cited: tuple[Ground, ...], known: frozenset[str], language: str) -> Examined:
    claim = statement(claimed(text, language), language)
    cited = tuple(one.beside(claim) for one in cited)
    exact = verbatim(claim, cited)
    if exact is not None:
        return Examined(claim.text, True, (), (), False, {exact[0].key: exact[1]})
    if is_unreadable(claim.text):
        return Examined(claim.text, False, (), (_unreadable(claim),), False, {}, readable=False)
    alignment = align(claim, cited)
    found = tuple(faults(alignment, known))
    return Examined(
        text=claim.text,
        exact=False,
        words=tuple(features(alignment, found)),
        faults=found,
        anchored=_is_anchored(alignment),
        highlight=_highlight(alignment),
        nearest=tuple(map(shown, nearest_sentences(claim, cited))),
        window=tuple(map(shown, alignment.best.sentences)) if alignment.best else (),
        thin=_is_thin(claim, cited, known),
        exchanged=tuple(exchanged_words(alignment, known)),
    )


def _is_thin(claim: Statement, cited: Sequence[Ground], known: frozenset[str]) -> bool:
    texts = [one for ground in cited for one in (ground.whole, ground.around)]
    missing = sum(not any(text.holds(stem) for text in texts) for stem in claim.bare_stems)
    told = not claim.figures and not claim.names(known)
    return told and missing >= _THIN * max(1, len(claim.bare_stems))


def _unreadable(claim: Statement) -> Fault:
    """What is said of a sentence in a script without blanks."""
    message = "This is in a script whose words are not told apart: neither its words nor its figures could be compared."
    fix = "let somebody who reads it compare it with the passage"
    return Fault("support.script", message, (0, len(claim.text)), certain=False, fix=fix)


def shown(sentence: Statement) -> str:
    """What an embedder is shown of a sentence of a passage."""
    return sentence.text[:_READ]


def decide(examined: Examined | None, meaning: Sequence[float] = ()) -> Judgement:
    """The judgement on what was examined: by words alone or, given what `meaning.compare` says of it, by both.

    A certain fault keeps the probability below both cuts. A doubtful one makes it unsure at best and leaves the
    probability, in which doubts are weighed already. Numbers of meaning that an older version stored are fewer: then
    words decide.
    """
    if examined is None:
        return Judgement(Support.UNSUPPORTED, 0.0, (), {})
    known = tuple(meaning) if len(meaning) == len(MEANING) else ()
    score = weights(meaning=bool(known)).probability((*examined.words, *known)) if examined.words else _CERTAIN
    if known and known[_WORST] < _UNLIKE:
        examined = replace(examined, faults=examined.faults + examined.exchanged)
    return judged(examined, score)


def judged(examined: Examined, score: float) -> Judgement:
    """The judgement by a score, after the rules have had their say."""
    if examined.exact:
        return Judgement(Support.SUPPORTED, _CERTAIN, (), examined.highlight)
    if not examined.readable:  # unsure, whatever it says
        middle = (cuts().unsure + cuts().supported) / 2
        return Judgement(Support.UNSURE, middle, examined.faults, examined.highlight)
    if examined.anchored:
        score = max(score, cuts().unsure)
    if not examined.highlight:  # it shares no word with them
        score = min(score, cuts().unsure - 0.01)
    outcome, probability = _outcome(
        score, examined.faults, cuts().supported_thin if examined.thin else cuts().supported
    )
    return Judgement(outcome, probability, examined.faults, examined.highlight)


def _outcome(score: float, found: Sequence[Fault], supported: float) -> tuple[Support, float]:
    if any(fault.certain for fault in found):
        return Support.UNSUPPORTED, min(score, cuts().unsure - 0.01)
    if score < cuts().unsure:
        return Support.UNSUPPORTED, score
    return Support.UNSURE if found or score < supported else Support.SUPPORTED, score


def _is_anchored(alignment: Alignment) -> bool:
    """Whether the best windows have every figure of the claim, and one of them is telling: then few shared words are no
    proof against it."""
    figures = alignment.claim.figures
    telling = any(isinstance(figure, DateFact) or figure.unit or figure.value > _COUNTABLE for figure in figures)
    return telling and all(any(sentence.says(figure) for sentence in alignment.near) for figure in figures)


def _highlight(alignment: Alignment) -> dict[str, tuple[int, int]]:
    best = alignment.best.recall if alignment.best else 0.0
    return {w.ground.key: w.span for w in alignment.by_passage if best and w.recall >= _MIN_RECALL * best}


def is_borne(text: str, judgement: Judgement, cited: Sequence[Ground], language: str = "en") -> bool:
    """Whether these passages say a text for certain, so that we may name them as where it comes from: they have all its
    telling words, and the score is far above the one from which what its writer cites is believed."""
    given = [one for ground in cited for one in (ground.whole, ground.around)]
    believed = judgement.outcome is Support.SUPPORTED and judgement.probability >= BORNE
    return believed and not asserting.strange(statement(claimed(text, language), language), given)


def check(draft: Draft, evidence: Evidence, brief: Brief, fmt: Format) -> CheckResult:
    """Judge every sentence of a draft of ours that cites something, or should (`asserting.owes`): by words alone where
    no embedder was heard (`draft.meant`). One that cites nothing is unsupported when it has a telling word that neither
    the nearest passages nor the sentences beside it have, and never better than unsure."""
    return _checked(draft, _cases(draft, evidence, brief, asserting.owes), fmt)


def check_theirs(draft: Draft, evidence: Evidence, brief: Brief, fmt: Format) -> CheckResult:
    """Judge every sentence of anybody's text that was put beside passages, or needs support (`asserting.is_judged`)."""
    return _checked(draft, _cases(draft, evidence, brief, lambda claim, _: asserting.is_judged(claim)), fmt)


def _checked(draft: Draft, cases: Iterable[_Case], fmt: Format) -> CheckResult:
    judged = [
        heard(_verdict(case, draft.meant), case.sentence, draft.opinions.get(case.sentence.id), fmt.thresholds)
        for case in cases
    ]
    verdicts = tuple(verdict for verdict, _ in judged)
    return counted(verdicts, tuple(finding for _, found in judged for finding in found), fmt)


def counted(verdicts: tuple[SentenceVerdict, ...], findings: tuple[Finding, ...], fmt: Format) -> CheckResult:
    """Score and reasons by how many sentences stand."""
    outcomes = [verdict.support for verdict in verdicts]
    counts: Counter[Support] = Counter(outcome for outcome in outcomes if outcome is not Support.NOT_NEEDED)
    score = percent(sum(_WEIGHT[kind] * n for kind, n in counts.items()), counts.total()) if counts else None
    return CheckResult(PART, score, findings, *_reasons(counts, fmt), verdicts)


def examine_draft(draft: Draft, evidence: Evidence, brief: Brief) -> dict[UUID, Examined]:
    """What `check` will ask of its sentences, by id: what there is for an embedder to compare."""
    cases = _cases(draft, evidence, brief, asserting.owes)
    return {case.sentence.id: case.examined for case in cases if case.examined is not None}


@dataclass(frozen=True, slots=True)
class _Case:
    """A sentence of a draft; `needed`: it states what needs support or cites something, `cited`: a citation leads to a
    passage, `whole`: all of them do. `strange`: telling words of one that cites nothing which stand neither in the
    passages nearest to it nor beside it."""

    sentence: Sentence
    needed: bool
    cited: bool
    whole: bool
    examined: Examined | None
    strange: tuple[str, ...] = ()
    factual: bool = True


_Needs = Callable[[Statement, Statement], bool]  # of a sentence, beside those of its section that cite something


def _cases(draft: Draft, evidence: Evidence, brief: Brief, needs: _Needs) -> Iterator[_Case]:
    by_key = grounds(evidence, brief.language)
    known = known_names(text for ground in by_key.values() for text in (ground.text, ground.context))
    besides = [asserting.beside(section, brief) for section in draft.sections]
    for section, beside in zip(draft.sections, besides, strict=True):
        opens = section is draft.sections[0] and not section.heading  # it says what the sections after it cite
        around = besides if opens else [beside]
        for sentence in section.sentences:
            claim = statement(sentence.text, brief.language)
            cited = [by_key[key] for key in sentence.citations if key in by_key]
            needed = bool(sentence.citations) or needs(claim, beside)
            near = cited or (nearest(claim, by_key.values()) if needed else [])
            whole = len(cited) == len(sentence.citations) > 0
            given = [*around, *(one for ground in near for one in (ground.whole, ground.around))]
            strange = tuple(asserting.strange(claim, given)) if needed and not sentence.citations else ()
            found = examine(sentence.text, near, known, brief.language)
            yield _Case(sentence, needed, bool(cited), whole, found, strange, asserting.is_factual(claim))


def _reasons(counts: Counter[Support], fmt: Format) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Why to refuse, and why to revise."""
    total, limits = counts.total(), fmt.thresholds
    standing = total - counts[Support.UNSUPPORTED]
    if total and standing / total < limits.refuse_supported:
        limit = f"at least {limits.refuse_supported:.0%} must be"
        verb, they = ("is", "it cites") if standing == 1 else ("are", "they cite")
        reason = f"Only {standing} of {total} factual sentences {verb} supported by what {they}, or may be; {limit}."
        return (reason,), ()
    sure = counts[Support.SUPPORTED] + counts[Support.VOUCHED]
    if total and sure / total < limits.supported_min:
        share = f"{sure} of {total}"
        verb = "is" if sure == 1 else "are"
        return (), (f"{share} factual sentences {verb} surely supported; {limits.supported_min:.0%} should be.",)
    return (), ()


def _verdict(case: _Case, meant: Mapping[UUID, tuple[float, ...]]) -> tuple[SentenceVerdict, list[Finding]]:
    """The verdict on one sentence of a draft, with its findings.

    One that cites nothing is judged by the passages nearest to it, and is never better than unsure.
    """
    sentence, one = case.sentence, case.examined
    if not case.needed:
        return SentenceVerdict(sentence_id=sentence.id, support=Support.NOT_NEEDED, probability=1.0), []
    meaning = () if case.cited and not case.whole else meant.get(sentence.id, ())  # it compared all that is cited
    judgement = decide(one, meaning)
    outcome, probability = judgement.outcome, judgement.probability
    strange = case.strange if probability < BORNE else ()
    if not case.cited:
        outcome = Support.UNSURE if outcome is Support.SUPPORTED else outcome
        probability = min(probability, cuts().supported - 0.01)
    if strange:
        outcome, probability = Support.UNSUPPORTED, min(probability, cuts().unsure - 0.01)
    verdict = SentenceVerdict(
        sentence_id=sentence.id,
        support=outcome,
        probability=round(probability, 4),
        highlight=judgement.highlight,
        meaning=meaning,
    )
    found = findings(sentence.text, judgement, sentence.id)
    if not case.cited:
        found = [_of_nearest(finding) for finding in found]
    if not sentence.citations and (strange or not case.factual):  # of a fact `citations` says that it cites nothing
        # of words that stand nowhere, what the nearest passage does not deny or sweep is no news
        said = found if not strange else [one for one in found if one.rule in _OF_FIGURES_AND_NAMES]
        found = [*(one for one in said if one.rule != OVERLAP), _uncited(sentence, outcome, strange)]
    return verdict, found


_NOT_THERE = re.compile(r"does not stand in the cited passage.*")
_PASSAGE = re.compile(r"\b(t)he (?:cited )?passage", re.IGNORECASE)


def _of_nearest(finding: Finding) -> Finding:
    """The finding on a sentence that cites nothing: it was held against the passages nearest to it, which may speak of
    something else, and so their figures are no advice."""
    message = _NOT_THERE.sub("stands in no passage near to this, and nothing is cited.", finding.message)
    message = _PASSAGE.sub(r"\1he nearest passage", message)
    fix = "cite the passage that says it, or take it out"
    return finding.model_copy(update={"message": message, "fix": fix})


def _uncited(sentence: Sentence, outcome: Support, strange: Sequence[str]) -> Finding:
    """What is said of a sentence that tells something of its own and cites nothing."""
    message = "This says something that the sentences beside it do not, and cites nothing"
    words = ", ".join(f"“{asserting.as_written(sentence.text, stem)}”" for stem in strange[:_NAMED])
    return Finding(
        rule=UNCITED,
        severity=Severity.ERROR if outcome is Support.UNSUPPORTED else Severity.WARN,
        message=f"{message}; no passage near it has {words}." if words else f"{message}.",
        sentence_id=sentence.id,
        span=(0, len(sentence.text)),
        fix="cite the passage that says it, say only what a passage says, or take it out",
    )


def nearest(claim: Statement, candidates: Iterable[Ground], limit: int = 3) -> list[Ground]:
    """The passages that hold most of the claim's content words, numbers and dates, best first."""
    scored = [(_likeness(claim, ground), ground) for ground in candidates]
    best = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: -pair[0])
    if claim.figures:  # a passage without them cannot support it; looking for them in all passages costs too much
        told = [(score + _FIGURE_WEIGHS * _figures_told(claim, ground), ground) for score, ground in best[:_LOOKED_AT]]
        best = sorted(told, key=lambda pair: -pair[0])
    return [ground for _, ground in best[:limit]]


def _figures_told(claim: Statement, ground: Ground) -> int:
    return sum(map(ground.whole.says, claim.figures))


def _likeness(claim: Statement, ground: Ground) -> float:
    shared = claim.stem_set & ground.whole.stem_set
    return sum(rarity(stem) for stem in shared) + len(claim.pairs & ground.whole.pairs)


def findings(text: str, judgement: Judgement, sentence_id: UUID | None = None) -> list[Finding]:
    """What a person or a model should mend in a judged text; nothing when it is supported without a fault."""
    found = [
        Finding(
            rule=fault.rule,
            severity=Severity.ERROR if fault.certain else Severity.WARN,
            message=fault.message,
            sentence_id=sentence_id,
            span=fault.span,
            fix=fault.fix,
        )
        for fault in judgement.faults
    ]
    if judgement.outcome is Support.SUPPORTED or found:
        return found
    certain = judgement.outcome is Support.UNSUPPORTED
    message = (
        "The cited passages share too few words with this" if certain else "The cited passages may not say all of this"
    )
    return [
        Finding(
            rule=OVERLAP,
            severity=Severity.ERROR if certain else Severity.WARN,
            message=f"{message}.",  # the verdict tells the probability
            sentence_id=sentence_id,
            span=(0, len(text)),
            fix="cite the passage that says it, say only what the passage says, or take it out",
        )
    ]

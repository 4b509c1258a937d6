"""Does what a sentence cites support it? Word for word, by rules, then by a fitted score; three outcomes.

Measures: share of judged sentences that are supported, an unsure one counting half.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from aiwriter.documents import Brief, Draft, Evidence, Finding, Sentence, SentenceVerdict, Severity, Support
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.alignment import Alignment, align, verbatim
from aiwriter.pipeline.quality.faults import Fault, faults
from aiwriter.pipeline.quality.result import CheckResult, percent
from aiwriter.pipeline.quality.scorer import features, weights
from aiwriter.pipeline.quality.statements import Ground, Statement, grounds, known_names, statement
from aiwriter.text.facts import DateFact
from aiwriter.text.rarity import rarity

PART = "support"
_CERTAIN = 0.99  # of a verbatim quotation
_COUNTABLE = 12  # a small number stands in many passages
_WEIGHT = {Support.SUPPORTED: 1.0, Support.UNSURE: 0.5, Support.UNSUPPORTED: 0.0}
_MIN_RECALL = 0.5  # a passage is highlighted when it holds at least this share of what the best one holds


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a text stands to the passages it cites; `highlight` as in SentenceVerdict."""

    outcome: Support
    probability: float
    faults: tuple[Fault, ...]
    highlight: dict[str, tuple[int, int]]


def judge_claim(text: str, cited: Sequence[Ground], known: Collection[str] = (), language: str = "en") -> Judgement:
    """Judge one sentence by the passages it cites, taken together; without any it is unsupported."""
    if not cited:
        return Judgement(Support.UNSUPPORTED, 0.0, (), {})
    claim = statement(text, language)
    exact = verbatim(claim, cited)
    if exact is not None:
        return Judgement(Support.SUPPORTED, _CERTAIN, (), {exact[0].key: exact[1]})
    alignment = align(claim, cited)
    found = tuple(faults(alignment, known))
    score = weights().probability(features(alignment, found))
    if _is_anchored(alignment):
        score = max(score, weights().unsure)
    outcome, probability = _decide(score, found)
    return Judgement(outcome, probability, found, _highlight(alignment))


def _decide(score: float, found: Sequence[Fault]) -> tuple[Support, float]:
    """Outcome and probability: a certain fault keeps it below both cuts, a doubtful one below the upper."""
    cuts = weights()
    if any(fault.certain for fault in found):
        return Support.UNSUPPORTED, min(score, cuts.unsure / 2)
    if score < cuts.unsure:
        return Support.UNSUPPORTED, score
    if found or score < cuts.supported:
        return Support.UNSURE, min(score, cuts.supported - 0.01)
    return Support.SUPPORTED, score


def _is_anchored(alignment: Alignment) -> bool:
    """Whether the best windows have every figure of the claim, and one of them is telling: then few shared words are no
    proof against it."""
    figures = alignment.claim.figures
    telling = any(isinstance(figure, DateFact) or figure.unit or figure.value > _COUNTABLE for figure in figures)
    return telling and all(any(sentence.says(figure) for sentence in alignment.near) for figure in figures)


def _highlight(alignment: Alignment) -> dict[str, tuple[int, int]]:
    best = alignment.best.recall if alignment.best else 0.0
    return {w.ground.key: w.span for w in alignment.by_passage if best and w.recall >= _MIN_RECALL * best}


def check(draft: Draft, evidence: Evidence, brief: Brief, fmt: Format) -> CheckResult:
    """Judge every sentence that cites something, or states a fact."""
    by_key = grounds(evidence, brief.language)
    known = known_names(text for ground in by_key.values() for text in (ground.text, ground.context))
    judged = [judge_sentence(sentence, by_key, known, brief.language) for sentence in draft.sentences]
    verdicts = tuple(verdict for verdict, _ in judged)
    return counted(verdicts, tuple(finding for _, found in judged for finding in found), fmt)


def counted(verdicts: tuple[SentenceVerdict, ...], findings: tuple[Finding, ...], fmt: Format) -> CheckResult:
    """Score and reasons by how many sentences stand."""
    outcomes = [verdict.support for verdict in verdicts]
    counts: Counter[Support] = Counter(outcome for outcome in outcomes if outcome is not Support.NOT_NEEDED)
    score = percent(sum(_WEIGHT[kind] * n for kind, n in counts.items()), counts.total()) if counts else None
    return CheckResult(PART, score, findings, *_reasons(counts, fmt), verdicts)


def _reasons(counts: Counter[Support], fmt: Format) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Why to refuse, and why to revise."""
    total, limits = counts.total(), fmt.thresholds
    standing = total - counts[Support.UNSUPPORTED]
    if total and standing / total < limits.refuse_supported:
        limit = f"at least {limits.refuse_supported:.0%} must be"
        reason = f"Only {standing} of {total} factual sentences are supported by what they cite, or may be; {limit}."
        return (reason,), ()
    if total and counts[Support.SUPPORTED] / total < limits.supported_min:
        share = f"{counts[Support.SUPPORTED]} of {total}"
        return (), (f"{share} factual sentences are surely supported; {limits.supported_min:.0%} should be.",)
    return (), ()


def judge_sentence(
    sentence: Sentence, by_key: Mapping[str, Ground], known: Collection[str], language: str
) -> tuple[SentenceVerdict, list[Finding]]:
    """The verdict on one sentence of a draft, with its findings.

    A factual sentence that cites nothing is judged by the passages nearest to it, and is never better than unsure.
    """
    cited = [by_key[key] for key in sentence.citations if key in by_key]
    factual = statement(sentence.text, language).is_factual
    if not cited and not factual and not sentence.citations:
        return SentenceVerdict(sentence_id=sentence.id, support=Support.NOT_NEEDED, probability=1.0), []
    near = cited or nearest(statement(sentence.text, language), by_key.values())
    judgement = judge_claim(sentence.text, near, known, language)
    outcome, probability = judgement.outcome, judgement.probability
    if not cited and outcome is Support.SUPPORTED:
        outcome, probability = Support.UNSURE, min(probability, weights().supported - 0.01)
    verdict = SentenceVerdict(
        sentence_id=sentence.id, support=outcome, probability=round(probability, 4), highlight=judgement.highlight
    )
    return verdict, _findings(sentence, judgement)


def nearest(claim: Statement, candidates: Iterable[Ground], limit: int = 3) -> list[Ground]:
    """The passages that hold most of the claim's content words and numbers, best first."""
    scored = [(_likeness(claim, ground), ground) for ground in candidates]
    best = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: -pair[0])
    return [ground for _, ground in best[:limit]]


def _likeness(claim: Statement, ground: Ground) -> float:
    shared = claim.stem_set & ground.whole.stem_set
    return sum(rarity(stem) for stem in shared) + len(claim.pairs & ground.whole.pairs)


def _findings(sentence: Sentence, judgement: Judgement) -> list[Finding]:
    found = [
        Finding(
            rule=fault.rule,
            severity=Severity.ERROR if fault.certain else Severity.WARN,
            message=fault.message,
            sentence_id=sentence.id,
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
            rule="support.overlap",
            severity=Severity.ERROR if certain else Severity.WARN,
            message=f"{message} (probability of support {judgement.probability:.2f}).",
            sentence_id=sentence.id,
            span=(0, len(sentence.text)),
            fix="cite the passage that says it, say only what the passage says, or take it out",
        )
    ]

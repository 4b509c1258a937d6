"""What a section is mended with and judged by: its findings, the passages at hand, and what may be spent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from aiwriter.documents import (
    ArticleKind,
    Brief,
    Draft,
    Evidence,
    Finding,
    PassageId,
    QualityReport,
    Section,
    Sentence,
    SentenceVerdict,
    Severity,
    Support,
)
from aiwriter.pipeline import quality
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality import citations, contradictions, language, meaning, near_copy, quotations, support
from aiwriter.pipeline.quality.statements import Ground, grounds, known_names, statement
from aiwriter.ports import Checker, LanguageModel, RunContext, WordEmbedder

# What can be asked of a section alone.
CHECKS = (citations.check, support.check, quotations.check, contradictions.check, near_copy.check, language.check)
NEAREST = 3  # passages that a failing sentence is held against, beside those it cites
_WEAK = (Support.UNSURE, Support.UNSUPPORTED)
_RANK = {Support.UNSUPPORTED: 0, Support.UNSURE: 1, Support.SUPPORTED: 2, Support.VOUCHED: 2, Support.NOT_NEEDED: 2}


@dataclass(frozen=True)
class Means:
    """What a section is mended with. `affords` says whether a call that may cost so much leaves enough for the rest of
    the run; `words` is what the gate hears a draft with; `thrifty` is set when the run is near its budget already: then
    nothing is rewritten."""

    model: LanguageModel
    context: RunContext
    affords: Callable[[Decimal], Awaitable[bool]]
    checker: Checker | None = None
    words: WordEmbedder | None = None
    thrifty: bool = False


@dataclass(frozen=True)
class Judged:
    """A section with the report on it, and the sentences that copy a source where it would be refused for that."""

    section: Section
    report: QualityReport
    copied: frozenset[UUID] = frozenset()

    @cached_property
    def verdicts(self) -> dict[UUID, SentenceVerdict]:
        return {verdict.sentence_id: verdict for verdict in self.report.sentences}

    @cached_property
    def weak(self) -> list[Sentence]:
        """The sentences that are not surely supported."""
        return [one for one in self.section.own if self.support(one) in _WEAK]

    @cached_property
    def contested(self) -> set[UUID | None]:
        """The sentences that tell a contested figure as undisputed."""
        return {one.sentence_id for one in self.report.findings if one.rule == contradictions.RULE}

    @property
    def counted(self) -> int:
        """The sentences that are held against passages."""
        return sum(one.support is not Support.NOT_NEEDED for one in self.report.sentences)

    def support(self, sentence: Sentence) -> Support:
        return self.verdicts[sentence.id].support

    def findings(self, sentence: Sentence) -> list[Finding]:
        """What was found about a sentence, the errors first."""
        found = [one for one in self.report.findings if one.sentence_id == sentence.id]
        return sorted(found, key=lambda one: one.severity is not Severity.ERROR)

    def reason(self, sentence: Sentence) -> str:
        return next((one.message for one in self.findings(sentence)), "")


@dataclass(frozen=True)
class Bench:
    """What every section of a draft is judged by. `opinions` and `meant` as in Draft; `strict`: whatever is unsure is
    to be made sure, since the article as a whole has too much of it."""

    brief: Brief
    evidence: Evidence
    fmt: Format
    opinions: dict[UUID, float] = field(default_factory=dict)
    meant: dict[UUID, tuple[float, ...]] = field(default_factory=dict)
    strict: bool = False

    def judged(self, section: Section) -> Judged:
        draft = self._draft(section)
        report = quality.judge(draft, self.evidence, self.brief, self.fmt, CHECKS)
        copies = any(one.rule == near_copy.RUN for one in report.findings)
        return Judged(section, report, near_copy.copied(draft, self.evidence, self.fmt) if copies else frozenset())

    async def hearing(self, section: Section, words: WordEmbedder | None) -> Bench:
        """The same with what an embedder says of the section, as the gate will judge it."""
        heard = await meaning.heard(self._draft(section), self.evidence, self.brief, words)
        return replace(self, meant=heard.meant)

    def _draft(self, section: Section) -> Draft:
        return Draft(kind=ArticleKind.ARTICLE, title="", sections=(section,), opinions=self.opinions, meant=self.meant)

    @cached_property
    def grounds(self) -> dict[str, Ground]:
        """The passages that a sentence may be given, by id: those of a replaced version are not."""
        old = {item.passage.id for item in self.evidence.items if item.passage.source_hash in self.evidence.superseded}
        return {key: one for key, one in grounds(self.evidence, self.brief.language).items() if key not in old}

    @cached_property
    def known(self) -> frozenset[str]:
        return known_names(text for one in self.grounds.values() for text in (one.text, one.context))

    def near(self, sentence: Sentence) -> list[Ground]:
        claim = statement(sentence.text, self.brief.language)
        return support.nearest(claim, self.grounds.values(), NEAREST)

    def failing(self, judged: Judged) -> list[Sentence]:
        """The sentences to mend: those that tell a contested figure as undisputed, those for whose copying the section
        would be refused, and all that are not supported, unless none is unsupported and no more are unsure than one, or
        than the format lets be."""
        weak = judged.weak
        false = any(judged.support(one) is Support.UNSUPPORTED for one in weak)
        allowed = max(1, int((1 - self.fmt.thresholds.supported_min) * judged.counted))
        bad = weak if false or len(weak) > (0 if self.strict else allowed) else []
        others = judged.contested | judged.copied
        return [one for one in judged.section.own if one in bad or one.id in others]

    def rivals(self, section: Section) -> dict[UUID, tuple[PassageId, PassageId]]:
        """The two passages that disagree, for each sentence that tells of one alone."""
        return contradictions.untold(section, self.evidence, self.brief.language)


def changed(section: Section, changes: Mapping[UUID, Sentence]) -> Section:
    """The section with sentences replaced; the others stay as they are."""
    paragraphs = tuple(
        paragraph.model_copy(update={"sentences": tuple(changes.get(one.id, one) for one in paragraph.sentences)})
        for paragraph in section.paragraphs
    )
    return section.model_copy(update={"paragraphs": paragraphs})


def improved(before: Judged, after: Judged, changes: Mapping[UUID, Sentence]) -> dict[UUID, Sentence]:
    """The changes whose new sentence stands better than the old one, or as well and tells what was contested in it or
    says what was copied in other words; and copies no source."""
    copied = {one.sentence_id for one in after.report.findings if one.rule == near_copy.RUN} | after.copied
    rank = {
        key: (_RANK[verdict.support], key not in judged.contested, key not in judged.copied)
        for judged in (before, after)
        for key, verdict in judged.verdicts.items()
    }
    return {key: new for key, new in changes.items() if rank[new.id] > rank[key] and new.id not in copied}


def where(section: Section) -> str:
    """The section in words."""
    return f"section “{section.heading}”" if section.heading else "the introduction"

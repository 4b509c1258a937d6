"""What a run will probably take, before it starts: from runs like it, or by rule where there are none yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from statistics import median
from uuid import UUID

from aiwriter.documents import ArticleKind, Brief, Estimate, Run, RunFacts, RunStatus, Stage
from aiwriter.errors import BadInput
from aiwriter.pipeline import drafting, formats, outline, rewriting, second_opinion, thrift
from aiwriter.pipeline.outline import EXCERPT_WORDS, INTRODUCTION, MOST_PASSAGES
from aiwriter.pipeline.places import plans_queries
from aiwriter.pipeline.workbench import NEAREST
from aiwriter.ports import (
    NO_RUN,
    CallKey,
    Checker,
    Clock,
    Database,
    LanguageModel,
    ModelRequest,
    Principal,
    Prompt,
    UnitOfWork,
    Usage,
)
from aiwriter.services import caps, holding
from aiwriter.text.counted import counted
from aiwriter.text.tokens import BYTES_PER_TOKEN

LATEST_RUNS = 50
TOLD = "estimate"  # item of the RESEARCH stage
ENOUGH_RUNS = 3  # fewer say too little
TOKENS_A_WORD = 1.5  # of English text, counted generously
JSON_SHARE = 1.6  # of a reply: text, and the JSON around it with its citations
PROMPT_TOKENS = 700  # instructions, schema and headings of one call
PASSAGE_WORDS = 120
PLANNING_PASSAGES = 30  # what an outline is usually planned from
SEARCH_TOKENS = 250  # read, and as many written, when the model plans what is searched
MOST_TRIES = 3  # a call and its re-asks
MENDED_SHARE = 0.5  # of the sections that a model is asked to mend, once, where nothing is known of it yet
MENDED = Usage(round(PROMPT_TOKENS + 2 * NEAREST * PASSAGE_WORDS * TOKENS_A_WORD), 400, estimated=True)  # by one call
ASKED_A_SECTION = 2  # second opinions: on it as it was written, and on what is rewritten in it
ASKED = Usage(round(PROMPT_TOKENS + 2 * PASSAGE_WORDS * TOKENS_A_WORD), second_opinion.answer_tokens(1), estimated=True)
FEWEST_WORDS = 8  # of a sentence, where many are counted


async def estimate(
    database: Database,
    principal: Principal,
    clock: Clock,
    brief: Brief,
    model: LanguageModel,
    budget_usd: Decimal | None,
    checker: Checker | None = None,
    cheaper: LanguageModel | None = None,
) -> Estimate:
    """Calls, tokens, dollars and seconds of a run for this brief, with what a `checker` is paid for second opinions;
    near its budget the `cheaper` model writes. Raises BadInput for an unknown format, and for a model whose context is
    too small.

    What is likely follows the median of this model's latest runs, by word, when there are three or more; `most_usd` is
    what all mending and all re-asks would cost with answers and thoughts as long as they may be, and never more than
    the caps have left.
    """
    principal.require("read")
    require_context(brief, model)
    async with database.unit_of_work(principal.workspace_id) as work:
        alike = await work.facts.of_model(model.name, LATEST_RUNS)
    judge = checker.model if checker and model.writes is ArticleKind.ARTICLE else None
    calls = _calls(brief, model, judge, alike if len(alike) >= ENOUGH_RUNS else ())
    usage, seconds = _by_rule(brief, model, calls.mended), None
    basis = "by rule: this model has written too little here yet"
    if len(alike) >= ENOUGH_RUNS:
        usage = Usage(
            _scaled((one.input_tokens / one.words for one in alike), brief),
            _scaled((one.output_tokens / one.words for one in alike), brief),
        )
        seconds = round(median(one.seconds / one.words for one in alike) * brief.words, 1)
        basis = f"from the latest {counted(len(alike), 'run')} of this model"
    left = await caps.tightest(database, principal, clock, model.name, budget_usd)
    asked = _times(ASKED, calls.asked)
    most = _most(brief, model, calls, usage) + _most_asked(brief, judge, calls)
    return Estimate(
        model=model.name,
        model_calls=calls.likely,
        fewest_calls=calls.fewest,
        most_calls=calls.most,
        input_tokens=usage.input_tokens + asked.input_tokens,
        output_tokens=usage.output_tokens + asked.output_tokens,
        least_usd=model.cost_of(_plus(usage, -calls.mended)),
        likely_usd=model.cost_of(usage) + (judge.cost_of(asked) if judge else 0),
        most_usd=most if left is None else min(most, left.usd),
        seconds=seconds,
        basis=basis,
        error=_error(alike),
        caps="" if model.writes is ArticleKind.DIGEST else caps.told(left, *must_be_free(brief, model, cheaper)),
    )


def require_context(brief: Brief, model: LanguageModel) -> None:
    """Raises BadInput for a model whose context holds no plan of such an article, or no section with one passage: else
    that is found out once sources were read and searches paid for."""
    if model.writes is ArticleKind.DIGEST:
        return
    section = round(PASSAGE_WORDS * TOKENS_A_WORD) + drafting.answer_tokens(_words_a_section(brief))
    least = PROMPT_TOKENS + max(section, outline.answer_tokens(_sections(brief)))
    if model.context_tokens < least:
        raise BadInput(
            f"the context of {model.name} holds {model.context_tokens:,} tokens; to write {brief.words:,} words takes "
            f"{least:,} at the least",
            hint="Name a model with a longer context or ask for fewer words; if it is longer than that, set "
            "CONTEXT_TOKENS of its provider, such as AIWRITER_OPENAI__CONTEXT_TOKENS.",
        )


async def tell(
    database: Database,
    principal: Principal,
    clock: Clock,
    run: Run,
    model: LanguageModel,
    checker: Checker | None = None,
) -> None:
    """Keep with a run that begins what it will probably take: at its end it is measured against that."""
    async with database.unit_of_work(principal.workspace_id) as work:
        if await told(work, run.id) is not None:
            return
    made = await estimate(database, principal, clock, run.brief, model, run.budget_usd, checker)
    async with database.unit_of_work(principal.workspace_id) as work:
        await holding.fence(work, run.id)
        await work.stages.put(run.id, Stage.RESEARCH, TOLD, made, 0.0)
        await work.commit()


async def told(work: UnitOfWork, run_id: UUID) -> Estimate | None:
    """What was reckoned when the run began."""
    found = await work.stages.get(run_id, Stage.RESEARCH, TOLD)
    return None if found is None else Estimate.model_validate_json(found)


def _error(alike: Iterable[RunFacts]) -> float | None:
    missed = [
        float(abs(one.cost_usd - one.estimated_usd) / one.estimated_usd)
        for one in alike
        if one.status is RunStatus.DONE and one.estimated_usd and not one.unknown_calls
    ]
    return round(median(missed), 3) if len(missed) >= ENOUGH_RUNS else None


@dataclass(frozen=True, slots=True)
class _Calls:
    """Model calls of a run without re-asks: without mending, for mending and for second opinions, as it probably goes
    and the most there can be."""

    fewest: int
    mended: int = 0
    most_mended: int = 0
    asked: int = 0
    most_asked: int = 0

    @property
    def likely(self) -> int:
        return self.fewest + self.mended + self.asked

    @property
    def most(self) -> int:
        return self.fewest + self.most_mended + self.most_asked


def _calls(brief: Brief, model: LanguageModel, judge: LanguageModel | None, alike: Sequence[RunFacts]) -> _Calls:
    """Likely is the median of runs like it, by word, second opinions among them, within what there can be."""
    if model.writes is ArticleKind.DIGEST:
        return _Calls(0)
    sections = _sections(brief)
    fewest, rounds = 1 + sections + plans_queries(brief), formats.load(brief.format).rewrites
    most_mended, most_asked = sections * rounds, ASKED_A_SECTION * sections if judge else 0
    if alike:
        beyond = round(median(one.model_calls / one.words for one in alike) * brief.words) - fewest
        return _Calls(fewest, max(0, min(beyond, most_mended + most_asked)), most_mended, 0, most_asked)
    some = ceil(MENDED_SHARE * sections)
    return _Calls(fewest, some if rounds else 0, most_mended, some if judge else 0, most_asked)


def _times(usage: Usage, calls: int) -> Usage:
    return Usage(usage.input_tokens * calls, usage.output_tokens * calls, estimated=True)


def _plus(usage: Usage, mending: int) -> Usage:
    """With so many calls of mending more (or fewer)."""
    read = usage.input_tokens + mending * MENDED.input_tokens
    written = usage.output_tokens + mending * MENDED.output_tokens
    return Usage(max(read, 0), max(written, 0), estimated=True)


def _most(brief: Brief, model: LanguageModel, calls: _Calls, usage: Usage) -> Decimal:
    """All calls that there can be, each asked again as often as can be, with answers as long as they may be."""
    if model.writes is ArticleKind.DIGEST:
        return Decimal(0)
    sections = _sections(brief)
    rule = _by_rule(brief, model, calls.most_mended)
    read = max(rule.input_tokens, _plus(usage, calls.most_mended - calls.mended).input_tokens)
    mended = drafting.answer_tokens(rewriting.LONGEST * _words_a_section(brief))
    written = outline.answer_tokens(sections) + sections * drafting.answer_tokens(_words_a_section(brief))
    written += calls.most_mended * mended + SEARCH_TOKENS * plans_queries(brief)
    once = model.cost_of(Usage(read, written, estimated=True)) + (calls.most - calls.most_asked) * _beside(model)
    return MOST_TRIES * once


def _most_asked(brief: Brief, judge: LanguageModel | None, calls: _Calls) -> Decimal:
    """All second opinions that there can be: on every sentence of every section, with all its passages shown."""
    if judge is None:
        return Decimal(0)
    words = _words_a_section(brief)
    read = _reading(judge, MOST_PASSAGES) + round(words * TOKENS_A_WORD)
    written = second_opinion.answer_tokens(ceil(words / FEWEST_WORDS))
    once = judge.cost_of(Usage(read, written, estimated=True)) + _beside(judge)
    return MOST_TRIES * calls.most_asked * once


def must_be_free(brief: Brief, model: LanguageModel, cheaper: LanguageModel | None = None) -> tuple[Decimal, Decimal]:
    """What the budgets must have room for, as calls are reserved: for the run to be written at all, by the `cheaper`
    model if need be, and for nothing to be saved. Beside what the plan is likely to cost the sections', as `thrift.fit`
    wants it."""
    sections = _sections(brief)
    planning, allowed = _planning(model), drafting.answer_tokens(_words_a_section(brief))
    plan = _reserved(model, planning, outline.answer_tokens(sections))
    planned = model.cost_of(Usage(planning, 100 * sections, estimated=True))
    full = _reserved(model, _reading(model, MOST_PASSAGES), allowed)
    few = min(_reserved(one, _reading(one, thrift.FEW_PASSAGES), allowed) for one in (model, cheaper or model))
    least = max(plan, planned + few * (1 + thrift.LIKELY_SHARE * (sections - 1)))
    return least, max(plan, planned + sections * full)


def _reserved(model: LanguageModel, read: int, written: int) -> Decimal:
    """What is reserved for one call: every byte of the prompt counts as a token."""
    return model.cost_of(Usage(round(read * BYTES_PER_TOKEN), written, estimated=True)) + _beside(model)


def _beside(model: LanguageModel) -> Decimal:
    """What a call may cost beside its prompt and its answer: the thoughts of a model that thinks."""
    nothing = Prompt("", "", "", "")
    return model.upper_bound(ModelRequest(CallKey(NO_RUN, Stage.OUTLINE), nothing, max_output_tokens=0))


def _by_rule(brief: Brief, model: LanguageModel, mending: int) -> Usage:
    if model.writes is ArticleKind.DIGEST:
        return Usage()
    sections = _sections(brief)
    asked = SEARCH_TOKENS if plans_queries(brief) else 0
    read = asked + _planning(model) + sections * _reading(model, MOST_PASSAGES)
    written = 100 * (sections + 1) + brief.words * TOKENS_A_WORD * JSON_SHARE
    return _plus(Usage(round(read), round(written + asked)), mending)


def _planning(model: LanguageModel) -> int:
    """What the model reads for the outline."""
    read = PROMPT_TOKENS + PLANNING_PASSAGES * EXCERPT_WORDS * TOKENS_A_WORD
    return round(min(read, model.context_tokens / 2))


def _reading(model: LanguageModel, passages: int) -> int:
    """What it reads for a section."""
    return round(min(PROMPT_TOKENS + passages * PASSAGE_WORDS * TOKENS_A_WORD, model.context_tokens / 2))


def _words_a_section(brief: Brief) -> int:
    """Of those that are no introduction, which is shorter."""
    return ceil(brief.words / formats.load(brief.format).sections_for(brief.words))


def _sections(brief: Brief) -> int:
    fmt = formats.load(brief.format)
    return fmt.sections_for(brief.words) + (INTRODUCTION in fmt.parts)


def _scaled(tokens_a_word: Iterable[float], brief: Brief) -> int:
    return round(median(tokens_a_word) * brief.words)

"""What a run will probably take, before it starts: from runs like it, or by rule where there are none yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, timedelta
from decimal import Decimal
from statistics import median

from aiwriter.documents import ArticleKind, Brief, Estimate
from aiwriter.pipeline import formats
from aiwriter.pipeline.outline import EXCERPT_WORDS, INTRODUCTION, MOST_PASSAGES
from aiwriter.ports import Clock, Database, LanguageModel, Principal, Usage

LOOK_BACK_DAYS = 90
ENOUGH_RUNS = 3  # fewer say too little
TOKENS_A_WORD = 1.5  # of English text, counted generously
JSON_SHARE = 1.6  # of a reply: text, and the JSON around it with its citations
PROMPT_TOKENS = 700  # instructions, schema and headings of one call
PASSAGE_WORDS = 120
PLANNING_PASSAGES = 30  # what an outline is usually planned from
MOST_TRIES = 3  # a call and its re-asks


async def estimate(
    database: Database,
    principal: Principal,
    clock: Clock,
    brief: Brief,
    model: LanguageModel,
    budget_usd: Decimal | None,
) -> Estimate:
    """Calls, tokens, dollars and seconds of a run for this brief. Raises BadInput for an unknown format.

    `likely_usd` follows the median of this model's runs of the last 90 days, by word, when there are three or more;
    `most_usd` is what all re-asks at full length would cost, and never more than the cap.
    """
    principal.require("read")
    today = clock.now().astimezone(UTC).date()
    async with database.unit_of_work(principal.workspace_id) as work:
        facts = await work.facts.between(today - timedelta(days=LOOK_BACK_DAYS), today)
    alike = [one for one in facts if one.model == model.name and one.words > 0]
    usage, seconds, basis = _by_rule(brief, model), None, "by rule: this model has written too little here yet"
    if len(alike) >= ENOUGH_RUNS:
        usage = Usage(
            _scaled((one.input_tokens / one.words for one in alike), brief),
            _scaled((one.output_tokens / one.words for one in alike), brief),
        )
        seconds = round(median(one.seconds / one.words for one in alike) * brief.words, 1)
        basis = f"from {len(alike)} runs of this model in the last {LOOK_BACK_DAYS} days"
    writes = model.writes is ArticleKind.ARTICLE
    most = model.cost_of(Usage(usage.input_tokens * MOST_TRIES, usage.output_tokens * MOST_TRIES))
    return Estimate(
        model=model.name,
        model_calls=1 + _sections(brief) if writes else 0,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        likely_usd=model.cost_of(usage),
        most_usd=most if budget_usd is None else min(most, budget_usd),
        seconds=seconds,
        basis=basis,
    )


def _by_rule(brief: Brief, model: LanguageModel) -> Usage:
    if model.writes is ArticleKind.DIGEST:
        return Usage()
    sections = _sections(brief)
    planning = PROMPT_TOKENS + PLANNING_PASSAGES * EXCERPT_WORDS * TOKENS_A_WORD
    writing = PROMPT_TOKENS + MOST_PASSAGES * PASSAGE_WORDS * TOKENS_A_WORD
    read = min(planning, model.context_tokens / 2) + sections * min(writing, model.context_tokens / 2)
    written = 100 * (sections + 1) + brief.words * TOKENS_A_WORD * JSON_SHARE
    return Usage(round(read), round(written), estimated=True)


def _sections(brief: Brief) -> int:
    fmt = formats.load(brief.format)
    return fmt.sections_for(brief.words) + (INTRODUCTION in fmt.parts)


def _scaled(tokens_a_word: Iterable[float], brief: Brief) -> int:
    return round(median(tokens_a_word) * brief.words)

"""What is searched for: queries planned from the brief by rule, or by a language model whose plan is checked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import cast

from pydantic import create_model

from aiwriter.documents import ArticleKind, Brief, Stage
from aiwriter.errors import BadReply, BudgetSpent, ProviderRejected, Unavailable
from aiwriter.pipeline import formats, replies
from aiwriter.pipeline.prompts import render
from aiwriter.pipeline.prompts.wording import style
from aiwriter.ports import CallKey, LanguageModel, ModelRequest, QueriesReply, RunContext
from aiwriter.text.languages import language_name
from aiwriter.text.topic import Topic
from aiwriter.text.words import content_words, words

LONGEST = 12  # words of a query
TELLING = 0.15  # of the topic's telling words that a model's query must share
MOST_KEYWORDS = 4
ITEM = "queries"  # of the RESEARCH stage
TOKENS_A_QUERY = 40

_OPERATOR = re.compile(r"[\"“”()<>{}|\\*~^]|(?:^|\s)-\w|\b\w+:\S|\b(?:AND|OR|NOT)\b")
_ADDRESS = re.compile(r"https?:|www\.|\w\.(?:com|org|net|edu|gov|io|de|fr|es|uk)\b", re.IGNORECASE)
_GAP = re.compile(r"\s+")


def planned(brief: Brief, most: int) -> list[str]:
    """At most `most` queries in the brief's language: its topic, the topic with the keywords, then what readers of the
    format ask, in its order. The same brief gives the same queries."""
    topic = _tidy(brief.topic)
    keywords = [_tidy(keyword) for keyword in brief.keywords[:MOST_KEYWORDS]]
    asked = formats.load(brief.format).queries.get(brief.language, ())
    wanted = [topic, *([_cut(f"{topic} {' '.join(keywords)}")] if keywords else [])]
    wanted += [_cut(f"{topic} {question}") for question in asked]
    return _distinct(wanted)[:most]


async def asked_of(model: LanguageModel, brief: Brief, most: int, context: RunContext) -> list[str]:
    """The queries of a language model, the topic first; where they cannot be used, and by the offline writer, those
    that are planned by rule. A model that fails, or may cost no more, does not end research."""
    by_rule = planned(brief, most)
    if model.writes is ArticleKind.DIGEST or most < 2:
        return by_rule
    try:
        reply = (await model.answer(_request(brief, most - 1, context))).parsed
    except (Unavailable, ProviderRejected, BadReply, BudgetSpent):
        return by_rule
    said = reply.queries if isinstance(reply, QueriesReply) else []
    return _distinct([by_rule[0], *usable(said, brief), *by_rule[1:]])[:most]


def usable(said: Iterable[str], brief: Brief) -> list[str]:
    """Of a model's queries those that can be asked: short, without operators or addresses, about the topic."""
    topic = Topic.of(brief.topic, brief.language)
    return [query for text in said if _is_usable(query := _tidy(text), topic, brief.language)]


def _is_usable(query: str, topic: Topic, language: str) -> bool:
    if (
        not query.isprintable()
        or not 1 <= len(words(query)) <= LONGEST
        or _OPERATOR.search(query)
        or _ADDRESS.search(query)
    ):
        return False
    return topic.coverage(set(content_words(query, language))) >= TELLING


def _request(brief: Brief, count: int, context: RunContext) -> ModelRequest:
    key = CallKey(context.run_id, Stage.RESEARCH, ITEM)
    trusted = {
        "topic": brief.topic,
        "style": style(brief),
        "format": formats.load(brief.format).title.lower(),
        "count": str(count),
        "language": language_name(brief.language),
        "words": str(LONGEST),
    }
    return ModelRequest(
        key=key,
        prompt=render("queries", key, context, trusted, ()),
        schema=_asked_for(count),
        max_output_tokens=100 + TOKENS_A_QUERY * count,
    )


@lru_cache(maxsize=16)
def _asked_for(count: int) -> type[QueriesReply]:
    return cast(
        "type[QueriesReply]",
        create_model("QueriesReply", __base__=QueriesReply, queries=(replies.listed(str, count, count), ...)),
    )


def _tidy(text: str) -> str:
    return _GAP.sub(" ", text).strip(" .,;?!")


def _cut(text: str) -> str:
    return " ".join(text.split()[: 2 * LONGEST])


def _distinct(queries: Iterable[str]) -> list[str]:
    """Each once, whatever its case and the order of its words."""
    by_words: dict[tuple[str, ...], str] = {}
    for query in queries:
        by_words.setdefault(tuple(sorted(set(words(query)))), query)
    return list(by_words.values())

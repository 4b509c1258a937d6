"""Can the text be found, and is it shown well where it is found?

Measures: share of requirements that are met: lengths of title and description in characters as result pages show them,
an address with words in it, headings that differ from the title, the keywords of the brief (without any, the telling
words of its topic) in title, opening and a heading, every keyword somewhere, and none too often. Words are compared by
their stems. Ranks of headings need no check: a draft has sections and nothing below them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aiwriter.documents import Brief, Draft, Evidence, Finding, Severity
from aiwriter.pipeline.formats import Format, Thresholds
from aiwriter.pipeline.quality.result import CheckResult, percent
from aiwriter.pipeline.quality.statements import statement
from aiwriter.text.slugs import NAMELESS, slug
from aiwriter.text.topic import Topic
from aiwriter.text.words import content_words

PART = "seo"
RULES = {
    "seo.title_length": "give the title as many characters as a result page shows",
    "seo.description_missing": "say in one or two sentences what a reader finds",
    "seo.description_length": "give the description as many characters as a result page shows",
    "seo.slug": "put a word with Latin letters into the title",
    "seo.heading_is_title": "give the section a heading of its own",
    "seo.keyword_title": "name the topic in the title",
    "seo.keyword_opening": "name the topic in the first section",
    "seo.keyword_heading": "name the topic in a heading",
    "seo.keyword_missing": "use it where it fits, or take it out of the brief",
    "seo.stuffing": "say it with a pronoun or another word here and there",
}
ABOUT = 0.5  # of the topic's telling words
MIN_HEADINGS, MIN_WORDS, MIN_TIMES = 3, 200, 6  # fewer say nothing

Requirement = tuple[str, bool, str]  # rule, whether it is met, message when it is not


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the text is to be found by."""

    keywords: tuple[str, ...]
    topic: Topic
    language: str

    def stands_in(self, text: str) -> bool:
        """Whether one of the keywords stands there, or half of the topic."""
        if self.keywords:
            return any(_holds(text, keyword, self.language) for keyword in self.keywords)
        held = statement(text, self.language)
        return self.topic.coverage([word for word in self.topic.weights if held.holds(word)]) >= ABOUT


def check(draft: Draft, _evidence: Evidence, brief: Brief, fmt: Format) -> CheckResult:
    """Hold title, description, headings and words against the format and the brief."""
    if not draft.sentences:
        return CheckResult(PART, None)
    keywords = tuple(keyword for keyword in brief.keywords if content_words(keyword, brief.language))
    wanted = _Wanted(keywords, Topic.of(brief.topic, brief.language), brief.language)
    checked = [*_head(draft, fmt.thresholds), *_places(draft, wanted), *_use(draft, wanted, fmt.thresholds)]
    findings = tuple(
        Finding(rule=rule, severity=Severity.WARN, message=message, fix=RULES[rule])
        for rule, met, message in checked
        if not met
    )
    return CheckResult(PART, percent(len(checked) - len(findings), len(checked)), findings)


def _head(draft: Draft, limits: Thresholds) -> Iterator[Requirement]:
    low, high = limits.title_chars_min, limits.title_chars_max
    message = f"The title has {len(draft.title)} characters; {low} to {high} are shown in full."
    yield "seo.title_length", low <= len(draft.title) <= high, message
    yield "seo.description_missing", bool(draft.description.strip()), "There is no description."
    low, high = limits.description_chars_min, limits.description_chars_max
    message = f"The description has {len(draft.description)} characters; {low} to {high} are shown in full."
    if draft.description.strip():
        yield "seo.description_length", low <= len(draft.description) <= high, message
    yield "seo.slug", slug(draft.title) != NAMELESS, "Nothing of the title can stand in an address."
    same = [s.heading for s in draft.sections if s.heading and s.heading.strip().lower() == draft.title.strip().lower()]
    yield "seo.heading_is_title", not same, "A heading says the same as the title."


def _places(draft: Draft, wanted: _Wanted) -> Iterator[Requirement]:
    what = "No keyword" if wanted.keywords else "Too little of the topic"
    yield "seo.keyword_title", wanted.stands_in(draft.title), f"{what} stands in the title."
    first = next(section for section in draft.sections if section.sentences)
    opening = " ".join([first.heading, *(sentence.text for sentence in first.sentences)])
    yield "seo.keyword_opening", wanted.stands_in(opening), f"{what} stands in the first section."
    headings = [section.heading for section in draft.sections if section.heading]
    if wanted.keywords and len(headings) >= MIN_HEADINGS:
        yield "seo.keyword_heading", any(map(wanted.stands_in, headings)), "No keyword stands in a heading."


def _use(draft: Draft, wanted: _Wanted, limits: Thresholds) -> Iterator[Requirement]:
    texts = [section.heading for section in draft.sections] + [sentence.text for sentence in draft.sentences]
    total = sum(len(text.split()) for text in texts)
    for keyword in wanted.keywords:
        times = sum(_holds(text, keyword, wanted.language) for text in texts)
        named = times > 0 or _holds(draft.title, keyword, wanted.language)
        yield "seo.keyword_missing", named, f"The keyword “{keyword}” stands nowhere."
        share = times * len(keyword.split()) / total
        stuffed = total >= MIN_WORDS and times >= MIN_TIMES and share > limits.keyword_density_max
        most = f"{limits.keyword_density_max:.1%} is the most"
        message = f"“{keyword}” stands in {times} sentences, {share:.1%} of all words; {most}."
        yield "seo.stuffing", not stuffed, message


def _holds(text: str, keyword: str, language: str) -> bool:
    """Whether every content word of the keyword stands in the text, in any form and order."""
    held = statement(text, language)
    return all(held.holds(stem) for stem in content_words(keyword, language))

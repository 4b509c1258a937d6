"""Is the text in the language that was asked for?

Measures: share of sentences that are not in another one, where any is; told by script and commonest words
(`text.languages.other_than`), without what stands in quotation marks. In doubt it is the language asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat
from uuid import UUID

from aiwriter.documents import (
    ArticleKind,
    Brief,
    Draft,
    Evidence,
    Finding,
    Sentence,
    Severity,
    Source,
)
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.result import CheckResult, percent
from aiwriter.text.counted import counted
from aiwriter.text.facts import quotations
from aiwriter.text.languages import language_name, language_of, other_than

PART = "language"


def check(draft: Draft, _evidence: Evidence, brief: Brief, _fmt: Format) -> CheckResult:
    """Hold sections and sentences against the language of the brief: a section in another one refuses the text, a
    sentence in another one does not stand. Of a digest, which quotes, it is only told."""
    asked = brief.language
    if draft.kind is ArticleKind.DIGEST:
        return _digest(draft, asked)
    own = [section.own for section in draft.sections]
    whole = other_than(_text(chain.from_iterable(own)), asked)
    told = [_told(sentences, whole, asked) for sentences in own]
    wrong = dict(chain.from_iterable(map(_wrong, own, told, repeat(asked))))
    findings = tuple(_finding(one.id, wrong[one.id], asked) for one in draft.sentences if one.id in wrong)
    refusals = [_is_in("The text", whole, asked)] if whole else list(_foreign(draft, told, asked))
    score = percent(len(draft.sentences) - len(wrong), len(draft.sentences)) if wrong else None
    return CheckResult(PART, score, findings, tuple(refusals))


def _foreign(draft: Draft, told: Iterable[str | None], asked: str) -> Iterator[str]:
    """Why sections refuse a text that as a whole is in the language asked for."""
    for section, said in zip(draft.sections, told, strict=True):
        if said:
            yield _is_in(f"Section “{section.heading}”" if section.heading else "The introduction", said, asked)


def language_told(draft: Draft, asked: str) -> str:
    """The language that a draft really has: the one asked for unless it is surely another."""
    return other_than(_text(draft.sentences), asked) or asked


def _text(sentences: Iterable[Sentence]) -> str:
    return "\n".join(_unquoted(sentence.text) for sentence in sentences)


def _unquoted(text: str) -> str:
    for span in reversed(quotations(text)):
        text = text[: span.start] + text[span.end :]
    return text


def _told(sentences: Sequence[Sentence], whole: str | None, asked: str) -> str | None:
    """The other language of a section; one too short to tell has that of the whole text."""
    text = _text(sentences)
    return other_than(text, asked) or (whole if language_of(text) is None and sentences else None)


def _wrong(sentences: Sequence[Sentence], said: str | None, asked: str) -> Iterator[tuple[UUID, str]]:
    """The sentences that are in another language, and in which: in a section of another one all but those that are
    surely in that asked for."""
    for sentence in sentences:
        text = _unquoted(sentence.text)
        found = other_than(text, asked) or (said if language_of(text) != asked else None)
        if found:
            yield sentence.id, found


def _finding(sentence: UUID, said: str, asked: str) -> Finding:
    return Finding(
        rule="language.other",
        severity=Severity.ERROR,
        message=_is_in("This", said, asked),
        sentence_id=sentence,
        fix=f"write it in {language_name(asked)}",
    )


def _is_in(what: str, said: str, asked: str) -> str:
    return f"{what} is in {language_name(said)}; {language_name(asked)} was asked for."


def _digest(draft: Draft, asked: str) -> CheckResult:
    said = other_than("\n".join(sentence.text for sentence in draft.sentences), asked)
    if said is None:
        return CheckResult(PART, None)
    message = f"The sources that it quotes are in {language_name(said)}; {language_name(asked)} was asked for."
    fix = f"ask for {language_name(said)}, or give sources in {language_name(asked)}"
    return CheckResult(PART, None, (Finding(rule="language.quoted", severity=Severity.WARN, message=message, fix=fix),))


def in_other_languages(sources: Sequence[Source], language: str) -> Iterator[str]:
    """What people are told when sources are in another language than the text that is held against them."""
    others = sum(other_than(source.text, language) is not None for source in sources)
    if others:
        are = "is" if others == 1 else "are"
        yield (
            f"{others} of {counted(len(sources), 'source')} {are} in another language than the text, which is in "
            f"{language_name(language)}: little but figures and names can be compared with what they say"
        )

"""Making sense of what models reply: handles, headings and sentences, however sloppily they were written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field

from aiwriter.pipeline.prompts.leaks import repeats_prompt
from aiwriter.ports import SentenceReply, handle
from aiwriter.text.sentences import split_sentences
from aiwriter.text.words import is_stop_word, words

HEADING_SHOWN = 90
ASK_AGAIN = "Resume to ask again, or begin anew with another model (write --model)."
_LITTLE_WORDS = ("en", "de", "fr", "es")  # languages whose little words are known; a heading does not say its own

_HANDLE = re.compile(r"(?i)\bS\s?(\d{1,3})\b")
_NUMBER = re.compile(r"\d{1,3}")
_RANGE = re.compile(r"(?i)\bS\s?(\d{1,3})\s*[-–]\s*S?\s?(\d{1,3})\b")
# "[S1]" "(S1, S2)" "[S1; S4 and S5]" "【S3】" "[S1-S3]" "(see S2)", one or several in a row
_ONE = r"S\s?\d{1,3}"
_MARK = rf"[\[(【]\s*(?:see |source:? |passages? )?{_ONE}(?:\s*(?:,|;|/|&|-|–|and|or)*\s*{_ONE})*\s*[\])】]"
_MARKS = re.compile(rf"\s*(?:{_MARK}[\s,;]*)+(?<![\s,;])", re.IGNORECASE)
_MARK_AFTER_STOP = re.compile(rf"([.!?…]+[\"”’)]?)(\s*{_MARK}(?:[\s,;]*{_MARK})*)", re.IGNORECASE)
_SAYS_SOURCE = re.compile(
    rf"(?:according to|as (?:stated|mentioned) in|per) (?:the )?(?:passage |source )?{_ONE}"
    rf"(?:\s*(?:,|and)\s*{_ONE})*,?\s*"
    rf"|(?:passage |source ){_ONE} (?:says|states|notes|mentions|reports|shows) that ",
    re.IGNORECASE,
)
# What the end of an unfinished text may become: a mark, or words that name a passage as their source.
_WORDS_AFTER = r"(?: [^\s,]*){0,3}"
_MAY_NAME_SOURCE = re.compile(
    rf"\s*(?:[\[(【][^\])】]{{0,40}}|\b(?:according(?: to{_WORDS_AFTER})?|(?:per|passage|source){_WORDS_AFTER}"
    rf"|as(?: (?:stated|mentioned)(?: in{_WORDS_AFTER})?)?))$",
    re.IGNORECASE,
)
_UNCERTAIN = " ,;*_“„‚‘«(["  # at the end of what has come so far: may go, or belong to what comes
_MARKUP = re.compile(r"\*\*|__|`|^#+\s*|^\s*(?:[-*•]|\d{1,2}[.)])\s+(?=\S)")
_NUMBERING = re.compile(r"^(?:(?:section|part|chapter)\s+)?(?:\d{1,2}|[ivx]{1,4})[.):]\s+", re.IGNORECASE)
# Nothing that is shown without a citation needs one: "https://…", "www.…", "javascript:…"
_ADDRESS = re.compile(
    r"[\[(<]*(?:\b[a-z][a-z0-9+.-]*://|//|\bwww\.|\b(?:javascript|vbscript|data|mailto):)\S*", re.IGNORECASE
)
_ENDS = tuple('.!?…:"”’)]')


def handles(count: int) -> Any:
    """The type of a handle in a reply: any text is accepted, the JSON schema names the passages there are."""
    return Annotated[str, Field(json_schema_extra={"enum": [handle(index) for index in range(count)]})]


def listed(kind: Any, fewest: int, most: int) -> Any:
    """The type of a list in a reply: any length is accepted, the JSON schema asks for these bounds."""
    return Annotated[list[kind], Field(json_schema_extra={"minItems": fewest, "maxItems": most})]


def indexes(named: Iterable[str], count: int) -> list[int]:
    """Indexes (from 0) of the passages that handles name, in order, once each; unknown ones are dropped.

    Understands "S2", "[S2]", "s2", "2", "S2, S4" and "S2-S4".
    """
    found: list[int] = []
    for text in named:
        found += _numbers(text)
    return list(dict.fromkeys(number - 1 for number in found if 1 <= number <= count))


def _numbers(text: str) -> list[int]:
    numbers = [int(number) for number in _HANDLE.findall(text)]
    for first, last in _RANGE.findall(text):
        numbers += range(int(first), int(last) + 1)
    return numbers or [int(number) for number in _NUMBER.findall(text)]


def heading(text: str) -> str:
    """A heading without markup, numbering, addresses, quotation marks and end stop, cut at a word that may
    stand last: no "after the landslip of".

    Empty when it repeats a prompt.
    """
    plain = _NUMBERING.sub("", _MARKS.sub("", described(text)).replace("*", "").lstrip("# "))
    plain = plain.strip("\"“”'`").rstrip(".:;, ")
    if len(plain) <= HEADING_SHOWN:
        return plain
    kept = plain[:HEADING_SHOWN].rsplit(" ", 1)[0].split(" ")
    while len(kept) > 1 and any(is_stop_word(kept[-1].lower(), language) for language in _LITTLE_WORDS):
        kept.pop()
    return " ".join(kept).rstrip(",;: ")


def described(text: str) -> str:
    """A description on one line without addresses; empty when it repeats a prompt."""
    return "" if repeats_prompt(text) else " ".join(_ADDRESS.sub("", text).split())


def sentences(reply: SentenceReply, count: int, language: str) -> Iterator[tuple[str, list[int]]]:
    """(text, indexes of the cited passages) of each sentence in one reply, without marks and markup.

    Marks in the text become citations: in a string of several sentences each has its own, else the string's. What
    repeats a prompt is left out.
    """
    given = indexes(reply.passages, count)
    text = _MARK_AFTER_STOP.sub(r"\2\1", " ".join(reply.text.split()))
    pieces = [text[start:end] for start, end in split_sentences(text, language)]
    for piece in pieces:
        bare, marks = _without_marks(piece)
        own = indexes(marks, count)
        cited = own if own and len(pieces) > 1 else list(dict.fromkeys([*given, *own]))
        if words(bare) and not repeats_prompt(bare):
            yield bare, cited


def so_far(text: str, language: str) -> Iterator[str]:
    """The texts that `sentences` makes of a reply that is not finished; of the last, the words that are certain."""
    text = _MARK_AFTER_STOP.sub(r"\2\1", " ".join(text.split()))
    pieces = [text[start:end] for start, end in split_sentences(text, language)]
    for piece in pieces[:-1]:
        if words(whole := _bare(piece)[0].rstrip(_UNCERTAIN)) and not repeats_prompt(whole):
            yield whole
    for piece in pieces[-1:]:
        certain = _MAY_NAME_SOURCE.sub("", _bare(piece)[0].rpartition(" ")[0])
        if words(certain) and not repeats_prompt(certain):
            yield certain.rstrip(_UNCERTAIN)


@lru_cache(maxsize=4096)  # while a section is written its sentences are compared again and again
def same(text: str) -> str:
    """Equal for texts with the same words."""
    return " ".join(words(text))


def _without_marks(text: str) -> tuple[str, Sequence[str]]:
    bare, found = _bare(text)
    return (bare if not bare or bare.endswith(_ENDS) else bare + "."), found


def _bare(text: str) -> tuple[str, Sequence[str]]:
    found: list[str] = []

    def take(match: re.Match[str]) -> str:
        found.append(match[0])
        return ""

    bare = _MARKS.sub(take, text)
    bare = _SAYS_SOURCE.sub(take, bare)
    bare = " ".join(_MARKUP.sub("", bare).split())
    if bare and bare.split()[0].islower():
        bare = bare[0].upper() + bare[1:]
    return bare, found

"""The readable text of a section while a language model still writes its JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from aiwriter.documents import Section
from aiwriter.pipeline import replies
from aiwriter.ports import OnText, SentenceReply
from aiwriter.text.identifiers import concealed

# `"sentences":` opens a paragraph; `"text": "…` is a sentence, finished when its quotation mark has come.
_PART = re.compile(r'"(?:(sentences)|text)"\s*:\s*(?(1)|"([^"\\]*(?:\\.[^"\\]*)*)("?))', re.DOTALL)
_STEP = 40  # characters of a reply, about a line of text: reading all of it anew for each token is lost work
# what no database keeps in a text
_MAY_BE_SECRET = re.compile(r"\s*(?=\S*\d)[^\s“”\"]{12,}\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class LiveText:
    """Hears a section's raw reply and hands on its text so far: sentences without marks and markup, none said twice,
    paragraphs parted by a blank line, no longer than `most_words` allow. Never raises of its own.

    What is told is the beginning of what the finished section will say; only a model that starts anew takes words back.
    `told` are texts that a section must not repeat. A reply is read again when it has grown by `step` characters, or
    has begun anew.
    """

    def __init__(
        self, on_text: OnText, language: str, told: Sequence[str], most_words: float, *, step: int = _STEP
    ) -> None:
        self._on_text = on_text
        self._language = language
        self._told = {replies.same(text) for text in told}
        self._most_words = most_words
        self._last = ""
        self._step = step
        self._heard = 0
        self._read: dict[str, list[str]] = {}

    async def hear(self, raw: str) -> None:
        """Take the raw reply so far."""
        if 0 <= len(raw) - self._heard < self._step:
            return
        self._heard = len(raw)
        text = _settled(_joined(self._cut(self._paragraphs(raw))))
        if not self._last.startswith(text):  # a word in doubt is not taken back before it is settled
            await self._tell(text)

    async def finish(self, section: Section) -> None:
        """Tell the text of the finished section."""
        await self._tell(_joined([sentence.text for sentence in one.sentences] for one in section.paragraphs))

    async def _tell(self, text: str) -> None:
        text = concealed(text)
        if text and text != self._last:
            self._last = text
            await self._on_text(text)

    def _paragraphs(self, raw: str) -> Iterator[list[str]]:
        seen, paragraph = set(self._told), list[str]()
        for opens, body, closed in _PART.findall(raw):
            if opens:
                yield paragraph
                paragraph = []
            for text in self._finished(body) if closed else self._unfinished(body, seen):
                if replies.same(text) not in seen:
                    seen.add(replies.same(text))
                    paragraph.append(text)
        yield paragraph

    def _finished(self, body: str) -> list[str]:
        if body not in self._read:
            found = replies.sentences(SentenceReply(text=_plain(body)), 0, self._language)
            self._read[body] = [text for text, _cited in found]
        return self._read[body]

    def _unfinished(self, body: str, seen: set[str]) -> Iterator[str]:
        """Its texts, but for a last one that may become a repetition."""
        *done, last = [*replies.so_far(_plain(body), self._language)] or [""]
        yield from done
        if last and not any(known.startswith(replies.same(last)) for known in seen):
            yield last

    def _cut(self, paragraphs: Iterable[list[str]]) -> Iterator[list[str]]:
        left = self._most_words
        for paragraph in paragraphs:
            kept = []
            for text in paragraph:
                if left > 0:
                    kept.append(text)
                left -= len(text.split())
            yield kept


def _joined(paragraphs: Iterable[list[str]]) -> str:
    return "\n\n".join(_CONTROL.sub(" ", " ".join(sentences)) for sentences in paragraphs if sentences)


def _settled(text: str) -> str:
    """The text without a last word that may become a secret: one is only known when it is whole."""
    return _MAY_BE_SECRET.sub("", text)


def _plain(body: str) -> str:
    """What a JSON string says, which may have ended within an escape or a pair of surrogates."""
    for end in (len(body), body.rfind("\\")):
        try:
            said = str(json.loads(f'"{body[:end]}"', strict=False))
        except ValueError:
            continue
        return said.encode("utf-8", "ignore").decode()
    return ""

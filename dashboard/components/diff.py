"""What changed between two texts, word by word, with colours and signs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from aiwriter.documents import Article
from dashboard.components.markup import Node, h
from dashboard.wording import count, one_line

_WORDS = re.compile(r"\s+|[^\s]+")
_ALIKE = 0.35  # paragraphs less alike than this are shown as one taken out and one put in


def paragraphs(article: Article) -> list[str]:
    """The article's text by paragraphs: title, description, headings, and each paragraph on one line."""
    found = [article.title, article.description]
    for section in article.sections:
        found.append(section.heading)
        found.extend(" ".join(sentence.text for sentence in paragraph.sentences) for paragraph in section.paragraphs)
    return [line for line in map(one_line, found) if line]


def diff(before: list[str], after: list[str]) -> Node:
    """Paragraphs that changed, in place; those that did not are counted."""
    nodes: list[Node] = []
    for tag, i, j, k, m in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag == "equal":
            nodes.append(h("p", f"{count(j - i, 'paragraph')} unchanged", cls="gap"))
        else:
            nodes.extend(_changed(before[i:j], after[k:m]))
    return h("div", *nodes, cls="diff")


def words(before: str, after: str) -> list[Node]:
    """One text as the other became it."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    nodes: list[Node] = []
    for tag, i, j, k, m in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            nodes.append("".join(old[i:j]))
            continue
        if j > i:
            went = "".join(old[i:j])
            nodes += [_space(went), _marked("del", "removed", went.lstrip())] if went.strip() else []
        if m > k:
            came = "".join(new[k:m])
            nodes += [_space(came), _marked("ins", "added", came.lstrip())] if came.strip() else [came]
    return nodes


def _marked(tag: str, spoken: str, text: str) -> Node:
    return h(tag, h("span", f"{spoken}: ", cls="unseen"), text)


def _space(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]


def _changed(before: list[str], after: list[str]) -> Iterator[Node]:
    """Paragraphs that became one another are compared; the rest went or came whole."""
    rest = list(after)
    for old in before:
        twin = max(rest, key=lambda new: SequenceMatcher(None, old.split(), new.split()).ratio(), default=None)
        if twin is None or SequenceMatcher(None, old.split(), twin.split()).ratio() < _ALIKE:
            yield h("p", _marked("del", "removed", old))
            continue
        for came in rest[: rest.index(twin)]:
            yield h("p", _marked("ins", "added", came))
        rest = rest[rest.index(twin) + 1 :]
        yield h("p", *words(old, twin))
    for came in rest:
        yield h("p", _marked("ins", "added", came))

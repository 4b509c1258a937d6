"""What the fake provider says: outlines and sections made of the passages in the prompt, no long run of words kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from aiwriter.text.sentences import split_sentences

_PASSAGE = re.compile(r"^\[(S\d+)\] \((.*?)\) (.+)$", re.MULTILINE)
_SECTIONS = re.compile(r"(\d+) sections")
_TOPIC = re.compile(r"^Topic of the article: (.+)$", re.MULTILINE)
_RUN = 7  # words in a row that stay together: far below what counts as copied
_TURNS = ("as reported,", "it is said,", "by that account,", "as noted there,")


def reply_text(body: Mapping[str, Any]) -> str:
    """The text of a good reply to a chat completion request: JSON when an outline or a section is asked for."""
    prompt = "\n".join(str(message.get("content")) for message in body.get("messages", []))
    asked = prompt + json.dumps(body.get("response_format", {}))
    passages = [(handle, text) for handle, _title, text in _PASSAGE.findall(prompt)]
    if passages and '"heading"' in asked:
        return json.dumps(_outline(prompt, passages))
    if passages and '"paragraphs"' in asked:
        return json.dumps(_section(passages))
    return "Hello."


def _outline(prompt: str, passages: list[tuple[str, str]]) -> dict[str, Any]:
    wanted = _SECTIONS.search(prompt)
    topic = _TOPIC.search(prompt)
    count = max(1, min(int(wanted[1]) if wanted else 3, len(passages)))
    sections = [_planned(part, passages[part::count]) for part in range(count)]
    title = topic[1] if topic else "What the sources say"
    return {"title": title, "description": f"What the sources say about {title}.", "sections": sections}


def _planned(part: int, passages: list[tuple[str, str]]) -> dict[str, Any]:
    words = [word.strip(".,;:()\"'") for word in passages[0][1].split()]
    heading = " ".join(words[:5])
    return {
        "heading": f"{part + 1}. {heading}",
        "purpose": f"Tells about {heading}.",
        "passages": [handle for handle, _text in passages[:6]],
    }


def _section(passages: list[tuple[str, str]]) -> dict[str, Any]:
    sentences = [
        {"text": _retold(text[start:end], number), "passages": [handle]}
        for number, (handle, text) in enumerate(passages)
        for start, end in split_sentences(text)[:2]
    ]
    pairs = [sentences[start : start + 3] for start in range(0, len(sentences), 3)]
    return {"paragraphs": [{"sentences": pair} for pair in pairs]}


def _retold(sentence: str, number: int) -> str:
    """The sentence with a turn of phrase every few words: its facts, but no long run of its words."""
    words = sentence.split()
    parts = [" ".join(words[start : start + _RUN]) for start in range(0, len(words), _RUN)]
    turn = _TURNS[number % len(_TURNS)]
    return f" {turn} ".join(parts)

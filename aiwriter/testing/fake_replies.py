"""What the fake provider says: outlines, sections, mended sentences and second opinions, made of the passages in the
prompt, no long run of words kept."""

from __future__ import annotations

import json
import re
from typing import Any

from aiwriter.text.sentences import split_sentences
from aiwriter.text.words import content_words

PASSAGE = re.compile(r"^\[(S\d+)\] \((.*?)\) (.+)$", re.MULTILINE)
_MENDED = re.compile(r"^\[(T\d+)\] \(to be rewritten.*?\) (.+)$", re.MULTILINE)
_CONTESTED = re.compile(r"^\[F(\d+)\] \(contradictions\.untold\) .* say both “(.+?)” and “(.+?)”", re.MULTILINE)
_DISPUTED = re.compile(r"(S\d+) says “(.+?)” where (S\d+) says “(.+?)”")
_CLAIM = re.compile(r"^\[(T\d+)\] \((S[\dS, ]*)\) (.+)$", re.MULTILINE)
_SECTIONS = re.compile(r"(\d+) sections")
_TOPIC = re.compile(r"^Topic of the article: (.+)$", re.MULTILINE)
_WORDS = re.compile(r"about (\d+) words")
_RUN = 4  # words in a row that stay together: below what any check of copying looks at
FILLERS = ("indeed", "here", "also", "too")  # words that no check takes for a claim
_COUNTS = re.compile(
    r"\d|^(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand|million|per)$"
)


def reply_text(prompt: str, form: str) -> str:
    """The text of a good reply to a prompt: JSON when it, or the form it asks for, is of an outline or a section."""
    asked = prompt + form
    passages = [(handle, text) for handle, _title, text in PASSAGE.findall(prompt)]
    if passages and '"heading"' in asked:
        return json.dumps(_outline(prompt, passages))
    if passages and '"paragraphs"' in asked:
        return json.dumps(_section(prompt, passages))
    if passages and '"mended"' in asked:
        return json.dumps({"mended": [_mended(*one, passages, prompt) for one in _wrong(prompt)]})
    if passages and '"checked"' in asked:
        texts = dict(passages)
        return json.dumps({"checked": [_checked(*found, texts) for found in _claims(prompt)]})
    if '"queries"' in asked:
        return json.dumps({"queries": _queries(prompt)})
    return "Hello."


def _outline(prompt: str, passages: list[tuple[str, str]]) -> dict[str, Any]:
    wanted = _SECTIONS.search(prompt)
    topic = _TOPIC.search(prompt)
    apart = "introduction is written apart" in prompt  # a share of the passages is left for it
    count = max(1, min((int(wanted[1]) if wanted else 3) + apart, len(passages)))
    sections = [_planned(part, passages[part::count]) for part in range(count)][apart and count > 1 :]
    title = topic[1] if topic else "What the sources say"
    return {"title": title, "description": f"What the sources say about {title}.", "sections": sections}


def _queries(prompt: str) -> list[str]:
    topic = _TOPIC.search(prompt)
    words = topic[1].split() if topic else ["anything"]
    return [" ".join(words[start : start + 4]) for start in range(0, len(words), 4)]


def _planned(part: int, passages: list[tuple[str, str]]) -> dict[str, Any]:
    words = [word.strip(".,;:()\"'") for word in passages[0][1].split()]
    heading = " ".join(words[:5])
    return {
        "heading": f"{part + 1}. {heading}",
        "purpose": f"Tells about {heading}.",
        "passages": [handle for handle, _text in passages[:6]],
    }


def _section(prompt: str, passages: list[tuple[str, str]]) -> dict[str, Any]:
    """Sentences of all passages in turn, until there are as many words as asked for; three a paragraph. None that has a
    figure of which the prompt says that sources disagree: it may tell both or neither."""
    wanted = _WORDS.search(prompt)
    left = int(wanted[1]) if wanted else 100
    sentences: list[dict[str, Any]] = []
    disputed = {pair for one in _DISPUTED.findall(prompt) for pair in (one[:2], one[2:])}
    for handle, sentence in _in_turn(passages):
        if any(handle == name and says in sentence for name, says in disputed):
            continue
        text = retold(sentence, len(sentences))
        if sentences and left < len(text.split()) / 2:
            break
        left -= len(text.split())
        sentences.append({"text": text, "passages": [handle]})
    parts = [sentences[start : start + 3] for start in range(0, len(sentences), 3)]
    return {"paragraphs": [{"sentences": part} for part in parts]}


def _mended(target: str, wrong: str, passages: list[tuple[str, str]], prompt: str) -> dict[str, Any]:
    """The sentence of the passages that shares most words with the wrong one, retold; and the other figure, when that
    is what it lacks."""
    about = set(content_words(wrong))
    said = _in_turn(passages)
    name, nearest = max(said, key=lambda one: len(about & set(content_words(one[1]))))
    made = {"sentence": target, "text": retold(nearest, int(target[1:])), "passages": [name]}
    for number, own, other in _CONTESTED.findall(prompt):
        if f"T{number}" == target:
            either = {handle for handle, text in said if own in text or other in text}
            text = f"{wrong.rstrip('.')}; another source says {other}."
            made = {"sentence": target, "text": text, "passages": sorted(either | {name})[:3]}
    return made


def _wrong(prompt: str) -> list[tuple[str, str]]:
    return _MENDED.findall(prompt)


def _claims(prompt: str) -> list[tuple[str, str, str]]:
    return _CLAIM.findall(prompt)


def _checked(target: str, names: str, claim: str, passages: dict[str, str]) -> dict[str, Any]:
    """Sure where nearly all words of a claim are in its passages."""
    about = set(content_words(claim))
    found = set(content_words(" ".join(passages.get(name, "") for name in names.split(", "))))
    return {"claim": target, "probability": 0.9 if len(about & found) >= 0.9 * len(about) else 0.1}


def _in_turn(passages: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """(handle, sentence): the first of each passage, then the second …"""
    split = [(handle, [text[start:end] for start, end in split_sentences(text)]) for handle, text in passages]
    longest = max(len(sentences) for _handle, sentences in split)
    return [(handle, said[n]) for n in range(longest) for handle, said in split if n < len(said)]


def retold(sentence: str, number: int) -> str:
    """The sentence with a filler every few words, but none between a number and what it counts, and without quotation
    marks: its facts, but no run of its words."""
    left, parts = re.sub('["“”]', "", sentence).split(), []
    while left:
        length = next((n for n in range(_RUN, 1, -1) if not _COUNTS.search(left[min(n, len(left)) - 1].lower())), _RUN)
        parts.append(" ".join(left[:length]))
        left = left[length:]
    return f" {FILLERS[number % len(FILLERS)]} ".join(parts)

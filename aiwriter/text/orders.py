"""Words in a text that read like an order to a language model. Advisory: shown to people, never the only gate.

The wordings are data (`data/orders.toml`), grouped by what such an order is after. `benchmarks/screening.py` measures
them on orders that were looked at while they were made, on others that were not, and on pages that order nobody.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import string
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

REACH = 200  # characters around a cue that are searched
SHOWN = 120  # characters of an order that a report repeats
_MOST_ENCODED = 40  # pieces of a text that are decoded, and …
_LONGEST_ENCODED = 4_000  # … characters of each
_ENCODED = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}|(?<![01])(?:[01]{8} ){12,}")  # hexadecimal is in the first
_BASE85 = re.compile(r"(?<!\S)(?=\S*[^\w\s]\S*[^\w\s]\S*[^\w\s])[!-~]{40,}")
_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}){8,}")
_TAGS = re.compile("[\U000e0020-\U000e007e]{8,}")
_MORSE = re.compile(r"(?:[.-]{1,5}[ /]+){12,}")
_MORSE_SIGNS = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.."
)
_MORSE_LETTERS = dict(zip(_MORSE_SIGNS.split(), string.ascii_lowercase, strict=True))
_SPACED = re.compile(r"\b(?:\w[ ._*-]){4,}\w\b")
_BETWEEN_LETTERS = re.compile(r"[ ._*-]")
_REFERENCES = re.compile(r"(?:&#x?[0-9a-fA-F]{2,5};){6,}")
# Letters of Cyrillic and Greek that look like Latin ones; a text of their own languages is not made Latin by them.
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһӏԛԝАВЕКМНОРСТХІЈЅαερονικτυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeopcyxijsdhlqwABEKMHOPCTXIJSaepoviktuABEZHIKMNOPTYX"
)
_MIXED = re.compile(r"[a-zA-Z][а-яіјѕԁһӏԛԝα-ω]|[а-яіјѕԁһӏԛԝα-ω][a-zA-Z]")
_FEW = 3  # words of two scripts may stand in any text
_FANCY = re.compile(r"(?:[\uff21-\uff5a\U0001d400-\U0001d7ff\u24b6-\u24e9] ?){6,}")  # full width, mathematical, circled
_STACKED = re.compile(r"(?:\w[\u0300-\u036f]{2,}){3,}")
_LEET = str.maketrans("013457", "oieast")
_HAS_LEET = re.compile(r"\b[a-z]*\d+[a-z]+[a-z0-9]*\b", re.IGNORECASE)
_ROT13 = re.compile("vafgehpgvba|vtaber|flfgrz|cebzcg")  # instruction, ignore, system, prompt
_BACKWARDS = re.compile("noitcurtsni|erongi|metsys|tpmorp")


@dataclass(frozen=True, slots=True)
class Order:
    """`rule` says what the order is after, `text` begins with its words, which lie at `start` or, where it is told in
    other signs, in a piece that begins there."""

    rule: str
    text: str
    start: int


def orders(text: str) -> list[Order]:
    """What reads like an order to a model, at most once a rule, in order of place; none in most texts.

    Looks also at what is encoded (base64, hexadecimal, binary, percent, rot13), written backwards, spaced out or
    spelled with digits.
    """
    found: dict[str, Order] = {}
    for start, view in _views(text):
        for order in _in_view(view, start):
            found.setdefault(order.rule, order)
    return sorted(found.values(), key=lambda order: order.start)


def described(text: str) -> tuple[str, ...]:
    """The orders as flags of a source, for people."""
    return tuple(f"reads like an order to a model ({order.rule}): “{order.text}”" for order in orders(text))


def _in_view(view: str, offset: int | None) -> Iterator[Order]:
    lower = view.lower()  # a search that minds the case is twice as fast
    if len(lower) != len(view):  # "İ" has two letters in lower case
        view = lower
    for wordings in _compiled():
        for begin, end in _near(wordings.cues, lower):
            for rule, pattern in wordings.patterns:
                if match := pattern.search(lower, begin, end):
                    words = " ".join(view[match.start() : match.start() + 2 * SHOWN].split())[:SHOWN].rstrip()
                    yield Order(rule, words, match.start() if offset is None else offset)


def _near(cues: Sequence[str], lower: str) -> Iterator[tuple[int, int]]:
    """Stretches of a text that hold a cue, with their surroundings: most of a text holds none and is not searched."""
    begin = end = -1
    for place in sorted(place for cue in cues for place in _places(lower, cue)):
        if place - REACH > end:
            if end > 0:
                yield begin, end
            begin = max(0, place - REACH)
        end = place + REACH
    if end > 0:
        yield begin, min(end, len(lower))


def _places(lower: str, cue: str) -> Iterator[int]:
    place = lower.find(cue)
    while place >= 0:
        yield place
        place = lower.find(cue, place + 1)


def _views(text: str) -> Iterator[tuple[int | None, str]]:
    """The text itself (None), then what is told in it by other signs, with where that begins."""
    yield None, text
    for match in list(_ENCODED.finditer(text))[:_MOST_ENCODED]:
        if decoded := _decoded(match[0][:_LONGEST_ENCODED]):
            yield match.start(), decoded
    yield from _other_signs(text)
    yield from _dressed_up(text)
    if "%20" in text:
        yield text.index("%20"), unquote(text)
    if found := _ROT13.search(text.lower()):
        yield found.start(), codecs.decode(text, "rot13")
    if found := _BACKWARDS.search(text.lower()):
        yield found.start(), text[::-1]
    if found := _SPACED.search(text):
        yield found.start(), _SPACED.sub(lambda match: _BETWEEN_LETTERS.sub("", match[0]), text)
    if len(spelled := _HAS_LEET.findall(text)) > 3 and len(spelled) * 4 > len(text.split()):
        yield 0, text.translate(_LEET)


def _other_signs(text: str) -> Iterator[tuple[int, str]]:
    """What is told in escapes, tag characters and Morse code."""
    for match in _ESCAPED.finditer(text):
        yield match.start(), match[0].encode("ascii").decode("unicode_escape", "replace")
    for match in _TAGS.finditer(text):
        yield match.start(), "".join(chr(ord(character) - 0xE0000) for character in match[0])
    for match in _MORSE.finditer(text):
        words = re.split(r" ?/ ?| {2,}", match[0])
        yield match.start(), " ".join("".join(_MORSE_LETTERS.get(sign, "?") for sign in word.split()) for word in words)
    for match in _REFERENCES.finditer(text):
        yield match.start(), html.unescape(match[0])
    for match in list(_BASE85.finditer(text))[:_MOST_ENCODED]:
        if decoded := _said(partial(base64.b85decode, match[0][:_LONGEST_ENCODED])):
            yield match.start(), decoded


def _dressed_up(text: str) -> Iterator[tuple[int, str]]:
    """What is told in letters that only look like the usual ones."""
    if found := _FANCY.search(text):
        yield found.start(), unicodedata.normalize("NFKC", text)
    if len(mixed := list(_MIXED.finditer(text))) > _FEW:
        yield mixed[0].start(), text.translate(_LOOKALIKES)
    if found := _STACKED.search(text):
        bare = unicodedata.normalize("NFD", text)
        yield found.start(), "".join(sign for sign in bare if not unicodedata.combining(sign))


def _decoded(piece: str) -> str | None:
    """What an encoded piece says, when that is words."""
    bits = piece.replace(" ", "")
    tries = (
        (set(bits) <= {"0", "1"}, lambda: int(bits, 2).to_bytes(len(bits) // 8, "big")),
        (len(piece) % 2 == 0, lambda: bytes.fromhex(piece)),
        (True, lambda: base64.b64decode(piece + "=" * (-len(piece) % 4))),
        (piece.isupper(), lambda: base64.b32decode(piece + "=" * (-len(piece) % 8))),
    )
    return next((said for may, decode in tries if may and (said := _said(decode))), None)


def _said(decode: Callable[[], bytes]) -> str | None:
    try:
        said = decode().decode("utf-8")
    except (ValueError, binascii.Error, OverflowError):
        return None
    return said if said.isprintable() and " " in said else None


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((files("aiwriter.text") / "data" / "orders.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class _Wordings:
    """Patterns, each with its rule, that are sought only near certain words."""

    cues: tuple[str, ...]
    patterns: tuple[tuple[str, re.Pattern[str]], ...]


@cache
def _compiled() -> tuple[_Wordings, ...]:
    data = _data()
    common = tuple((rule, _pattern(written)) for rule, patterns in data["rules"].items() for written in patterns)
    rarer = (_Wordings(tuple(one["near"]), ((one["rule"], _pattern(one["wording"])),)) for one in data["rarer"])
    return _Wordings(tuple(data["cues"]), common), *rarer


def _pattern(written: str) -> re.Pattern[str]:
    for name, alternatives in _data()["words"].items():
        written = written.replace(f"<{name}>", alternatives)
    return re.compile(written)

"""Which elements of a page its own styles hide: a small cascade over <style> rules and style attributes.

It knows the selectors that hide things in practice (tags, classes, ids, attributes, descendants and children; a part it
does not know, like :not(…), matches nothing) and the properties of `hides`. Styles from other files are not seen.
Cascade and specificity: CSS Cascading and Inheritance Level 4, section 6; contrast: WCAG 2.2, relative luminance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiwriter.sources.colours import Colour, contrast, parse_colour

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Style = dict[str, str]

MAX_RULES = 20_000
_MIN_CONTRAST = 1.2  # white on white has 1, the faintest grey that is meant to be read has 1.6
_MIN_SIZE = 2.5  # pixels
_FAR = 400  # pixels off the edge
_PIXELS = {"px": 1.0, "pt": 1.33, "em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0, "vw": 12.0, "vh": 8.0, "cm": 38.0}
_PIXELS |= {"mm": 3.8, "in": 96.0, "pc": 16.0, "%": 10.0, "": 1.0}
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)", re.DOTALL)
_DECLARATION = re.compile(r"([-\w]+)\s*:\s*([^;]+)")
_LENGTH = re.compile(r"(-?\d*\.?\d+)(px|pt|rem|em|ex|ch|vw|vh|cm|mm|in|pc|%|)", re.IGNORECASE)
_VARIABLE = re.compile(r"var\(\s*(--[-\w]+)\s*(?:,([^()]*))?\)")
_PART = re.compile(
    r"""(?P<tag>\*|[a-zA-Z][-\w]*)?(?P<rest>(?:[.#][-\w]+|\[[-\w]+(?:[~|^$*]?=(?:"[^"]*"|'[^']*'|[^\]]*))?\]"""
    r"|:(?:first|last|only)-child|::?(?:before|after)|:root|:link|:visited)*)"
)
_SIMPLE = re.compile(r"""([.#])([-\w]+)|\[([-\w]+)(?:([~|^$*]?)=["']?([^"'\]]*)["']?)?\]|(::?[-\w]+)""")
_COMBINED = re.compile(r"\s*>\s*|\s+")
_SHOWN_MEDIA = re.compile(r"@(?:media\s+(?!print)|supports|layer|container)[^{;]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Simple:
    """One element's part of a selector: what its tag must be, and which tests it must pass."""

    tag: str
    tests: tuple[tuple[str, str, str], ...]  # (sort, name, value)

    def matches(self, element: HtmlElement) -> bool:
        return self.tag in ("", element.tag) and all(_passes(element, *test) for test in self.tests)


@dataclass(frozen=True, slots=True)
class Rule:
    """A selector, right to left with the combinator to the left of each part, and what it declares."""

    parts: tuple[tuple[Simple, str], ...]
    weight: tuple[int, int, int, int]
    style: Mapping[str, str]

    def matches(self, element: HtmlElement) -> bool:
        return self.parts[0][0].matches(element) and self._above(element, 0)

    def _above(self, element: HtmlElement, at: int) -> bool:
        """The nearest ancestor that fits is taken: good enough for what pages do."""
        while at + 1 < len(self.parts):
            combinator, at = self.parts[at][1], at + 1
            part = self.parts[at][0]
            above = element.getparent()
            while above is not None and combinator == " " and not part.matches(above):
                above = above.getparent()
            if above is None or not part.matches(above):
                return False
            element = above
        return True


class StyleSheet:
    """The rules of a page's <style> elements, found by what they ask of an element."""

    def __init__(self, tree: HtmlElement) -> None:
        self._by_key: dict[str, list[Rule]] = {}
        self._variables: dict[str, str] = {}
        self.is_whole = True
        count = 0
        for sheet in tree.iter("style"):
            if (sheet.get("media") or "all").strip().lower() == "print":
                continue
            for rule in _rules("".join(sheet.itertext()), count):
                count += 1
                if count > MAX_RULES:
                    self.is_whole = False
                    return
                self._by_key.setdefault(_key(rule.parts[0][0]), []).append(rule)
                self._variables |= {name: value for name, value in rule.style.items() if name.startswith("--")}

    def style_of(self, element: HtmlElement) -> Style:
        """What is declared for an element itself, later and more specific rules over others."""
        keys = ["", f"<{element.tag}", f"#{element.get('id')}", *(f".{c}" for c in element.get("class", "").split())]
        found = [rule for key in keys for rule in self._by_key.get(key, ()) if rule.matches(element)]
        style: Style = {}
        for rule in sorted(found, key=lambda rule: rule.weight):
            style.update(rule.style)
        if inline := element.get("style"):
            style.update(declarations(inline))
        return {name: self._resolved(value) for name, value in style.items()} if "var(" in str(style) else style

    def _resolved(self, value: str) -> str:
        for _ in range(5):
            value = _VARIABLE.sub(lambda match: self._variables.get(match[1], match[2] or ""), value)
        return value


def declarations(text: str) -> Style:
    """Property → value, both in lower case and without "!important", comments and escapes."""
    text = _ESCAPE.sub(_unescaped, _COMMENT.sub("", text))
    found = _DECLARATION.finditer(text)
    return {match[1].lower(): match[2].lower().replace("!important", "").strip() for match in found}


def _unescaped(match: re.Match[str]) -> str:
    if match[2]:
        return match[2]
    code = int(match[1], 16)
    return chr(code) if 0 < code < 0xD800 else ""


# ── rules ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _rules(text: str, before: int) -> Iterator[Rule]:
    """Rules in order, those within @media for screens as well; others with "@" are passed over."""
    text = _COMMENT.sub("", text)
    position = order = 0
    skipping: list[bool] = []
    while (brace := re.compile(r"[{}]").search(text, position)) is not None:
        head, position = text[position : brace.start()].rpartition(";")[2].strip(), brace.end()
        if brace.group() == "}":
            if skipping:
                skipping.pop()
        elif head.startswith("@"):
            skipping.append(_SHOWN_MEDIA.match(head) is None)
        else:
            end = text.find("}", position)
            body, position = text[position : end if end >= 0 else None], end + 1 if end >= 0 else len(text)
            if not any(skipping):
                order += 1
                yield from _rules_of(head, declarations(body), before + order)


def _rules_of(selectors: str, style: Style, order: int) -> Iterator[Rule]:
    for selector in selectors.split(",") if style else ():
        parts = _parts(_ESCAPE.sub(_unescaped, selector.strip()))
        if parts:
            tests = [test for part, _ in parts for test in part.tests]
            ids = sum(sort == "#" for sort, _, _ in tests)
            tags = sum(bool(part.tag) for part, _ in parts)
            yield Rule(tuple(parts), (ids, len(tests) - ids, tags, order), style)


def _parts(selector: str) -> list[tuple[Simple, str]]:
    """Right to left; empty when the selector has something unknown, or stands for what is no element."""
    texts = _COMBINED.split(selector)
    combinators = [">" if ">" in found else " " for found in _COMBINED.findall(selector)]
    parts = [_simple(text) for text in texts]
    if not selector or any(part is None for part in parts):
        return []
    known = [part for part in parts if part is not None]
    return list(zip(known[::-1], [*combinators[::-1], ""], strict=True))


def _simple(text: str) -> Simple | None:
    match = _PART.fullmatch(text)
    if not match or not text or "::" in text or ":before" in text or ":after" in text:
        return None
    tests = tuple(
        (sign, name, "") if sign else (f"[{how}", attribute, value) if attribute else (":", pseudo, "")
        for sign, name, attribute, how, value, pseudo in _SIMPLE.findall(match["rest"])
    )
    return Simple("" if match["tag"] in (None, "*") else match["tag"].lower(), tests)


def _passes(element: HtmlElement, sort: str, name: str, value: str) -> bool:
    if sort == ".":
        return name in element.get("class", "").split()
    if sort == "#":
        return bool(element.get("id") == name)
    if sort == ":":
        return _is_placed(element, name)
    actual = element.get(name.lower())
    if actual is None or (sort == "[" and not value):
        return actual is not None
    ways = {"[~": value in actual.split(), "[^": actual.startswith(value), "[$": actual.endswith(value)}
    ways |= {"[*": value in actual, "[|": actual == value or actual.startswith(f"{value}-"), "[": actual == value}
    return bool(value) and ways[sort]


def _is_placed(element: HtmlElement, pseudo: str) -> bool:
    before, after = element.getprevious() is None, element.getnext() is None
    known = {":first-child": before, ":last-child": after, ":only-child": before and after}
    return known.get(pseudo, bool(element.tag == "html" if pseudo == ":root" else element.tag == "a"))


def _key(part: Simple) -> str:
    by_sort = {sort: name for sort, name, _ in part.tests if sort in ("#", ".")}
    sort = next((sort for sort in "#." if sort in by_sort), "")
    return f"{sort}{by_sort[sort]}" if sort else f"<{part.tag}" if part.tag else ""


# ── what hides ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Look:
    """What an element takes over from those above it."""

    colour: Colour | None = (0, 0, 0, 1.0)
    background: Colour | None = (255, 255, 255, 1.0)  # None: unknown, an image or a gradient
    size: float = 16.0
    is_invisible: bool = False

    def under(self, style: Style, element: HtmlElement) -> Look:
        """The look of an element below with this style of its own."""
        if not style and not {"color", "bgcolor", "text"} & set(element.attrib):
            return self
        visibility = style.get("visibility", "")
        return Look(
            self._colour(style, element),
            self._background(style, element),
            _size(style, self.size),
            visibility in ("hidden", "collapse") if visibility and visibility != "inherit" else self.is_invisible,
        )

    def _colour(self, style: Style, element: HtmlElement) -> Colour | None:
        given = style.get("color") or (element.get("color") if element.tag == "font" else element.get("text"))
        if "-webkit-text-fill-color" in style:
            given = style["-webkit-text-fill-color"]
        return parse_colour(given, self.colour) if given and given != "inherit" else self.colour

    def _background(self, style: Style, element: HtmlElement) -> Colour | None:
        given = style.get("background-color") or style.get("background") or element.get("bgcolor")
        if "url(" in (shown := f"{given} {style.get('background-image', '')}") or "gradient(" in shown:
            return None
        colour = parse_colour(given, None) if given and given not in ("none", "inherit", "transparent") else None
        if not given or given in ("none", "inherit", "transparent"):
            return self.background
        return self.background if colour is not None and colour[3] == 0 else colour

    @property
    def hides_text(self) -> bool:
        """Whether text of this look cannot be seen (what is below may have another)."""
        if self.is_invisible or self.size < _MIN_SIZE:
            return True
        if self.colour is None:
            return False
        if self.colour[3] < 0.1:
            return True
        return self.background is not None and contrast(self.colour, self.background) < _MIN_CONTRAST


def _size(style: Style, above: float) -> float:
    given = style.get("font-size")
    if not given and "font" in style:
        given = next((word.split("/")[0] for word in style["font"].split() if word[:1].isdigit()), None)
    match = _LENGTH.fullmatch(given) if given else None
    if not match:
        return above if not given or given == "inherit" else 16.0
    number, unit = float(match[1]), match[2].lower()
    if unit in ("em", "%", "ex", "ch"):
        return above * number / (100 if unit == "%" else 1)
    return number * _PIXELS[unit]


def hides(style: Style) -> bool:
    """Whether a style hides an element with all that is in it."""
    return bool(
        style.get("display", "").startswith("none")
        or style.get("content-visibility") == "hidden"
        or _number(style.get("opacity", "")) < 0.1
        or _is_scaled_away(style)
        or _is_clipped(style)
        or _is_far_away(style)
    )


def _number(value: str) -> float:
    match = re.fullmatch(r"(-?\d*\.?\d+)(%?)", value)
    return float(match[1]) / (100 if match[2] else 1) if match else 1.0


def _is_scaled_away(style: Style) -> bool:
    shown = f"{style.get('transform', '')} {style.get('filter', '')} scale({style.get('scale', 1)})"
    small = (float(n) for n in re.findall(r"(?:scale[xy3d]*|opacity)\(\s*(\d*\.?\d+)", shown))
    return any(number < 0.05 for number in small) or "rotatex(90deg" in shown or "rotatey(90deg" in shown


def _is_clipped(style: Style) -> bool:
    if re.search(r"rect\(\s*(?:0|1)(?:px)?[\s,]+(?:0|1)(?:px)?[\s,]+(?:0|1)(?:px)?", style.get("clip", "")):
        return True
    clip = style.get("clip-path", "")
    if re.search(r"inset\(\s*(?:[5-9]\d|100)%|circle\(\s*0|polygon\(\s*0(?:px|%)?\s+0(?:px|%)?\s*\)", clip):
        return True
    flow = f"{style.get('overflow', '')} {style.get('overflow-x', '')} {style.get('overflow-y', '')}"
    flat = any(_pixels(style.get(f"{most}{name}", "")) <= 1 for most in ("", "max-") for name in ("height", "width"))
    return flat and ("hidden" in flow or "clip" in flow)


def _is_far_away(style: Style) -> bool:
    moved = [style.get(name, "") for name in ("left", "top", "right", "bottom", "text-indent")]
    moved += [style.get("margin", "").split(" ")[-1], *(style.get(f"margin-{side}", "") for side in ("left", "top"))]
    moved += [*re.findall(r"translate[xy3d]*\(\s*([^,)]+)", style.get("transform", "")), style.get("translate", "")]
    pushed = (style.get(name, "") for name in ("left", "top") if style.get("position") in ("absolute", "fixed"))
    return any(_pixels(value) <= -_FAR for value in moved) or any(
        9_000 <= _pixels(value) < float("inf") for value in pushed
    )


def _pixels(value: str) -> float:
    """A length in pixels, roughly; infinity for what is none."""
    value = re.sub(r"calc\((.*)\)", r"\1", value.strip()).split(" ")[0]
    match = _LENGTH.fullmatch(value)
    return float(match[1]) * _PIXELS[match[2].lower()] if match else float("inf")

"""Colours as CSS and PDF write them, and whether one can be told from another."""

from __future__ import annotations

import re

Colour = tuple[int, int, int, float]
"""Red, green, blue 0–255, and how opaque it is, 0–1."""

_NAMED: dict[str, Colour] = {
    "white": (255, 255, 255, 1.0), "snow": (255, 250, 250, 1.0), "ghostwhite": (248, 248, 255, 1.0),
    "whitesmoke": (245, 245, 245, 1.0), "floralwhite": (255, 250, 240, 1.0), "ivory": (255, 255, 240, 1.0),
    "azure": (240, 255, 255, 1.0), "mintcream": (245, 255, 250, 1.0), "seashell": (255, 245, 238, 1.0),
    "aliceblue": (240, 248, 255, 1.0), "honeydew": (240, 255, 240, 1.0), "black": (0, 0, 0, 1.0),
    "gray": (128, 128, 128, 1.0), "grey": (128, 128, 128, 1.0), "silver": (192, 192, 192, 1.0),
    "red": (255, 0, 0, 1.0), "green": (0, 128, 0, 1.0), "blue": (0, 0, 255, 1.0), "navy": (0, 0, 128, 1.0),
    "yellow": (255, 255, 0, 1.0), "transparent": (0, 0, 0, 0.0), "canvas": (255, 255, 255, 1.0),
    "canvastext": (0, 0, 0, 1.0),
}  # fmt: skip
_HEX = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})(?![0-9a-f])")
_FUNCTION = re.compile(r"(rgb|hsl)a?\(([^()]*)\)")


def parse_colour(text: str, current: Colour | None) -> Colour | None:
    """The first colour in a CSS value ("#fff", "rgb(0 0 0 / 0)", "url(x) white"); None when it names none we know."""
    text = text.lower()
    if "currentcolor" in text:
        return current
    if match := _HEX.search(text):
        return _from_hex(match[1])
    if match := _FUNCTION.search(text):
        return _from_function(match[1], re.findall(r"-?\d*\.?\d+%?", match[2]))
    return next((_NAMED[word] for word in re.findall(r"[a-z]+", text) if word in _NAMED), None)


def _from_hex(digits: str) -> Colour:
    if len(digits) < 6:
        digits = "".join(2 * digit for digit in digits)
    red, green, blue, alpha = (int(digits[n : n + 2] or "ff", 16) for n in (0, 2, 4, 6))
    return red, green, blue, alpha / 255


def _from_function(name: str, values: list[str]) -> Colour | None:
    if len(values) < 3:
        return None
    alpha = _share(values[3], 1) if len(values) > 3 else 1.0
    if name == "rgb":
        red, green, blue = (round(255 * _share(value, 255)) for value in values[:3])
        return red, green, blue, alpha
    import colorsys

    hue, saturation, lightness = float(values[0].rstrip("%")) / 360, _share(values[1], 100), _share(values[2], 100)
    red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(hue % 1, lightness, saturation))
    return red, green, blue, alpha


def _share(value: str, whole: float) -> float:
    number = float(value[:-1]) / 100 if value.endswith("%") else float(value) / whole
    return min(max(number, 0.0), 1.0)


def contrast(one: Colour, other: Colour) -> float:
    """WCAG's contrast of two opaque colours: 1 for equal ones, 21 for black and white."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    parts = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

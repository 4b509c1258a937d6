"""How numbers are written with digits: groups, decimals and the words for thousands and millions, by language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from aiwriter.text.units import SYMBOLS

MAGNITUDES: dict[str, int] = {
    "hundred": 2, "thousand": 3, "million": 6, "millions": 6, "mn": 6, "mln": 6, "m": 6, "billion": 9, "billions": 9,
    "bn": 9, "b": 9, "trillion": 12, "tn": 12, "trn": 12, "k": 3, "lakh": 5, "crore": 7, "mld": 9,
    "millionen": 6, "milliarde": 9, "milliarden": 9, "billionen": 12, "tausend": 3, "mio": 6, "mrd": 9, "tsd": 3,
    "milliard": 9, "milliards": 9, "millón": 6, "millones": 6, "mil millones": 9, "billones": 12,
    "milione": 6, "milioni": 6, "miliardo": 9, "miliardi": 9, "milhão": 6, "milhões": 6, "mil milhões": 9, "bilhões": 9,
    "miljoen": 6, "miljard": 9, "duizend": 3, "miljon": 6, "miljoner": 6, "miljarder": 9, "millioner": 6,
    "milliarder": 9, "milion": 6, "miliony": 6, "milionów": 6, "miliard": 9, "miliardy": 9, "miliardów": 9,
    "tysięcy": 3,
}  # fmt: skip
DECIMAL_COMMA = frozenset({"de", "fr", "es", "it", "nl", "pt", "pl", "cs", "da", "sv", "nb", "no", "fi", "ru", "tr"})


def alternatives(names: Iterable[str]) -> str:
    """A pattern of any of these names, longer ones first."""
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


LONG_MAGNITUDES = [name for name in MAGNITUDES if len(name) > 1]
# What a comma or a point is, the form alone tells where it comes twice, where both come, and where it stands before
# other than three digits and a unit follows ("1,4 millones", "1.5 million"), or after a mere nought. Only "1,200" and
# "1.200" are read by the language.
_UNIT_NEXT = (
    rf"(?=[\s\u00a0-]?(?:(?i:{alternatives(LONG_MAGNITUDES)})\b|%|[€$£]|(?i:euros?|prozent|percent)\b"
    rf"|(?:per|pour|por|pro)\s?cent|(?:{alternatives(SYMBOLS)})(?![\w²³])))"
)
_OTHERWISE = (
    r"\d{1,3}(?:{group}\d{3}){2,}(?!\d)(?:{point}\d+)?|\d{1,3}(?:{group}\d{3})+{point}\d+|0{point}\d+(?![\d.,]*[.,]\d)"
    r"|\d+{point}(?:\d{1,2}|\d{4,})(?!\d)" + _UNIT_NEXT + "|"
)


def _told_by_form(group: str, point: str) -> str:
    return _OTHERWISE.replace("{group}", re.escape(group)).replace("{point}", re.escape(point))


_GROUPED = r"(?<!\.)\.\d+|\d{1,3}(?:[,\u00a0\u202f'’]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
_GROUPED_COMMA = r"\d{1,3}(?:[.\u00a0\u202f'’]\d{3})+(?!\d)(?:,\d+)?|\d+(?:,\d+)?"
# By whether the language writes 3,2 for three and a fifth.
NUMBER_FORMS = {
    False: _told_by_form(".", ",") + _GROUPED,
    True: _told_by_form(",", ".") + _GROUPED_COMMA,
}


def _is_decimal_comma(digits: str, comma: bool) -> bool:
    """What the form of a number says, else what the language writes: see `_OTHERWISE`."""
    commas, points = digits.count(","), digits.count(".")
    if commas and points:
        return digits.rfind(",") > digits.rfind(".")
    if commas + points != 1:
        return points > 1 or (comma and not commas)
    whole, _, places = re.split("([.,])", digits)
    return comma if len(places) == 3 and whole.strip("0") else bool(commas)


def decimal_of(digits: str, comma: bool) -> tuple[Decimal, Decimal]:
    """The value and the finest place written; zeros that end a whole number of five or more digits are rounding.

    `comma`: the language writes a decimal comma, which counts where the form alone does not tell."""
    separator = "," if _is_decimal_comma(digits, comma) else "."
    whole, _, places = digits.partition(separator)
    whole = re.sub(r"\D", "", whole)
    if places:
        return Decimal(f"{whole}.{places}"), Decimal(1).scaleb(-len(places))
    zeros = len(whole) - len(whole.rstrip("0")) if len(whole) >= 5 else 0
    return Decimal(whole), Decimal(1).scaleb(zeros)

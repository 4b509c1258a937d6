"""Whether a text repeats our prompts: what we tell a model is not told to readers (OWASP LLM08, hidden context)."""

from __future__ import annotations

import re
from functools import cache

from aiwriter.pipeline.prompts import NAMES, template

LONGEST = 40  # characters in a row that a text may share with a prompt

_NAME = re.compile(r"\$\w+")


def repeats_prompt(text: str) -> bool:
    """Whether so many characters of a prompt stand in the text, however it is set or capitalised."""
    plain = _plain(text)
    return any(plain[start : start + LONGEST] in _pieces() for start in range(len(plain) - LONGEST + 1))


@cache
def _pieces() -> frozenset[str]:
    """Every run of so many characters in the fixed words of all prompts."""
    fixed = [_plain(part) for name in NAMES for half in template(name) for part in _NAME.split(half)]
    return frozenset(part[n : n + LONGEST] for part in fixed for n in range(len(part) - LONGEST + 1))


def _plain(text: str) -> str:
    return " ".join(text.lower().split())

"""Scripts whose words are not told apart by blanks, or not by blanks alone: what counts words cannot read them."""

from __future__ import annotations

import re

# Thai, Lao, Myanmar, Khmer; kana, Han, Hangul (whose particles hang on the words)
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)
_LETTER = re.compile(r"[^\W\d_]")


def is_unspaced(text: str) -> bool:
    """Whether half of the letters of a text, or more, are of such a script."""
    found = len(_UNSPACED.findall(text))
    return found > 0 and 2 * found >= len(_LETTER.findall(text))

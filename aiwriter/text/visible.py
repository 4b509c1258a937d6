"""What a reader sees of a text."""

from __future__ import annotations

import re

_BREAK = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Characters that are not seen but change what is: controls, zero-width marks (the joiners that scripts and emoji need
# stay), bidirectional overrides, fillers, variation selectors but those of emoji, the tag block, non-characters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """The text without characters that a reader cannot see; line breaks and tabs stay."""
    return _UNSEEN.sub("", _BREAK.sub("\n", text))

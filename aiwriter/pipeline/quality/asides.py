"""What stands in a text and states nothing: marks of citations, addresses, emphasis; a claim's list mark and lead-in.

All is overwritten at equal length, so that places in what is left are places in the text.
"""

from __future__ import annotations

import re

_MARKS = re.compile(r"\[\d{1,3}\]|(?:https?://|www\.)\S+(?<![.,;:!?)\]])|\*\*|__")
_NUMBERED = re.compile(r"(?:\A|(?<=[.:;!?\n]\n))[ \t]*\d{1,2}[.)](?=[ \t])")  # a line of a list: it counts nothing
_LIST_MARK = re.compile(r"\s*(?:[•*–-]|\d{1,2}[.)])\s+")
_LEAD_INS = re.compile(
    r"(?:(?:yes|no|however|also|moreover|furthermore|additionally|in addition|similarly|finally|lastly|meanwhile|"
    r"indeed|in fact|of course|notably|importantly|interestingly|nevertheless|nonetheless|conversely|in contrast|"
    r"that said|on the other hand|overall|ultimately|generally|in general|in conclusion|in summary|"
    r"for (?:example|instance)|"
    r"according to (?:my|the) (?:provided )?(?:sources|context|information|(?:web )?search results)(?: provided)?),\s+|"
    r"(?:please )?(?:note|keep in mind) that\s+|"
    r"it(?:['’]s| is) (?:also )?(?:important|worth|crucial|essential) "
    r"(?:noting|mentioning|to (?:note|remember|mention|consider|understand|keep in mind)) that\s+)+(?=\S)",
    re.IGNORECASE,
)


def told(text: str) -> str:
    """A passage without marks, addresses, emphasis and the numbers of a list."""
    return _NUMBERED.sub(_blank, _MARKS.sub(_blank, text))


def claimed(text: str, language: str = "en") -> str:
    """A claim without them, its list mark and, in English, what leads to it ("However,", "It is important to note
    that")."""
    bare = told(text)
    listed = _LIST_MARK.match(bare)
    begin = listed.end() if listed else len(bare) - len(bare.lstrip())
    lead = _LEAD_INS.match(bare, begin) if language == "en" else None
    if lead:  # by a stop word: the next word does not begin the sentence, and with a capital it is a name
        bare = bare[:begin] + "so".ljust(lead.end() - begin) + bare[lead.end() :]
    return " " * begin + bare[begin:]


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())

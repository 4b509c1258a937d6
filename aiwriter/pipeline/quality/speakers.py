"""Who says a quotation: the name beside it, in a sentence and in the passage that it is taken from."""

from __future__ import annotations

import re

from aiwriter.text.words import word_set, words

_VERB = (
    r"(?:sa(?:ys?|id)|adds?|added|t(?:ells?|old)|asks?|asked|explains?|explained|recalls?|recalled|argues?|argued|notes?"
    r"|noted|warns?|warned|writes?|wrote|thinks?|thought|sagte?|erklärte?|meinte?|selon|dit|dice|dijo|according to)"
)
_NAME = r"[^\W\d_a-zß-ÿ]\w+(?:[ -][^\W\d_a-zß-ÿ]\w+){0,3}"
_BEHIND = re.compile(rf"^\W*(?:{_VERB} (?:[a-zß-ÿ’' -]{{0,40}} )?(?P<one>{_NAME})|(?P<other>{_NAME}) {_VERB})\b")
_BEFORE = re.compile(rf"(?P<one>{_NAME})(?:, [^,“”\"]{{1,60}},)? {_VERB}\W*$|(?P<other>{_NAME}):\W*$")
_LABEL = re.compile(rf"(?:\A|\n)\W*(?P<one>{_NAME}):\s[^\n]*\Z")  # of the paragraph: "Leila Farrokhan: …"
_NOBODY = word_set("he she they it we i you the this that a an er sie es il elle on")
_NEAR = 160  # characters of the paragraph on each side: who stands there may be whom it is said for


def speaker(before: str, behind: str) -> str | None:
    """Whoever is named beside a quotation that stands between these texts; None where nobody is, or a pronoun."""
    for found in (_BEHIND.match(behind), _BEFORE.search(before)):
        if found and (name := found["one"] or found["other"]).split()[0].lower() not in _NOBODY:
            return name
    return None


def another(mine: str, passage: str, quoted: list[str]) -> str | None:
    """Whoever says these words in a passage beside which the given name does not stand, in its text or as the label of
    its paragraph; None where it does, or the passage does not tell, or has not these words."""
    place = re.search(r"\W+".join(map(re.escape, quoted)), passage.replace("’", "'"), re.IGNORECASE)
    if place is None:
        return None
    before, behind = passage[: place.start()], passage[place.end() :]
    label = _LABEL.search(before)
    theirs = speaker(before, behind) or (label["one"] if label else None)
    own = before.rpartition("\n")[2][-_NEAR:], behind.partition("\n")[0][:_NEAR]
    near = {*words(" ".join(own)), *words(theirs or "")}
    return theirs if near.isdisjoint(words(mine)) else None

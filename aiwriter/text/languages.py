"""In which language a text is: told by its tag, else by its script and its commonest words."""

from __future__ import annotations

import re
from collections import Counter

_COMMON = {
    "en": "the of and to in is was for that with are were has have had it by from "
    "this which be not at on as an she he they their its",
    "de": "der die das und ist nicht ein eine einen den dem des mit von zu auf für sich im am um sie es wurde war "
    "waren auch als hat haben nach bei aus durch über keine rund wird werden",
    "fr": "le la les des et est une du dans que qui pour pas sur au aux avec ce il elle sont par plus été ont",
    "es": "el los las del y es una en que por con para se su al más fue como no lo pero son ha este está",
    "it": "il lo gli di che è una del della nel per con non si sono alla le ha anche dei delle più questo era",
    "pt": "o os as de do da dos das e é um uma em no na que para com não se por mais foi são ao pela pelo",
    "nl": "de het een en van is niet dat die met voor op zijn te er aan ook door wordt werd bij naar heeft",
    "sv": "och att det som en ett är på av för med den till inte om har de var från vid kan",
    "da": "og at det som en et er på af for med den til ikke der har de var fra ved kan blev",
    "pl": "i w na z się nie do jest że to o jak po od przez za są oraz został który która był",
}
_WORDS = {language: frozenset(words.split()) for language, words in _COMMON.items()}
_SCRIPTS = (
    ("ja", re.compile("[\u3041-\u309f\u30a0-\u30ff]")),  # before Chinese: Japanese has both
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("uk", re.compile("[іїєґІЇЄҐ]")),  # before Russian
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
_OTHER_SCRIPT = re.compile(
    "[\u0370-\u07ff\u0900-\u0dff\u0e00-\u0e7f\u1100-\u11ff\u3041-\u30ff\u4e00-\u9fff\uac00-\ud7af]"
)
_FEW = 3  # common words that tell a language, and letters that tell a script
_CLEARLY = 1.5  # times as many as of the next language
_READ = 20_000  # characters that are looked at


def language_code(tag: str | None) -> str | None:
    """The primary subtag of a language tag, "en-GB" → "en"; None when it is no such thing."""
    primary = (tag or "").strip().replace("_", "-").split("-")[0].lower()
    return primary if 2 <= len(primary) <= 3 and primary.isascii() and primary.isalpha() else None


def language_of(text: str) -> str | None:
    """The language of a text as a code of ISO 639-1; None when it is too short to tell, or one that is not known."""
    text = text[:_READ]
    letters = sum(map(str.isalpha, text))
    foreign = len(_OTHER_SCRIPT.findall(text))
    if foreign >= _FEW and 3 * foreign > letters:
        return next((language for language, script in _SCRIPTS if len(script.findall(text)) * 20 > foreign), None)
    counts = Counter(re.findall(r"[^\W\d_]+", text.lower()))
    told = Counter({language: sum(counts[word] for word in words) for language, words in _WORDS.items()})
    (first, most), (_, next_most) = told.most_common(2)
    return first if most >= _FEW and most >= _CLEARLY * next_most else None

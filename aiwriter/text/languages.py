"""In which language a text is: told by its tag, else by its script and its commonest words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

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
# Words of one language alone that short texts with figures have; each counts as two common ones.
_TELLING = {
    "en": "million billion percent",
    "de": "millionen milliarde milliarden prozent betrug beträgt",
    "fr": "milliard milliards",
    "es": "millón millones",
    "it": "milione milioni miliardo miliardi",
    "pt": "milhão milhões bilhões",
    "nl": "miljoen miljard",
    "sv": "miljon miljoner miljarder",
    "da": "millioner milliarder",
    "pl": "milion miliony milionów miliard miliardy miliardów tysięcy",
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
_NAMES = {
    "ar": "Arabic",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nb": "Norwegian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "zh": "Chinese",
}
_FEW = 3  # common words that tell a language, and letters that tell a script
_CLEARLY = 1.5  # times as many as of the next language
_MANY = 4  # common words without which no other language than the asked one is believed
_SHARE = 0.2  # of all words: a text has a third, a list of foreign names next to none
_SURELY = 3  # times as many as of the language asked for
_LETTERS = 20  # of another script
_KNOWN = frozenset(_WORDS) | {language for language, _ in _SCRIPTS}
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_READ = 20_000  # characters that are looked at


def language_code(tag: str | None) -> str | None:
    """The primary subtag of a language tag, "en-GB" → "en"; None when it is no such thing."""
    primary = (tag or "").strip().replace("_", "-").split("-")[0].lower()
    return primary if 2 <= len(primary) <= 3 and primary.isascii() and primary.isalpha() else None


def language_of(text: str) -> str | None:
    """The language of a text as a code of ISO 639-1; None when it is too short to tell, or one that is not known."""
    text = text[:_READ]
    if _in_other_script(text, 1 / 3):
        foreign = len(_OTHER_SCRIPT.findall(text))
        return next((language for language, script in _SCRIPTS if len(script.findall(text)) * 20 > foreign), None)
    (first, most), (_, next_most) = _common(_words(text)).most_common(2)
    return first if most >= _FEW and most >= _CLEARLY * next_most else None


def likely_language(*texts: str) -> str | None:
    """The language that short texts of one kind, such as a claim and its sources, seem to have together; None when
    nothing tells it."""
    found = _words("\n".join(texts)[:_READ])
    counts, telling = _common(found), Counter(found)
    for language, words in _TELLING.items():
        counts[language] += 2 * sum(telling[word] for word in words.split())
    (first, most), (_, next_most) = counts.most_common(2)
    return first if most >= _FEW and most >= 2 * next_most else None


def other_than(text: str, asked: str) -> str | None:
    """The language that a text surely has instead of the one asked for; None when it may be that one, and where it
    cannot be told: too little text, a list of names, a language that is not known here."""
    said = language_of(text)
    if said is None or said == asked or asked not in _KNOWN:
        return None
    found = _words(text[:_READ])
    counts = _common(found)
    if said not in _WORDS:
        return said if _in_other_script(text[:_READ], 1 / 2) and sum(map(str.isalpha, text)) >= _LETTERS else None
    surely = counts[said] >= max(_MANY, _SHARE * len(found)) and counts[said] >= _SURELY * counts[asked]
    return said if surely else None


def direction(language: str) -> str:
    """In which direction a language is written: "rtl" or "ltr"."""
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


def language_name(code: str) -> str:
    """The language in English; an unknown code is named as such."""
    return _NAMES.get(code, f"the language with the code {code!r}")


def _in_other_script(text: str, share: float) -> bool:
    foreign = len(_OTHER_SCRIPT.findall(text))
    return foreign >= _FEW and foreign > share * sum(map(str.isalpha, text))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())


def _common(found: Iterable[str]) -> Counter[str]:
    """How many of the commonest words of each language there are."""
    counts = Counter(found)
    return Counter({language: sum(counts[word] for word in words) for language, words in _WORDS.items()})

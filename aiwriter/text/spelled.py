"""Numbers, fractions and ordinals in words: English, German, French and Spanish; other languages are read as English.

Their words are few and closed. A mere "one" of another language is an article and no number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache

from aiwriter.text.number_forms import MAGNITUDES, alternatives
from aiwriter.text.words import words

Found = tuple[tuple[int, int], Decimal, int]  # where, the value, and the power of ten of its last magnitude


def listed(spaced: str) -> list[str]:
    """The words of a list in which blanks stand between them."""
    return spaced.split()


SMALL_NUMBERS = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = listed("twenty thirty forty fifty sixty seventy eighty ninety")
NUMBER_WORDS: Mapping[str, int] = (
    {word: value for value, word in enumerate(SMALL_NUMBERS)}
    | {word: value for value, word in zip(range(20, 100, 10), _TENS, strict=True)}
    | {"dozen": 12}
)
ORDINAL_WORDS: Mapping[str, int] = {
    word: value
    for value, word in enumerate(
        listed(
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
            "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first"
        ),
        start=1,
    )
}
_WORD = alternatives([*NUMBER_WORDS, "hundred", "thousand", "million", "billion", "trillion"])
_ENGLISH = re.compile(
    rf"(?<![\w-])(?:(?:a|an)\s+(?=hundred|thousand|million|billion|dozen))?(?:{_WORD})"
    rf"(?:(?:[\s-]|(?:(?<=hundred)|(?<=thousand)|(?<=million)|(?<=billion)|(?<=trillion))\s+and\s+)(?:{_WORD})\b)*(?!\w)",
    re.IGNORECASE,
)
_ROMANCE: Mapping[str, Mapping[str, int]] = {
    "fr": dict(
        zip(
            listed(
                "deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt vingts "
                "trente quarante cinquante soixante septante huitante octante nonante cent cents mille"
            ),
            [*range(2, 17), 20, 20, 30, 40, 50, 60, 70, 80, 80, 90, 100, 100, 1000],
            strict=True,
        )
    ),
    "es": dict(
        zip(
            listed(
                "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
                "dieciocho diecinueve veinte veintiuno veintiún veintiuna veintidós veintitrés veinticuatro "
                "veinticinco veintiséis veintisiete veintiocho veintinueve treinta cuarenta cincuenta sesenta setenta "
                "ochenta noventa cien ciento doscientos doscientas trescientos trescientas cuatrocientos "
                "cuatrocientas quinientos quinientas seiscientos seiscientas setecientos setecientas ochocientos "
                "ochocientas novecientos novecientas mil"
            ),
            [*range(2, 21), 21, 21, 21, *range(22, 30), *range(30, 100, 10), 100, 100]
            + [value for value in range(200, 1000, 100) for _ in (0, 1)]
            + [1000],
            strict=True,
        )
    ),
}
_TOKEN = re.compile(r"[^\W\d_]+")
_BETWEEN = {"fr": re.compile(r"[ -](?:et[ -])?\Z"), "es": re.compile(r" (?:y )?\Z")}
_LAST = {"un": 1, "une": 1, "uno": 1, "una": 1}  # of "vingt et un", and of "un million"
_OPENS = re.compile(r"(?:\A|[.!?:;]\s|\n)[\W_]*\Z")
_NOT_NINE = re.compile(r" (?!\w+[sx]\b|pour\b|heures?\b|mill)|[^ ]|\Z")  # "un navire neuf" is new


def spelled_numbers(text: str, language: str) -> Iterator[Found]:
    """The numbers in words, each as long as it goes: "two million", "sieben", "quatre-vingt-dix"."""
    if language == "de":
        return _german(text)
    if language in _ROMANCE:
        return _romance(text, language)
    return ((match.span(), *_value(words(match.group()), NUMBER_WORDS)) for match in _ENGLISH.finditer(text))


def _value(tokens: list[str], known: Mapping[str, int]) -> tuple[Decimal, int]:
    """Value of a spelled number and the power of ten of its last magnitude: ["two", "million"] → 2000000, 6."""
    total, current, exponent = 0, 0, 0
    for token in tokens:
        value = known.get(token, _LAST.get(token, 0))
        if token == "dozen" and current:
            current *= 12
        elif token in ("vingt", "vingts") and current % 100 == 4:
            current += 76
        elif token == "hundred" or value == 100:
            current, exponent = max(current, 1) * 100, 2
        elif token in MAGNITUDES or value == 1000:
            exponent = MAGNITUDES.get(token, 3)
            total, current = total + max(current, 1) * 10**exponent, 0
        elif value:
            current, exponent = current + value, 0
    return Decimal(total + current), exponent


def _romance(text: str, language: str) -> Iterator[Found]:
    known, run = _ROMANCE[language], list[re.Match[str]]()
    for match in (*_TOKEN.finditer(text), None):
        if match and match[0] in ("et", "y"):
            continue
        if match and _goes_on(match, run, text, language):
            run.append(match)
            continue
        if run and not (len(run) == 1 and run[0][0].lower() in _LAST):
            yield (run[0].start(), run[-1].end()), *_value([one[0].lower() for one in run], known)
        run = [match] if match and _begins(match, text, language) else []


def _begins(match: re.Match[str], text: str, language: str) -> bool:
    word = match[0].lower()
    if word == "neuf" and _NOT_NINE.match(text, match.end()):
        return False
    if word in ("cent", "ciento"):
        return not text[: match.start()].lower().endswith(("pour ", "por "))
    return word in _ROMANCE[language] or word in _LAST


def _goes_on(match: re.Match[str], run: list[re.Match[str]], text: str, language: str) -> bool:
    """Whether a word continues the number: "vingt et un", "un million", "deux cent trois"."""
    if not run or not _BETWEEN[language].fullmatch(text[run[-1].end() : match.start()]):
        return False
    word, alone = match[0].lower(), len(run) == 1 and run[0][0].lower() in _LAST
    if word in MAGNITUDES and word not in _ROMANCE[language]:
        return True
    return not alone and (word in _ROMANCE[language] or word in _LAST)


def _german(text: str) -> Iterator[Found]:
    known, end = _german_words(), 0
    for match in _TOKEN.finditer(text):
        word = match[0].lower().replace("ß", "ss")
        value = known.get(word.removesuffix("mal"))
        noun = match[0][0].isupper() and not _OPENS.search(text[: match.start()])  # "außer Acht"
        if value is None or noun or match.start() < end:
            continue
        end, exponent = match.end(), 0
        following = _TOKEN.match(text, end + 1) if text[end : end + 1] == " " else None
        if following and (power := MAGNITUDES.get(following[0].lower())):
            value, exponent, end = value * 10**power, power, following.end()
        yield (match.start(), end), Decimal(value), exponent


@lru_cache(maxsize=1)
def _german_words() -> Mapping[str, int]:
    """German writes each number below a million in one word; here are those below a thousand, and whole thousands."""
    ones = listed("ein zwei drei vier fünf sechs sieben acht neun")
    small = dict(enumerate([*ones, *listed("zehn elf zwölf dreizehn vierzehn fünfzehn")], start=1))
    small |= dict(enumerate(listed("sechzehn siebzehn achtzehn neunzehn"), start=16))
    for ten, name in enumerate(listed("zwanzig dreissig vierzig fünfzig sechzig siebzig achtzig neunzig"), start=2):
        small |= {10 * ten: name} | {10 * ten + n: f"{one}und{name}" for n, one in enumerate(ones, start=1)}
    below = {name: value for value, name in small.items()}
    for hundred, one in enumerate(("", *ones)):
        head, base = f"{one}hundert", 100 * max(hundred, 1)
        below |= {head: base} | {f"{head}{name}": base + value for value, name in small.items()}
    thousands = {f"{name}tausend": 1000 * value for name, value in below.items()}
    one_only = {"ein"}  # the article
    return {"null": 0, "zwo": 2, "tausend": 1000} | thousands | {k: v for k, v in below.items() if k not in one_only}


HALF_DAY = 720  # minutes
_HOURS = [word for word, value in NUMBER_WORDS.items() if 0 < value <= 12 and word != "dozen"]
_HOUR = rf"(?:1[0-2]|[1-9]|{'|'.join(_HOURS)})"
_SPOKEN_TIME = re.compile(
    rf"\b(?:(?P<part>half|(?:a )?quarter|five|ten|twenty) (?P<way>past|to) (?P<hour>{_HOUR})"
    rf"|(?P<clock>{_HOUR}) o['’]clock"
    r"|(?:(?:at|by|until|till|before|after|from|to|around|about|since) )(?P<name>noon|midday|midnight))\b"
    r"(?: in the (?P<day>morning|afternoon|evening))?",
    re.IGNORECASE,
)
_PAST = {"half": 30, "quarter": 15, "a quarter": 15, "five": 5, "ten": 10, "twenty": 20}


def spoken_times(text: str) -> Iterator[tuple[tuple[int, int], int, int]]:
    """Times of day in words ("half past eleven", "noon"): where, minutes since midnight, and the minutes after which it
    may be meant again: half a day where it does not say which half."""
    for match in _SPOKEN_TIME.finditer(text):
        if match["name"]:
            yield (match.start("name"), match.end()), HALF_DAY * (match["name"].lower() != "midnight"), 1
            continue
        minutes = _PAST[match["part"].lower()] if match["part"] else 0
        minutes = -minutes if match["way"] and match["way"].lower() == "to" else minutes
        value = (_counted((match["hour"] or match["clock"]).lower()) * 60 + minutes) % HALF_DAY
        if match["day"]:
            yield match.span(), value + HALF_DAY * (match["day"].lower() != "morning"), 1
        else:
            yield match.span(), value, HALF_DAY


_FRACTION_WORDS: dict[str, tuple[int, int]] = {
    "half": (1, 2), "halves": (1, 2), "a third": (1, 3), "one third": (1, 3), "two thirds": (2, 3),
    "a quarter": (1, 4), "one quarter": (1, 4), "three quarters": (3, 4), "a fifth": (1, 5), "one fifth": (1, 5),
    "two fifths": (2, 5), "three fifths": (3, 5), "four fifths": (4, 5), "a tenth": (1, 10), "one tenth": (1, 10),
    "a sixth": (1, 6), "one sixth": (1, 6), "an eighth": (1, 8), "one eighth": (1, 8),
}  # fmt: skip
GLYPHS = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4)}
_GLYPH = re.compile(r"(?<!\d)[½⅓⅔¼¾]")
_SINGULAR = [name for name in _FRACTION_WORDS if name.startswith(("a ", "an ", "one "))]  # not "a third cousin"
_PLURAL = [name for name in _FRACTION_WORDS if name not in _SINGULAR]


def _spaced(names: Iterable[str]) -> str:
    return "|".join("[ -]".join(name.split()) for name in names)


_FRACTION = re.compile(
    rf"(?<![\w-])(?:(?:{_spaced(_PLURAL)})(?![\w-])|(?:{_spaced(_SINGULAR)})"
    r"(?=\s+(?:of|the|as|more|less|off|to)\b|[.,;:!?]|$))",
    re.IGNORECASE,
)
_PARTS: Mapping[str, tuple[str, Mapping[str, int], str]] = {
    "de": (
        "hälfte",
        {"drittel": 3, "viertel": 4, "fünftel": 5, "sechstel": 6, "achtel": 8, "zehntel": 10},
        r"\b(?:hälfte|(?P<over>eine?[ms]?|zwei|drei|vier) (?P<under>\w+tel))\b",
    ),
    "fr": (
        "moitié",
        {"tiers": 3, "quart": 4, "quarts": 4, "cinquième": 5, "cinquièmes": 5, "dixième": 10, "dixièmes": 10},
        r"\b(?:moitié\b|(?P<over>un|le|deux|trois|quatre) (?P<under>tiers|quarts?|\w+ièmes?)\b(?=\s+d|[,.;]|\W*$))",
    ),
    "es": (
        "mitad",
        {"tercio": 3, "tercios": 3, "cuarto": 4, "cuartos": 4, "quinto": 5, "quintos": 5, "décimo": 10},
        r"\b(?:mitad\b|(?P<over>un|dos|tres|cuatro) (?P<under>tercios?|cuartos?|quintos?|décimo)\b(?=\s+de|\W*$))",
    ),
}
_OVER = {"zwei": 2, "drei": 3, "vier": 4, "deux": 2, "trois": 3, "quatre": 4, "dos": 2, "tres": 3, "cuatro": 4}
_NUMBER = rf"(?:\d{{1,3}}|{'|'.join(word for word in NUMBER_WORDS if word != 'dozen')})"
# "Two in three years" is a pace.
_OUT_OF = re.compile(
    rf"(?<![\w.,-])(?P<over>{_NUMBER}) (?:out of|in)(?: every)? (?P<under>{_NUMBER})\b"
    r"(?![\w-]|[.,:]\d| ?%| (?:seconds|minutes|hours|days|weeks|months|years|decades|hundred|thousand|million)\b)",
    re.IGNORECASE,
)


def spelled_fractions(text: str, language: str) -> Iterator[tuple[tuple[int, int], Decimal]]:
    """The fractions in words or as one sign, and the share that "one in five" is."""
    for match in _GLYPH.finditer(text):
        over, under = GLYPHS[match[0]]
        yield match.span(), Decimal(over) / under
    yield from _parts(text, language) if language in _PARTS else _english_fractions(text)


def _parts(text: str, language: str) -> Iterator[tuple[tuple[int, int], Decimal]]:
    half, parts, pattern = _PARTS[language]
    for match in re.finditer(pattern, text, re.IGNORECASE):
        if match[0].lower() == half:
            yield match.span(), Decimal(1) / 2
        elif under := parts.get(match["under"].lower()):
            yield match.span(), Decimal(_OVER.get(match["over"].lower(), 1)) / under


def _english_fractions(text: str) -> Iterator[tuple[tuple[int, int], Decimal]]:
    for match in _OUT_OF.finditer(text):
        over, under = (_counted(match[name].lower()) for name in ("over", "under"))
        if 0 < over < under:
            yield match.span(), Decimal(over) / under
    for match in _FRACTION.finditer(text):
        over, under = _FRACTION_WORDS[match.group().lower().replace("-", " ")]
        yield match.span(), Decimal(over) / under


def _counted(word: str) -> int:
    return int(word) if word.isdigit() else NUMBER_WORDS[word]

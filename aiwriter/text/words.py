"""Words of a text: tokens, content words and a light stem. Pure functions, no data files."""

from __future__ import annotations

import re
from functools import lru_cache

from aiwriter.text.scripts import RUN, has_unspaced

# A number with its separators, or letters and digits with inner apostrophes. A hyphen separates words.
_TOKEN = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+(?:['’][^\W_]+)*")


def word_set(spaced: str) -> frozenset[str]:
    """The words of a list in which blanks stand between them."""
    return frozenset(spaced.split())


_STOP_WORDS: dict[str, frozenset[str]] = {
    "en": word_set(
        """a about above after again against all also am an and any are as at be because been before being below between
        both but by can could did do does doing down during each either else even ever every few for from further had
        has have having he her here hers herself him himself his how however i if in into is it its itself just least
        less many may me might more most much must my myself neither no nor not of off on once only onto or other
        others our ours ourselves out over own per quite rather same shall she should since so some such than that the
        their theirs them themselves then there these they this those though through thus to too under until up upon
        us very was we were what when where whether which while who whom whose why will with within without would yet
        you your yours yourself yourselves 's 't 'll 're 've 'd isn't aren't wasn't weren't don't doesn't didn't hasn't
        haven't hadn't won't wouldn't can't cannot couldn't shouldn't it's that's there's they're we're i'm he's she's
        let's who's what's"""
    ),
    "de": word_set(
        """aber als also am an auch auf aus bei bin bis bist da damit dann das dass dein dem den denn der des die dies
        diese diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines er es etwas euer für
        gegen hat hatte hatten habe haben hier hin ich ihm ihn ihnen ihr ihre im in ist ja jede jedem jeden jeder jedes
        kann kein keine können man mehr mein mit muss nach nicht nichts noch nun nur ob oder ohne sehr sein seine sich
        sie sind so über um und uns unser unter vom von vor war waren was weil wenn wer werde werden wie wieder will
        wir wird wo zu zum zur zwischen"""
    ),
    "fr": word_set(
        """à au aux avec ce ces cet cette comme dans de des du elle elles en est et eux il ils je la le les leur leurs
        lui ma mais me même mes moi mon ne nos notre nous on ont ou où par pas plus pour qu que qui sa sans se ses si
        son sont sur ta te tes toi ton tu un une vos votre vous y été être avait avoir ai as a d l c s n j m t"""
    ),
    "es": word_set(
        """a al algo ante como con contra cual cuando de del desde donde dos el ella ellas ellos en entre era es esa ese
        eso esta este esto estos está fue ha han hasta hay la las le les lo los más me mi muy no nos o para pero por
        porque que quien se según ser si sin sobre son su sus también te tiene todo tu un una uno unos y ya"""
    ),
}

_LETTERS_A_WORD = 2  # in such scripts, about

_DOUBLED = re.compile(r"([bdfgkmnprt])\1$")


def words(text: str) -> list[str]:
    """Lower-cased tokens in order; ``41,200`` and ``isn't`` are one token each, ``well-known`` is two."""
    return [token.lower() for token in _TOKEN.findall(text.replace("’", "'"))]


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where each token of `words` stands in the text."""
    return [match.span() for match in _TOKEN.finditer(text)]


def content_words(text: str, language: str = "en") -> list[str]:
    """Stems of the words that carry meaning, in order, repetitions kept; no stop words are known for some languages.

    Of scripts without blanks every two neighbouring letters are one word, which finds "港口" in "斯卡维克港口主任".
    """
    if not has_unspaced(text):
        return _spaced_content_words(text, language)
    found: list[str] = []
    for number, part in enumerate(RUN.split(text)):
        found += _pairs(part) if number % 2 else _spaced_content_words(part, language)
    return found


def _spaced_content_words(text: str, language: str) -> list[str]:
    stop = _STOP_WORDS.get(language, frozenset())
    return [stem(word) for word in words(text) if word not in stop and (len(word) > 1 or word.isdigit())]


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(max(1, len(run) - 1))]


def count_words(text: str) -> int:
    """How many words between blanks; of scripts without blanks about how many, two letters each."""
    if not has_unspaced(text):
        return len(text.split())
    letters = sum(map(len, RUN.findall(text)))
    return len(RUN.sub(" ", text).split()) + -(-letters // _LETTERS_A_WORD)


def is_stop_word(word: str, language: str = "en") -> bool:
    """Whether a lower-cased word says little by itself in this language."""
    return word in _STOP_WORDS.get(language, frozenset())


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A word without its commonest English endings: equal for `ferry`/`ferries`, `sail`/`sailed`/`sailing`.

    Light on purpose (after Harman's S-stemmer, with -ed, -ing and -ly): a wrong merge is worse here than a missed one.
    """
    if word.endswith("'s"):
        word = word[:-2]
    if len(word) <= 3 or not word.isalpha():
        return word
    root = _drop_verb_ending(_drop_plural(word))
    if root.endswith("ll") and len(root) >= 5:
        return root[:-1]
    return root[:-1] if root.endswith("e") and len(root) > 3 else root


def _drop_plural(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _drop_verb_ending(word: str) -> str:
    if word.endswith("ied") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("eed"):
        return word[:-1] if len(word) > 5 else word
    for ending in ("ing", "ed", "ly"):
        root = word.removesuffix(ending)
        if root != word and len(root) >= 3 and _has_vowel(root):
            return root[:-1] if len(root) > 3 and ending != "ly" and _DOUBLED.search(root) else root
    return word


def _has_vowel(word: str) -> bool:
    return any(letter in "aeiouyäöüáéíóú" for letter in word)

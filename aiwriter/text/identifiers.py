"""Personal data and secrets in running text: addresses, numbers with their checksums, keys by their shape.

Rules over plain text. What has a checksum is believed only when it holds; a number that many others look like is
believed only after a word that says what it is. Shapes of keys follow the rules of gitleaks (MIT), written anew.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Identifier(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    IBAN = "iban"
    CARD = "card"
    NATIONAL_ID = "national_id"
    SECRET = "secret"
    ENTROPY = "entropy"  # looks as random as a key, and nothing says what it is


# What nobody may read who does not know it already; an e-mail address or telephone number may be published.
SECRETS = frozenset({Identifier.SECRET, Identifier.ENTROPY, Identifier.CARD, Identifier.IBAN, Identifier.NATIONAL_ID})
_PART = 8  # characters of a secret's beginning that are one as well: where a message cuts a sentence short


@dataclass(frozen=True, slots=True)
class Found:
    """text[start:end] of the text it was found in; `name` for people, such as "German tax number"."""

    kind: Identifier
    name: str
    text: str
    start: int
    end: int

    @property
    def masked(self) -> str:
        """Enough to recognise it and too little to use it: its first three characters, of short ones the first."""
        return f"{self.text[: 3 if len(self.text) >= 9 else 1]}… ({len(self.text)} characters)"


def identifiers(text: str) -> list[Found]:
    """Everything found, in order; where two overlap, the longer one."""
    found = sorted(
        (one for finder in _FINDERS for one in finder(text)), key=lambda one: (one.start - one.end, one.start)
    )
    kept: list[Found] = []
    for one in found:
        if all(one.end <= other.start or one.start >= other.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def secrets(text: str) -> list[str]:
    """The secrets, accounts, cards and numbers of persons in it."""
    return [one.text for one in identifiers(text) if one.kind in SECRETS]


def parts_of(secret: str) -> list[str]:
    """The pieces of a secret that a message may quote by themselves, longest first: a name, or one of its numbers."""
    found = re.findall(r"[^\W_]{4,}", secret)
    return sorted((part for part in found if len(part) >= _PART or any(map(str.isdigit, part))), key=len, reverse=True)


def concealed(text: str, also: Iterable[str] = ()) -> str:
    """The text with its secrets, and those of `also` or their beginnings, dotted out but for the first characters.

    It is as long as before, so that spans still fit.
    """
    for secret in [*secrets(text), *also]:
        lengths = range(len(secret), min(_PART, len(secret)) - 1, -1)
        part = next((secret[:length] for length in lengths if secret[:length] in text), None)
        if part is not None:
            shown = 3 if len(secret) >= 9 else 1
            text = text.replace(part, part[:shown] + "•" * (len(part) - shown))
    return text


# ── e-mail and telephone ─────────────────────────────────────────────────────────────────────────────────────────────

_EMAIL = re.compile(r"(?<![\w.+%@-])[\w.+%-]{1,64}@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,24}(?![\w@-])")
_RESERVED = re.compile(r"(?i)[@.](?:example(?:\.(?:com|org|net))?|test|invalid|localhost|local)$")  # RFC 2606
_PHONE = re.compile(
    r"(?<![\w+.,/-])(?:\+|(?<!\d )00(?=[1-9]))[1-9](?:[\s\u00a0.()/-]{0,2}\d){7,14}(?![\w-]|[.,]\d)"  # with the country
    r"|(?<![\w+.,/-])(?:1[ .-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .-])[2-9]\d\d[ .-]\d{4}(?![\w-]|[.,]\d)"  # North America
)
_LABELLED_PHONE = re.compile(
    r"(?i)\b(?:tel(?:efon|ephone|\.)?|phone|mobile?|handy|cell|fax|hotline|call|ring|rufnummer|anruf(?:en)?)"
    r"(?: ?(?:number|no\.?|nummer|nr\.?|us|me|at|on|is|unter|ist|:|\.)){0,3}[ :]{1,2}"
    r"(\(?0\d{1,5}\)?(?:[ /.-]{0,2}\d){4,10})(?![\w-]|[.,]\d)"
)


def _emails(text: str) -> Iterator[Found]:
    for match in _EMAIL.finditer(text):
        if not _RESERVED.search(match[0]):
            yield _found(Identifier.EMAIL, "e-mail address", match)


def _phones(text: str) -> Iterator[Found]:
    for match in _PHONE.finditer(text):
        if 8 <= sum(letter.isdigit() for letter in match[0]) <= 16:
            yield _found(Identifier.PHONE, "telephone number", match)
    for match in _LABELLED_PHONE.finditer(text):
        yield _found(Identifier.PHONE, "telephone number", match, 1)


# ── bank accounts and cards ──────────────────────────────────────────────────────────────────────────────────────────

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ \u00a0-]?[A-Z0-9]){11,30}")
# Lengths by country: the registry of SWIFT, ISO 13616.
_COUNTRIES = """AD=24 AE=23 AL=28 AT=20 AZ=28 BA=20 BE=16 BG=22 BH=22 BR=29 BY=28 CH=21 CR=22 CY=28 CZ=24 DE=22 DK=18
    DO=28 EE=20 EG=29 ES=24 FI=18 FO=18 FR=27 GB=22 GE=22 GI=23 GL=18 GR=27 GT=28 HR=21 HU=28 IE=22 IL=23 IQ=23 IS=26
    IT=27 JO=30 KW=30 KZ=20 LB=28 LC=32 LI=21 LT=20 LU=20 LV=21 MC=27 MD=24 ME=22 MK=19 MR=27 MT=31 MU=30 NL=18 NO=15
    PK=24 PL=28 PS=29 PT=25 QA=29 RO=24 RS=22 SA=24 SC=31 SE=24 SI=19 SK=24 SM=27 ST=25 SV=28 TL=23 TN=24 TR=26 UA=29
    VA=22 VG=24 XK=20"""
_IBAN_LENGTHS = {country: int(length) for country, length in re.findall(r"(\w\w)=(\d+)", _COUNTRIES)}
# Contiguous or in the groups that stand on cards: then a row of years is none.
_CARD = re.compile(
    r"(?<![\w.,+-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?|3\d{3}([ -])\d{6}\2\d{4,5})"
    r"(?![\w-]|[.,]\d)"
)
_ISSUERS = re.compile(
    r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|3(?:0[0-5]|[68])|6(?:011|4[4-9]|5)|35(?:2[89]|[3-8])|62"
)


def _ibans(text: str) -> Iterator[Found]:
    for match in _IBAN.finditer(text):
        length = _IBAN_LENGTHS.get(match[0][:2], 0)
        end = _end_of(text, match.start(), length)
        compact = re.sub(r"\W", "", text[match.start() : end])
        if length and len(compact) == length and is_iban(compact) and not text[end : end + 1].isalnum():
            yield Found(Identifier.IBAN, "bank account (IBAN)", text[match.start() : end], match.start(), end)


def _end_of(text: str, start: int, length: int) -> int:
    """Where the first `length` letters and digits from `start` end."""
    for position in range(start, len(text)):
        length -= text[position].isalnum()
        if length == 0:
            return position + 1
    return len(text)


def is_iban(compact: str) -> bool:
    """Whether the check digits hold: ISO 7064, modulus 97."""
    return int("".join(str(int(letter, 36)) for letter in compact[4:] + compact[:4])) % 97 == 1


def _cards(text: str) -> Iterator[Found]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if 13 <= len(digits) <= 19 and len(set(digits)) > 1 and _ISSUERS.match(digits) and is_luhn(digits):
            yield _found(Identifier.CARD, "payment card", match)


def is_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of H. P. Luhn: ISO/IEC 7812."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


# ── national numbers ─────────────────────────────────────────────────────────────────────────────────────────────────

_TAX_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"  # Spain: the remainder of 23 chooses
_ODD_PLACES = dict(
    zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10,
        22, 25, 24, 23,
    ], strict=True)
)  # fmt: skip


def is_german_tax_number(digits: str) -> bool:
    """Steuer-Identifikationsnummer: ISO 7064, modulus 11,10."""
    product = 10
    for digit in digits[:-1]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(digits[-1])


def is_spanish_number(number: str) -> bool:
    """DNI and NIE: the letter is the number modulo 23."""
    digits = number[:-1].translate(str.maketrans("XYZ", "012"))
    return number[-1] == _TAX_LETTERS[int(digits) % 23]


def is_french_number(number: str) -> bool:
    """NIR: the last two digits are 97 less the rest modulo 97; Corsica's departments count as 19 and 18."""
    body = number[:-2].replace("2A", "19").replace("2B", "18")
    return 97 - int(body) % 97 == int(number[-2:])


def is_italian_code(code: str) -> bool:
    """Codice fiscale: the last letter by the values of the odd and even places."""
    values = (_ODD_PLACES[c] if place % 2 == 0 else int(c, 36) % 10 if c.isdigit() else int(c, 36) - 10
              for place, c in enumerate(code[:-1]))  # fmt: skip
    return chr(ord("A") + sum(values) % 26) == code[-1]


def is_polish_number(digits: str) -> bool:
    """PESEL: weights 1, 3, 7, 9, and 1 for the check digit."""
    return (
        sum(int(digit) * weight for digit, weight in zip(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), strict=True)) % 10
        == 0
    )


def _always(_number: str) -> bool:
    return True


_NATIONAL: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("US social security number",
     re.compile(r"(?<![\w.-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])"), _always),
    ("British national insurance number",
     re.compile(r"\b(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]\b"), _always),
    ("German tax number",
     re.compile(r"(?i)\b(?:steuer-?id(?:entifikationsnummer|nr)?|idnr|tax id)\b[.:]? ?(?:ist |is |lautet )?"
                r"(\d{2} ?\d{3} ?\d{3} ?\d{3})\b"),
     is_german_tax_number),
    ("Spanish identity number", re.compile(r"\b(?:[XYZ]-?\d{7}|\d{8})-?[A-HJ-NP-TV-Z]\b"), is_spanish_number),
    ("French social security number",
     re.compile(r"\b[12] ?\d\d ?(?:0[1-9]|1[0-2]) ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d\b"), is_french_number),
    ("Italian tax code", re.compile(r"\b[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]\b"), is_italian_code),
    ("Polish identity number", re.compile(r"(?i)\bPESEL\b[.:]? ?(?:is |to )?(\d{11})\b"), is_polish_number),
)  # fmt: skip


def _national_ids(text: str) -> Iterator[Found]:
    for name, shape, holds in _NATIONAL:
        for match in shape.finditer(text):
            group = 1 if shape.groups else 0
            if holds(re.sub(r"[ -]", "", match[group])):
                yield _found(Identifier.NATIONAL_ID, name, match, group)


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_SHAPES: tuple[tuple[str, str], ...] = (
    ("private key", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:[\s\S]*?-----END [A-Z0-9 ]+-----)?"),
    ("secret, dotted out", r"\b\w{1,3}•{5,}"),  # by `concealed`: the sentence is to be written anew
    ("AWS access key", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    ("GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,})"),
    ("GitLab token", r"\bgl(?:pat|dt|rt|ptt)-[\w-]{20,}"),
    ("Slack token", r"\bxox[abeoprs]-[\w-]{10,}|\bxapp-\d-[\w-]{10,}"),
    ("model provider key", r"\b(?:sk-(?:ant-|proj-|or-)?(?=\w*\d)[\w-]{20,}|hf_[A-Za-z0-9]{30,}|gsk_[A-Za-z0-9]{30,})"),
    ("Stripe key", r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|\bwhsec_[A-Za-z0-9]{24,}"),
    ("Google key", r"\b(?:AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{24,})"),
    ("registry token", r"\b(?:npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32})"),
    ("SendGrid key", r"\bSG\.[\w-]{16,}\.[\w-]{16,}"),
    ("Telegram token", r"\b\d{8,10}:AA[\w-]{33}\b"),
    ("signed token (JWT)", r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    ("address with a password", r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{1,64}:[^\s:/@]{3,}@[^\s/]+"),
)  # fmt: skip
_SECRETS = tuple((name, re.compile(shape)) for name, shape in _SHAPES)
_ASSIGNED = re.compile(
    r"(?i)(?:\b|_)(?:api[_ -]?key|secret(?:[_ -]?key)?|access[_ -]?key|(?:auth|access|bearer|refresh)?[_ -]?token|"
    r"passw(?:or)?d|passphrase|passwort|kennwort|credentials?|bearer)\b[\"']?(?: is| ist|)"
    r"(?:\s*(?::=|=>|[:=])\s*|\s+(?=\S*\d))[\"'`]?([^\s\"'`,;<>()]{8,})"
)
_LONG = re.compile(r"(?<![\w+/=.:@-])[A-Za-z0-9+/_-]{32,}={0,2}(?![\w+/=@-])")
_HASH_BEFORE = re.compile(
    r"(?i)(?:sha-?\d{1,3}|md5|hash|digest|integrity|checksum|fingerprint|commit)\b\W*(?:is\b\W*)?$"
)
_HEX = re.compile(r"[0-9a-fA-F-]+")


def _secrets(text: str) -> Iterator[Found]:
    for name, shape in _SECRETS:
        for match in shape.finditer(text):
            yield _found(Identifier.SECRET, name, match)
    for match in _ASSIGNED.finditer(text):
        if _looks_secret(match[1].rstrip(".:!?")):
            yield _found(Identifier.SECRET, "password or key", match, 1)
    for match in _LONG.finditer(text):
        if _is_random(match[0]) and not _HASH_BEFORE.search(text[: match.start()]):
            yield _found(Identifier.ENTROPY, "row of characters as random as a key", match)


def _looks_secret(value: str) -> bool:
    """Whether what follows "password:" is one: letters and digits that make no word, at least 2.8 bits a character."""
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return mixed and len(value) >= 8 and entropy(value) >= 2.8 and not value.startswith(("http", "$", "{", "<"))


def _is_random(value: str) -> bool:
    """Upper, lower and digits mixed at 4.2 bits a character or more; hashes in hexadecimal are no secrets."""
    body = value.rstrip("=")
    kinds = (str.isupper, str.islower, str.isdigit)
    mixed = all(sum(map(kind, body)) >= 3 for kind in kinds)
    parts = [part for part in re.split(r"[/_+-]", body) if part]
    words = sum(part.isdigit() or part.isalpha() for part in parts)
    named = len(parts) >= 3 and words * 2 > len(parts)  # a path or a name made of words
    return mixed and not named and not _HEX.fullmatch(body) and entropy(body) >= 4.2


def entropy(value: str) -> float:
    """Shannon entropy of the characters in bits a character."""
    counts = Counter(value).values()
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts)


def _found(kind: Identifier, name: str, match: re.Match[str], group: int = 0) -> Found:
    return Found(kind, name, match[group], match.start(group), match.end(group))


_FINDERS: tuple[Callable[[str], Iterator[Found]], ...] = (
    _emails, _phones, _ibans, _cards, _national_ids, _secrets,
)  # fmt: skip

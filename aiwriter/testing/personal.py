"""Lines that hold personal data or a secret, and lines that only look so: made by a seed, labelled as they are made.

Accounts, cards and national numbers have right check digits and belong to nobody that we know of; keys are random.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from aiwriter.text.identifiers import Identifier, is_german_tax_number, is_iban, is_luhn

_BASE62 = string.ascii_letters + string.digits
_FIRST = ["anna", "marta", "jonas", "piet", "lucia", "omar", "ines", "kofi", "yuki", "elif", "sven", "rosa"]
_LAST = ["adeyo", "lindqvist", "okafor", "moreau", "weber", "novak", "tanaka", "haddad", "brandt", "silva"]
_SENTENCES = (
    "You can reach {name} under {value} until Friday.",
    "The office wrote down {value} for {name}.",
    "Bitte wenden Sie sich an {value}.",
    "{value} is what {name} left behind.",
    "In the letter ({value}) nothing else was said.",
    "The form asks for it, and {name} put in {value}.",
    "Zuletzt stand {value} auf dem Zettel.",
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A line and what is to be found in it: (kind, the text of it), or nothing."""

    line: str
    kind: Identifier | None = None
    value: str = ""


def lines_with(rng: random.Random, each: int) -> Iterator[Labelled]:
    """`each` lines for every kind that is made."""
    for kind, makers in _MAKERS.items():
        for n in range(each):
            value = makers[n % len(makers)](rng)
            label, _, bare = value.rpartition("\0")
            name = f"{rng.choice(_FIRST)} {rng.choice(_LAST)}".title()
            line = rng.choice(_SENTENCES).format(name=name, value=label + bare)
            yield Labelled(line, kind, bare)


def ordinary_lines(rng: random.Random, count: int) -> Iterator[Labelled]:
    """Lines full of figures, codes, names of files, hashes and identifiers that are nobody's."""
    for n in range(count):
        yield Labelled(_filled(rng, _ORDINARY[n % len(_ORDINARY)]))


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices(string.digits, k=count))


def _word(rng: random.Random, count: int, letters: str = _BASE62) -> str:
    return "".join(rng.choices(letters, k=count))


def _email(rng: random.Random) -> str:
    person = rng.choice(("{}.{}", "{}_{}", "{}-{}", "{}.{}+news")).format(rng.choice(_FIRST), rng.choice(_LAST))
    return f"{person}@{rng.choice(_LAST)}{rng.choice(('.de', '.co.uk', '-post.com', '.org', '.info'))}"


def _phone(rng: random.Random) -> str:
    country, groups = rng.choice(
        (
            ("49", (3, 4, 4)),
            ("44", (2, 4, 4)),
            ("1", (3, 3, 4)),
            ("33", (1, 2, 2, 2, 2)),
            ("47", (2, 2, 2, 2)),
            ("91", (5, 5)),
            ("351", (3, 3, 3)),
            ("86", (3, 4, 4)),
        )
    )
    joint = rng.choice((" ", "-", " ", ""))
    parts = [str(rng.randint(1, 9)) + _digits(rng, size - 1) for size in groups]
    return f"{rng.choice(('+', '+', '+', '00'))}{country}{rng.choice((' ', joint))}{joint.join(parts)}"


def _american_phone(rng: random.Random) -> str:
    area, exchange, line = f"{rng.randint(201, 989)}", f"{rng.randint(200, 999)}", _digits(rng, 4)
    return rng.choice((f"({area}) {exchange}-{line}", f"{area}-{exchange}-{line}", f"{area}.{exchange}.{line}"))


def _german_phone(rng: random.Random) -> str:
    label = rng.choice(("Tel. ", "Telefon: ", "Mobil: ", "Rufnummer "))
    area, joint = rng.choice(("030", "0171", "04321", "089", "0152")), rng.choice((" ", "/", "-"))
    return f"{label}\0{area}{joint}{rng.randint(2, 9)}{_digits(rng, 6)}"


def _iban(rng: random.Random) -> str:
    country, length = rng.choice(
        (("DE", 22), ("GB", 22), ("FR", 27), ("NL", 18), ("ES", 24), ("AT", 20), ("CH", 21), ("NO", 15))
    )
    body = _word(rng, 4, string.ascii_uppercase) if country in ("GB", "NL") else ""
    body += _digits(rng, length - 4 - len(body))
    code = next(found for n in range(2, 99) if is_iban(found := f"{country}{n:02}{body}"))
    return " ".join(code[n : n + 4] for n in range(0, length, 4)) if rng.random() < 0.6 else code


def _card(rng: random.Random) -> str:
    prefix, length = rng.choice(
        (("4", 16), ("51", 16), ("55", 16), ("37", 15), ("6011", 16), ("2223", 16), ("3530", 16))
    )
    body = prefix + _digits(rng, length - 1 - len(prefix))
    number = next(found for n in range(10) if is_luhn(found := f"{body}{n}"))
    if rng.random() < 0.5:
        return number
    joint = rng.choice((" ", "-"))
    cuts = (0, 4, 10, 15) if length == 15 else (0, 4, 8, 12, 16)
    return joint.join(number[a:b] for a, b in pairwise(cuts))


def _tax_number(rng: random.Random) -> str:
    body = str(rng.randint(1, 9)) + _digits(rng, 9)
    return "Steuer-ID \0" + next(found for n in range(10) if is_german_tax_number(found := f"{body}{n}"))


def _social_security(rng: random.Random) -> str:
    return f"{rng.randint(1, 665):03}-{rng.randint(1, 99):02}-{rng.randint(1, 9999):04}"


def _spanish(rng: random.Random) -> str:
    number = rng.randint(10_000_000, 99_999_999)
    return f"{number}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}"


def _french(rng: random.Random) -> str:
    body = f"{rng.choice('12')}{rng.randint(0, 99):02}{rng.randint(1, 12):02}{rng.randint(1, 95):02}{_digits(rng, 6)}"
    return f"{body}{97 - int(body) % 97:02}"


_MAKERS: dict[Identifier, tuple[Callable[[random.Random], str], ...]] = {
    Identifier.EMAIL: (_email,),
    Identifier.PHONE: (_phone, _phone, _american_phone, _german_phone),
    Identifier.IBAN: (_iban,),
    Identifier.CARD: (_card,),
    Identifier.NATIONAL_ID: (_tax_number, _social_security, _spanish, _french),
    Identifier.SECRET: (
        lambda rng: f"AKIA{_word(rng, 16, string.ascii_uppercase + '234567')}",
        lambda rng: f"ghp_{_word(rng, 36)}",
        lambda rng: f"github_pat_{_word(rng, 40)}",
        lambda rng: f"glpat-{_word(rng, 20)}",
        lambda rng: f"xoxb-{_digits(rng, 11)}-{_digits(rng, 12)}-{_word(rng, 24)}",
        lambda rng: f"sk-proj-{_word(rng, 40)}9",
        lambda rng: f"sk-ant-api03-{_word(rng, 60)}",
        lambda rng: f"sk_live_{_word(rng, 24)}",
        lambda rng: f"AIza{_word(rng, 35)}",
        lambda rng: f"hf_{_word(rng, 34)}",
        lambda rng: f"npm_{_word(rng, 36)}",
        lambda rng: f"SG.{_word(rng, 22)}.{_word(rng, 43)}",
        lambda rng: f"{_digits(rng, 9)}:AA{_word(rng, 33)}",
        lambda rng: f"eyJ{_word(rng, 30)}.eyJ{_word(rng, 60)}.{_word(rng, 43)}",
        lambda rng: f"postgres://app:{_word(rng, 12)}@db.{rng.choice(_LAST)}.org",
        lambda rng: f"-----BEGIN {rng.choice(('RSA ', 'EC ', 'OPENSSH ', ''))}PRIVATE KEY-----",
        lambda rng: f"password: \0{_word(rng, 10)}7x",
        lambda rng: f"API_KEY=\0{_word(rng, 24)}4k",
        lambda rng: f"Bearer \0{_word(rng, 38)}5",
        lambda rng: f"Passwort: \0{_word(rng, 9)}3Q!",
    ),
    Identifier.ENTROPY: (lambda rng: _word(rng, 44) + "aB1cD2eF3",),
}

# "#" is a digit, "%" a hexadecimal one, "&" a letter or digit, "^" a capital.
_ORDINARY = (
    "The commit %%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%% mended it on 12 May 201#.",
    "sha256: %%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%",
    "integrity sha512-&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&==",
    "Its identifier is %%%%%%%%-%%%%-4%%%-a%%%-%%%%%%%%%%%%.",
    "ISBN 978-#-#####-###-#, page 1##.",
    "Turnover rose from 3##,###,### to 7##,###,### crowns in 20##.",
    "Between 19##-20## the river rose #.## metres.",
    "The years 2019 2020 2021 202# were dry.",
    "Version #.##.# runs at 192.168.1##.1#.",
    "Order 1########## of 1#.0#.201# was paid.",
    "The match ended #-#, ##,### watched, at 20:1#.",
    "Die Anlage liefert 1#.###,## Kilowattstunden bei 1# Grad.",
    "See docs/architecture/{last}_{first}_{last}_overview_of_everything.md for more.",
    "Write to you@example.com or to @{first}_{last} and quote doi:10.####/j.########.",
    "A password of 1# letters is asked for; the token is kept for 2# days.",
    "Latitude 4#.######, longitude -1##.######, # m above sea.",
    "Route 00# took # h 1# min, flight LH####, gate B1#.",
    "At 16######## seconds of Unix time {last} had 1 000 ### ### votes.",
    "The part number is ^^^^-######-^^, the patent US #,###,###.",
    "The key to it, says {first} {last}, is patience: the secret lies in # small steps.",
)
_CLASSES = {"#": string.digits, "%": "0123456789abcdef", "&": _BASE62, "^": string.ascii_uppercase}


def _filled(rng: random.Random, template: str) -> str:
    drawn = "".join(rng.choice(_CLASSES.get(letter, letter)) for letter in template)
    return drawn.format(first=rng.choice(_FIRST), last=rng.choice(_LAST))

"""The words of the samples: four texts about a fictional ferry company, and what is written from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from aiwriter.documents import ArticleKind, ParagraphKind, SourceKind, Support

_REPORT = """\
# Kestrel Sound Ferries: annual report 2025

## Fleet

At the end of 2025 the fleet counted nine ships, of which two, Ternen and Skarven, sail on batteries alone.

The electric ships made 11,480 crossings in the year and 98.4 per cent of them left within three minutes of the \
timetable.

## Energy

Charging took place at night and between crossings; the harbour battery at Vell covered 62 per cent of the energy used.

Energy cost per crossing fell from 214 to 131 kroner on the Vell–Auster line, before the cost of the battery.

## Outlook

The board decided in November to order two further electric ships, to be delivered in the spring of 2028."""

_PAGE = """\
# Questions and answers about the electric ferries

## How loud are they?

On the car deck we measured 58 decibels under way, against 71 decibels on the diesel ship that served the line before.

## What happens in a storm?

In winds above 18 metres a second the electric ships stay in port, exactly like the diesel ships, because the limit is \
set by the quay and not by the engine.

## How long does charging take?

A full charge takes 38 minutes. Between two crossings the ship is charged for seven minutes."""

_PAPER = """\
# Shore batteries on weak grids: three years at Vell

## Results

The harbour battery supplied 57 per cent of the energy drawn by the ships between 2023 and 2025.

Cells lost 4.1 per cent of their capacity in the first two years, less than the 6 per cent the maker had allowed for.

## Limits

The winter of 2024 was mild, and the figures should not be carried over to colder harbours without measuring there."""

_NOTE = """\
Council minutes, 3 June 2025

The harbour master reported that complaints about noise had fallen from 43 to 6 in a year.

Councillor Brandt asked whether the fares would rise; the company answered that none was planned before 2027."""


@dataclass(frozen=True)
class Text:
    location: str
    kind: SourceKind
    title: str
    text: str
    author: str | None = None
    published: datetime | None = None


TEXTS = {
    "report": Text(
        "https://ferries.example/reports/2025.html",
        SourceKind.HTML,
        "Kestrel Sound Ferries: annual report 2025",
        _REPORT,
        "Kestrel Sound Ferries",
        datetime(2026, 2, 20, tzinfo=UTC),
    ),
    "page": Text(
        "examples/ferries/questions.md", SourceKind.MARKDOWN, "Questions and answers about the electric ferries", _PAGE
    ),
    "paper": Text(
        "https://papers.example/vell/shore-batteries.pdf",
        SourceKind.PDF,
        "Shore batteries on weak grids: three years at Vell",
        _PAPER,
        "M. Okafor and L. Reindal",
        datetime(2026, 5, 4, tzinfo=UTC),
    ),
    "note": Text(
        "examples/ferries/minutes.txt",
        SourceKind.TEXT,
        "Council minutes, 3 June 2025",
        _NOTE,
        published=datetime(2025, 6, 3, tzinfo=UTC),
    ),
}


# What the article says: (text, verdict, words that begin a cited passage's supporting span …). A span ends with its
# sentence or at the bar: "from|to".
Line = tuple[str, Support, tuple[str, ...]]
_OK, _UNSURE, _NONE = Support.SUPPORTED, Support.UNSURE, Support.NOT_NEEDED

ARTICLE: list[tuple[str, list[tuple[ParagraphKind, list[Line]]]]] = [
    (
        "",
        [
            (
                ParagraphKind.TEXT,
                [
                    ("A ferry that makes no noise takes some getting used to.", _NONE, ()),
                    (
                        "Two of the nine ships of Kestrel Sound Ferries now sail on batteries alone.",
                        _OK,
                        ("the fleet counted nine ships|on batteries alone.",),
                    ),
                    (
                        "By now it can be said what the electric ferries have brought, and what they have not.",
                        _NONE,
                        (),
                    ),
                ],
            )
        ],
    ),
    (
        "Quieter, and on time",
        [
            (
                ParagraphKind.TEXT,
                [
                    (
                        "On the car deck the noise fell from 71 to 58 decibels.",
                        _OK,
                        ("we measured 58 decibels|71 decibels",),
                    ),
                    (
                        "The town noticed: complaints dropped from 43 to 6 within a year.",
                        _OK,
                        ("complaints about noise|in a year.",),
                    ),
                    (
                        "Of 11,480 electric crossings, 98.4 per cent left within three minutes of the timetable.",
                        _OK,
                        ("11,480 crossings|of the timetable.",),
                    ),
                ],
            ),
            (
                ParagraphKind.TEXT,
                [
                    (
                        "Storms changed nothing, for the limit of 18 metres a second is set by the quay and not by "
                        "the engine.",
                        _OK,
                        ("winds above 18 metres|by the engine.",),
                    )
                ],
            ),
        ],
    ),
    (
        "What the battery on the quay does",
        [
            (
                ParagraphKind.TEXT,
                [
                    (
                        "How much of the energy came from the harbour battery depends on whom one asks: 62 per cent "
                        "in the company's report for 2025, 57 per cent in a study of 2023 to 2025.",
                        _OK,
                        ("the harbour battery at Vell|energy used.", "57 per cent|2025."),
                    ),
                    (
                        "Its cells aged more slowly than promised and lost 4.1 per cent in two years.",
                        _OK,
                        ("Cells lost 4.1 per cent|allowed for.",),
                    ),
                    (
                        "The same can be expected in any northern harbour.",
                        _UNSURE,
                        ("the figures should not be carried over|measuring there.",),
                    ),
                ],
            ),
            (ParagraphKind.TEXT, [("In figures:", _NONE, ())]),
            (
                ParagraphKind.LIST_ITEM,
                [("A full charge takes 38 minutes.", _OK, ("A full charge|38 minutes.",))],
            ),
            (
                ParagraphKind.LIST_ITEM,
                [("Between crossings there are seven.", _OK, ("Between two crossings|seven minutes.",))],
            ),
            (
                ParagraphKind.LIST_ITEM,
                [("Energy for a crossing costs 131 kroner instead of 214.", _OK, ("Energy cost|131 kroner",))],
            ),
        ],
    ),
    (
        "What comes next",
        [
            (
                ParagraphKind.QUOTE,
                [
                    (
                        "The board decided in November to order two further electric ships, to be delivered in the "
                        "spring of 2028.",
                        _OK,
                        ("The board decided|spring of 2028.",),
                    )
                ],
            ),
            (
                ParagraphKind.TEXT,
                [
                    (
                        "Passengers will not pay for them at first: no rise in fares is planned before 2027.",
                        _OK,
                        ("none was planned|before 2027.",),
                    )
                ],
            ),
        ],
    ),
]

DIGEST: list[tuple[str, list[str]]] = [
    ("Fleet and outlook", ["At the end of 2025", "The electric ships made", "The board decided"]),
    ("Noise", ["On the car deck", "The harbour master"]),
    ("The harbour battery", ["The harbour battery supplied", "Cells lost", "Energy cost per crossing"]),
]


TITLES = {
    ArticleKind.ARTICLE: (
        "Years of silence: what Kestrel Sound learned from its electric ferries",
        "Two battery ships, one battery on the quay, and figures that do not always agree.",
    ),
    ArticleKind.DIGEST: (
        "Electric ferries at Kestrel Sound: a digest",
        "What four sources say about the ships, the noise and the harbour battery.",
    ),
}
PARTS = (("citations", 100.0, 3.0), ("support", 91.0, 4.0), ("readability", 84.0, 1.0), ("length", 76.0, 1.0))

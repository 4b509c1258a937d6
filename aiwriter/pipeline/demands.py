"""What a format demands, in words: every limit of its file, told once and rendered into prompts, the API and screens.

A row names the part of the score that looks after it. Its templates hold the names of limits in braces, and numbers
come from the format alone; `writing` and `planning` are the few words that a model is told for a section and for the
outline. A test holds that every limit of a format stands in a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter

from aiwriter.documents import Demand, FormatHead
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.patterns import groups
from aiwriter.pipeline.quality.structure import LONGEST_HEADING


@dataclass(frozen=True, slots=True)
class Row:
    """One demand: the part of the score, the words for people, and the shorter ones for a writing or planning model."""

    part: str
    text: str
    writing: str = ""
    planning: str = ""

    @property
    def limits(self) -> frozenset[str]:
        """The names of limits that the words for people hold."""
        return frozenset(name for _, name, _, _ in Formatter().parse(self.text) if name)


ROWS = (
    Row(
        "length",
        "From {words_min:,} to {words_max:,} words, {words_default:,} unless asked otherwise; {length_ok_low:.0%} to "
        "{length_ok_high:.0%} of what was asked for is right, outside {revise_length_low:.0%} to "
        "{revise_length_high:.0%} a person decides, and below {refuse_length:.0%} nothing passes.",
    ),
    Row(
        "structure",
        "{sections_min} to {sections_max} sections, about one for {sections_each} words; {parts}. Each has a heading "
        "of its own of at most {heading_words} words. With less than {revise_sections:.0%} of the fewest, or as far "
        "beyond the most, a person decides.",
    ),
    Row(
        "citations",
        "At least {coverage_min:.0%} of the sentences that state a fact cite a source; below {refuse_coverage:.0%} "
        "nothing passes.",
    ),
    Row(
        "support",
        "At least {supported_min:.0%} of them are supported by what they cite; below {refuse_supported:.0%} nothing "
        "passes, and when more than {removed_max:.0%} of all had to be taken out, a person must look. A second opinion "
        "counts from {opinion_supported:.0%} on, or up to {opinion_unsupported:.0%}.",
    ),
    Row("quotations", "Quotations stand word for word in what they cite.", "quotations word for word"),
    Row(
        "contradictions",
        "Where sources disagree on a figure, both are told; {contested_max} sentences may tell one alone.",
    ),
    Row(
        "originality",
        "At most {copied_run_max} words in a row, and {copied_share_max:.0%} of all runs of five, stand in one source; "
        "above {refuse_copied_run} and {refuse_copied_share:.0%} nothing passes. Of the runs of five words of another "
        "article of ours up to {archive_wording_max:.0%}, above {refuse_archive_wording:.0%} nothing passes; one that "
        "says the same in other words is named from a likeness of {archive_meaning_max:.0%} on, and before writing one "
        "that answers the topic from {answered_min:.0%} on.",
        "at most {copied_run_max} words in a row as in a source",
    ),
    Row("repetition", "Each fact is told once."),
    Row("language", "Everything but quotations and names is in the language that was asked for."),
    Row("coherence", "Sections and sentences belong where they stand."),
    Row("openings", "No section begins with a word that leans on another, a shard of a table or a list of references."),
    Row(
        "defects",
        "At most {defects_max:g} stumble per 1,000 words: the three above, too few or too many words, and {stumbles}.",
    ),
    Row(
        "readability",
        "Flesch reading ease of {reading_ease_min:g} to {reading_ease_max:g} in English, LIX of {lix_min:g} to "
        "{lix_max:g} in other languages.",
        "{reading}",
    ),
    Row(
        "style",
        "Sentences of at most {sentence_words_max} words, but for {long_sentences_max:.0%}; at most {passive_max:.0%} "
        "in the passive; paragraphs of at most {paragraph_words_max} words; at most {exclamations_max:g} exclamation "
        "marks per 1,000 words.",
        "sentences up to {sentence_words_max} words, paragraphs up to {paragraph_words_max}, at most {passive_max:.0%} "
        "in the passive, {exclamations_max:g} exclamation marks per 1,000 words",
    ),
    Row(
        "phrases",
        "Worn-out phrases, weighted and beyond what people write: {worn_ok:g} per 1,000 words are right, {worn_max:g} "
        "the most. They are: {phrases}.",
        "no {phrases}",
    ),
    Row(
        "seo",
        "A title of {title_chars_min} to {title_chars_max} characters, a description of {description_chars_min} to "
        "{description_chars_max}; the topic or a keyword in title and opening, no keyword more than "
        "{keyword_density_max:.0%} of all words.",
        "no keyword more than {keyword_density_max:.0%} of the words",
        "title of {title_chars_min} to {title_chars_max} characters, description of {description_chars_min} to "
        "{description_chars_max}",
    ),
    Row("links", "No address but those of the sources.", "no address"),
    Row("private", "Nobody's personal data, no key and no password."),
    Row(
        "voice",
        "Where a voice is given, a distance of {voice_delta_ok:g} is close, {voice_delta_max:g} far.",
    ),
    Row("", "A score of at least {score_min:g}; what fails is rewritten up to {rewrites} times."),
)


def told(fmt: Format, language: str = "en") -> list[tuple[str, str]]:
    """(part of the score, what is demanded) of everything, for people; the part is "" for the whole."""
    values = _values(fmt, language)
    return [(row.part, row.text.format_map(values)) for row in ROWS]


def head(fmt: Format) -> FormatHead:
    """What whoever may ask for this format is told of it, wherever that is."""
    return FormatHead(
        name=fmt.name,
        title=fmt.title,
        description=fmt.description,
        words=fmt.words.default,
        least_words=fmt.words.min,
        most_words=fmt.words.max,
        demands=tuple(Demand(part=part, text=text) for part, text in told(fmt)),
    )


def for_writing(fmt: Format, language: str) -> str:
    """One line for the prompt of a section."""
    return _joined((row.writing for row in ROWS), fmt, language)


def for_planning(fmt: Format, language: str) -> str:
    """One line for the prompt of an outline."""
    return _joined((row.planning for row in ROWS), fmt, language)


def limits(fmt: Format) -> dict[str, object]:
    """Every limit of a format by the name that rows use."""
    return fmt.thresholds.model_dump() | {
        "words_min": fmt.words.min,
        "words_max": fmt.words.max,
        "words_default": fmt.words.default,
        "sections_min": fmt.sections.min,
        "sections_max": fmt.sections.max,
        "sections_each": fmt.sections.words_each,
        "rewrites": fmt.rewrites,
        "parts": ", ".join(f"one is the {part}" for part in fmt.parts) or "none is prescribed",
    }


def _values(fmt: Format, language: str) -> dict[str, object]:
    low, high = fmt.thresholds.reading_ease_min, fmt.thresholds.reading_ease_max
    lix = f"LIX {fmt.thresholds.lix_min:g} to {fmt.thresholds.lix_max:g}"
    return limits(fmt) | {
        "heading_words": LONGEST_HEADING,
        "stumbles": ", ".join(_avoided("defects.toml", language)),
        "phrases": ", ".join(_avoided("phrases.toml", language)),
        "reading": f"Flesch reading ease {low:g} to {high:g}" if language == "en" else lix,
    }


def _avoided(file: str, language: str) -> Iterator[str]:
    """What the groups of a file are, in a few words each; those of English where a language has none of its own."""
    found = groups(file, language) or groups(file, "en")
    return (group.told for group in found if group.told)


def _joined(templates: Iterator[str], fmt: Format, language: str) -> str:
    values = _values(fmt, language)
    return "; ".join(template.format_map(values) for template in templates if template)

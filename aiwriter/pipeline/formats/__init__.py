"""Content formats as data, one TOML file each: lengths, parts, prompt hints, and the one home of quality thresholds."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from aiwriter.documents import Share
from aiwriter.errors import BadInput

_CORRECT = "Correct the file; blog_post.toml has every field, with what it means."
_SHOWN = 5  # problems of a file that are told at once
_LONGEST_VALUE = 60
Percent = Annotated[float, Field(ge=0, le=100)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _require_order(part: _Part, *pairs: tuple[str, str]) -> None:
    """Raises ValueError that names every pair of which the first is above the second."""
    wrong = [
        f"{low} is {getattr(part, low):g} and must not be above {high}, which is {getattr(part, high):g}"
        for low, high in pairs
        if getattr(part, low) > getattr(part, high)
    ]
    if wrong:
        raise ValueError("; ".join(wrong))


class Words(_Part):
    """Words of a whole text."""

    default: Annotated[int, Field(gt=0)]
    min: Annotated[int, Field(gt=0)]
    max: Annotated[int, Field(gt=0)]

    @model_validator(mode="after")
    def _in_order(self) -> Words:
        _require_order(self, ("min", "default"), ("default", "max"))
        return self


class SectionCount(_Part):
    """How many sections: one for each `words_each` words, within `min` and `max`."""

    words_each: Annotated[int, Field(gt=0)]
    min: Annotated[int, Field(gt=0)]
    max: Annotated[int, Field(gt=0)]

    @model_validator(mode="after")
    def _in_order(self) -> SectionCount:
        _require_order(self, ("min", "max"))
        return self


class PromptHints(_Part):
    """What prompts say about the format, in whole sentences."""

    outline: str
    section: str
    tone: str


class Thresholds(_Part):
    """Where checks begin to complain (`…_ok`, `…_min`, `…_max`) where it asks for
    a person (`revise_…`) and where it refuses (`refuse_…`)."""

    coverage_min: Share  # factual sentences that cite something
    refuse_coverage: Share
    supported_min: Share  # judged sentences that are supported
    refuse_supported: Share
    removed_max: Share  # sentences taken out as unsupported; beyond it a person must look at what is left
    contested_max: Annotated[int, Field(ge=0)]  # sentences with a figure on which sources disagree, told as undisputed
    length_ok_low: float  # words ÷ words of the brief
    length_ok_high: float
    refuse_length: float
    revise_length_low: float  # beyond these a person must look at it
    revise_length_high: float
    revise_sections: Share  # sections ÷ the fewest that the format has, or the most ÷ them
    reading_ease_min: float  # Flesch, English
    reading_ease_max: float
    lix_min: float  # other languages
    lix_max: float
    copied_run_max: int  # words in a row outside quotations
    copied_share_max: Share  # 5-word sequences outside quotations that one source holds
    refuse_copied_run: int
    refuse_copied_share: Share
    archive_wording_max: Share  # 5-word sequences shared with an article of ours, of those that either has
    refuse_archive_wording: Share
    archive_meaning_max: Share  # mean cosine of its parts to the nearest ones of an article of ours
    answered_min: Share  # likeness of topics from which an article of ours is said to answer the brief already
    defects_max: float  # what a reader stumbles over, per 1,000 words
    worn_ok: float  # weighted worn-out phrases per 1,000 words beyond what people write
    worn_max: float
    sentence_words_max: int  # longer ones are named
    long_sentences_max: Share
    passive_max: Share  # sentences in the passive
    paragraph_words_max: int
    exclamations_max: float  # per 1,000 words
    title_chars_min: int
    title_chars_max: int
    description_chars_min: int
    description_chars_max: int
    keyword_density_max: Share  # words of one keyword ÷ all words
    voice_delta_ok: float  # distance to the voice of the brief
    voice_delta_max: float
    score_min: Percent  # below it the verdict is revise
    opinion_supported: Share = 0.80  # a checker so sure makes an unsure sentence supported
    opinion_unsupported: Share = 0.20  # … or unsupported

    @model_validator(mode="after")
    def _in_order(self) -> Thresholds:
        _require_order(
            self,
            ("refuse_coverage", "coverage_min"),
            ("refuse_supported", "supported_min"),
            ("length_ok_low", "length_ok_high"),
            ("refuse_length", "length_ok_low"),
            ("reading_ease_min", "reading_ease_max"),
            ("lix_min", "lix_max"),
            ("copied_run_max", "refuse_copied_run"),
            ("copied_share_max", "refuse_copied_share"),
            ("archive_wording_max", "refuse_archive_wording"),
            ("worn_ok", "worn_max"),
            ("title_chars_min", "title_chars_max"),
            ("description_chars_min", "description_chars_max"),
            ("voice_delta_ok", "voice_delta_max"),
            ("opinion_unsupported", "opinion_supported"),
        )
        return self


class Format(_Part):
    """A kind of content. `parts` are sections it must have: "introduction" is a first section without a heading."""

    name: str
    title: str
    description: str
    words: Words
    sections: SectionCount
    parts: tuple[str, ...] = ()
    hints: PromptHints
    queries: dict[str, tuple[str, ...]] = {}  # by language: what its readers ask, put after the topic in a web search
    weights: dict[str, Annotated[float, Field(ge=0)]]  # part of the score → weight; unnamed parts weigh nothing
    thresholds: Thresholds
    rewrites: Annotated[int, Field(ge=0, le=5)] = 2  # times that a section's failing sentences are rewritten

    @field_validator("weights")
    @classmethod
    def _weighs_something(cls, weights: dict[str, float]) -> dict[str, float]:
        if not any(weights.values()):
            raise ValueError("every part weighs 0, and one of them must be above 0")
        return weights

    def sections_for(self, words: int) -> int:
        """How many sections a text of so many words should have."""
        return max(self.sections.min, min(self.sections.max, round(words / self.sections.words_each)))


def names() -> list[str]:
    """The formats that ship, sorted."""
    return sorted(item.name.removesuffix(".toml") for item in files(__name__).iterdir() if item.name.endswith(".toml"))


@lru_cache(maxsize=64)
def load(name: str) -> Format:
    """The format of this name, or one of your own by the path of its TOML file. Raises BadInput."""
    if name.endswith(".toml"):
        return _own(Path(name))
    if name not in names():
        close = difflib.get_close_matches(name.lower().replace("-", "_").replace(" ", "_"), names(), n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}?" if close else f"formats are {', '.join(names())}"
        raise BadInput(f"there is no format {name!r}", hint=hint)
    return _parse((files(__name__) / f"{name}.toml").read_text("utf-8"), name)


def _own(path: Path) -> Format:
    """A format of one's own; thresholds it does not name, such as those of a later version, are a blog post's."""
    try:
        return _parse(path.read_text("utf-8"), str(path), load("blog_post"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"the format file {str(path)!r} cannot be read: {error}", hint="give a UTF-8 TOML file"
        ) from error


def _parse(text: str, where: str, base: Format | None = None) -> Format:
    try:
        values = tomllib.loads(text)
        if base is not None and isinstance(values.get("thresholds"), dict):
            values["thresholds"] = base.thresholds.model_dump() | values["thresholds"]
        return Format.model_validate(values)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"the format {where!r} is no TOML: {error}", hint=_CORRECT) from error
    except ValidationError as error:
        raise BadInput(f"the format {where!r} cannot be used: {_wrong(error)}", hint=_CORRECT) from error


def _wrong(error: ValidationError) -> str:
    """What is lacking, and which fields are wrong: their values and what they should be."""
    found: Sequence[Mapping[str, Any]] = error.errors(include_url=False)
    lacking = [_place(one["loc"]) for one in found if one["type"] == "missing"]
    told = [f"it lacks {', '.join(lacking)}"] * bool(lacking)
    told += [_told(one) for one in found if one["type"] != "missing"]
    more = f"; and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    return "; ".join(told[:_SHOWN]) + more


def _told(one: Mapping[str, Any]) -> str:
    place = _place(one["loc"])
    if one["type"] == "extra_forbidden":
        return f"there is no field {place}"
    if one["type"] == "value_error":  # one of ours, which names its fields and values
        return f"{place}: {one['msg'].removeprefix('Value error, ')}"
    shown = repr(one["input"])
    said = one["msg"].replace("Input should", "it should")
    return f"{place} is {shown if len(shown) <= _LONGEST_VALUE else 'something else'}: {said}"


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location))

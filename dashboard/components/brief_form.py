"""The form of a brief: topic, sources and Start first; everything else has a default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st
from pydantic import ValidationError

from aiwriter.api.offers import ModelHead
from aiwriter.documents import Answered, Brief, Estimate, FormatHead
from aiwriter.errors import BadInput
from aiwriter.text.scripts import has_word
from dashboard.components.markup import Node, h, link, show
from dashboard.components.notices import notice
from dashboard.wording import LANGUAGES, about, capital, count, day, instant, lasting, money, one_line, part_name, said

DIGEST = "It will be a digest: quotations from your sources, put in order. A language model writes if one is chosen."


@dataclass(frozen=True)
class Wish:
    """What the form asks for, as far as it is filled in."""

    topic: str
    sources: tuple[str, ...]
    format: str
    words: int
    audience: str
    tone: str
    language: str
    keywords: tuple[str, ...]
    since: date | None
    domains: tuple[str, ...]
    without_domains: tuple[str, ...]
    approve_outline: bool
    model: str | None
    budget_usd: Decimal | None
    voice: str  # a text that sounds as the article should

    @property
    def samples(self) -> tuple[str, ...]:
        """The texts from which the voice is learned."""
        return (self.voice,) if self.voice else ()

    def brief(self, topic: str | None = None) -> Brief:
        """The brief. Raises BadInput that names the field."""
        return _brief(
            topic=topic or self.topic,
            sources=self.sources,
            format=self.format,
            words=self.words,
            audience=self.audience,
            tone=self.tone,
            language=self.language,
            keywords=self.keywords,
            since=self.since,
            domains=self.domains,
            without_domains=self.without_domains,
            approve_outline=self.approve_outline,
        )

    @property
    def has_topic(self) -> bool:
        return has_word(self.topic)

    @property
    def missing(self) -> list[str]:
        """What must still be given before a run can start."""
        return _missing(self.topic, self.sources, "Say what the article is to be about.")


@dataclass(frozen=True)
class ResearchWish:
    """What the form of a study asks for, as far as it is filled in."""

    topic: str
    sources: tuple[str, ...]
    language: str
    keywords: tuple[str, ...]
    since: date | None
    domains: tuple[str, ...]
    without_domains: tuple[str, ...]

    def brief(self) -> Brief:
        """What to look into, as a brief. Raises BadInput that names the field."""
        return _brief(**asdict(self))

    @property
    def missing(self) -> list[str]:
        """What must still be given before it can start."""
        return _missing(self.topic, self.sources, "Say what to look into.")


def _brief(**fields: Any) -> Brief:
    try:
        return Brief(**fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{said(str(first['loc'][0]))}: {first['msg'].lower()}.") from error


def _missing(topic: str, sources: Sequence[str], no_topic: str) -> list[str]:
    lacking = [] if has_word(topic) else [no_topic]
    if not sources:
        lacking.append("Name at least one source: a web address, or a file that the server can read.")
    return lacking


def ask_research() -> ResearchWish:
    """Draw the fields of a study and return what they hold."""
    topic = st.text_area(
        "What is to be looked into?",
        key="research-topic",
        height=80,
        max_chars=500,
        placeholder="Electric ferries in winter",
    )
    sources = places("research-sources")
    first, second = st.columns(2)
    with first:
        language = _language("research-language")
    with second:
        keywords = _listed("Keywords, with commas", "research-keywords", "shore battery, winter timetable")
    with st.expander("Limits of searches: age, sites"):
        within = limits("research-")
    return ResearchWish(topic=" ".join(topic.split()), sources=sources, language=language, keywords=keywords, **within)


def prefill(brief: Brief, model: str | None = None) -> None:
    """Let the form of a brief begin with this one; to be called before it is drawn. How it should sound is not kept."""
    values: dict[str, Any] = {
        "topic": brief.topic,
        "sources": "\n".join(brief.sources),
        "language": brief.language if brief.language in LANGUAGES else "en",
        "keywords": ", ".join(brief.keywords),
        "since": brief.since,
        "domains": ", ".join(brief.domains),
        "without-domains": ", ".join(brief.without_domains),
        "audience": brief.audience,
        "tone": brief.tone,
        "format": brief.format,
        f"words-{brief.format}": brief.words,
        "approve": brief.approve_outline,
        "model": model,
    }
    st.session_state.update(values)


def ask(formats: Sequence[FormatHead], models: Sequence[ModelHead]) -> Wish:
    """Draw the fields and return what they hold."""
    topic = st.text_area(
        "What is the article to be about?",
        key="topic",
        height=80,
        max_chars=500,
        placeholder="What Kestrel Sound learned from its electric ferries",
    )
    sources = places("sources")
    chosen, words = _format(formats)
    _demanded(next(one for one in formats if one.name == chosen))
    approve = st.toggle("Show me the outline before writing", key="approve")
    with st.expander("More choices: reader, tone, voice, language, model, budget, limits of searches"):
        wish = _more(models)
    return Wish(
        topic=" ".join(topic.split()),
        sources=sources,
        format=chosen,
        words=words,
        approve_outline=approve,
        **wish,
    )


def places(key: str, label: str = "Sources, one a line", height: int = 120) -> tuple[str, ...]:
    """Where to look, as it was typed, each place once."""
    given = st.text_area(
        label,
        key=key,
        height=height,
        placeholder="https://example.org/report\n/srv/notes/interview.md\nweb:",
        help="Web addresses, paths of files that the server can read, feed:, sitemap: or site: before an address; web: "
        "searches, known: asks what is known. What is written says what they say, no more.",
    )
    return tuple(dict.fromkeys(line.strip() for line in given.splitlines() if line.strip()))


def _language(key: str) -> str:
    return st.selectbox("Language", list(LANGUAGES), format_func=lambda code: LANGUAGES.get(code, code), key=key)


def _listed(label: str, key: str, placeholder: str) -> tuple[str, ...]:
    """A field of several values with commas between them."""
    given = st.text_input(label, key=key, placeholder=placeholder)
    return tuple(part.strip() for part in given.split(",") if part.strip())


def limits(prefix: str = "") -> dict[str, Any]:
    """What searches may find; the keys of the fields begin with `prefix`."""
    since = st.date_input("Searches find what was published from this day on", None, key=f"{prefix}since")
    first, second = st.columns(2)
    with first:
        domains = _listed("Only pages of these sites", f"{prefix}domains", "example.org, gov.uk")
    with second:
        without = _listed("No pages of these sites", f"{prefix}without-domains", "example.com")
    return {"since": since, "domains": domains, "without_domains": without}


def _format(formats: Sequence[FormatHead]) -> tuple[str, int]:
    by_name = {one.name: one for one in formats}
    if st.session_state.get("format") not in by_name:  # that of a brief from before, which is gone
        st.session_state.pop("format", None)
    first, second = st.columns([3, 2])
    with first:
        name = st.selectbox(
            "Format", list(by_name), format_func=lambda name: by_name[name].title, key="format", help=None
        )
        _beneath(by_name[name].description, "format")
    one, key = by_name[name], f"words-{name}"
    st.session_state[key] = min(max(st.session_state.get(key, one.words), one.least_words), one.most_words)
    with second:
        words = st.number_input("Words", min_value=one.least_words, max_value=one.most_words, step=50, key=key)
        _beneath(f"{one.least_words:,} to {one.most_words:,}, usually {one.words:,}", "words")
    return name, int(words)


def _demanded(chosen: FormatHead) -> None:
    """What the format demands of a text: the limits by which it is judged."""
    if chosen.demands:
        with st.expander("What is demanded of the text"):
            rows = (
                h("li", h("strong", part_name(one.part) if one.part else "The whole"), " ", one.text)
                for one in chosen.demands
            )
            show(h("ul", *rows, cls="quoted small"), key="demanded")


def _beneath(text: str, key: str) -> None:
    show(h("p", text, cls="soft small"), key=f"beneath-{key}")


def _more(models: Sequence[ModelHead]) -> dict[str, Any]:
    first, second = st.columns(2)
    with first:
        audience = st.text_input("For whom", key="audience", placeholder="harbour towns that think of the same")
        language = _language("language")
        model = st.selectbox(
            "Model",
            [None, *(one.name for one in models if one.usable and not one.default)],
            format_func=lambda name: _stands(models, name) if name else _default_of(models),
            key="model",
            accept_new_options=True,
            help="Another one can be typed as provider:model.",
        )
    with second:
        tone = st.text_input("Tone", key="tone", placeholder="plain, friendly, exact")
        keywords = _listed("Keywords, with commas", "keywords", "electric ferry, shore battery")
        budget = st.number_input(
            "Spend at most, in dollars",
            min_value=0.01,
            max_value=10_000.0,
            value=None,
            step=0.5,
            key="budget",
            placeholder="the usual cap",
            help="A run that comes near its cap writes shorter and says so.",
        )
    voice = st.text_area(
        "A text that sounds as the article should",
        key="voice",
        height=100,
        max_chars=200_000,
        help="300 words or more, in the language of the article. How it is written is learned in numbers, told to the "
        "model and measured in the report; the text itself is not kept.",
    )
    return limits() | {
        "voice": voice.strip(),
        "audience": audience.strip(),
        "tone": tone.strip(),
        "language": language,
        "keywords": keywords,
        "model": model or None,
        "budget_usd": None if budget is None else Decimal(str(budget)),
    }


def _default_of(models: Sequence[ModelHead]) -> str:
    default = next((one.name for one in models if one.default), "")
    return f"The usual one ({_stands(models, default)})" if default else "The usual one"


def _stands(models: Sequence[ModelHead], name: str) -> str:
    """A model with its price, or until when it is left alone."""
    one = next((one for one in models if one.name == name), None)
    if one is not None and one.left_alone_until is not None:
        return f"{name}, left alone until {instant(one.left_alone_until)}"
    if one is None or not one.input_usd or not one.output_usd:
        return name
    return f"{name}, {money(one.input_usd)} / {money(one.output_usd)} a million tokens"


def kept_from(models: Sequence[ModelHead], name: str | None) -> ModelHead | None:
    """The model that was chosen, or the usual one, if it cannot be used now."""
    chosen = next((one for one in models if (one.default if name is None else one.name == name)), None)
    return chosen if chosen is not None and (not chosen.usable or chosen.left_alone_until) else None


def _missed(error: float | None) -> str:
    return "" if error is None else f" Such runs cost {error:.0%} more or less than was estimated."


def _between(estimate: Estimate) -> str:
    """The range of its model calls, where mending makes one."""
    fewest, most = estimate.fewest_calls, estimate.most_calls
    return f" ({fewest} to {most}, by how much has to be mended)" if fewest < most else ""


def estimate_line(estimate: Estimate) -> Node:
    """What the run will probably take, in one line."""
    likely, most = about(estimate.likely_usd), about(estimate.most_usd)
    bound = "at most" if estimate.likely_usd <= estimate.most_usd else "of which the budgets allow"
    costs = likely if likely == most else f"{likely}, {bound} {most}"
    return h(
        "p",
        h("span", "Will cost ", h("strong", costs)),
        h("span", "and take about ", h("strong", lasting(estimate.seconds))) if estimate.seconds else None,
        h("span", "with ", count(estimate.model_calls, "model call"), _between(estimate))
        if estimate.model_calls
        else None,
        h("strong", f"{capital(estimate.caps)}.") if estimate.caps else None,
        h("span", DIGEST, cls="small soft") if estimate.model.startswith("offline:") else None,
        h("small", f"An estimate {estimate.basis}; by {estimate.model}.", _missed(estimate.error)),
        cls="estimate",
    )


def answered(found: Sequence[Answered], *, asked: bool = False) -> Node | None:
    """Articles that seem to answer the topic already: a warning, which blocks nothing; `asked`: the run was asked for
    all the same."""
    if not found:
        return None
    return notice(
        "When this was asked for, it seemed to be answered already" if asked else "This seems to be answered already",
        *(
            h("span", link(one_line(one.title), "article", id=one.article_id), f" of {day(one.created_at)}")
            for one in found
        ),
        tone="orange",
        next_step="Two articles on one question compete for its readers: "
        + ("publish one of them." if asked else "bring that one up to date, or ask for what it does not say."),
    )

"""The form of a check: a text, and what it is to be held against; both pasted or uploaded, or an example of ours."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import streamlit as st

from aiwriter.api.checks import LONGEST_TEXT, CheckRequest
from aiwriter.documents import GivenSource
from dashboard import backend
from dashboard.components import brief_form
from dashboard.components.markup import h, show
from dashboard.wording import LANGUAGES, one_line

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

KINDS = ["pdf", "docx", "md", "markdown", "txt", "html", "htm", "csv", "tsv"]
OF_TEXTS = ["docx", "pdf", "md", "markdown", "txt", "json"]
MOST_PASTED = 20
UPLOAD_MB = 2  # what one request may hold
_PASTED, _KEPT = "check-pasted", "check-kept"
EXAMPLE_TEXT = """# The quiet ship

The night ferry Lanternfish has been in service since 14 March 2024. She carries 312 passengers and 38 cars. The \
crossing from Torvick to Sallow Bay takes two hours and ten minutes.

Of 312 sailings in 2024, 19 were cancelled. Twelve of them were cancelled because the crew was seasick. “Nobody misses \
the noise,” said Captain Ilse Moren. The ship cost 25 million crowns.

People on the island have grown fond of her.
"""
EXAMPLE_SOURCE = """# The Lanternfish in figures

The night ferry Lanternfish entered service on 14 March 2024. She carries 132 passengers and 38 cars. The crossing \
from Torvick to Sallow Bay takes two hours and ten minutes.

In 2024, 19 of 312 sailings were cancelled, twelve of them because of weather. The ship cost 21.4 million crowns. \
“Nobody misses the noise,” says Captain Ilse Moren.
"""


@dataclass(frozen=True)
class Wish:
    """What the form asks for, as far as it is filled in; `unread` are uploaded files that hold no text."""

    text: str
    data: bytes | None  # a PDF or Word file that holds the text
    name: str
    given: tuple[GivenSource, ...]
    sources: tuple[str, ...]
    language: str | None
    limits: dict[str, Any]
    unread: tuple[str, ...]

    @property
    def request(self) -> Callable[[], CheckRequest]:
        """What to ask for, made when it is sent: what it refuses is told by field."""
        data = b64encode(self.data) if self.data else None
        given = {"text": self.text, "data": data, "name": self.name, "given": self.given, "sources": self.sources}
        return lambda: CheckRequest(**given, language=self.language, **self.limits)

    @property
    def missing(self) -> list[str]:
        """What must still be given before it can start."""
        lacking = [f"“{name}” cannot be read as text: {_HOW}" for name in self.unread]
        if not self.text.strip() and not self.data:
            lacking.append("Paste or upload the text that is to be checked.")
        if not self.given and not self.sources:
            lacking.append("Give at least one source: paste it, upload it, or name an address.")
        if self.bytes > (most := backend.most_bytes()):
            lacking.append(f"All together it is {self.bytes / 1e6:.1f} MB; one check may hold {most / 1e6:.1f} MB.")
            lacking.append("Leave something out, or name places that the server can read.")
        return lacking

    @property
    def bytes(self) -> int:
        """About what the request takes: a file takes a third more than it has."""
        given = (len(one.data) * 4 / 3 if one.data else _sent(one.text) for one in self.given)
        return round(_sent(self.text) + len(self.data or b"") * 4 / 3 + sum(given)) + 1000


def _sent(text: str) -> int:
    """The bytes of a text as it is sent: in JSON, where quotation marks and line ends take two."""
    return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "replace"))


_HOW = "save it as UTF-8, or paste it above."


def ask() -> Wish:
    """Draw the fields and return what they hold."""
    text = st.text_area(
        "Text to check",
        key="check-text",
        height=240,
        max_chars=LONGEST_TEXT,
        placeholder="Paste what somebody wrote, as plain text or Markdown",
    )
    uploaded = _uploader("Or upload the text", "check-upload", OF_TEXTS, many=False)
    _subhead("Sources to hold it against")
    pasted = _pasted()
    files = _uploader("Upload sources", "check-files", KINDS, many=True)
    before = _files_of_before()
    sources = brief_form.places("check-sources", "Addresses and other places, one a line", 80)
    with st.expander("Language, and limits of searches"):
        language = st.selectbox(
            "Language of the text",
            [None, *LANGUAGES],
            format_func=lambda code: LANGUAGES.get(code, str(code)) if code else "As the text itself tells",
            key="check-language",
        )
        limits = brief_form.limits("check-")
    data = uploaded[0].getvalue() if uploaded and _is_file_of_text(uploaded[0].name) else None
    whole = _decoded(uploaded[0]) if uploaded and not data else text
    return Wish(
        text="" if data else whole or "",
        data=data,
        name=_name(uploaded[0].name if uploaded else "text"),
        given=_apart([*pasted, *((file.name, file.getvalue()) for file in files if file.size), *before]),
        sources=sources,
        language=language,
        limits=limits,
        unread=tuple(one_line(file.name) for file in uploaded if whole is None),
    )


def _subhead(text: str) -> None:
    show(h("h2", text, cls="chapter"), key="check-subhead")


def _pasted() -> list[tuple[str, str]]:
    """Sources that were pasted, by name."""
    number = st.session_state.setdefault(_PASTED, 1)
    found = []
    for place in range(number):
        name = st.text_input(
            f"Name of source {place + 1}", key=f"check-name-{place}", max_chars=200, placeholder=f"Source {place + 1}"
        )
        text = st.text_area(
            f"Text of source {place + 1}",
            key=f"check-source-{place}",
            height=160,
            placeholder="Paste a report, minutes, an interview …",
        )
        if text.strip():
            found.append((name.strip() or f"Source {place + 1}", text))
    if number < MOST_PASTED and st.button("Paste another source", key="check-more"):
        st.session_state[_PASTED] = number + 1
        st.rerun()
    return found


def _files_of_before() -> list[tuple[str, bytes]]:
    """Those that came with what is asked again: no browser can upload them anew by itself."""
    kept: dict[str, bytes] = st.session_state.get(_KEPT, {})
    chosen = (
        st.multiselect("Files that came with it before", list(kept), list(kept), key="check-before") if kept else []
    )
    return [(name, kept[name]) for name in chosen]


def _uploader(label: str, key: str, kinds: list[str], *, many: bool) -> list[UploadedFile]:
    found = st.file_uploader(label, type=kinds, accept_multiple_files=many, key=key, max_upload_size=UPLOAD_MB)
    if isinstance(found, list):
        return found
    return [] if found is None else [found]


def _is_file_of_text(name: str) -> bool:
    return PurePath(name).suffix.lower() in (".docx", ".pdf")


def _decoded(file: UploadedFile) -> str | None:
    """The text of a file, without a byte order mark; None when it holds none."""
    try:
        text = file.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return text if text.strip() else None


def _apart(given: Sequence[tuple[str, str | bytes]]) -> tuple[GivenSource, ...]:
    """The sources under names that tell them apart."""
    found: dict[str, GivenSource] = {}
    for wanted, held in given:
        name, number = _name(wanted), 1
        while name in found:
            number += 1
            path = PurePath(_name(wanted))
            name = f"{path.stem} ({number}){path.suffix}"
        found[name] = GivenSource.file(name, held) if isinstance(held, bytes) else GivenSource(name=name, text=held)
    return tuple(found.values())


def _name(name: str) -> str:
    return one_line(name)[:180] or "text"


# ── what the form begins with ────────────────────────────────────────────────────────────────────────────────────────


def example() -> None:
    """Let the form begin with a text of which some sentences are wrong, and a source; before it is drawn."""
    _begin(EXAMPLE_TEXT, [("fact sheet.md", EXAMPLE_SOURCE)])


def prefill(asked: CheckRequest) -> None:
    """Let the form begin with what was asked before; before it is drawn."""
    _begin(asked.text, [(one.name, one.text) for one in asked.given if not one.data])
    st.session_state.update(
        {
            _KEPT: {one.name: one.data for one in asked.given if one.data},
            "check-sources": "\n".join(asked.sources),
            "check-language": asked.language if asked.language in LANGUAGES else None,
            "check-since": asked.since,
            "check-domains": ", ".join(asked.domains),
            "check-without-domains": ", ".join(asked.without_domains),
        }
    )


def _begin(text: str, sources: list[tuple[str, str]]) -> None:
    st.session_state["check-text"] = text
    st.session_state[_PASTED], st.session_state[_KEPT] = max(1, len(sources)), {}
    for place, (name, told) in enumerate(sources):
        st.session_state[f"check-name-{place}"] = name
        st.session_state[f"check-source-{place}"] = told

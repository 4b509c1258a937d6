"""Which extractor reads a document: by its first bytes, else by its type, else by its name's ending."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import PurePath

from aiwriter.source_kinds import SourceKind
from aiwriter.sources.extracted import Extracted

Extractor = Callable[[bytes, str | None], Extracted]

EXTRACTORS: Mapping[SourceKind, str] = {
    SourceKind.MARKDOWN: "aiwriter.sources.markdown",
    SourceKind.HTML: "aiwriter.sources.html",
    SourceKind.PDF: "aiwriter.sources.pdf",
    SourceKind.TEXT: "aiwriter.sources.plaintext",
    SourceKind.DOCX: "aiwriter.sources.docx",
    SourceKind.CSV: "aiwriter.sources.csv",
}
LIBRARIES: Mapping[SourceKind, tuple[str, ...]] = {
    SourceKind.MARKDOWN: ("markdown_it", "lxml.html"),
    SourceKind.HTML: ("lxml.html", "trafilatura"),
    SourceKind.PDF: ("pypdfium2",),
    SourceKind.DOCX: ("docx",),
}
"""What extractors import when they first run, for those who want it before."""

BY_SUFFIX: Mapping[str, SourceKind] = {
    ".csv": SourceKind.CSV,
    ".docx": SourceKind.DOCX,
    ".htm": SourceKind.HTML,
    ".html": SourceKind.HTML,
    ".markdown": SourceKind.MARKDOWN,
    ".md": SourceKind.MARKDOWN,
    ".pdf": SourceKind.PDF,
    ".tsv": SourceKind.CSV,
    ".txt": SourceKind.TEXT,
}
BY_CONTENT_TYPE: Mapping[str, SourceKind] = {
    "application/csv": SourceKind.CSV,
    "application/pdf": SourceKind.PDF,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": SourceKind.DOCX,
    "application/x-pdf": SourceKind.PDF,
    "application/xhtml+xml": SourceKind.HTML,
    "text/csv": SourceKind.CSV,
    "text/html": SourceKind.HTML,
    "text/markdown": SourceKind.MARKDOWN,
    "text/plain": SourceKind.TEXT,
    "text/tab-separated-values": SourceKind.CSV,
    "text/x-markdown": SourceKind.MARKDOWN,
}
_LOOKED_AT = 1024  # bytes of the beginning
_BLANK = b"\xef\xbb\xbf \t\r\n"


def extractor(kind: SourceKind) -> Extractor:
    """The function that reads documents of a kind."""
    extract: Extractor = import_module(EXTRACTORS[kind]).extract
    return extract


def by_suffix(path: str) -> SourceKind | None:
    """By the name's ending; a name without one (README) is taken for plain text."""
    suffix = PurePath(path).suffix.lower()
    return BY_SUFFIX.get(suffix) if suffix else SourceKind.TEXT


def sniffed(data: bytes) -> SourceKind | None:
    """PDF, HTML and DOCX that show themselves in their bytes, whatever name or type they go by."""
    begin = data[:_LOOKED_AT].lstrip(_BLANK).lower()
    if begin.startswith(b"%pdf-"):
        return SourceKind.PDF
    if begin.startswith((b"<!doctype html", b"<html")):
        return SourceKind.HTML
    # The names of a ZIP archive's files are never compressed.
    return SourceKind.DOCX if data.startswith(b"PK\x03\x04") and b"word/document.xml" in data else None

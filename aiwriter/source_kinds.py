"""What kinds of documents and of pieces of them there are. Names alone: who parses foreign bytes loads little else."""

from __future__ import annotations

from enum import StrEnum


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    QUOTE = "quote"
    TABLE = "table"
    CODE = "code"
    CAPTION = "caption"


class SourceKind(StrEnum):
    MARKDOWN = "markdown"
    HTML = "html"
    PDF = "pdf"
    TEXT = "text"
    DOCX = "docx"
    CSV = "csv"

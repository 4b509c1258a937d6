"""Forms and targets of a finished article: one file each, nothing here decides whether it may be published."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from aiwriter.ports import Renderer
from aiwriter.publishing import html, markdown, provenance_json, report
from aiwriter.publishing.files import FilesPublisher
from aiwriter.publishing.folder import FolderTarget

RENDERERS: Mapping[str, Renderer] = MappingProxyType(
    {"md": markdown.render, "html": html.render, "json": provenance_json.render, "report": report.render}
)

__all__ = ["RENDERERS", "FilesPublisher", "FolderTarget"]

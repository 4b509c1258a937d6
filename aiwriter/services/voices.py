"""How somebody writes, learned from files with texts of theirs: `--voice` of a brief, `voice` of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aiwriter.documents import Voice
from aiwriter.errors import BadInput
from aiwriter.pipeline import voices


def learned(files: Sequence[Path], language: str) -> Voice:
    """The voice of Markdown or plain texts; the brief keeps its numbers, not the files. Raises BadInput."""
    return voices.learned([_read(file) for file in files], language)


def _read(file: Path) -> str:
    try:
        return file.expanduser().read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"the sample of the voice {str(file)!r} cannot be read: {error.strerror}", hint="Check the path."
        ) from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{str(file)!r} is not text in UTF-8", hint="Give Markdown or plain text.") from error

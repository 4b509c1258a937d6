"""Ids: UUIDv7 for rows, from this one function, and short content hashes for spans of text."""

from __future__ import annotations

import hashlib
from uuid import UUID

LOCAL_WORKSPACE = UUID("00000000-0000-7000-8000-000000000001")  # the one workspace of a local owner, always there


def new_id() -> UUID:
    """A new time-ordered id (UUIDv7, RFC 9562)."""
    from uuid_utils.compat import uuid7

    return uuid7()


def content_hash(text: str) -> str:
    """SHA-256 of the text as 64 hex digits: the identity of a source's content."""
    return hashlib.sha256(text.encode()).hexdigest()


def passage_id(source_hash: str, start: int, end: int) -> str:
    """16 hex digits that name one span of one content for ever; equal input gives an equal id."""
    return hashlib.sha256(f"{source_hash}:{start}:{end}".encode()).hexdigest()[:16]


def finding_id(rule: str, sentence_id: UUID | None, span: tuple[int, int] | None, message: str) -> str:
    """Lasting id of a finding: 16 hex digits of rule, sentence and span; of a whole text, which has neither, of its
    message."""
    where = f"{sentence_id}:{span}" if sentence_id else message
    return hashlib.sha256(f"{rule}:{where}".encode()).hexdigest()[:16]

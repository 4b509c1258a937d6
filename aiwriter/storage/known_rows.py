"""Rows of known sources and passages, and what they are when read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, or_

from aiwriter.documents import Passage
from aiwriter.ports import FoundPassage, KnownPassage, KnownSource, PassageFilter
from aiwriter.storage.columns import hash_of, holdable
from aiwriter.storage.listing import check_times
from aiwriter.storage.records import fold, read_document
from aiwriter.storage.tables import known_passages, known_sources

_PLAIN = re.compile(r"[a-z0-9]+")
_FIELDS = tuple(KnownSource.__dataclass_fields__)
_SAME = tuple(name for name in _FIELDS if name != "index")

SOURCE_COLUMNS = [known_sources.c.index_state if name == "index" else known_sources.c[name] for name in _FIELDS]
PASSAGE_COLUMNS = [known_passages.c[name] for name in ("ordinal", "stems", "text_hash", "document", "schema_version")]


def token(stem: str) -> str:
    """A stem as every database indexes it alike, whatever it takes for a letter."""
    return stem if _PLAIN.fullmatch(stem) else "0x" + stem.encode("utf-8", "replace").hex()


def source_row(workspace_id: UUID, known: KnownSource) -> dict[str, Any]:
    return {name: getattr(known, name) for name in _SAME} | {
        "workspace_id": workspace_id,
        "index_state": known.index,
        "location_hash": hash_of(known.location),
        "location_folded": fold(known.location),
        "title_folded": fold(known.title),
    }


def passage_row(workspace_id: UUID, source_id: UUID, known: KnownPassage) -> dict[str, Any]:
    return {
        "workspace_id": workspace_id,
        "id": known.passage.id,
        "source_id": source_id,
        "ordinal": known.ordinal,
        "stems": " ".join(map(token, known.stems)),
        "text_hash": known.text_hash,
        "document": known.passage.model_dump_json(),
        "schema_version": known.passage.schema_version,
    }


def known_source(row: Row[Any]) -> KnownSource:
    return KnownSource(*row)


def known_passage(row: Row[Any]) -> KnownPassage:
    return KnownPassage(
        read_document(Passage, row.document, row.schema_version), row.ordinal, _stems(row.stems), row.text_hash
    )


def found_passage(row: Row[Any]) -> FoundPassage:
    """What a row of PASSAGE_COLUMNS and SOURCE_COLUMNS, in this order, is."""
    ordinal, stems, text_hash, document, schema_version = row[: len(PASSAGE_COLUMNS)]
    source = KnownSource(*row[len(PASSAGE_COLUMNS) :])
    return FoundPassage(read_document(Passage, document, schema_version), ordinal, source, text_hash, _stems(stems))


def asked(wanted: PassageFilter) -> dict[str, Any]:
    """What a filter asks for, by the names of `passing`'s parameters. Raises BadInput for a time without a zone."""
    check_times(wanted.since, wanted.until)
    given: dict[str, Any] = {"sources": list(wanted.sources), "since": wanted.since, "until": wanted.until}
    given |= {"domains": [*map(holdable, wanted.domains)], "languages": [*map(holdable, wanted.languages)]}
    return {name: value for name, value in given.items() if value}


def passing(names: Collection[str]) -> Iterator[ColumnElement[bool]]:
    """The conditions a known source meets when its passages pass a filter that asks for these."""
    known = known_sources.c
    spoken = or_(known.language.in_(bindparam("languages", expanding=True)), known.language.is_(None))
    conditions: dict[str, ColumnElement[bool]] = {
        "sources": known.source_id.in_(bindparam("sources", expanding=True)),
        "domains": known.domain.in_(bindparam("domains", expanding=True)),
        "languages": spoken,
        "since": known.published_at >= bindparam("since"),
        "until": known.published_at < bindparam("until"),
    }
    yield from (condition for name, condition in conditions.items() if name in names)


def _stems(stored: str) -> tuple[str, ...]:
    """Stems as the tokens they are indexed as: to be compared with tokens alone."""
    return tuple(stored.split())

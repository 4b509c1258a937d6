"""The tables that near-duplicates of a text are found by: the MinHash signature of each article's latest version, and
its bands (`text.minhash`)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Uuid

from aiwriter.storage.columns import belongs, table

article_signatures = table(
    "article_signatures",
    ("article_id",),
    Column("article_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("scheme", Integer, nullable=False),
    Column("signature", LargeBinary, nullable=False),  # empty of a text too short to have one
    belongs("articles", "article_id"),
)

article_bands = table(
    "article_bands",
    ("band", "article_id"),
    Column("band", BigInteger, nullable=False),
    Column("article_id", Uuid, nullable=False),
    belongs("articles", "article_id"),
    Index(None, "workspace_id", "article_id"),
    sqlite_with_rowid=False,  # the key is the row: half the space of a table with an index
)

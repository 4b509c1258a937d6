"""Signatures of articles by which near-duplicates are found, of those that are there as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

# Rows say by which scheme they were made: where a later version has another one, `aiwriter reindex` makes them anew.
from aiwriter.storage.records import sentences_of
from aiwriter.text import minhash

revision = "0008"
down_revision = "0007"

_AT_ONCE = 50  # rows: documents of articles are large


def upgrade() -> None:
    for name, key, columns, options in _tables():
        op.create_table(
            name,
            sa.Column("workspace_id", sa.Uuid(), nullable=False),
            sa.Column("article_id", sa.Uuid(), nullable=False),
            *columns,
            sa.ForeignKeyConstraint(
                ["workspace_id", "article_id"],
                ["articles.workspace_id", "articles.id"],
                name=op.f(f"fk_{name}_articles"),
                ondelete="CASCADE",
            ),
            sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f(f"fk_{name}_workspaces")),
            sa.PrimaryKeyConstraint("workspace_id", *key, name=op.f(f"pk_{name}")),
            **options,
        )
    op.create_index(op.f("ix_article_bands_article_id"), "article_bands", ["workspace_id", "article_id"])
    _sign_articles()


def downgrade() -> None:
    for name in ("article_bands", "article_signatures"):
        op.drop_table(name)


def _tables() -> list[tuple[str, tuple[str, ...], list[sa.Column[Any]], dict[str, Any]]]:
    signature: list[sa.Column[Any]] = [
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.Integer(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
    ]
    band: list[sa.Column[Any]] = [sa.Column("band", sa.BigInteger(), nullable=False)]
    return [
        ("article_signatures", ("article_id",), signature, {}),
        ("article_bands", ("band", "article_id"), band, {"sqlite_with_rowid": False}),
    ]


_articles = sa.table(
    "articles", sa.column("workspace_id", sa.Uuid()), sa.column("id", sa.Uuid()), sa.column("latest_version")
)
_versions = sa.table(
    "article_versions",
    sa.column("workspace_id", sa.Uuid()),
    sa.column("article_id", sa.Uuid()),
    sa.column("version"),
    sa.column("document", sa.JSON()),
)
_signatures = sa.table(
    "article_signatures",
    sa.column("workspace_id", sa.Uuid()),
    sa.column("article_id", sa.Uuid()),
    *(sa.column(name) for name in ("version", "scheme", "signature")),
)
_bands = sa.table(
    "article_bands", sa.column("workspace_id", sa.Uuid()), sa.column("article_id", sa.Uuid()), sa.column("band")
)


def _sign_articles() -> None:
    for row in _latest():
        key = {"workspace_id": row.workspace_id, "article_id": row.id}
        signed = minhash.signature(sentences_of(row.document))
        told = {"version": row.latest_version, "scheme": minhash.SCHEME, "signature": signed}
        op.get_bind().execute(sa.insert(_signatures).values(key | told))
        if bands := minhash.bands(signed):
            op.get_bind().execute(sa.insert(_bands), [key | {"band": band} for band in bands])


def _latest() -> Iterator[sa.Row[Any]]:
    """Latest versions in the order of their keys, a few at a time: memory does not grow with the database."""
    latest = sa.and_(
        _versions.c.workspace_id == _articles.c.workspace_id,
        _versions.c.article_id == _articles.c.id,
        _versions.c.version == _articles.c.latest_version,
    )
    key = (_articles.c.workspace_id, _articles.c.id)
    rows = sa.select(*key, _articles.c.latest_version, _versions.c.document).join_from(_articles, _versions, latest)
    part = op.get_bind().execute(rows.order_by(*key).limit(_AT_ONCE)).all()
    while part:
        yield from part
        last = (part[-1].workspace_id, part[-1].id)
        later = sa.or_(key[0] > last[0], sa.and_(key[0] == last[0], key[1] > last[1]))
        part = op.get_bind().execute(rows.where(later).order_by(*key).limit(_AT_ONCE)).all()

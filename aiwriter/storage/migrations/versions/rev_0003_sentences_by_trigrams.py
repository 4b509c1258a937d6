"""Sentences are found by their trigrams, where the database can index these."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_INDEX_OF_SQLITE = (
    "CREATE VIRTUAL TABLE sentence_trigrams USING fts5(folded, content='article_sentences', content_rowid='id',"
    " tokenize='trigram case_sensitive 1', detail=none, columnsize=0)",
    "INSERT INTO sentence_trigrams (sentence_trigrams) VALUES ('rebuild')",
    "CREATE TRIGGER sentence_added AFTER INSERT ON article_sentences BEGIN"
    " INSERT INTO sentence_trigrams (rowid, folded) VALUES (new.id, new.folded); END",
    "CREATE TRIGGER sentence_removed AFTER DELETE ON article_sentences BEGIN"
    " INSERT INTO sentence_trigrams (sentence_trigrams, rowid, folded) VALUES ('delete', old.id, old.folded); END",
    "CREATE TRIGGER sentence_changed AFTER UPDATE ON article_sentences BEGIN"
    " INSERT INTO sentence_trigrams (sentence_trigrams, rowid, folded) VALUES ('delete', old.id, old.folded);"
    " INSERT INTO sentence_trigrams (rowid, folded) VALUES (new.id, new.folded); END",
)


def upgrade() -> None:
    number = sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)
    _make_anew(
        number,
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_sentences")),
        sa.UniqueConstraint("workspace_id", "article_id", "position", name=op.f("uq_article_sentences_workspace_id")),
    )
    if op.get_bind().dialect.name == "sqlite":
        _index_on_sqlite()
    else:
        _index_on_postgresql()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE IF EXISTS sentence_trigrams")
    key = ("workspace_id", "article_id", "position")
    _make_anew(sa.PrimaryKeyConstraint(*key, name=op.f("pk_article_sentences")))


def _make_anew(*special: sa.schema.SchemaItem) -> None:
    """Make the table of sentences once more, with another key, and its rows: SQLite cannot change a key."""
    columns = "workspace_id, article_id, position, folded"
    op.execute(f"CREATE TABLE sentences_before AS SELECT {columns} FROM article_sentences")  # noqa: S608 - constants
    op.drop_table("article_sentences")
    op.create_table(
        "article_sentences",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        *special,
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_article_sentences_workspaces")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "article_id"],
            ["articles.workspace_id", "articles.id"],
            name=op.f("fk_article_sentences_articles"),
            ondelete="CASCADE",
        ),
    )
    op.execute(
        f"INSERT INTO article_sentences ({columns}) SELECT {columns} FROM sentences_before"  # noqa: S608 - constants
        " ORDER BY workspace_id, article_id, position"
    )
    op.drop_table("sentences_before")


def _index_on_sqlite() -> None:
    options = op.get_bind().exec_driver_sql("SELECT sqlite_compileoption_used('ENABLE_FTS5'), sqlite_version()").one()
    if options[0] and tuple(map(int, options[1].split("."))) >= (3, 34):  # the first that knows trigrams
        for statement in _INDEX_OF_SQLITE:
            op.get_bind().exec_driver_sql(statement)


def _index_on_postgresql() -> None:
    """Where the extension is at hand and we may use it; without it every sentence is compared."""
    connection = op.get_bind()
    known = "SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'"
    if connection.exec_driver_sql(known).one_or_none() is None:
        return
    try:
        with connection.begin_nested():
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except sa.exc.ProgrammingError:  # only the owner of the database may
        return
    connection.exec_driver_sql(
        "CREATE INDEX ix_article_sentences_folded ON article_sentences USING gin (folded gin_trgm_ops)"
    )

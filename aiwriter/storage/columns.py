"""What the tables are made of: types that every database holds alike, and the columns that many tables have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.schema import SchemaItem

from aiwriter.ids import content_hash

tables = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_1_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time on every database; SQLite, which knows no zones, keeps it as sortable UTC text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text for people and for look-ups. What a database cannot hold (NUL, half a surrogate pair) becomes "\ufffd"."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        return None if value is None else holdable(value)


def holdable(text: str) -> str:
    """The text as a database can hold it."""
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def hash_of(text: str) -> str:
    """Of the text as a database holds it: PostgreSQL's indexes hold no key above 2,700 bytes."""
    return content_hash(holdable(text))


def document() -> Column[Any]:
    return Column("document", JSON(none_as_null=True), nullable=False)


def version() -> Column[int]:
    return Column("schema_version", Integer, nullable=False)


def micro(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


def time(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, UtcDateTime, nullable=nullable)


def table(name: str, key: tuple[str, ...], *rest: SchemaItem, **options: Any) -> Table:
    """A table of a workspace: the key begins with it."""
    workspace: Column[Any] = Column("workspace_id", Uuid, ForeignKey("workspaces.id"), nullable=False)
    return Table(name, tables, workspace, *rest, PrimaryKeyConstraint("workspace_id", *key), **options)


def belongs(parent: str, *columns: str, to: tuple[str, ...] = ("id",)) -> ForeignKeyConstraint:
    """Rows that go when their parent, in the same workspace, goes."""
    return ForeignKeyConstraint(
        ("workspace_id", *columns), [f"{parent}.{name}" for name in ("workspace_id", *to)], ondelete="CASCADE"
    )

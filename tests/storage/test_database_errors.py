"""No error of a database escapes untranslated."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from sqlalchemy import exc

from aiwriter.errors import AIWriterError, BadInput, Conflict, NotFound, Unavailable
from aiwriter.storage.errors import MEANINGS, translate, translated


def subclasses(kind: type[Exception]) -> list[type[Exception]]:
    return [kind, *(deeper for below in kind.__subclasses__() for deeper in subclasses(below))]


@pytest.mark.parametrize("kind", subclasses(exc.DBAPIError), ids=lambda kind: kind.__name__)
def test_every_class_of_database_error_has_its_own_meaning(kind: type[exc.DBAPIError]) -> None:
    assert kind in MEANINGS
    ours = translate(kind("SELECT secret_column", {"text": "secret"}, Exception("the disk is full")))
    assert isinstance(ours, AIWriterError)
    assert "the disk is full" in str(ours)
    assert "secret" not in str(ours)
    assert ours.hint


@pytest.mark.parametrize(
    "kind", [*subclasses(sqlite3.Error), *subclasses(psycopg.Error)], ids=lambda kind: kind.__name__
)
def test_errors_of_the_drivers_themselves_are_translated_too(kind: type[Exception]) -> None:
    with pytest.raises(AIWriterError), translated():
        raise kind("connection lost")


@pytest.mark.parametrize(
    ("kind", "ours"),
    [
        (exc.OperationalError, Unavailable),
        (exc.InterfaceError, Unavailable),
        (exc.IntegrityError, Conflict),
        (exc.DataError, BadInput),
    ],
)
def test_what_an_error_means(kind: type[exc.DBAPIError], ours: type[AIWriterError]) -> None:
    assert type(translate(kind("", {}, Exception("x")))) is ours


def test_what_the_database_says_in_several_lines_is_one_line_of_a_log() -> None:
    said = "connection failed: Connection refused\n\tIs the server running on that host?\n"
    told = translate(exc.OperationalError("", {}, Exception(said)))
    assert str(told).endswith("connection failed: Connection refused Is the server running on that host?")


def test_a_reference_to_nothing_means_not_found() -> None:
    assert type(translate(exc.IntegrityError("", {}, psycopg.errors.ForeignKeyViolation("no such row")))) is NotFound


def test_waiting_too_long_for_a_connection_is_unavailable() -> None:
    with pytest.raises(Unavailable), translated():
        raise exc.TimeoutError("QueuePool limit reached")


def test_mistakes_of_our_own_are_not_hidden() -> None:
    with pytest.raises(exc.CompileError), translated():
        raise exc.CompileError("a mistake in a statement")

"""Providers' own SDKs, a file each: a client that neither retries nor keeps connections, and its errors in our words.

Models and embedders stand on them alike. `connection` is what is known of an address before anything is sent there,
`failures` what all failures have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from aiwriter.sdks.connection import Connection
from aiwriter.sdks.failures import Endpoint, Translator, translate

Client = TypeVar("Client")


@dataclass(frozen=True, slots=True)
class Sdk(Generic[Client]):
    """How a client of it is made, the roots of all that it raises, and what each of its errors is to us."""

    client: Callable[[Connection], Client]
    foreign: Callable[[], tuple[type[Exception], ...]]
    table: Mapping[str, Translator]

    @contextmanager
    def translated(self, at: Endpoint) -> Iterator[None]:
        """Raises our errors for its."""
        try:
            yield
        except self.foreign() as error:
            raise translate(error, at, self.table) from error

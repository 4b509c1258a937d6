"""Near-duplicates of a text among the stored articles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Resembling:
    """A stored article that shares wording with a text; `likeness` is the estimated share of five-word sequences that
    both have of those that either has."""

    article_id: UUID
    version: int
    likeness: float


class SignatureRepository(Protocol):
    """MinHash signatures (`text.minhash`) of the latest versions. They are kept and removed with their article."""

    async def resembling(self, signature: bytes, limit: int = 10) -> list[Resembling]:
        """Articles that share a band with the signature, most alike first; refused ones, which nobody reads, are left
        out."""
        ...

    async def missing(self) -> set[UUID]:
        """Articles whose latest version has no signature, or one of another scheme."""
        ...

    async def make(self, article_id: UUID) -> None:
        """Make the signature of its latest version anew; nothing is done for an article that is gone."""
        ...

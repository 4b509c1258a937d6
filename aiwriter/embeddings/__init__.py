"""Embedders by name: `minilm`, `sentence-transformers:NAME`, `hashing:256`. Nothing is loaded before the first use."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from aiwriter.embeddings import hashing, minilm, sentence_transformers
from aiwriter.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiwriter.ports import Embedder

#: scheme → what makes an embedder of the part after the colon ("" when there is none) and the threads it may use.
FACTORIES: Mapping[str, Callable[[str, int | None], Embedder]] = {
    "hashing": hashing.from_spec,
    "minilm": minilm.from_spec,
    "sentence-transformers": sentence_transformers.from_spec,
}


def create(spec: str, *, threads: int | None = None) -> Embedder:
    """The embedder that `spec` (`scheme` or `scheme:value`) names; `threads` bounds what one batch may use."""
    if threads is not None and threads < 1:
        raise BadInput(f"an embedder cannot work with {threads!r} threads", hint="give 1 or more, or leave it out")
    scheme, _, value = spec.strip().partition(":")
    if scheme not in FACTORIES:
        near = get_close_matches(scheme.lower(), FACTORIES, n=1)
        guess = f"did you mean {near[0]!r}? " if near else ""
        raise BadInput(f"there is no embedder called {spec!r}", hint=f"{guess}known: {', '.join(FACTORIES)}")
    return FACTORIES[scheme](value, threads)

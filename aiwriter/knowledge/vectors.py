"""The vector index of stored articles: Chroma, in a folder or behind a server, one collection a workspace and embedder.

SQL is the truth; this index can be thrown away and built again. A Chroma folder belongs to one process at a time (a
second reader sees stale results, a second writer loses vectors without an error), so the folder is opened, used and
closed under a lock file; whoever cannot get it in time is told so, and the article stays "index pending". While
`aiwriter up` runs, its Chroma server holds that lock, and `chroma-home:` goes to the server instead.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID
from weakref import WeakKeyDictionary

from aiwriter import servers
from aiwriter.errors import AIWriterError, BadInput, Unavailable
from aiwriter.ports import VectorEntry, VectorHit, VectorIndex

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection
    from filelock import FileLock

LOCK_SECONDS = 10.0
LOOK_SECONDS = 0.5  # a server that holds the folder but does not answer may be on its way back
BATCH = 1000  # Chroma's own limit is 5,461


class ChromaIndex:
    """A VectorIndex over one Chroma collection; `opener` yields a client for as long as one operation lasts."""

    def __init__(self, opener: Callable[[], Any], workspace_id: UUID, embedder: str) -> None:
        self._opener = opener
        self._collection_name = collection_name("articles", workspace_id, embedder)
        self._embedder = embedder

    async def replace(self, article_id: UUID, entries: Sequence[VectorEntry]) -> None:
        await asyncio.to_thread(self._replace, article_id, list(entries))

    async def nearest(self, vector: Sequence[float], limit: int) -> list[VectorHit]:
        return await asyncio.to_thread(self._nearest, vector, limit)

    async def article_ids(self) -> set[UUID]:
        return await asyncio.to_thread(self._article_ids)

    async def ping(self) -> None:
        await asyncio.to_thread(self._ping)

    def _ping(self) -> None:
        with self._collection() as collection:
            collection.count()

    def _replace(self, article_id: UUID, entries: list[VectorEntry]) -> None:
        with self._collection() as collection:
            collection.delete(where={"article_id": str(article_id)})
            for start in range(0, len(entries), BATCH):
                batch = entries[start : start + BATCH]
                collection.add(
                    ids=[entry.id for entry in batch],
                    embeddings=matrix([entry.vector for entry in batch]),
                    documents=[entry.text for entry in batch],
                    metadatas=[{"article_id": str(entry.article_id)} for entry in batch],
                )

    def _nearest(self, vector: Sequence[float], limit: int) -> list[VectorHit]:
        with self._collection() as collection:
            found = collection.query(query_embeddings=matrix([vector]), n_results=limit)
        documents, metadatas, distances = found["documents"], found["metadatas"], found["distances"]
        if documents is None or metadatas is None or distances is None:
            return []
        return [
            VectorHit(id=key, article_id=UUID(str(meta["article_id"])), text=text, similarity=1.0 - distance)
            for key, text, meta, distance in zip(found["ids"][0], documents[0], metadatas[0], distances[0], strict=True)
        ]

    def _article_ids(self) -> set[UUID]:
        with self._collection() as collection:
            metadatas = collection.get(include=["metadatas"])["metadatas"] or []
        return {UUID(str(meta["article_id"])) for meta in metadatas}

    def _collection(self) -> AbstractContextManager[Collection]:
        return opened_collection(self._opener, self._collection_name, self._embedder)


# Of clients that are kept: asking for one takes a request, as long as the query itself. One that is not there any more
# goes with its client, which is dropped after an error.
_collections: WeakKeyDictionary[Client, dict[str, Collection]] = WeakKeyDictionary()


@contextmanager
def opened_collection(opener: Callable[[], Any], name: str, embedder: str, **hnsw: int) -> Iterator[Collection]:
    """A collection of unit vectors, made when it is not there; whatever Chroma raises becomes Unavailable."""
    try:
        with opener() as client:
            known = _collections.setdefault(client, {})
            if name not in known:
                known[name] = client.get_or_create_collection(
                    name,
                    embedding_function=None,  # the default one would try to download a model
                    metadata={"embedder": embedder},
                    configuration={"hnsw": {"space": "cosine", **hnsw}},
                )
            yield known[name]
    except AIWriterError:
        raise
    except Exception as error:  # chromadb raises what its Rust core, sqlite and httpx raise: a run must not die of it
        raise Unavailable(
            f"the vector index cannot be used: {type(error).__name__}: {error}",
            hint="What is stored stays; `aiwriter reindex` makes the index anew.",
        ) from error


def collection_name(of: str, workspace_id: UUID, embedder: str) -> str:
    """One collection of "articles" or "passages" a workspace and embedder: vectors of different embedders cannot be
    compared."""
    return f"{of}-{workspace_id.hex}-{hashlib.sha256(embedder.encode()).hexdigest()[:8]}"


@contextmanager
def _home_client(home: Path, lock_seconds: float) -> Iterator[Client]:
    """The Chroma server that runs over this home, else its folder: whichever can be had first."""
    deadline = time.monotonic() + lock_seconds
    while True:
        address = servers.find(home, "chroma")
        if address is not None:
            with _server_opener(address, home, lock_seconds)() as client:
                yield client
            return
        lock = _locked(home / "chroma", min(LOOK_SECONDS, lock_seconds))
        if lock is not None:
            with _client_of(home / "chroma", lock) as client:
                yield client
            return
        if time.monotonic() >= deadline:
            raise _in_use(home / "chroma")


@contextmanager
def _folder_client(folder: Path, lock_seconds: float) -> Iterator[Client]:
    lock = _locked(folder, lock_seconds)
    if lock is None:
        raise _in_use(folder)
    with _client_of(folder, lock) as client:
        yield client


@contextmanager
def _client_of(folder: Path, lock: FileLock) -> Iterator[Client]:
    """The folder opened, closed and unlocked again."""
    try:
        import chromadb

        client = cast("Client", chromadb.PersistentClient(path=str(folder), settings=_quiet()))
        try:
            yield client
        finally:
            client.close()
    finally:
        lock.release()


def _locked(folder: Path, seconds: float) -> FileLock | None:
    """The folder's lock, ours now; None when another process held it all the time."""
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(lock_of(folder))
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        return None
    return lock


def lock_of(folder: Path) -> Path:
    """The file that is locked by whoever uses a Chroma folder, a server included."""
    return folder / "aiwriter.lock"


def _in_use(folder: Path) -> Unavailable:
    return Unavailable(
        f"the Chroma folder {str(folder)!r} is in use by another process",
        hint="Try again in a moment, or use a Chroma server for many processes: AIWRITER_VECTORS=chroma:HOST:PORT.",
    )


_kept: dict[tuple[str, int], Client] = {}
_keeping = threading.Lock()


@contextmanager
def _server_client(host: str, port: int) -> Iterator[Client]:
    """The one client of this process for the server, kept open: to make one takes ten times as long as a query (four
    requests and a TLS context). After an error it is dropped, since its connections may lead nowhere."""
    import chromadb

    with _keeping:
        client = _kept.get((host, port))
        if client is None:
            client = cast("Client", chromadb.HttpClient(host=host, port=port, settings=_quiet()))
            _kept[host, port] = client
    try:
        yield client
    except Exception:  # whatever it was, it goes on; nobody else is to be given this client
        with _keeping:
            known = _kept.pop((host, port), None) is client
        if known:
            _close(client)
        raise


def _close(client: Client) -> None:
    client.close()
    for part in (client, client._admin_client):  # chromadb 1.5.9 leaves both of its HTTP sessions open
        cast("Any", part)._server._session.close()


def matrix(vectors: Sequence[Sequence[float]]) -> Any:
    """Vectors as Chroma takes them."""
    import numpy as np

    return np.asarray(vectors, dtype=np.float32)


def _quiet() -> Any:
    from chromadb.config import Settings

    # It speaks plain http to its server: nobody's certificate is looked at, and no authorities need be read for that.
    return Settings(anonymized_telemetry=False, chroma_server_ssl_verify=False)


def _folder_opener(value: str, home: Path, lock_seconds: float) -> Callable[[], Any]:
    folder = Path(value).expanduser() if value else home / "chroma"
    return lambda: _folder_client(folder, lock_seconds)


def _server_opener(value: str, _home: Path, _lock_seconds: float) -> Callable[[], Any]:
    host, _colon, port = value.rpartition(":")
    if not host or not port.isdigit():
        raise BadInput(
            f"the Chroma server {value!r} is not host:port", hint="Write AIWRITER_VECTORS=chroma:127.0.0.1:8001."
        )
    return lambda: _server_client(host, int(port))


def _home_opener(_value: str, home: Path, lock_seconds: float) -> Callable[[], Any]:
    return lambda: _home_client(home, lock_seconds)


OPENERS: dict[str, Callable[[str, Path, float], Callable[[], Any]]] = {
    "chroma-home": _home_opener,
    "chroma-folder": _folder_opener,
    "chroma": _server_opener,
}


def load() -> None:
    """Import what the index needs at its first use, which takes a second: for a thread beside other work."""
    with suppress(ImportError):  # the use itself will say so
        import_module("chromadb")


def create(spec: str, home: Path, workspace_id: UUID, embedder: str, lock_seconds: float = LOCK_SECONDS) -> VectorIndex:
    """The index that `scheme:value` names; nothing is opened yet. Raises BadInput for an unknown scheme."""
    return ChromaIndex(opener_of(spec, home, lock_seconds), workspace_id, embedder)


def opener_of(spec: str, home: Path, lock_seconds: float) -> Callable[[], Any]:
    """What opens the Chroma that `scheme:value` names. Raises BadInput for an unknown scheme."""
    scheme, _, value = spec.partition(":")
    opener = OPENERS.get(scheme)
    if opener is None:
        near = get_close_matches(scheme, OPENERS, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known are: {', '.join(OPENERS)}."
        raise BadInput(f"there is no vector index {scheme!r}", hint=hint)
    return opener(value, home, lock_seconds)

"""Files under any fsspec address, written whole or not at all."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import fsspec
from fsspec.implementations.local import LocalFileSystem

from aiwriter.errors import BadInput, NotFound, Unavailable
from aiwriter.ids import new_id
from aiwriter.storage.keys import normalised

_ABSENT = (FileNotFoundError, IsADirectoryError, NotADirectoryError)


class FileOps:
    """The calls to the operating system that a write consists of; a test can let any one of them fail."""

    def make_folder(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)

    def create(self, path: Path) -> int:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)

    def write(self, file: int, data: bytes | memoryview) -> int:
        return os.write(file, data)

    def sync(self, file: int) -> None:
        os.fsync(file)

    def close(self, file: int) -> None:
        os.close(file)

    def replace(self, source: Path, target: Path) -> None:
        source.replace(target)

    def sync_folder(self, folder: Path) -> None:
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)


class _Place(Protocol):
    """A root that holds files; blocking, errors as they come."""

    def write(self, key: str, data: bytes) -> str: ...
    def read(self, key: str) -> bytes: ...
    def delete(self, key: str) -> None: ...


class _LocalFolder:
    """Writes to a temporary file beside the target, then renames it: readers see the old or the new content."""

    def __init__(self, root: str, ops: FileOps) -> None:
        self._root = Path(root)
        self._ops = ops

    def write(self, key: str, data: bytes) -> str:
        target = self._inside(key)
        self._ops.make_folder(target.parent)
        target = self._inside(key)  # again: now every folder on the way is there to be looked at
        temporary = target.parent / f".{new_id().hex}.tmp"
        try:
            self._fill(temporary, data)
            self._ops.replace(temporary, target)
        except BaseException:  # also an interrupted writer leaves nothing behind
            with suppress(FileNotFoundError):
                temporary.unlink()
            raise
        self._ops.sync_folder(target.parent)
        return str(target)

    def read(self, key: str) -> bytes:
        return self._inside(key).read_bytes()

    def delete(self, key: str) -> None:
        self._inside(key).unlink()

    def _fill(self, path: Path, data: bytes) -> None:
        file = self._ops.create(path)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[self._ops.write(file, rest) :]
            self._ops.sync(file)
        finally:
            self._ops.close(file)

    def _inside(self, key: str) -> Path:
        """The file's path. Raises BadInput when a symbolic link on the way leads out of the root."""
        root = Path(os.path.realpath(self._root))
        path = root / key
        if not Path(os.path.realpath(path)).is_relative_to(root):
            raise BadInput(f"{key!r} leads out of {self._root} by a symbolic link", hint="Remove the link.")
        return path


class _Remote:
    """Any other file system: what is written becomes visible when fsspec's transaction ends, or never."""

    def __init__(self, files: Any, root: str) -> None:
        self._files = files
        self._root = root.rstrip("/")
        self._one_transaction = threading.Lock()  # fsspec's belong to the file system, not to the caller

    def write(self, key: str, data: bytes) -> str:
        path = f"{self._root}/{key}"
        self._files.makedirs(self._files._parent(path), exist_ok=True)
        with self._one_transaction, self._files.transaction, self._files.open(path, "wb") as file:
            file.write(data)
        return str(self._files.unstrip_protocol(path))

    def read(self, key: str) -> bytes:
        return bytes(self._files.cat_file(f"{self._root}/{key}"))

    def delete(self, key: str) -> None:
        self._files.rm_file(f"{self._root}/{key}")


class FsspecBlobStore:
    """`BlobStore` at a folder or any other address that fsspec knows, such as s3://bucket/articles.

    Raises BadInput for an address of an unknown kind, and for keys that could leave the root.
    """

    def __init__(self, url: str, ops: FileOps | None = None) -> None:
        self._url = url
        files, root = _file_system(url)
        local = isinstance(files, LocalFileSystem)
        self._place: _Place = _LocalFolder(root, ops or FileOps()) if local else _Remote(files, root)

    async def write(self, key: str, data: bytes) -> str:
        name = normalised(key)
        with self._translated(key):
            return await asyncio.to_thread(self._place.write, name, data)

    async def read(self, key: str) -> bytes:
        name = normalised(key)
        with self._translated(key, absent=_ABSENT):
            return await asyncio.to_thread(self._place.read, name)

    async def delete(self, key: str) -> None:
        """Remove it; what is not there is gone already."""
        name = normalised(key)
        with suppress(NotFound), self._translated(key, absent=_ABSENT):
            await asyncio.to_thread(self._place.delete, name)

    @contextmanager
    def _translated(self, key: str, absent: tuple[type[OSError], ...] = ()) -> Iterator[None]:
        try:
            yield
        except absent as error:
            raise NotFound(f"there is no file {key!r} under {self._url}", hint="Was it deleted or moved?") from error
        except OSError as error:
            raise Unavailable(
                f"the file {key!r} under {self._url}: {error.strerror or error}",
                hint="Is the folder writable and the disk not full? Choose another with --out or AIWRITER_FILES_URL.",
            ) from error


def _file_system(url: str) -> tuple[Any, str]:
    try:
        files, root = fsspec.core.url_to_fs(url, skip_instance_cache=True)
    except (ValueError, ImportError) as error:
        raise BadInput(
            f"files cannot be kept at {url!r}: {error}", hint="Give a folder, or install what the address needs."
        ) from error
    return files, root

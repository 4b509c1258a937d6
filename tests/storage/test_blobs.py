"""Files are whole or absent, and none leaves its root."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFile, MemoryFileSystem

from aiwriter.errors import BadInput, NotFound, Unavailable
from aiwriter.storage.blobs import FileOps, FsspecBlobStore

KEY = "ferries-1a2b/v1/ferries.md"


@pytest.fixture(params=["folder", "file", "memory"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return {
        "folder": str(tmp_path / "files"),
        "file": f"file://{tmp_path}/files",
        "memory": f"memory://{uuid4().hex}/files",
    }[str(request.param)]


async def test_what_was_written_can_be_read_under_the_address_that_was_told(root: str) -> None:
    blobs = FsspecBlobStore(root)
    address = await blobs.write(KEY, b"one")
    assert await blobs.read(KEY) == b"one"
    with fsspec.open(address, "rb") as file:
        assert file.read() == b"one"


async def test_writing_again_replaces_and_deleting_again_changes_nothing(root: str) -> None:
    blobs = FsspecBlobStore(root)
    await blobs.write(KEY, b"one")
    await blobs.write(KEY, b"second" * 100_000)
    assert await blobs.read(KEY) == b"second" * 100_000
    await blobs.delete(KEY)
    await blobs.delete(KEY)
    with pytest.raises(NotFound):
        await blobs.read(KEY)


async def test_keys_are_one_for_all_ways_of_writing_them(root: str) -> None:
    blobs = FsspecBlobStore(root)
    await blobs.write("a//u\u0308ber.md", b"one")
    assert await blobs.read("a/\u00fcber.md") == b"one"


async def test_concurrent_writers_leave_one_whole_file(root: str) -> None:
    blobs = FsspecBlobStore(root)
    contents = [bytes([number]) * 200_000 for number in range(8)]
    await asyncio.gather(*(blobs.write(KEY, content) for content in contents))
    assert await blobs.read(KEY) in contents


BAD_KEYS = [
    "",
    "/",
    "//",
    "/etc/passwd",
    "//server/share",
    "..",
    ".",
    "./a",
    "../a",
    "a/../../b",
    "a/..",
    "a/./b",
    "a/...",
    "a/ ../b",
    "a/.. ",
    "a. ",
    "a.",
    "a ",
    "\u2025/a",  # a two-dot leader, which compatible forms make ".."
    "\uff0e\uff0e/a",
    "a\uff0f..\uff0fb",
    "a\\b",
    "..\\a",
    "C:/a",
    "C:a",
    "\\\\server\\share",
    "a:stream",
    "a\x00b",
    "a\nb",
    "a\x1b[2J",
    "a\x7f",
    "*",
    "a?",
    "a[*]",
    "a|b",
    '"a"',
    "<a>",
    "CON",
    "con.md",
    "nul",
    "folder/AUX.txt",
    "com1.tar.gz",
    "LPT9",
    "COM\u00b9",
    "x" * 256,
    "ü" * 128,
    "half \udcff",
]


@pytest.mark.parametrize("key", BAD_KEYS)
async def test_a_key_that_could_mean_another_place_is_refused(key: str, tmp_path: Path) -> None:
    for blobs in (FsspecBlobStore(str(tmp_path / "a/b/root")), FsspecBlobStore(f"memory://{uuid4().hex}")):
        for use in (blobs.write(key, b"x"), blobs.read(key), blobs.delete(key)):
            with pytest.raises(BadInput) as refused:
                await use
            assert refused.value.hint
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("key", ["console.md", ".doctor", "a..b", "..a", "港/港：港.md", "a b/c-d_e.f.g", "common"])
async def test_an_ordinary_key_is_allowed(key: str, tmp_path: Path) -> None:
    blobs = FsspecBlobStore(str(tmp_path))
    await blobs.write(key, b"x")
    assert (tmp_path / key).read_bytes() == b"x"


async def test_no_symbolic_link_leads_out_of_the_root(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    root.mkdir()
    (outside / "secret").write_bytes(b"secret")
    (root / "folder").symlink_to(outside)
    (root / "file").symlink_to(outside / "secret")
    (root / "dangling").symlink_to(outside / "nothing")
    blobs = FsspecBlobStore(str(root))
    for key in ("folder/secret", "folder/new", "folder/deep/new", "file", "dangling"):
        for use in (blobs.write(key, b"x"), blobs.read(key), blobs.delete(key)):
            with pytest.raises(BadInput, match="symbolic link"):
                await use
    assert [file.name for file in outside.iterdir()] == ["secret"]
    assert (outside / "secret").read_bytes() == b"secret"


async def test_the_root_itself_may_be_a_symbolic_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    await FsspecBlobStore(str(tmp_path / "link")).write(KEY, b"x")
    assert (tmp_path / "real" / KEY).read_bytes() == b"x"


async def test_other_users_may_read_files_as_the_umask_says(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        await FsspecBlobStore(str(tmp_path)).write("a", b"x")
    finally:
        os.umask(mask)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644


async def test_a_folder_in_the_way_is_no_missing_file(tmp_path: Path) -> None:
    blobs = FsspecBlobStore(str(tmp_path))
    await blobs.write("a/b", b"x")
    for key in ("a", "a/b/c"):
        with pytest.raises(Unavailable):
            await blobs.write(key, b"y")
        with pytest.raises(NotFound):
            await blobs.read(key)
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")] == ["a", "a/b"]


@pytest.mark.parametrize("url", ["nonsense://place", "s3://bucket/articles"])
async def test_an_address_of_an_unknown_kind_is_refused_with_what_to_do(url: str) -> None:
    with pytest.raises(BadInput) as refused:
        FsspecBlobStore(url)
    assert refused.value.hint


class FailingOps(FileOps):
    """Lets the k-th call to the operating system fail, after it was done or instead of it; short writes."""

    def __init__(self, k: int, code: int, *, afterwards: bool) -> None:
        self._calls = count(1)
        self._k = k
        self._error = OSError(code, os.strerror(code))
        self._afterwards = afterwards

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name.startswith("_"):
            return found

        def call(*args: Any) -> Any:
            fails = next(self._calls) == self._k
            if fails and not self._afterwards and name != "close":
                raise self._error
            result = found(*args)
            if fails:
                raise self._error
            return result

        return call

    def write(self, file: int, data: bytes | memoryview) -> int:
        return super().write(file, data[:7])


async def fail_at_each_step(old: bytes | None, folder: Path, ops: Callable[[int], FileOps]) -> int:
    """Write with the k-th step failing, for k = 1 … until a write passes; how many steps failed."""
    for k in count(1):
        if old is not None:
            await FsspecBlobStore(str(folder)).write(KEY, old)
        try:
            await FsspecBlobStore(str(folder), ops(k)).write(KEY, b"new content")
        except Unavailable:
            pass
        else:
            return k - 1
        files = [path for path in folder.rglob("*") if path.is_file()]
        contents = [path.read_bytes() for path in files]
        assert [path.relative_to(folder).as_posix() for path in files] in ([], [KEY])
        assert contents in ([old] if old is not None else [], [b"new content"])
        for path in files:
            path.unlink()
    raise AssertionError


@pytest.mark.parametrize("old", [None, b"old content, which is longer"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("afterwards", [False, True])
async def test_a_write_that_fails_at_any_step_leaves_old_or_new_and_nothing_else(
    tmp_path: Path, old: bytes | None, code: int, afterwards: bool
) -> None:
    steps = await fail_at_each_step(old, tmp_path, lambda k: FailingOps(k, code, afterwards=afterwards))
    assert steps == 8  # folder, create, two writes, sync, close, replace, folder's sync


class FailingFiles(MemoryFileSystem):
    """A remote file system whose k-th step fails."""

    protocol = "failing"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    cachable = False
    calls = count(1)
    k = 0

    def step(self) -> None:
        if next(type(self).calls) == type(self).k:
            raise OSError(errno.EIO, "remote said no")

    def makedirs(self, path: str, exist_ok: bool = False) -> None:
        self.step()
        super().makedirs(path, exist_ok=exist_ok)

    def _open(self, path: str, mode: str = "rb", **options: Any) -> Any:
        self.step()
        if mode == "rb":
            return super()._open(path, mode, **options)
        file = FailingFile(self, path)
        if not self._intrans:
            file.commit()
        return file


class FailingFile(MemoryFile):
    def write(self, data: Any) -> int:
        self.fs.step()
        return super().write(data)

    def commit(self) -> None:
        self.fs.step()
        super().commit()


async def test_a_remote_write_that_fails_at_any_step_leaves_old_or_new() -> None:
    fsspec.register_implementation("failing", FailingFiles, clobber=True)
    blobs = FsspecBlobStore("failing://bucket")
    for k in count(1):
        FailingFiles.k = 0
        await blobs.write(KEY, b"old")
        FailingFiles.calls, FailingFiles.k = count(1), k
        try:
            await blobs.write(KEY, b"new")
        except Unavailable:
            FailingFiles.k = 0
            assert await blobs.read(KEY) == b"old"
        else:
            break
    assert k == 5  # folder, open, write and commit failed
    FailingFiles.k = 0
    assert await blobs.read(KEY) == b"new"

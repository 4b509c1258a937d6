"""Files and folders on this machine."""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from pathlib import Path

from aiwriter.errors import BadInput, SourceGone, UnreadableSource
from aiwriter.ports import Validators

MAX_BYTES = 50_000_000
SETTLED_NS = 2_000_000_000  # the coarsest times of change that file systems in use keep


def expand(location: str, suffixes: Collection[str]) -> list[str]:
    """A file as it is; a folder's readable files below it, sorted, hidden ones left out. Paths stay as they were given.

    Raises BadInput when there is no such thing or nothing readable in the folder.
    """
    path = _path(location)
    try:
        if path.is_file():
            return [location]
        if not path.is_dir():
            raise BadInput(
                f"there is no file or folder {location!r}",
                hint="check the path; web pages begin with http:// or https://",
            )
        names = sorted(_names_in(path, suffixes))
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise BadInput(
            f"{location!r} cannot be looked into: {error}", hint="check the path and its permissions"
        ) from error
    if not names:
        raise BadInput(
            f"the folder {location!r} holds no readable file", hint=f"readable are {', '.join(sorted(suffixes))}"
        )
    return [str(Path(location) / name) for name in names]


def _names_in(folder: Path, suffixes: Collection[str]) -> list[Path]:
    found = []
    for directory, subfolders, names in os.walk(folder, onerror=_raise):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        shown = (Path(directory) / name for name in names if not name.startswith("."))
        found += [path.relative_to(folder) for path in shown if path.suffix.lower() in suffixes and path.is_file()]
    return found


def _raise(error: OSError) -> None:
    raise error


def read(location: str) -> bytes:
    """The file's bytes, at most MAX_BYTES. Blocks: call it in a thread. Raises UnreadableSource."""
    path = _path(location)
    try:
        if not path.is_file():
            raise SourceGone("there is no such file", hint="check the path")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UnreadableSource(f"it is larger than {MAX_BYTES // 1_000_000} MB", hint="give a smaller document")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise UnreadableSource(f"it cannot be read: {error}", hint="check the path and its permissions") from error


def validators(location: str) -> Validators:
    """What tells this version of a file from the next: its size and time of change. Raises UnreadableSource."""
    return Validators(etag=_etag(_looked_at(location)))


def settled(location: str) -> str | None:
    """The etag of a file that is about to be read; None when it was changed just now: a change after that may show in
    neither size nor time. (Git calls such entries of its index racy.) Raises UnreadableSource."""
    found = _looked_at(location)
    return _etag(found) if time.time_ns() - found.st_mtime_ns > SETTLED_NS else None


def _etag(found: os.stat_result) -> str:
    return f"{found.st_size}-{found.st_mtime_ns}"


def _looked_at(location: str) -> os.stat_result:
    try:
        return _path(location).stat()
    except FileNotFoundError as error:
        raise SourceGone("there is no such file", hint="check the path") from error
    except (OSError, ValueError) as error:
        raise UnreadableSource(f"it cannot be looked at: {error}", hint="check the path and its permissions") from error


def _path(location: str) -> Path:
    try:
        return Path(location).expanduser()
    except RuntimeError as error:
        raise BadInput(f"{location!r} names an unknown user's home folder", hint="give the full path") from error

"""Folders that a benchmark builds its data in, and empties the next time."""

from __future__ import annotations

import shutil
from pathlib import Path

MARK = ".built-by-a-benchmark"


def emptied(folder: Path) -> Path:
    """The folder, new or emptied of what a benchmark built there. Ends the program when others' files are in it:
    every other benchmark reads the folder it is given."""
    if folder.exists() and any(folder.iterdir()):
        if folder.is_symlink() or not (folder / MARK).exists():
            raise SystemExit(f"{folder} holds files that no benchmark built: name a new folder, which will be emptied")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    return folder

"""Keys of files: which are allowed, so that none leaves its root on any system."""

from __future__ import annotations

import re
import unicodedata

from aiwriter.errors import BadInput

# What Windows, a URL or a glob would read as something else than a part of a name; and every control character.
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"\\|?*]')
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_LONGEST_NAME = 255  # bytes


def normalised(key: str) -> str:
    """The key as it is used: composed Unicode, single slashes. Raises BadInput when it could mean another place."""
    parts = unicodedata.normalize("NFC", key).split("/")
    if key.startswith("/") or not any(parts):
        raise _refused(key, "it is not a relative path")
    kept = [part for part in parts if part]
    for part in kept:
        if reason := _fault(part):
            raise _refused(key, f"{part!r} {reason}")
    return "/".join(kept)


def _fault(part: str) -> str | None:
    # compared as a file system might that folds look-alikes: "‥" and "．．" become ".."
    folded = unicodedata.normalize("NFKC", part)
    if not folded.strip(" .") or part[-1] in " .":
        return "is no name"
    if "/" in folded or "\\" in folded or _FORBIDDEN.search(part):
        return "holds a character that some system reads as more than a name"
    if _DEVICES.fullmatch(folded.strip()):
        return "is the name of a device on Windows"
    try:
        too_long = len(part.encode()) > _LONGEST_NAME
    except UnicodeEncodeError:
        return "is not Unicode"
    return f"is longer than {_LONGEST_NAME} bytes" if too_long else None


def _refused(key: str, reason: str) -> BadInput:
    return BadInput(
        f"{key[:200]!r} cannot be the name of a file: {reason}", hint="Use a relative path such as folder/name.md."
    )

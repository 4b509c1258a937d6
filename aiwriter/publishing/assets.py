"""What pages are made of: escaping templates, styles, scripts, and the hashes by which those are allowed."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from aiwriter.publishing.citing import day, one_line

if TYPE_CHECKING:
    from jinja2 import Template


@lru_cache
def template(name: str) -> Template:
    """The autoescaping template in a file of this folder."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(line=one_line, day=day)
    return environment.from_string(asset(name))


@lru_cache
def asset(name: str) -> str:
    """A file of this folder, trimmed."""
    return files("aiwriter.publishing").joinpath(name).read_text(encoding="utf-8").strip()


def digest(text: str) -> str:
    """The hash by which a content security policy allows exactly this inline text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

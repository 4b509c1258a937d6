"""What pages that stand alone are made of: an autoescaping template, the files beside it, and the policy that lets
nothing but the page's own style and script act."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from aiwriter.ours import MARK
from aiwriter.publishing.citing import day, one_line

if TYPE_CHECKING:
    from jinja2 import Environment, Template


@lru_cache
def template(name: str) -> Template:
    """A template of this folder, which may include others of it; filters `line` and `day` beside Jinja's own."""
    return _environment().get_template(name)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(asset),
    )
    made.filters.update(line=one_line, day=day)
    made.globals["generator"] = MARK
    return made


@lru_cache
def asset(name: str) -> str:
    return files("aiwriter.publishing").joinpath(name).read_text(encoding="utf-8").strip()


def policy(style: str, script: str = "") -> str:
    """The content security policy that allows exactly this inline style and script, and nothing from elsewhere."""
    scripts = f"script-src '{_hash(script)}'; " if script else ""
    return f"default-src 'none'; style-src '{_hash(style)}'; {scripts}base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

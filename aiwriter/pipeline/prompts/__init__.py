"""Prompts: one text file each, and the renderer that fences what strangers wrote.

A file has two parts, `=== system ===` and `=== user ===`, with $names for trusted values (single pass: a value that
holds a $name stays as it is) and $passages for the fenced block. A number that code knows too is always a $name.

A file whose wording changes leaves the old one in `earlier/` (NAME.1.txt, NAME.2.txt, …): a run that an older version
began has answers to that wording, and none of them is asked and paid for again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from string import Template

from aiwriter.ports import CallKey, Prompt, RunContext

NAMES = ("check", "mend", "outline", "queries", "section")
NONCE_DIGITS = 32  # hex: 128 bits
ATTRIBUTION_SHOWN = 80
TRUSTED_SHOWN = 600

_PARTS = re.compile(r"=== system ===\n(.*)\n=== user ===\n(.*)", re.DOTALL)

# What chat templates and model families treat as control: <|im_start|>, </s>, [INST], <<SYS>>, <think>, <start_of_turn>
_BARS = str.maketrans({"｜": "|"})
_CONTROL = re.compile(
    r"<\|+|\|+>|<</?SYS>>|\[/?(?:INST|SYSTEM_PROMPT|TOOL_CALLS|AVAILABLE_TOOLS|TOOL_RESULTS)\]"
    r"|</?(?:s|bos|eos|pad|unk|mask|sep|cls|think|tool_call|tool_response|tools|start_of_turn|end_of_turn|im_start|im_end"
    r"|begin_of_text|end_of_text|endoftext)>",
    re.IGNORECASE,
)
_HARMLESS = str.maketrans({"<": "‹", ">": "›", "[": "(", "]": ")", "|": "¦"})
# Characters nobody sees: tags, bidi controls, zero width, byte-order mark, soft hyphen, C0 and C1 controls.
_INVISIBLE = re.compile(
    "[\U000e0000-\U000e007f\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\u2060-\u2064\ufeff\u00ad"
    "\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
_HANDLE_LIKE = re.compile(r"\[\s*(S\s*\d+)\s*\]", re.IGNORECASE)


def render(
    name: str,
    key: CallKey,
    context: RunContext,
    trusted: Mapping[str, str],
    untrusted: Sequence[tuple[str, str, str]],
) -> Prompt:
    """The prompt `name` for one call; `untrusted` are (handle, attribution, text) in the order shown.

    The nonce of the fence is HMAC-SHA256(secret of the run, call): no source can guess it, a resumed run makes the same
    one. Each passage is one line that begins with its handle, and no text can begin a line, so none can pose as
    another. The hash is over the file and the values before they were fenced or cleaned; those of earlier wordings are
    over the values that these had.
    """
    nonce = _nonce(name, key, context)
    system, user = template(name)
    values = {label: clean(value)[:TRUSTED_SHOWN] for label, value in trusted.items()}
    given = [list(passage) for passage in untrusted]
    block = "\n".join([f"<sources {nonce}>", *(_line(*passage) for passage in untrusted), f"</sources {nonce}>"])
    return Prompt(
        name=name,
        system=Template(system).substitute(values, nonce=nonce),
        text=Template(user).substitute(values, nonce=nonce, passages=block),
        hash=_digest([name, system, user, dict(trusted), given]),
        earlier=tuple(_digest([name, *parts, _known(parts, name, trusted), given]) for parts in _earlier(name)),
    )


def clean(text: str) -> str:
    """One line without anything a model's template or a terminal could take for control."""
    visible = _INVISIBLE.sub("", text.translate(_BARS))
    harmless = _CONTROL.sub(lambda found: found[0].translate(_HARMLESS), visible)
    return " ".join(harmless.split())


def file_hashes() -> dict[str, str]:
    """SHA-256 of each prompt file, by name: part of an article's provenance."""
    return {name: hashlib.sha256(_read(name).encode()).hexdigest() for name in NAMES}


def _line(handle: str, attribution: str, text: str) -> str:
    words = _HANDLE_LIKE.sub(r"(\1)", clean(text))
    title = _HANDLE_LIKE.sub(r"(\1)", clean(attribution))[:ATTRIBUTION_SHOWN]
    return f"[{handle}] ({title}) {words}"


def _nonce(name: str, key: CallKey, context: RunContext) -> str:
    call = _digest([name, str(key.run_id), key.stage, key.item, key.ordinal])
    return hmac.new(context.fence_secret, call.encode(), hashlib.sha256).hexdigest()[:NONCE_DIGITS]


def _digest(parts: list[object]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _known(parts: tuple[str, str], name: str, trusted: Mapping[str, str]) -> dict[str, str]:
    """The values without those that the wording of today names and the earlier one does not."""
    new = _names(template(name)) - _names(parts)
    return {label: value for label, value in trusted.items() if label not in new}


def _names(parts: tuple[str, str]) -> set[str]:
    return {name for part in parts for name in Template(part).get_identifiers()}


@cache
def template(name: str) -> tuple[str, str]:
    """The two parts of a prompt file, system and user, with their $names."""
    return _parts(name, _read(name))


@cache
def _earlier(name: str) -> tuple[tuple[str, str], ...]:
    """The parts of each earlier wording."""
    files = sorted((Path(__file__).parent / "earlier").glob(f"{name}.*.txt"))
    return tuple(_parts(file.name, file.read_text(encoding="utf-8")) for file in files)


def _parts(name: str, text: str) -> tuple[str, str]:
    found = _PARTS.fullmatch(text)
    if found is None:
        raise ValueError(f"the prompt file {name} lacks its two parts")
    return found[1].strip(), found[2].strip()


@cache
def _read(name: str) -> str:
    return (Path(__file__).parent / f"{name}.txt").read_text(encoding="utf-8")

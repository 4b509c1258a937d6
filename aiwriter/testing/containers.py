"""docker-compose.yml and the Dockerfile as a program reads them, for tests that check them or run what they say."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml  # type: ignore[import-untyped]  # its stubs are no dependency worth having for two calls

_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?:(?P<how>:?[-?])(?P<rest>[^${}]*))?\}")


class NotSet(Exception):
    """A variable is missing that must be set; the message is the one in the file."""


def compose(text: str, variables: Mapping[str, str]) -> dict[str, Any]:
    """The document with its variables put in. Raises NotSet for a required one."""
    document: dict[str, Any] = _filled(yaml.safe_load(text), variables)
    return document


def variables_of(text: str) -> set[str]:
    """The names of all variables: those in ${…}, and those handed on by name alone."""
    handed_on = {
        name
        for service in yaml.safe_load(text)["services"].values()
        for name, value in service.get("environment", {}).items()
        if value is None
    }
    return set(re.findall(r"\$\{(\w+)", text)) | handed_on


def _filled(node: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _filled(value, variables) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled(value, variables) for value in node]
    return _filled_text(node, variables) if isinstance(node, str) else node


def _filled_text(text: str, variables: Mapping[str, str]) -> str:
    """Innermost first, as defaults may name variables themselves."""
    while True:
        filled = _VARIABLE.sub(lambda found: _value(found, variables), text)
        if filled == text:
            return text.replace("$$", "$")
        text = filled


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    name, how, rest = found["name"], found["how"] or "", found["rest"] or ""
    value = variables.get(name)
    if value or (value is not None and not how.startswith(":")):
        return value
    if how.endswith("?"):
        raise NotSet(f"{name}: {rest}")
    return rest


@dataclass(frozen=True, slots=True)
class Instruction:
    """One line of a Dockerfile, continuation lines included."""

    word: str  # FROM, COPY, …
    rest: str

    @property
    def values(self) -> list[str]:
        """Its parts without options, whether written as JSON or as words."""
        if self.rest.startswith("["):
            return [str(part) for part in json.loads(self.rest)]
        return [part for part in shlex.split(self.rest) if not part.startswith("--")]

    @property
    def options(self) -> dict[str, str]:
        found = {}
        for part in self.rest.split():
            if not part.startswith("--"):
                break
            name, _, value = part[2:].partition("=")
            found[name] = value
        return found


def stages(text: str) -> list[list[Instruction]]:
    """A Dockerfile's stages in order; each begins with its FROM."""
    found: list[list[Instruction]] = []
    for instruction in _instructions(text):
        if instruction.word == "FROM":
            found.append([])
        if found:  # an ARG may stand before the first FROM
            found[-1].append(instruction)
    return found


def _instructions(text: str) -> Iterator[Instruction]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield Instruction(word.upper(), rest.strip())


def environment_of(stage: Sequence[Instruction]) -> dict[str, str]:
    """What ENV sets in a stage."""
    pairs = [pair for instruction in stage if instruction.word == "ENV" for pair in instruction.values]
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def copied(stage: Sequence[Instruction]) -> dict[str, str]:
    """What COPY takes from the checkout: source → target."""
    found: dict[str, str] = {}
    for instruction in stage:
        if instruction.word == "COPY" and "from" not in instruction.options:
            *sources, target = instruction.values
            found |= dict.fromkeys(sources, target)
    return found

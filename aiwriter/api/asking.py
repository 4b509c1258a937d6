"""What is refused before a run is stored: everything `aiwriter write` refuses before work begins, by field."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

from fastapi import Header, Response
from pydantic import BaseModel

from aiwriter import choices
from aiwriter.api.auth import Visit
from aiwriter.api.schemas import FieldProblem, GenerateRequest, InvalidRequest
from aiwriter.bootstrap import Tools
from aiwriter.documents import Brief, Voice
from aiwriter.errors import BadInput, UnreadableSource
from aiwriter.pipeline import formats, places, voices
from aiwriter.ports import is_address
from aiwriter.services import estimates
from aiwriter.services.generating import SentOnce
from aiwriter.threads import computed

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Makes the request repeatable: the same one again within 48 hours starts nothing.",
    ),
]
MOST_SOURCES = 500  # locations in a brief; a folder is one


def sent_once(who: Visit, what: str, asked: BaseModel, key: str | None) -> SentOnce | None:
    """The request for `what`, if it came with a key: the same one again is answered as the first time."""
    if key is None:
        return None
    return SentOnce(who.key_id, key, hashlib.sha256(f"{what} {asked.model_dump_json()}".encode()).hexdigest())


def accepted(answer: str) -> Response:
    """The bytes as they were stored: equal for every repetition."""
    return Response(
        answer, status_code=202, media_type="application/json", headers={"Location": json.loads(answer)["href"]}
    )


async def checked(tools: Tools, asked: GenerateRequest, *, sources: bool = True) -> tuple[Brief, str]:
    """The brief with lasting locations, and the model that was chosen. Raises InvalidRequest with every field that
    cannot be used, BadInput that names the setting of ours that cannot."""
    choices.others(tools)
    problems: list[FieldProblem] = []
    model = asked.model or tools.settings.model
    for field, look in (
        ("brief.format", lambda: _known_format(asked.brief.format)),
        ("model", lambda: tools.model(model)),
    ):
        problems += refused(field, look)
    if not problems:
        problems += refused("model", lambda: estimates.require_context(asked.brief, tools.model(model)))
    locations = asked.brief.sources
    if sources:
        locations, found = await asyncio.to_thread(lasting, tools, asked.brief.sources)
        problems += found
    voice, found = await computed(_voice, asked)
    problems += found
    refuse(problems)
    return asked.brief.model_copy(update={"sources": locations, "voice": voice}), model


async def with_lasting_sources(tools: Tools, brief: Brief) -> Brief:
    """The brief with lasting locations. Raises InvalidRequest with every one that cannot be used."""
    locations, problems = await asyncio.to_thread(lasting, tools, brief.sources)
    refuse(problems)
    return brief.model_copy(update={"sources": locations})


def refuse(problems: Sequence[FieldProblem]) -> None:
    """Raises InvalidRequest that names them, if there are any."""
    if problems:
        raise invalid(problems)


def invalid(problems: Sequence[FieldProblem]) -> InvalidRequest:
    """The error that names them."""
    listed = ", ".join(problem.field for problem in problems)
    said = f"the request cannot be used: {listed}"
    return InvalidRequest(said, hint="Correct what `errors` names.", fields=tuple(problems))


def refused(field: str, look: Callable[[], object]) -> Iterator[FieldProblem]:
    """What is wrong with a field that a look at it refuses."""
    try:
        look()
    except BadInput as error:
        yield FieldProblem(field=field, message=with_step(error))


def with_step(error: BadInput | UnreadableSource) -> str:
    """What is wrong, and what to do about it, as two sentences."""
    return f"{error}. {error.hint[:1].upper()}{error.hint[1:]}" if error.hint else str(error)


def _voice(asked: GenerateRequest) -> tuple[Voice | None, list[FieldProblem]]:
    """The voice of the samples, else the brief's own, and why there is none."""
    if not asked.voice_samples:
        return asked.brief.voice, []
    try:
        return voices.learned(asked.voice_samples, asked.brief.language), []
    except BadInput as error:
        return None, [FieldProblem(field="voice_samples", message=str(error))]


def _known_format(name: str) -> None:
    """A name that ships: over the API no file is read that a name might point to."""
    if name not in formats.names():
        raise BadInput(f"there is no format {name[:80]!r}", hint=f"formats are {', '.join(formats.names())}")


def lasting(
    tools: Tools, given: tuple[str, ...], field: str = "brief.sources"
) -> tuple[tuple[str, ...], list[FieldProblem]]:
    """The locations as any worker understands them, and what is wrong with the others."""
    if not given:
        return given, [FieldProblem(field=field, message="there are no sources")]
    if len(given) > MOST_SOURCES:
        return given, [FieldProblem(field=field, message=f"there are more than {MOST_SOURCES}")]
    kept, problems = [], []
    for number, location in enumerate(given):
        try:
            kept.append(usable(tools, location.strip()))
        except BadInput as error:
            problems.append(FieldProblem(field=f"{field}.{number}", message=with_step(error)))
    return tuple(kept), problems


def usable(tools: Tools, location: str) -> str:
    """A location as any worker understands it. Raises BadInput for what is not there, cannot be read, or may not be
    named by a caller."""
    if places.search_of(location, tools.engines):
        return location
    if not location or is_address(location):  # nothing is no folder, whichever folders there are
        return tools.finder.expand(location)[0]
    folders = [folder.expanduser().resolve() for folder in tools.settings.sources.folders]
    if not folders and not is_loopback(tools.settings.api.host):
        raise BadInput(
            "files cannot be named from here", hint="give http(s) addresses, or set AIWRITER_SOURCES__FOLDERS"
        )
    with places.judged(location, tools.engines):
        path = _found(location, folders)
        documents = tools.finder.expand(str(path))
    for document in documents if folders else ():
        _refuse_outside(Path(document), folders, location)
    return str(path)


def _found(location: str, folders: list[Path]) -> Path:
    """The absolute path that was meant; a relative one lies in the first of the folders that has it."""
    try:
        path = Path(location).expanduser()
        if path.is_absolute():
            resolved = path.resolve()
            _refuse_outside(resolved, folders, location)
            return resolved
        for folder in folders:
            if (inside := (folder / path).resolve()).exists():
                _refuse_outside(inside, folders, location)
                return inside
    except (OSError, ValueError, RuntimeError) as error:  # a NUL, a name too long, an unknown user's home
        raise BadInput(f"{location[:200]!r} cannot be looked for: {error}", hint="check the path") from error
    if not folders:
        raise BadInput(f"the path {location!r} is relative", hint="give the full path, or an http(s) address")
    raise BadInput(f"there is no file or folder {location!r} in the folders for sources", hint="check the path")


def _refuse_outside(path: Path, folders: list[Path], location: str) -> None:
    """The same words for what is not there and what is elsewhere: no answer tells which files exist."""
    if folders and not any(path.resolve().is_relative_to(folder) for folder in folders):
        raise BadInput(f"there is no file or folder {location!r} in the folders for sources", hint="check the path")


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine can reach this address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False

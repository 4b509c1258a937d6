"""Is a reply usable, can it be mended, and how is a model asked again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from aiwriter.ports import ModelReply, ModelRequest, Prompt
from aiwriter.text.tokens import estimate_tokens

ERRORS_SHOWN = 3
MAX_OUTPUT_FACTOR = 2  # how much longer an answer may be once it was cut off
WARMER, HOTTEST = 0.2, 1.0  # temperature added by each re-ask, and its bound

AGAIN = """

Your last answer could not be used: {problem}.
Answer again, complete{form}."""
FORM = ", with one JSON object and nothing else"


def usable(
    reply: ModelReply, schema: type[BaseModel] | None, *, salvage: bool = False
) -> tuple[ModelReply | None, str]:
    """The reply with `parsed` set (its JSON mended if need be), or None and what is wrong with it, in a model's terms.

    A reply that was cut off is not used, since what is missing may matter, unless it is text, which a person reads, or
    `salvage`: then its complete parts are. A refusal that was stored is asked about anew, as a person who resumes a run
    expects.
    """
    if reply.parsed is not None:
        return reply, ""
    if reply.finish == "refused":
        return None, "you declined"
    if reply.finish == "length" and not (schema is None and reply.text.strip()):
        whole = replace(reply, text=reply.text[: reply.text.rfind("}") + 1])
        answer = _fitting(whole, schema)[0] if salvage and schema else None
        return answer, f"it was too long and was cut off after {reply.usage.output_tokens} tokens"
    if not reply.text.strip():
        return None, "it was empty"
    return _fitting(reply, schema) if schema else (reply, "")


def _fitting(reply: ModelReply, schema: type[BaseModel]) -> tuple[ModelReply | None, str]:
    value = _json_value(reply.text)
    if value is None:
        return None, "it was not JSON"
    try:
        return replace(reply, parsed=schema.model_validate(value)), ""
    except ValidationError as error:
        return None, _said(error)


def ask_again(request: ModelRequest, problem: str, number: int, *, cut_off: bool, context: int) -> ModelRequest:
    """The request with the reason added: a logical call of its own, equal on resume. The bad reply is not repeated.

    `number` counts the re-asks of one request; `context` bounds a longer answer. Each is a little warmer: a small model
    that runs in circles would run in the same one again.
    """
    prompt, problem = request.prompt, f"{problem}; be brief" if cut_off else problem
    text = prompt.text + AGAIN.format(problem=problem, form=FORM if request.schema else "")
    digest, *earlier = (
        hashlib.sha256(f"{hashed}:again:{number}:{problem}".encode()).hexdigest()
        for hashed in (prompt.hash, *prompt.earlier)
    )
    tokens = request.max_output_tokens
    if cut_off:
        room = context - estimate_tokens(prompt.system) - estimate_tokens(text)
        tokens = max(tokens, min(tokens * MAX_OUTPUT_FACTOR, room))
    again = Prompt(prompt.name, prompt.system, text, digest, tuple(earlier))
    warmer = round(min(HOTTEST, request.temperature + WARMER * number), 2)
    return replace(request, prompt=again, max_output_tokens=tokens, temperature=warmer)


def _json_value(text: str) -> Any:
    """The JSON object in a reply, out of its code fence or small talk, repaired if broken; None when there is none."""
    start = text.find("{")
    if start < 0:
        return None
    try:
        return json.JSONDecoder().raw_decode(text, start)[0]  # what comes after it may have braces of its own
    except ValueError:
        from json_repair import repair_json

        value = repair_json(text[start:], return_objects=True)
        return value if isinstance(value, dict) and value else None


def _said(error: ValidationError) -> str:
    """The first mistakes by place, without the values: those are a model's words and may hold a source's."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    told = [f"{'.'.join(map(str, one['loc'])) or 'the object'}: {one['msg']}" for one in found[:ERRORS_SHOWN]]
    return "; ".join(told)

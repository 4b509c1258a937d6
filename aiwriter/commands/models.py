"""`models`: which language models can be asked for as things are set up, and what one call of one is like."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

from aiwriter.bootstrap import Tools
from aiwriter.commands import console
from aiwriter.documents import ArticleKind, Stage
from aiwriter.errors import BadInput
from aiwriter.ids import new_id
from aiwriter.ports import NO_RUN, CallKey, ModelRequest, Prompt, Usage

MILLION = 1_000_000
QUESTION = "In one short sentence: what is a ferry?"
MOST_TOKENS = 200


async def show(tools: Tools, *, as_json: bool) -> int:
    """All that are known here: price, context, state."""
    found = [_described(tools, name) for name in tools.model_names()]
    alone = await tools.left_alone()
    if as_json:
        console.give({"models": found, "left_alone": alone})
        return 0
    rows = [(one["model"], _price(one), f"{one['context_tokens'] or '–'}", one["state"]) for one in found]
    console.say(console.table(rows, ("model", "$ a million tokens read / written", "context", "state")))
    for line in alone:
        console.say(f"! {line}")
    console.say("\nOthers can be named as provider:model. Try one with a call: aiwriter models try PROVIDER:MODEL")
    return 0


async def try_out(tools: Tools, spec: str, *, as_json: bool) -> int:
    """One call, counted and capped like any other: what it said, how long it took, what it cost.

    Somebody wants to know: a provider that refused the account, or a model that failed often, is asked all the same.
    """
    model = tools.model(spec)
    if model.writes is ArticleKind.DIGEST:
        raise BadInput(f"{spec} answers no questions: it puts quotations in order", hint="Try it with aiwriter write.")
    await _ask_again(tools, model.name)
    first: list[float] = []
    began = tools.clock.monotonic()

    async def hear(_text: str) -> None:
        first.append(tools.clock.monotonic() - began)

    reply = await model.answer(request(hear))
    result = {
        "model": spec,
        "answered_by": reply.model,
        "seconds": round(tools.clock.monotonic() - began, 2),
        "first_text_seconds": round(first[0], 2) if first else None,
        "input_tokens": reply.usage.input_tokens,
        "output_tokens": reply.usage.output_tokens,
        "cost_usd": str(reply.cost_usd),
        "text": reply.text,
    }
    if as_json:
        console.give(result)
        return 0
    console.say(f"{reply.model}: {reply.text.strip()}")
    console.say(f"  seconds    {result['seconds']}, first text after {result['first_text_seconds']}")
    console.say(f"  tokens     {reply.usage.input_tokens} read, {reply.usage.output_tokens} written")
    console.say(f"  cost       ${reply.cost_usd}")
    return 0


async def _ask_again(tools: Tools, names: str) -> None:
    """Lift what keeps others from asking these models, but for a wait that their provider asked for."""
    models = names.split(", ")
    theirs = {*models, *(name.partition(":")[0] for name in models)}
    for one in await tools.limits.paused(theirs):
        if one.kind != "cooling":
            await tools.limits.resume(one.name)
    tools.breakers.ask_again()


def request(hear: Any = None) -> ModelRequest:
    """A question of its own each time: a stored answer would try nobody."""
    key = CallKey(NO_RUN, Stage.STORE, item=str(new_id()))
    digest = hashlib.sha256(QUESTION.encode()).hexdigest()
    prompt = Prompt("try", "You answer briefly.", QUESTION, digest)
    return ModelRequest(key, prompt, max_output_tokens=MOST_TOKENS, on_text=hear)


def _described(tools: Tools, name: str) -> dict[str, Any]:
    try:
        model = tools.model(name)
    except BadInput as error:
        state, read, written, context = f"not set up: {error}", None, None, None
    else:
        state, context = "ready", model.context_tokens
        read = model.cost_of(Usage(input_tokens=MILLION))
        written = model.cost_of(Usage(output_tokens=MILLION))
    state += ", the default" if name == tools.settings.model else ""
    return {"model": name, "input_usd": read, "output_usd": written, "context_tokens": context, "state": state}


def _price(one: dict[str, Any]) -> str:
    if one["input_usd"] is None:
        return "–"
    return f"{_short(one['input_usd'])} / {_short(one['output_usd'])}"


def _short(dollars: Decimal) -> str:
    return f"{dollars.normalize():f}" if dollars else "0"

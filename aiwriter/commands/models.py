"""`models`: which language models can be asked for as things are set up, and what one call of one is like."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from aiwriter import llm
from aiwriter.bootstrap import Tools
from aiwriter.commands import console
from aiwriter.documents import ArticleKind, Stage
from aiwriter.errors import BadInput
from aiwriter.ids import new_id
from aiwriter.llm import huggingface
from aiwriter.llm.remote import RemoteModel
from aiwriter.offered import Offer, ask_again, offers
from aiwriter.ports import NO_RUN, CallKey, ModelRequest, Prompt
from aiwriter.sdks.connection import is_self_hosted
from aiwriter.settings import usual_variable

QUESTION = "In one short sentence: what is a ferry?"
MOST_TOKENS = 1_000  # for one sentence: small models think that long before it
LISTED_SECONDS = 5.0


async def show(tools: Tools, *, as_json: bool) -> int:
    """All that are known here: price, context, state; and what is left alone or not set up."""
    offered = await offers(tools, LISTED_SECONDS)
    each = [one for one in offered.models if "," not in one.name]
    found, names, away = [_described(one) for one in each], [one.name for one in each], offered.away
    notes = [*(await tools.left_alone()), *away]
    others = list(_without_a_row(tools, names))
    if as_json:
        console.give({"models": found, "left_alone": notes, "others": others})
        return 0
    rows = [(one.name, _price(_described(one)), _tokens(one.context_tokens), _state(one)) for one in each]
    console.say(console.table(rows, ("model", "$ a million read / written", "context", "state")))
    missing = dict.fromkeys(f"{one.name.partition(':')[0]}: {one.missing}" for one in each if one.missing)
    for line in (*notes, *missing):
        console.say(f"! {line}")
    console.say("\nOthers can be named as provider:model. Try one with a call: aiwriter models try PROVIDER:MODEL")
    for line in others:
        console.say(f"  {line}")
    return 0


def _without_a_row(tools: Tools, names: Iterable[str]) -> Iterator[str]:
    shown = {name.partition(":")[0] for name in names}
    for scheme in llm.LIBRARIES:
        if scheme not in shown:
            url, key = getattr(tools.settings, scheme).base_url, getattr(tools.settings, f"{scheme}_api_key")
            is_set_up = url and (key or is_self_hosted(url))
            yield f"{scheme}:MODEL " + (
                f"is asked at {url}" if is_set_up else f"needs {usual_variable(f'{scheme}_api_key')}"
            )
    if "huggingface" not in shown:
        absent = " and ".join(huggingface.lacking())
        yield "huggingface:MODEL " + (f"needs {absent}: make setup-local-models" if absent else "runs in this process")


async def try_out(tools: Tools, spec: str, *, as_json: bool) -> int:
    """One call, counted and capped like any other: what it said, how long it took, what it cost.

    Somebody wants to know: a provider that refused the account, or a model that failed often, is asked all the same.
    """
    model = tools.model(spec)
    if model.writes is ArticleKind.DIGEST:
        raise BadInput(f"{spec} answers no questions: it puts quotations in order", hint="Try it with aiwriter write.")
    await ask_again(tools, model.name)
    await _load(tools, spec)
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
        "cut_off": reply.finish == "length",
    }
    if as_json:
        console.give(result)
        return 0
    console.say(f"{reply.model}: {reply.text.strip()}{' …' if result['cut_off'] else ''}")
    if result["cut_off"]:
        console.say(f"  cut off: more than {MOST_TOKENS:,} tokens, where one sentence was asked for")
    loading = ", in which it was loaded" if "huggingface:" in spec else ""
    console.say(f"  seconds    {result['seconds']}, first text after {result['first_text_seconds']}{loading}")
    console.say(f"  tokens     {reply.usage.input_tokens} read, {reply.usage.output_tokens} written")
    console.say(f"  cost       ${reply.cost_usd}")
    return 0


async def _load(tools: Tools, spec: str) -> None:
    """Import and make what a first call is made with, which takes longer than many a call."""
    for name in spec.split(","):
        await asyncio.to_thread(llm.load, name)
    for model in llm.create_all(spec, tools.settings, tools.embedder(tools.settings.embedder)):
        if isinstance(model, RemoteModel):
            model.prepare()


def request(hear: Any = None) -> ModelRequest:
    """A question of its own each time: a stored answer would try nobody."""
    key = CallKey(NO_RUN, Stage.STORE, item=str(new_id()))
    digest = hashlib.sha256(QUESTION.encode()).hexdigest()
    prompt = Prompt("try", "You answer briefly.", QUESTION, digest)
    return ModelRequest(key, prompt, max_output_tokens=MOST_TOKENS, on_text=hear)


def _described(one: Offer) -> dict[str, Any]:
    prices = {"input_usd": one.input_usd, "output_usd": one.output_usd}
    return {"model": one.name, **prices, "context_tokens": one.context_tokens, "state": one.state}


def _state(one: Offer) -> str:
    """In a cell; what is missing is told once for all that miss it."""
    return f"not set up{one.place}" if one.missing else one.state


def _tokens(context: int | None) -> str:
    return f"{context:,}" if context else "–"


def _price(one: dict[str, Any]) -> str:
    if one["input_usd"] is None:
        return "–"
    return f"{_short(one['input_usd'])} / {_short(one['output_usd'])}"


def _short(dollars: Decimal) -> str:
    return f"{dollars.normalize():f}" if dollars else "0"

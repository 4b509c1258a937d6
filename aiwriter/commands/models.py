"""`models`: which language models can be asked for as things are set up, and what one call of one is like."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from aiwriter import llm, preparing
from aiwriter.bootstrap import Tools
from aiwriter.commands import console
from aiwriter.documents import ArticleKind, Stage
from aiwriter.errors import AIWriterError, BadInput
from aiwriter.ids import new_id
from aiwriter.llm import profiles
from aiwriter.llm.remote import RemoteModel
from aiwriter.ports import NO_RUN, CallKey, ModelRequest, Pause, Prompt, Usage
from aiwriter.sdks.connection import is_self_hosted
from aiwriter.settings import usual_variable

MILLION = 1_000_000
QUESTION = "In one short sentence: what is a ferry?"
MOST_TOKENS = 200
MOST_LISTED = 30  # models of one endpoint
LISTED_SECONDS = 5.0


async def show(tools: Tools, *, as_json: bool) -> int:
    """All that are known here: price, context, state; and what is left alone or not set up."""
    paused = await _paused(tools)
    theirs, away = await _of_endpoints(tools)
    default = [name.strip() for name in tools.settings.model.split(",")]
    names = dict.fromkeys([*default, *theirs, *(name for name in tools.model_names() if "," not in name)])
    found = [_described(tools, name, paused) for name in names]
    notes = [*(await tools.left_alone()), *away]
    others = list(_without_a_row(tools, names))
    if as_json:
        console.give({"models": found, "left_alone": notes, "others": others})
        return 0
    rows = [(one["model"], _price(one), f"{one['context_tokens'] or '–'}", one["state"]) for one in found]
    console.say(console.table(rows, ("model", "$ a million tokens read / written", "context", "state")))
    for line in notes:
        console.say(f"! {line}")
    console.say("\nOthers can be named as provider:model. Try one with a call: aiwriter models try PROVIDER:MODEL")
    for line in others:
        console.say(f"  {line}")
    return 0


async def _of_endpoints(tools: Tools) -> tuple[list[str], list[str]]:
    """The models at addresses that the settings name, and what is to be said of those that do not tell them."""
    names, away = [], []
    for scheme in llm.LIBRARIES:
        url = getattr(tools.settings, scheme).base_url
        if url:
            await asyncio.to_thread(llm.load, scheme)  # no part of what the endpoint is given
            try:
                async with asyncio.timeout(LISTED_SECONDS):
                    names += (await _at(tools, scheme))[:MOST_LISTED]
            except TimeoutError:
                away.append(f"{url} did not list its models in {LISTED_SECONDS:.0f} s")
            except AIWriterError as error:
                away.append(f"{url} does not list its models: {error}")
    return names, away


async def _at(tools: Tools, scheme: str) -> list[str]:
    listing = llm.create(f"{scheme}:any", tools.settings, tools.embedder(tools.settings.embedder))
    return await listing.listed() if isinstance(listing, RemoteModel) else []


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
        yield "huggingface:MODEL runs in this process"


async def _paused(tools: Tools) -> dict[str, Pause]:
    current = await preparing.database_state(tools.settings) == "current"
    return {one.name: one for one in await tools.limits.paused()} if current else {}


async def try_out(tools: Tools, spec: str, *, as_json: bool) -> int:
    """One call, counted and capped like any other: what it said, how long it took, what it cost.

    Somebody wants to know: a provider that refused the account, or a model that failed often, is asked all the same.
    """
    model = tools.model(spec)
    if model.writes is ArticleKind.DIGEST:
        raise BadInput(f"{spec} answers no questions: it puts quotations in order", hint="Try it with aiwriter write.")
    await _ask_again(tools, model.name)
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
    }
    if as_json:
        console.give(result)
        return 0
    console.say(f"{reply.model}: {reply.text.strip()}")
    console.say(f"  seconds    {result['seconds']}, first text after {result['first_text_seconds']}")
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


def _described(tools: Tools, name: str, paused: Mapping[str, Pause]) -> dict[str, Any]:
    profile = profiles.known().get(name)
    price = profile.price if profile else None
    read, written, context = (price.input, price.output, profile.context_tokens) if profile and price else (None,) * 3
    try:
        model = tools.model(name)
    except BadInput as error:
        state = f"not set up: {error}"
    else:
        context = model.context_tokens
        read = model.cost_of(Usage(input_tokens=MILLION))
        written = model.cost_of(Usage(output_tokens=MILLION))
        alone = paused.get(name) or paused.get(name.partition(":")[0])
        state = f"left alone until {alone.until:%H:%M:%S} UTC" if alone else "ready"
    state += _place([one.strip() for one in tools.settings.model.split(",")], name)
    return {"model": name, "input_usd": read, "output_usd": written, "context_tokens": context, "state": state}


def _place(default: Sequence[str], name: str) -> str:
    if name not in default:
        return ""
    return ", the default" if len(default) == 1 else f", {default.index(name) + 1} of {len(default)} of the default"


def _price(one: dict[str, Any]) -> str:
    if one["input_usd"] is None:
        return "–"
    return f"{_short(one['input_usd'])} / {_short(one['output_usd'])}"


def _short(dollars: Decimal) -> str:
    return f"{dollars.normalize():f}" if dollars else "0"

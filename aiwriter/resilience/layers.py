"""The layers around a language model: one visible list, each a small wrapper with the same one method.

From outside in (`LAYERS`): metering › repair › replay › fallback › retry › breaker › rate limit › attempt › pace ›
provider.
Repair stands outside replay so that every re-ask is a logical call of its own, found again on resume like any other.
Replay stands outside fallback: the call is known by the list that was asked for, whoever of it answered. What stands
below fallback is there once for each model of the list; embedders stand in it too, from retry inwards.

Who retries what (each kind of failure has exactly one owner):

    what failed                                       who tries again       how often
    ------------------------------------------------  --------------------  ------------------------------------------
    a reply that is no valid JSON                     Repair, by json-repair once a reply; costs nothing
    a reply still unusable (schema, empty, cut off)   Repair, by asking     2 re-asks; stored bad replies do not count;
                                                                            cut off twice: its complete parts are used
    RateLimited, Unavailable from a provider          Retry                 3 attempts, Retry-After obeyed up to 60 s
    … after that, or its breaker is open              Fallback              once with each later model of the list
    … its breaker is open and no model is left        Retry                 as above, once it may be asked again
    AccountRefused: the key, quota or payment         Fallback              likewise; the provider is then left alone
                                                                            for a quarter of an hour, by all processes
    ModelUnknown: it has no such model                Fallback              likewise; nobody is left alone
    it is cooling down: others were told to wait      Breaker               waits, up to 60 s
    its rates would be passed                         RateLimit             waits for its turn, up to 300 s, and
                                                                            1,200 s where no model is left to ask
    … because this process is late                    Pace                  waits until it fits
    an endpoint that knows no response_format         llm/openai.py         at most twice a process: a 400, never billed
    … or no streams, or none that tell their usage    llm/openai.py         likewise
    a page that cannot be fetched                     sources/fetch.py      see there
    RateLimited, Unavailable that come out of here    tasks/policies.py     after minutes, when nobody is watching
    BadReply that comes out of here                   the user (resume)     asks anew, bounded as above
    ProviderRejected: this request                    nobody                another model would be asked the same
    BudgetSpent of a provider                         Fallback              likewise; it answers nobody until it has a
                                                                            larger cap
    Refused, any other BudgetSpent, BadInput          nobody                ours: no other model changes it
    AnswerNotKept: paid for and not written down      nobody                asking anybody would pay twice
    the SDKs' own retries and continuations           switched off          in each adapter's client

`on_text` goes through all layers unchanged: it hears each attempt and each re-ask from its beginning, a stored answer
at once.

The breaker opens for failures that are the provider's (Unavailable), never for our mistakes; RateLimited opens nothing
and lets the model cool down for as long as was asked. Whoever finds out tells all processes, through the database.

What is kept (rule 3): every request sent is one row, its intent and reservation written before, its outcome after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aiwriter.ports import Clock, Journal, LanguageModel
from aiwriter.resilience.answers import Metering, Repair, Replay
from aiwriter.resilience.attempt import Attempt, call_key
from aiwriter.resilience.guard import Breaker, Pace, RateLimit
from aiwriter.resilience.layer import AnswerNotKept, CallReport, Gear, Layer, Observer, RetryPolicy
from aiwriter.resilience.retrying import Fallback, Retry

__all__ = [
    "LAYERS",
    "PER_MODEL",
    "AnswerNotKept",
    "CallReport",
    "Gear",
    "Layer",
    "Observer",
    "RetryPolicy",
    "call_key",
    "within",
    "wrap",
    "wrap_all",
]

LAYERS: tuple[type[Layer], ...] = (Metering, Repair, Replay, Fallback, Retry, Breaker, RateLimit, Attempt, Pace)
PER_MODEL = LAYERS[LAYERS.index(Fallback) + 1 :]
_OUTSIDE = LAYERS[: LAYERS.index(Fallback)]


def wrap(
    provider: LanguageModel,
    journal: Journal,
    clock: Clock,
    *,
    policy: RetryPolicy | None = None,
    observe: Observer | None = None,
) -> LanguageModel:
    """The provider inside all layers, in agreement with no other process."""
    return wrap_all([provider], Gear(journal, clock, policy or RetryPolicy(), observe))


def wrap_all(providers: Sequence[LanguageModel], gear: Gear) -> LanguageModel:
    """The providers inside all layers, asked in this order."""
    gear = replace(gear, asked_for=", ".join(provider.name for provider in providers))
    gears = [replace(gear, is_last=provider is providers[-1]) for provider in providers]
    models = [within(provider, PER_MODEL, own) for provider, own in zip(providers, gears, strict=True)]
    fallback = Fallback(models, gear)
    return within(fallback, _OUTSIDE, gear)


def within(model: LanguageModel, layers: Sequence[type[Layer]], gear: Gear) -> LanguageModel:
    """The model inside these layers, the first of them outermost."""
    for layer in reversed(layers):
        model = layer(model, gear)
    return model

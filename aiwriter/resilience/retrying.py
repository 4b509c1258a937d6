"""Who is asked again: the same model after a wait, then the next of the list."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from aiwriter.errors import (
    AccountRefused,
    AIWriterError,
    BudgetSpent,
    ModelUnknown,
    ProviderRejected,
    RateLimited,
    Unavailable,
)
from aiwriter.ports import LanguageModel, ModelReply, ModelRequest, Usage
from aiwriter.resilience.layer import AnswerNotKept, Gear, Layer, Resting, RetryPolicy


class Fallback(Layer):
    """Asks the models of a list in order, the next when one cannot answer whatever it is asked."""

    def __init__(self, models: Sequence[LanguageModel], gear: Gear) -> None:
        super().__init__(models[0], gear)
        self._models = models

    @property
    def name(self) -> str:
        return ", ".join(model.name for model in self._models)

    @property
    def context_tokens(self) -> int:
        return min(model.context_tokens for model in self._models)

    def upper_bound(self, request: ModelRequest) -> Decimal:
        return max(model.upper_bound(request) for model in self._models)

    def cost_of(self, usage: Usage) -> Decimal:
        """At the dearest of them: an estimate must not be passed because the first was away."""
        return max(model.cost_of(usage) for model in self._models)

    async def answer(self, request: ModelRequest) -> ModelReply:
        errors: list[AIWriterError] = []
        for model in self._models:
            try:
                return await model.answer(request)
            except AnswerNotKept:
                raise
            except (Unavailable, AccountRefused, ModelUnknown) as error:
                errors.append(error)
            except BudgetSpent as error:
                if error.scope != "provider":  # every model of the list counts against that one
                    raise
                errors.append(error)
        raise errors[0] if len(errors) == 1 else _none_answered(errors) from errors[-1]


class Retry(Layer):
    """Tries again after RateLimited and Unavailable, and nothing else; an open breaker is waited for only where no
    other model is left to ask."""

    async def answer(self, request: ModelRequest) -> ModelReply:
        for attempt in range(1, self.gear.policy.attempts):
            try:
                return await self.inner.answer(request)
            except AnswerNotKept:
                raise
            except Unavailable as error:
                if isinstance(error, Resting) and not self.gear.is_last:
                    raise
                wait, why = _wait(self.gear.policy, attempt, error), str(error)
                if wait is None:
                    raise
            await self.wait(request, wait, why)
        return await self.inner.answer(request)


def _wait(policy: RetryPolicy, attempt: int, error: Unavailable) -> float | None:
    """Seconds before the next attempt; None when the provider asked for more than we wait here."""
    asked = error.retry_after if isinstance(error, RateLimited) else None
    wait = asked or policy.first_wait * policy.factor ** (attempt - 1)
    if wait > policy.longest_wait:
        return None
    return policy.spread(wait)


def _none_answered(errors: Sequence[AIWriterError]) -> AIWriterError:
    """What to tell of several: the soonest that one of them may be back, or that none will be."""
    said = "; ".join(str(error) for error in errors)
    message, hint = f"none of {len(errors)} models answered: {said}", errors[0].hint
    back = [error for error in errors if isinstance(error, Unavailable)]
    if not back and (spent := next((error for error in errors if isinstance(error, BudgetSpent)), None)):
        return BudgetSpent(message, hint=spent.hint, scope=spent.scope, budget=spent.budget, needs_usd=spent.needs_usd)
    if not back:
        refused = any(isinstance(error, AccountRefused) for error in errors)
        return (AccountRefused if refused else ProviderRejected)(message, hint=hint)
    waits = [error.retry_after if isinstance(error, RateLimited) else None for error in back]
    soonest = min((wait for wait in waits if wait is not None), default=None)
    if soonest is None or None in waits:  # one of them just failed: it may be back at any time
        return Unavailable(message, hint=hint)
    return RateLimited(message, hint=hint, retry_after=soonest)

"""The layers that keep requests back: from a model that fails or asked to be left alone, and beyond its rates."""

from __future__ import annotations

import logging

from aiwriter.errors import AccountRefused, RateLimited, Unavailable
from aiwriter.ports import ModelReply, ModelRequest, Pause, Rates, Turn
from aiwriter.resilience.breaker import MOST_SECONDS, Circuit
from aiwriter.resilience.layer import AnswerNotKept, Layer, NotBegun, NoTurn, Resting
from aiwriter.resilience.pace import Sent

_log = logging.getLogger(__name__)
OTHER_MODEL = "Try again later, or use another model."


class Breaker(Layer):
    """Asks nobody while the model's breaker is open or its provider refuses us; waits while it is cooling down."""

    async def answer(self, request: ModelRequest) -> ModelReply:
        admitted, failed = await self._admitted(request), None
        try:
            reply = await self.inner.answer(request)
            failed = False
        except (AnswerNotKept, NotBegun, NoTurn):
            raise  # ours: nothing is learned about the provider
        except RateLimited as error:
            await self._cool(error)
            raise
        except Unavailable:
            failed = True
            raise
        except AccountRefused as error:
            await self._tell(self._provider, "disabled", self.gear.breakers.policy.disabled_seconds, str(error))
            raise
        finally:
            if self._circuit.done(admitted, failed, self.gear.clock.monotonic()):
                await self._changed()
        return reply

    @property
    def _circuit(self) -> Circuit:
        return self.gear.breakers.of(self.name)

    @property
    def _provider(self) -> str:
        return self.gear.account or self.name.partition(":")[0]

    async def _admitted(self, request: ModelRequest) -> int:
        policy, clock, waited = self.gear.policy, self.gear.clock, 0.0
        await self._heed()
        while wait := self._circuit.cooling(clock.monotonic()):
            if waited + wait > policy.longest_wait:
                raise RateLimited(f"{self.name} asked to be left alone", hint=OTHER_MODEL, retry_after=wait)
            wait = policy.spread(wait)
            await self.wait(request, wait, "it asked to be left alone")
            waited += wait
            await self._heed()
        if rest := self._circuit.resting(clock.monotonic()):
            raise Resting(f"{self.name} failed too often to be asked now", hint=OTHER_MODEL, retry_after=rest)
        return self._circuit.admit()

    async def _heed(self) -> None:
        """What other processes found out, at most a second ago. Raises AccountRefused."""
        now, breakers = self.gear.clock.monotonic(), self.gear.breakers
        if self.gear.shared is not None and breakers.is_due(now):
            breakers.heard = await self.gear.shared.paused()
        for pause in breakers.heard:
            left = (pause.until - self.gear.clock.now()).total_seconds()
            if left > 0:
                self._heed_one(pause, left)

    def _heed_one(self, pause: Pause, left: float) -> None:
        if (pause.name, pause.kind) == (self._provider, "disabled"):
            raise AccountRefused(
                f"{pause.name} is not asked until {pause.until:%H:%M} UTC: it refused the account: {pause.reason}",
                hint="Mend that, and resume: that asks it at once, as do the Write page, "
                f"`aiwriter models try {self.name}` and `aiwriter doctor`.",
            )
        if (pause.name, pause.kind) == (self.name, "open"):
            self._circuit.open_for(left, self.gear.clock.monotonic())
        if (pause.name, pause.kind) == (self.name, "cooling"):
            self._circuit.cool_for(left, self.gear.clock.monotonic())

    async def _cool(self, error: RateLimited) -> None:
        if error.retry_after:
            seconds = min(error.retry_after, MOST_SECONDS)
            self._circuit.cool_for(seconds, self.gear.clock.monotonic())
            await self._tell(self.name, "cooling", seconds, str(error))

    async def _changed(self) -> None:
        """Tell the others that it opened or closed."""
        if not self._circuit.is_closed:
            seconds = self.gear.breakers.policy.open_seconds
            await self._tell(self.name, "open", seconds, "too many of its last calls failed")
        elif self.gear.shared is not None:
            await self.gear.shared.resume(self.name)
            self.gear.breakers.ask_again()

    async def _tell(self, name: str, kind: str, seconds: float, reason: str) -> None:
        if self.gear.shared is None:
            return
        if await self.gear.shared.pause(name, kind, seconds, reason) and kind != "cooling":
            _log.warning("%s is left alone for %.0f s (%s): %s", name, seconds, kind, reason)
        self.gear.breakers.ask_again()


class RateLimit(Layer):
    """Sends a request when its turn has come among those of all processes, and tells what it really used."""

    async def answer(self, request: ModelRequest) -> ModelReply:
        shared, rates = self.gear.shared, self.gear.rates.get(self.name)
        if shared is None or rates is None:
            return await self.inner.answer(request)
        counted = self.gear.tokens(request)
        # More than a minute's tokens gets a minute to itself: whether it is too much is for the provider to say.
        policy = self.gear.policy
        patience = policy.last_turn if self.gear.is_last else policy.longest_turn
        turn = await shared.take(self.name, min(counted, rates.tpm or counted), rates, patience)
        await self._come(request, turn)
        reply = await self.inner.answer(request)
        if turn.id is not None and rates.tpm is not None:
            await shared.correct(self.name, turn.id, reply.usage.input_tokens + reply.usage.output_tokens)
        return reply

    async def _come(self, request: ModelRequest, turn: Turn) -> None:
        if turn.id is None:
            raise NoTurn(
                f"so many wait for {self.name} that its rates allow the next request in {turn.wait:.0f} s",
                hint="Try again later, raise AIWRITER_LIMITS if the provider allows more, or use another model.",
                retry_after=turn.wait,
            )
        if turn.wait > 0:
            await self.wait(request, turn.wait, "its rates allow no request before")


class Pace(Layer):
    """Lets no more out in a minute than the rates allow, however late this process has become since the turn came."""

    async def answer(self, request: ModelRequest) -> ModelReply:
        rates = self.gear.rates.get(self.name)
        if rates is None:
            return await self.inner.answer(request)
        sent = await self._left(self.gear.tokens(request), rates)
        reply = await self.inner.answer(request)
        sent.tokens = reply.usage.input_tokens + reply.usage.output_tokens
        return reply

    async def _left(self, tokens: int, rates: Rates) -> Sent:
        clock = self.gear.clock
        while not isinstance(sent := self.gear.sends.leave(self.name, tokens, rates, clock.monotonic()), Sent):
            await clock.sleep(sent)
        return sent

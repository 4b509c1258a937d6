"""What a failing first provider costs in time: `python -m benchmarks.failover [--calls 500] [--at-once 5]`.

Two fake providers on loopback behind one list of models, with every layer around them. The first fails every request
(500, 429, time-out in turn); each call is answered by the second. Prints the seconds a call takes with a first provider
that works and with one that fails, and what failing adds at the median, the 95th percentile and the most, against one
time-out (trust.md, R18); and that each call was answered and paid once.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

from aiwriter import storage
from aiwriter.documents import Stage
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.llm.openai import OpenAIModel, OpenAIOptions
from aiwriter.llm.profiles import Price
from aiwriter.ports import CallKey, LanguageModel, ModelRequest, Prompt
from aiwriter.resilience.breaker import Breakers
from aiwriter.resilience.clock import SystemClock
from aiwriter.resilience.layers import Gear, wrap_all
from aiwriter.testing.fake_provider import INPUT_USD, OUTPUT_USD, FakeProvider

KINDS = ("500", "429", "timeout")
TIME_OUT = 2.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument("--at-once", type=int, default=5)
    options = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, time-out {TIME_OUT:g} s", flush=True)
    asyncio.run(compare(options.calls, options.at_once))


async def compare(calls: int, at_once: int) -> None:
    usual, _ = await measure(calls, at_once, failing=False)
    failed, second = await measure(calls, at_once, failing=True)
    twice = sum(count - 1 for count in Counter(call.body_sha256 for call in second.calls).values())
    print(f"answered by the second {len(failed)} of {calls}, paid twice {twice}")
    for name, at in (("median", 0.5), ("p95", 0.95), ("most", 1.0)):
        without, with_it = share(usual, at), share(failed, at)
        print(f"{name:<7} {without:6.3f} s  {with_it:6.3f} s  added {with_it - without:6.3f} s", end="")
        print(f"  {(with_it - without) / TIME_OUT:5.2f} time-outs (goal 1)" if at == 0.95 else "")


def share(seconds: list[float], at: float) -> float:
    return statistics.quantiles(seconds, n=100, method="inclusive")[round(at * 100) - 1] if at < 1 else max(seconds)


async def measure(calls: int, at_once: int, *, failing: bool) -> tuple[list[float], FakeProvider]:
    faults = {number: KINDS[number % len(KINDS)] for number in range(1, calls * 3 + 1)} if failing else {}
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'failover.db'}"
        await storage.migrate(url)
        database, clock = storage.open_database(url), SystemClock()
        try:
            async with FakeProvider(faults=faults) as first, FakeProvider() as second:
                limits = database.limits(clock)
                gear = Gear(database.journal(LOCAL_WORKSPACE), clock, shared=limits, breakers=Breakers())
                model = wrap_all([listed("one", first), listed("two", second)], gear)
                return await timed(model, calls, at_once), second
        finally:
            await database.close()


def listed(name: str, provider: FakeProvider) -> OpenAIModel:
    price = Price(INPUT_USD, OUTPUT_USD)
    return OpenAIModel(name, OpenAIOptions(base_url=provider.base_url, price=price, timeout_seconds=TIME_OUT))


async def timed(model: LanguageModel, calls: int, at_once: int) -> list[float]:
    run_id, places = new_id(), asyncio.Semaphore(at_once)

    async def one(number: int) -> float:
        prompt = Prompt("test", "You answer.", f"Which bird? {number}", f"hash {number}")
        async with places:
            begun = time.perf_counter()
            await model.answer(ModelRequest(CallKey(run_id, Stage.SECTIONS, str(number)), prompt, max_output_tokens=99))
            return time.perf_counter() - begun

    return list(await asyncio.gather(*map(one, range(calls))))


if __name__ == "__main__":
    main()

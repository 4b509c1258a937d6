"""Threads for work that keeps a core busy: as many at once as there are cores, whoever asks.

More would be no faster, and with fifty articles in one process the event loop would wait for its turn among them for so
long that leases are not renewed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_COMPUTING = ThreadPoolExecutor(os.cpu_count() or 1, "computing")


async def computed(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What `work` returns or raises, done off the event loop when a core is free for it."""
    here = partial(copy_context().run, work, *arguments, **named)
    return await asyncio.get_running_loop().run_in_executor(_COMPUTING, here)

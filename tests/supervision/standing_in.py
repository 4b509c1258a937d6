"""`python standing_in.py [--json]`: `aiwriter up` with stand-ins for its parts; each notes its key and process id."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from aiwriter.bootstrap import Tools
from aiwriter.commands import edge
from aiwriter.commands.up import up
from aiwriter.settings import Settings
from aiwriter.supervision.parts import Place
from aiwriter.supervision.parts import parts as real_parts
from aiwriter.supervision.supervisor import Part
from aiwriter.testing.parts import standing_in_for


def stand_ins(settings: Settings, place: Place, given: Mapping[str, str], key: str | None) -> list[Part]:
    return [standing_in_for(part) for part in real_parts(settings, place, given, key)]


async def work(tools: Tools) -> int:
    return await up(tools, dashboard=True, as_json="--json" in sys.argv, list_parts=stand_ins)


if __name__ == "__main__":
    edge.leave(edge.run(work, as_json="--json" in sys.argv, needs_database=True))

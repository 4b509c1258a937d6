"""The fake provider as a process of its own, as fault tests use it."""

import asyncio
import json
import sys
from pathlib import Path

from aiwriter.documents import Stage
from aiwriter.ids import new_id
from aiwriter.llm.openai import OpenAIModel, OpenAIOptions
from aiwriter.ports import CallKey, ModelRequest, Prompt

ASKED = ModelRequest(CallKey(new_id(), Stage.OUTLINE), Prompt("hello", "You greet.", "Hello?", "hash"))


async def test_it_runs_as_a_program_and_writes_down_every_request(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    command = [sys.executable, "-W", "error", "-m", "aiwriter.testing.fake_provider", "--log", str(log)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        base_url = (await process.stdout.readline()).decode().strip()
        reply = await OpenAIModel("heron-1", OpenAIOptions(base_url=base_url, api_key="sk-test")).answer(ASKED)
    finally:
        process.terminate()
        await process.communicate()
    (line,) = log.read_text().splitlines()
    logged = json.loads(line)
    assert reply.text == "Hello."
    assert (logged["key"], logged["model"], logged["input_tokens"]) == ("sk-test", "heron-1", reply.usage.input_tokens)

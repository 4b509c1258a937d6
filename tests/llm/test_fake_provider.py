"""The fake provider as a process of its own, as fault tests use it."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from aiwriter.documents import Stage
from aiwriter.ids import new_id
from aiwriter.llm.openai import OpenAIModel, OpenAIOptions
from aiwriter.ports import CallKey, ModelRequest, Prompt
from aiwriter.testing.fake_replies import reply_text

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


def test_its_writer_tells_neither_of_two_figures_on_which_sources_disagree() -> None:
    passages = "[S1] (A) It costs 21 million. It floats.\n[S2] (B) It costs 24 million. It is long."
    told = reply_text(passages, '"paragraphs"')
    warned = reply_text(f"{passages}\nSources disagree: S1 says “21” where S2 says “24”.", '"paragraphs"')
    assert ("21" in told, "24" in told) == (True, True)
    assert ("21" in warned, "24" in warned, "floats" in warned) == (False, False, True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--fault", "3=bad"], "'3=bad' is no K=FAULT"),
        (["--fault", "0=500"], "'0=500' is no K=FAULT"),
        (["--fault", "x=500"], "'x=500' is no K=FAULT"),
        (["--latency", "-1"], "'-1' is no number of seconds"),
        (["--log", "/nowhere/x.jsonl"], "there is no folder '/nowhere'"),
        (["--port", "1000000"], "port 1000000 cannot be listened on"),
    ],
)
def test_what_it_cannot_do_it_refuses_before_it_listens(given: list[str], said: str) -> None:
    command = [sys.executable, "-m", "aiwriter.testing.fake_provider", *given]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode != 0
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr

"""Answers heard while they are written, over real sockets: the same reply, usage and bill as without listening."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from aiwriter.documents import Stage
from aiwriter.errors import ProviderRejected, Unavailable
from aiwriter.ids import new_id
from aiwriter.llm.openai import OpenAIModel, OpenAIOptions
from aiwriter.llm.profiles import Price
from aiwriter.llm.replies import Growing, without_thoughts
from aiwriter.ports import CallKey, ModelRequest, Prompt, SectionReply
from aiwriter.testing.fake_chat import DONE
from aiwriter.testing.fake_provider import Answer, FakeProvider
from aiwriter.testing.fake_wires import event
from tests.contracts.test_remote_model_contract import Ear

PRICE = Price(Decimal("1.00"), Decimal("2.00"))
RUN = new_id()
PASSAGE = "[S1] (Herons) The grey heron stands up to a metre tall. It eats fish – and frogs."
PROMPT = Prompt("section", "You write.", PASSAGE + '\nAnswer in this form: {"paragraphs": []}', "hash")
ASKED = ModelRequest(CallKey(RUN, Stage.SECTIONS), PROMPT, SectionReply, max_output_tokens=500)


def model_at(provider: FakeProvider, **options: Any) -> OpenAIModel:
    return OpenAIModel("heron-1", OpenAIOptions(base_url=provider.base_url, price=PRICE, **options))


def streamed(*chunks: Mapping[str, Any]) -> Answer:
    """A stream of these chunks."""
    return Answer(events=(*map(event, chunks), DONE))


def chunk(text: str | None = None, **more: Any) -> dict[str, Any]:
    delta = {} if text is None else {"content": text}
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": more.pop("finish", None)}], **more}


END = chunk(finish="stop")


def asked(*, schema: bool = True) -> tuple[ModelRequest, Ear]:
    ear = Ear()
    return replace(ASKED, on_text=ear, schema=SectionReply if schema else None), ear


async def hear(*chunks: Mapping[str, Any]) -> list[str]:
    request, ear = asked(schema=False)
    async with FakeProvider(faults={1: streamed(*chunks)}) as provider:
        await model_at(provider).answer(request)
    return ear.heard


async def test_thoughts_are_not_heard() -> None:
    pieces = ["<th", "ink>hm", " {", "</thi", "nk>\n", '{"a"', ": 1}"]
    assert await hear(*map(chunk, pieces), END) == ['{"a"', '{"a": 1}']


async def test_long_answer_is_told_in_ever_longer_steps_and_whole_at_its_end() -> None:
    ear, pieces = Ear(), ["A ferry "] * 5_000
    grown = Growing(ear)
    for piece in pieces:
        await grown.add(piece)
    assert (await grown.whole()).strip() == ear.heard[-1] == "".join(pieces).strip()
    assert sum(map(len, ear.heard)) < 100 * len(ear.heard[-1])


@pytest.mark.parametrize(
    ("text", "shown"), [("<", ""), ("<thin", ""), ("<think>a", ""), ("<b", "<b"), ("a < b", "a < b")]
)
def test_what_may_become_a_thought_is_kept_back(text: str, shown: str) -> None:
    assert without_thoughts(text) == shown


@pytest.mark.parametrize(
    ("streams", "requests"),
    [("with usage", [True, True]), ("without options", [True, True, True]), ("refused", [True, True, False, False])],
)
async def test_stream_an_endpoint_does_not_know_is_given_up_once_for_all(streams: Any, requests: list[bool]) -> None:
    async with FakeProvider(streams=streams) as provider:
        for _ in range(2):
            request, ear = asked()
            reply = await model_at(provider).answer(request)
            assert ear.heard[-1] == reply.text
    assert [bool(body.get("stream")) for body in provider.bodies] == requests
    assert sum(Decimal(call.price_usd) > 0 for call in provider.calls) == 2
    assert reply.usage.estimated is (streams == "without options")


async def test_endpoint_that_passes_the_wish_over_is_understood_and_paid_once() -> None:
    request, ear = asked()
    async with FakeProvider(streams="unknown") as provider:
        reply = await model_at(provider).answer(request)
    assert (ear.heard, len(provider.calls)) == ([reply.text], 1)
    assert reply.cost_usd == provider.billed_usd


async def test_formats_and_streams_that_are_not_known_are_given_up_together() -> None:
    async with FakeProvider(streams="refused", formats=frozenset({"text"})) as provider:
        for _ in range(2):
            request, ear = asked()
            assert SectionReply.model_validate_json((await model_at(provider).answer(request)).text)
            assert len(ear.heard) == 1
    assert [Decimal(call.price_usd) > 0 for call in provider.calls] == [False] * 4 + [True, True]


async def test_upstream_is_no_word_about_streams() -> None:
    request, _ear = asked()
    fault = Answer(status=400, body=b'{"error": {"message": "the upstream model is unhappy"}}')
    async with FakeProvider(faults={1: fault}) as provider:
        with pytest.raises(ProviderRejected, match="unhappy"):
            await model_at(provider).answer(request)
    assert len(provider.calls) == 1


ODD: Mapping[str, tuple[Answer, bool]] = {
    "an error before any text": (streamed({"error": {"message": "overloaded", "code": 503}}), False),
    "an error that is a string": (streamed({"error": "overloaded"}), False),
    "an error after text": (streamed(chunk("{"), {"error": {"message": "quota", "code": "insufficient_quota"}}), True),
    "nothing": (Answer(events=(DONE,)), True),
    "no JSON": (Answer(events=(b"data: {\n\n", DONE)), True),
    "JSON that is no object": (Answer(events=(b'data: "hi"\n\n', DONE)), True),
    "no UTF-8": (Answer(events=(b"data: \xff\xfe\n\n", DONE)), True),
    "fields of other types": (streamed({"choices": 5, "usage": "much"}), True),
    "no end": (streamed(chunk("{")), True),
}


@pytest.mark.parametrize("odd", ODD)
async def test_stream_that_makes_no_sense_is_unavailable(odd: str) -> None:
    answer, sent = ODD[odd]
    request, _ear = asked()
    async with FakeProvider(faults={1: answer}) as provider:
        with pytest.raises(Unavailable) as caught:
            await model_at(provider).answer(request)
    assert caught.value.sent is sent


USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
MORE = {"prompt_tokens": 10, "completion_tokens": 9, "total_tokens": 19}
WAYS: Mapping[str, list[dict[str, Any]]] = {
    "usage in the last chunk": [chunk("he"), chunk("ron"), END, {"choices": [], "usage": MORE}],
    "usage beside the end": [chunk("he"), chunk("ron"), chunk(finish="stop", usage=MORE)],
    "usage so far in every chunk": [chunk("he", usage=USAGE), chunk("ron", usage=MORE), END],
    "no reason for the end": [chunk("he"), chunk("ron"), {"choices": [], "usage": MORE}],
    "null for lists and deltas": [
        {"choices": None},
        {"choices": [{"delta": None}]},
        chunk("heron"),
        END,
        {"choices": None, "usage": MORE},
    ],
    "another choice beside ours": [
        chunk("heron"),
        {"choices": [{"index": 1, "delta": {"content": "fox"}, "finish_reason": None}]},
        chunk(finish="stop", usage=MORE),
    ],
    "thoughts in a field of their own": [
        {"choices": [{"index": 0, "delta": {"reasoning_content": "hm"}}]},
        chunk("heron"),
        chunk(finish="stop", usage=MORE),
    ],
}


@pytest.mark.parametrize("way", WAYS)
async def test_streams_are_understood_however_endpoints_write_them(way: str) -> None:
    request, ear = asked(schema=False)
    async with FakeProvider(faults={1: streamed(*WAYS[way])}) as provider:
        reply = await model_at(provider).answer(request)
    assert (reply.text, ear.heard[-1], reply.finish) == ("heron", "heron", "stop")
    assert (reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.estimated) == (10, 9, False)


async def test_letters_that_arrive_in_two_parts_are_read_as_one() -> None:
    whole = b"".join([event(chunk("Über 5 € – 🦩")), event(END), DONE])
    answer = Answer(events=tuple(whole[start : start + 1] for start in range(len(whole))))
    request, ear = asked(schema=False)
    async with FakeProvider(faults={1: answer}) as provider:
        await model_at(provider).answer(request)
    assert ear.heard == ["Über 5 € – 🦩"]


async def test_a_machine_of_ones_own_is_heard_while_it_writes_even_where_nobody_listens() -> None:
    """A whole outline of a small model took longer than any limit, and was asked for again from the beginning."""
    async with FakeProvider() as provider:
        reply = await model_at(provider).answer(ASKED)
    assert [body.get("stream") for body in provider.bodies] == [True]
    assert reply.text
    assert not reply.usage.estimated


async def test_limit_is_for_each_piece_and_not_for_the_whole() -> None:
    request, ear = asked()
    async with FakeProvider(pace=0.03) as provider:
        began = asyncio.get_running_loop().time()
        await model_at(provider, timeout_seconds=0.4).answer(request)
        assert asyncio.get_running_loop().time() - began > 0.4
    assert ear.heard

"""A conversation's count is asked for and told in the words of each counter."""

import json

import pytest

from trunkline.errors import ProviderGarbage
from trunkline.model.wires import COUNTER, Wire
from trunkline.wire.counting import answer, ask, asked, counted


@pytest.mark.parametrize("wire", COUNTER)
def test_what_is_told_is_read_again(wire: Wire) -> None:
    assert counted(wire, answer(wire, 42)) == 42


@pytest.mark.parametrize("wire", COUNTER)
@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b'{"input_tokens":"x","totalTokens":null}'])
def test_what_tells_no_number_is_garbage(wire: Wire, body: bytes) -> None:
    with pytest.raises(ProviderGarbage):
        counted(wire, body)


def test_a_counter_is_sent_what_it_takes() -> None:
    body = {"model": "m", "messages": [], "max_tokens": 5, "stream": True, "tools": [], "temperature": 1}
    assert ask("anthropic", body, "m") == {"model": "m", "messages": [], "tools": []}
    body = {"model": "m", "input": [], "instructions": "x", "store": False, "include": [], "stream": False}
    assert ask("openai_responses", body, "m") == {"model": "m", "input": [], "instructions": "x"}
    body = {"contents": [], "systemInstruction": {}}
    assert ask("gemini", body, "m") == {"generateContentRequest": {"model": "models/m", **body}}


def test_gemini_clients_may_wrap_what_is_counted() -> None:
    inner = {"contents": [1], "systemInstruction": {}}
    for name in ("generateContentRequest", "generate_content_request"):
        assert asked("gemini", {name: inner}) == inner
    assert asked("gemini", inner) == inner


def test_each_client_reads_its_own_shape() -> None:
    assert json.loads(answer("openai_responses", 7)) == {"object": "response.input_tokens", "input_tokens": 7}
    assert json.loads(answer("anthropic", 7)) == {"input_tokens": 7}
    assert json.loads(answer("gemini", 7)) == {"totalTokens": 7}

"""The cost in a stream's last event: one more member, exact, and nothing else changed."""

from __future__ import annotations

import pytest

from trunkline.model.wires import Wire
from trunkline.wire.cost import free, with_cost

COST = "0.000001500000001"
CASES: list[tuple[Wire, bytes, bytes]] = [
    (
        "openai_chat",
        b'data: {"choices":[],"usage":{"prompt_tokens": 3}}\n\ndata: [DONE]\n\n',
        b'data: {"choices":[],"usage":{"prompt_tokens": 3,"cost":0.000001500000001}}\n\ndata: [DONE]\n\n',
    ),
    (
        "openai_chat",
        b'data: {"choices":[{"delta":{"content":"\\"usage\\":{}"}}],"usage":null}\r\n\r\n',
        b'data: {"choices":[{"delta":{"content":"\\"usage\\":{}"}}],"usage":null}\r\n\r\n',
    ),
    (
        "openai_chat",
        b'data: {"usage":{"prompt_tokens":3,"cost":0.5}}\n\n',
        b'data: {"usage":{"prompt_tokens":3,"cost":0.5}}\n\n',
    ),
    (
        "anthropic",
        b': ping\n\nevent: message_delta\ndata: {"type":"message_delta","usage":{}}\n\nevent: message_stop\ndata: {}\n\n',
        b': ping\n\nevent: message_delta\ndata: {"type":"message_delta","usage":{"cost":0.000001500000001}}\n\n'
        b"event: message_stop\ndata: {}\n\n",
    ),
    (
        "openai_responses",
        b'event: response.completed\ndata: {"type":"response.completed","response":{"usage":{"input_tokens":1},"x":1}}\n\n',
        b'event: response.completed\ndata: {"type":"response.completed","response":{"usage":{"input_tokens":1,'
        b'"cost":0.000001500000001},"x":1}}\n\n',
    ),
    (
        "ollama",
        b'{"message":{"content":"done"},"done":false}\n{"done":true,"eval_count":1}\n',
        b'{"message":{"content":"done"},"done":false}\n{"done":true,"eval_count":1,"cost":0.000001500000001}\n',
    ),
    (
        "gemini",
        b'data: {"usageMetadata":{"totalTokenCount":1}}\r\n\r\n',
        b'data: {"usageMetadata":{"totalTokenCount":1,"cost":0.000001500000001}}\r\n\r\n',
    ),
    (
        "gemini",
        b',\r\n{"usageMetadata":{"totalTokenCount":1}}\n]',
        b',\r\n{"usageMetadata":{"totalTokenCount":1,"cost":0.000001500000001}}\n]',
    ),
    (
        "gemini",
        b'[{"usageMetadata":{"totalTokenCount":1}}',
        b'[{"usageMetadata":{"totalTokenCount":1,"cost":0.000001500000001}}',
    ),
]


@pytest.mark.parametrize(("wire", "block", "told"), CASES)
def test_it_stands_beside_the_counts(wire: Wire, block: bytes, told: bytes) -> None:
    assert with_cost(block, wire, COST) == told


@pytest.mark.parametrize(("wire", "block", "told"), CASES)
def test_told_again_it_costs_nothing(wire: Wire, block: bytes, told: bytes) -> None:
    assert free(told, wire) == told.replace(COST.encode(), b"0").replace(b'"cost":0.5', b'"cost":0')
    if b'"cost"' not in block:
        assert free(block, wire) == block


@pytest.mark.parametrize("wire", ["anthropic", "openai_chat", "openai_responses", "ollama", "gemini"])
@pytest.mark.parametrize(
    "block",
    [b"", b"\n\n", b": usage\n\n", b'data: {"usage":1}\n\n', b"data: usage\n\n", b'{"done":\n', b"]", b'{"done":1'],
)
def test_what_has_no_counts_stays_as_it_is(wire: Wire, block: bytes) -> None:
    assert with_cost(block, wire, COST) == block
    assert free(block, wire) == block

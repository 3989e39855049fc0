"""Where the fuzzer begins: answers of the fake provider in all its dialects, our own streams, and whole requests."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.fake.anthropic import Anthropic
from tests.fake.behaviour import Behaviour
from tests.fake.ollama import Ollama
from tests.fake.openai_chat import Chat
from tests.fake.openai_responses import Responses
from tests.fake.turn import Ask, Call, Turn
from tests.fake.wire import Wire as Fake
from tests.fake.wire import compact

from fuzz.targets import CODECS, DIALECT, NAMES, WIRES
from trunkline.model import conversation as talk
from trunkline.model import events as said
from trunkline.model.usage import Usage
from trunkline.model.wires import Wire
from trunkline.wire.codec import Answering

SPEAKERS: list[tuple[Wire, Fake]] = [
    ("anthropic", Anthropic()),
    ("anthropic", Anthropic(zai=True)),
    ("openai_chat", Chat("openai")),
    ("openai_chat", Chat("zai")),
    ("openai_chat", Chat("azure")),
    ("openai_chat", Chat("ollama")),
    ("openai_responses", Responses()),
    ("ollama", Ollama()),
]
QUIRKS = ["", "nodone+noid+noindex", "repeatid+interleave", "objargs+wholecalls", "thinktag+usageinfinish", "reasoning"]

TURN = Turn(
    serial=1,
    thinking=["let me ", "think ✓"],
    text=["Hel", "lo 🙂"],
    calls=[Call("call_1", "f", {"a": "ü"}, ""), Call("call_2", "g", {}, "")],
    stop="tool",
    input=20,
    cached=3,
    written=0,
    output=9,
    thought=2,
)
EVENTS: list[said.Event] = [
    said.Start("msg_1", "model-1", Usage(5)),
    said.ThinkingStart(),
    said.ThinkingDelta("hm"),
    said.BlockStop(),
    said.TextStart(),
    said.TextDelta("Hé"),
    said.BlockStop(),
    said.ToolStart("call_1", "f"),
    said.ArgumentsDelta('{"a":'),
    said.ArgumentsDelta("1}"),
    said.BlockStop(),
    said.Stop("tool", usage=Usage(5, output=7)),
]
WORDS = [
    "\n<think>\nhm\n</think>\n\nso it is",
    'I call <tool_call>{"name": "f", "arguments": {"a": "ü"}}</tool_call> now',
    "<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>1</arg_value>\n</tool_call>",
    "```\n<tool_call>f</tool_call>\n``` `<tool_call>` <think>",
]
"""Words with thinking and calls in them."""
EMBEDDINGS: list[tuple[dict[str, object], dict[str, object]]] = [
    (
        {"input": ["a", "b"], "encoding_format": "base64", "dimensions": 2, "user": "u"},
        {"data": [{"index": 1, "embedding": [0.5, 1]}, {"index": 0, "embedding": "AACAPwAAAEA="}], "usage": {}},
    ),
    ({"input": "a", "truncate": True}, {"embeddings": [[0.1, 2]], "model": "m", "prompt_eval_count": 3}),
    ({"prompt": "a"}, {"embeddings": [[0.1]]}),
]
FORM = (
    b"multipart/form-data; boundary=xx\n"
    b'--xx\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\nRIFF--xx\r\n'
    b'--xx\r\ncontent-disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n--xx--\r\n'
)


def seeds() -> Iterator[bytes]:
    """Inputs, each with the two bytes that choose a target and a client."""
    for wire, fake in SPEAKERS:
        ask = Ask(model="m", stream=True, prompt="", words=5, body={"stream_options": {"include_usage": True}})
        ask.body["messages"] = [{"role": "user", "content": "hi"}]
        for quirks in QUIRKS:
            how = Behaviour(quirks=frozenset(quirks.split("+")))
            stream = b"".join(fake.frame(event, crlf=quirks == "") for event in fake.events(ask, TURN, how))
            yield from _streams(wire, stream)
            yield from _answers(wire, compact(fake.whole(ask, TURN, how)).encode())
        yield from _streams(wire, fake.frame(fake.error_event(Behaviour()), crlf=False))
        yield _beside("answer", 0, compact(fake.error_event(Behaviour()).data).encode())
    for wire in WIRES:
        answering = Answering("0123456789abcdef", "alias", 1795132800, 17, _talk(wire))
        encoder = CODECS[wire].encoder(answering)
        yield from _streams(wire, b"".join(encoder.take(event) for event in EVENTS))
        yield from _answers(wire, CODECS[wire].encoder(answering).whole(EVENTS))
        body = json.dumps(CODECS[wire].write(_talk(wire), DIALECT).body).encode()
        yield from _chosen(f"{wire} request", body)
        yield _beside("body", 1, body)
    for nth, payload in enumerate(WORDS):
        yield _beside("words", nth, payload.encode())
    for nth, (asked, answer) in enumerate(EMBEDDINGS):
        yield _beside("embeddings", nth, f"{json.dumps(asked)}\n{json.dumps(answer)}".encode())
    yield _beside("form", 0, FORM)


def _streams(wire: Wire, payload: bytes) -> Iterator[bytes]:
    yield from _chosen(f"{wire} stream", payload)
    yield bytes([NAMES.index(f"{wire} relay"), 2 * len(WIRES)]) + payload


def _answers(wire: Wire, payload: bytes) -> Iterator[bytes]:
    yield from _chosen(f"{wire} whole", payload)
    yield _beside("answer", 0, payload)


def _chosen(name: str, payload: bytes) -> Iterator[bytes]:
    for client in range(len(WIRES)):
        yield bytes([NAMES.index(name), client + 2 * len(WIRES)]) + payload


def _beside(name: str, chance: int, payload: bytes) -> bytes:
    return bytes([NAMES.index(name), chance]) + payload


def _talk(wire: Wire) -> talk.Conversation:
    picture = talk.Image(data="iVBORw0KGgo=", media_type="image/png")
    turns = [
        talk.Turn("user", [talk.Text("hi"), picture]),
        talk.Turn(
            "assistant", [talk.Thinking("hm", "c2ln", wire), talk.Text("so"), talk.ToolCall("call_1", "f", "{}")]
        ),
        talk.Turn("user", [talk.ToolResult("call_1", [talk.Text("42"), picture], failed=True, name="f")]),
    ]
    tools = [talk.Tool("f", "does", {"type": "object", "properties": {"a": {"type": "integer"}}})]
    made = talk.Conversation(wire, "model-1", turns, [talk.Text("be brief")], tools, talk.ToolChoice("one", "f"))
    made.thought, made.limit, made.stop = talk.Thought("on", 2048, "high"), 4096, ["END"]
    made.shape = talk.Shape("schema", "out", {"type": "object", "properties": {}})
    return made

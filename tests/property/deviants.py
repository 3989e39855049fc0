"""Answers as providers really send them, deviations and all: turns of the fake provider, rendered by its own wires."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.fake.anthropic import Anthropic
from tests.fake.behaviour import Behaviour
from tests.fake.ollama import Ollama
from tests.fake.openai_chat import Chat
from tests.fake.openai_responses import Responses
from tests.fake.turn import Ask, Call, Turn
from tests.fake.wire import Wire as Fake
from tests.fake.wire import compact
from tests.property.strategies import NAMES, OBJECTS, WORDS
from trunkline.model.wires import Wire

SPEAKERS: Mapping[str, tuple[Wire, Fake]] = {
    "anthropic": ("anthropic", Anthropic()),
    "zai anthropic": ("anthropic", Anthropic(zai=True)),
    "openai": ("openai_chat", Chat("openai")),
    "zai": ("openai_chat", Chat("zai")),
    "azure": ("openai_chat", Chat("azure")),
    "ollama as openai": ("openai_chat", Chat("ollama")),
    "responses": ("openai_responses", Responses()),
    "ollama": ("ollama", Ollama()),
}
"""Who speaks → which wire."""

QUIRKS = [
    "nodone",
    "noid",
    "noindex",
    "repeatid",
    "objargs",
    "wholecalls",
    "interleave",
    "finishstop",
    "usageinfinish",
    "nousage",
    "reasoning",
    "reasoning_content",
    "thinktag",
]
STOPS = {"end": "end", "length": "limit"}


@dataclass(slots=True)
class Said:
    """What was said, and the bytes of it, streamed and whole."""

    speaker: str
    wire: Wire
    turn: Turn
    quirks: frozenset[str]
    stream: bytes
    whole: bytes


@st.composite
def turns(draw: st.DrawFn) -> Turn:
    """What the pretended model says."""
    calls = [
        Call(f"call_{nth}", draw(NAMES), draw(OBJECTS), "")
        for nth in range(draw(st.integers(0, 3)) if draw(st.booleans()) else 0)
    ]
    read, written = draw(st.sampled_from([(0, 0), (3, 0), (3, 2)]))
    return Turn(
        serial=7,
        thinking=draw(st.lists(WORDS, max_size=3)),
        text=draw(st.lists(WORDS, min_size=0 if calls else 1, max_size=3)),
        calls=calls,
        stop="tool" if calls else draw(st.sampled_from(sorted(STOPS))),
        input=draw(st.integers(5, 10**5)),
        cached=read,
        written=written,
        output=draw(st.integers(1, 10**5)),
        thought=0,
    )


@st.composite
def said(draw: st.DrawFn, speaker: str) -> Said:
    """One answer of a speaker."""
    wire, fake = SPEAKERS[speaker]
    turn = draw(turns())
    quirks = draw(st.frozensets(st.sampled_from(QUIRKS), max_size=3)) if wire == "openai_chat" else frozenset()
    if "noindex" in quirks:
        # Fragments of several calls in turns, none of which says whose it is: nobody could tell what was called.
        quirks -= {"interleave"}
    how = Behaviour(quirks=quirks)
    body = {
        "model": "model-1",
        "stream": True,
        "stream_options": {"include_usage": True},
        "messages": [{"role": "user"}],
    }
    ask = Ask(model="model-1", stream=True, prompt="", words=5, body=body)
    crlf = draw(st.booleans())
    stream = b"".join(
        (draw(st.sampled_from([b"", b"", fake.ping()])) if event.kind != "open" else b"") + fake.frame(event, crlf=crlf)
        for event in fake.events(ask, turn, how)
    )
    return Said(speaker, wire, turn, quirks, stream, compact(fake.whole(ask, turn, how)).encode())

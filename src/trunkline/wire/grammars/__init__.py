"""What a stream may look like that we send to a client: one automaton for each wire, from bytes to yes or no.

The twin of `model.grammar`, on the other side of the encoders. An oracle for tests and a debug mode, not a cost on the
way of a request. Pings, comments and an error that ends a stream are accepted, since they are sent by others.
"""

from __future__ import annotations

from collections.abc import Callable

from trunkline.model.grammar import Ungrammatical
from trunkline.model.wires import Wire
from trunkline.wire.grammars.anthropic import Messages
from trunkline.wire.grammars.frames import Automaton
from trunkline.wire.grammars.gemini import Chunks
from trunkline.wire.grammars.ollama import Lines
from trunkline.wire.grammars.openai_chat import Chat
from trunkline.wire.grammars.openai_responses import Responses

__all__ = ["Ungrammatical", "automaton", "check"]

_OF: dict[Wire, Callable[[], Automaton]] = {
    "anthropic": Messages,
    "openai_chat": Chat,
    "openai_responses": Responses,
    "ollama": Lines,
    "gemini": Chunks,
}


def automaton(wire: Wire) -> Automaton:
    """A new automaton for one stream: `take` whole events as they are sent, then ask whether it is `ended`."""
    return _OF[wire]()


def check(wire: Wire, stream: bytes) -> None:
    """A whole stream. Raises `Ungrammatical` with what is wrong and in which event."""
    machine = automaton(wire)
    machine.take(stream)
    if not machine.ended:
        raise Ungrammatical(f"{wire}: the stream stops before its end")

"""Goes on with a stream that broke: decides whether that can be right, and makes the request that asks for the rest.

What was said decides. Words are gone on with: begun for the next model where it takes a beginning, else it is told to.
An answer that was only thought about is asked for anew. A call of which the client has a part is never touched, nor is
an answer whose calls came: which others would have come, nobody knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from trunkline.errors import Failure, InvalidRequest, ProviderRefused
from trunkline.model.conversation import Conversation, Text, Turn
from trunkline.model.dialect import Dialect
from trunkline.model.wires import ANSWERING, Operation
from trunkline.route.plan import Candidate
from trunkline.upstream.call import Call
from trunkline.upstream.cross import conversation_of
from trunkline.upstream.line import Line
from trunkline.upstream.overlap import Overlap
from trunkline.upstream.seam import Seam
from trunkline.wire.anthropic.claude import generation, takes
from trunkline.wire.body import Body
from trunkline.wire.codec import Answering
from trunkline.wire.continued import continued, left
from trunkline.wire.ollama.read import GENERATE
from trunkline.wire.openai_chat.ways import way

GO_ON = (
    "Your last message was cut off in transmission. Go on with it from the exact character at which it ends, a blank "
    "or a line break included where one comes next. Write only what is missing: repeat nothing, comment on nothing."
)
"""What a model is told that takes no beginning of an answer."""

_FORM = " It is one JSON document; the rest must complete it."

_NO_PREFILL = re.compile(
    r"prefill|must end with a user message|last message must|final message|must be.{0,20}user role|"
    r"role.{0,40}assistant.{0,40}(last|final)|assistant message.{0,40}(last|final|end)",
    re.IGNORECASE | re.DOTALL,
)
"""How providers turn down a conversation that ends with the assistant (Anthropic's and others' messages of 2026)."""


@dataclass(slots=True)
class Continuation:
    """What an attempt needs to go on with a stream. `why` it is asked, in a phrase."""

    line: Line
    why: str
    seam: Seam
    said: str
    """Words to go on from; empty where the answer begins anew."""
    prefilled: list[str] = field(default_factory=list)
    """Ids of deployments that were sent a beginning."""

    def turned_down(self, failure: Failure) -> bool:
        """Whether a deployment takes no beginning, so that it is worth asking it again in words."""
        if not self.prefilled or not isinstance(failure, ProviderRefused) or failure.status not in (400, 422):
            return False
        if not self.line.prefills or not _NO_PREFILL.search(failure.message):
            return False
        self.line.prefills = False
        return True


def continuation(call: Call, failure: Failure, candidate: Candidate) -> Continuation | None:
    """How the client's stream can go on after `failure` at `candidate`; None where it cannot, or may not."""
    line, wish = call.line, call.snapshot.extras.resume
    if line is None or wish == "off" or call.operation not in ANSWERING:
        return None
    try:
        asked = conversation_of(call)
    except InvalidRequest:
        # What has no turns: only its own wire can be asked for it, once more.
        if wish != "always" or call.operation != "ollama_generate":
            return None
        asked = call.conversation = Conversation(call.wire, call.asked, [], own={GENERATE: True})
    line.breaks(failure, candidate)
    line.read(call.wire, Answering(call.id, candidate.model, int(call.started), call.estimate, asked))
    if not _goes_on(line, asked):
        return None
    answer = "" if line.thinks_aloud else line.answer
    said = answer if answer.strip() else ""
    if said and not _sayable(call, asked):
        if wish != "always":
            return None
        # From the start: what repeats is trimmed, what differs follows.
        seam = Seam(line, Overlap(said), anew=False)
        return Continuation(line, f"asked from the start after {len(said)} characters", seam, "")
    before = "\n</think>\n\n" if line.thinks_aloud else ""
    seam = Seam(line, Overlap(answer), anew=not said, before=before)
    why = f"resumed after {len(said)} characters" if said else "asked from the start, since it had only thought"
    return Continuation(line, why, seam, said)


def told(call: Call, failure: Failure, candidate: Candidate) -> tuple[Failure, Candidate]:
    """What a client is told whose stream ends for good: the break itself, not who else could not mend it."""
    broken = call.line.broken if call.line is not None else None
    return broken or (failure, candidate)


def _goes_on(line: Line, asked: Conversation) -> bool:
    """Whether what follows would be an answer."""
    if line.lost or line.stopped or line.called or line.refused or line.last in ("", "other"):
        return False
    return asked.count == 1 and asked.logprobs is None


def _sayable(call: Call, asked: Conversation) -> bool:
    """Whether a request can be sent that has the answer so far in it."""
    if call.operation == "ollama_generate":
        # A prompt that the client formed itself has no turns.
        return isinstance(call.body, Body) and not any(
            call.body.get(name) for name in ("raw", "template", "suffix", "context")
        )
    return isinstance(call.body, Body) and continued(call.body, call.operation, "x", GO_ON) is not None


def prefills(line: Line, candidate: Candidate, dialect: Dialect, asked: Conversation) -> bool:
    """Whether this model goes on from an answer that was begun for it, rather than beginning another."""
    if not line.prefills or dialect.prefill is False:
        return False
    thinks = asked.thought.mode not in ("", "off") or bool(asked.thought.effort) or bool(dialect.always_thinks)
    match candidate.wire:
        case "ollama":
            return True
        case "anthropic":
            return takes(dialect.prefill, generation(dialect).prefill) and not thinks
        case "openai_chat":
            return bool(way(dialect).prefill) or bool(dialect.prefill)
        case "gemini":
            return bool(dialect.prefill) and not thinks
    return bool(dialect.prefill)


def operation_of(candidate: Candidate, onward: Continuation) -> Operation:
    """What a candidate is asked for: a prompt of Ollama's has no turns, so what was answered is told as a chat's."""
    return "ollama_chat" if onward.said and candidate.operation == "ollama_generate" else candidate.operation


def ask_again(call: Call, onward: Continuation, candidate: Candidate, dialect: Dialect) -> Body | Conversation | None:
    """What this candidate is asked: the client's own bytes with more turns on its wire, else the conversation."""
    asked, said = conversation_of(call), onward.said
    same = candidate.wire == call.wire and operation_of(candidate, onward) == call.operation
    if not same or not isinstance(call.body, Body):
        return asked_on(call, onward, candidate, dialect) if asked.turns else None
    if not said:
        return call.body
    words, instruction = _put(call, onward, candidate, dialect)
    mark = way(dialect).prefill if candidate.wire == "openai_chat" else ""
    return continued(call.body, call.operation, words, instruction, mark)


def asked_on(call: Call, onward: Continuation | None, candidate: Candidate, dialect: Dialect) -> Conversation:
    """The conversation, with the answer so far behind it. Raises `InvalidRequest`."""
    asked = conversation_of(call)
    if onward is None or not onward.said:
        return asked
    words, instruction = _put(call, onward, candidate, dialect)
    turns = [*asked.turns, Turn("assistant", [Text(words)])]
    if instruction:
        turns.append(Turn("user", [Text(instruction)]))
    bound = asked.limit is None or asked.thought.budget
    limit = asked.limit if bound or asked.limit is None else left(asked.limit, onward.said)
    return replace(asked, turns=turns, shape=None, limit=limit)


def _put(call: Call, onward: Continuation, candidate: Candidate, dialect: Dialect) -> tuple[str, str]:
    """(the answer so far, what the model is told behind it): nothing where it goes on from a beginning."""
    asked, said = conversation_of(call), onward.said
    begin = prefills(onward.line, candidate, dialect, asked)
    exact = begin and candidate.wire == "ollama"
    if begin:
        onward.prefilled.append(candidate.deployment.id)
    if exact:
        onward.seam.exact()
    instruction = "" if begin else GO_ON + (_FORM if asked.shape is not None else "")
    return (said if exact else said.rstrip()), instruction

"""The turns of a conversation as Gemini's contents: user and model in turns, results right behind their calls.

Nothing that is written for a turn depends on a later one, but for what stands at the very end: so the provider's
prompt cache knows the beginning of each request from the one before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from trunkline.model.conversation import (
    Audio,
    Conversation,
    Document,
    Image,
    Opaque,
    Part,
    Refusal,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Turn,
)
from trunkline.model.dialect import Dialect
from trunkline.wire import loss
from trunkline.wire.arguments import as_object
from trunkline.wire.gemini import hidden
from trunkline.wire.gemini.names import Names
from trunkline.wire.gemini.spelling import Json
from trunkline.wire.gemini.thinking import signs
from trunkline.wire.gemini.write_parts import Media, response

INTERRUPTED = "[interrupted]"
BEGINNING = "[the beginning of this conversation is not here]"
GO_ON = "Go on exactly where you stopped. Repeat nothing."


class Turns:
    """Writes one conversation. `lost` and `repairs` are what had to be left out and mended."""

    def __init__(self, conversation: Conversation, dialect: Dialect, names: Names) -> None:
        self._dialect = dialect
        self._theirs = conversation.wire == "gemini"
        self._names = names
        self._customs = {tool.name for tool in conversation.tools if tool.custom}
        self._media = Media(dialect)
        self._open: list[ToolCall] = []
        self._contents: list[Json] = []
        self._lost: list[str] = []
        self.repairs: list[str] = []

    @property
    def lost(self) -> list[str]:
        """What could not be carried."""
        return [*self._lost, *self._media.lost]

    def write(self, turns: Iterable[Turn]) -> list[Json]:
        """All contents."""
        for model, group in groupby(turns, lambda turn: turn.role == "assistant"):
            told = list(group)
            if model:
                self._say("model", list(self._model(part for turn in told for part in turn.parts)))
            else:
                self._say("user", [*self._answers(told), *self._user(told)])
        if self._open:
            self._say("user", list(self._answers([])))
        if self._contents and self._contents[-1]["role"] == "model" and self._dialect.prefill is False:
            self.repairs.append("prefill")
            self._say("user", [{"text": GO_ON}])
        return self._contents

    def _say(self, role: str, parts: list[Json]) -> None:
        """One more content, or more of the last: the roles must alternate, and a user must begin."""
        if not parts:
            return
        if self._contents and self._contents[-1]["role"] == role:
            self._contents[-1]["parts"] += parts
            return
        if not self._contents and role == "model":
            self.repairs.append("leading_assistant")
            self._contents.append({"role": "user", "parts": [{"text": BEGINNING}]})
        self._contents.append({"role": role, "parts": parts})

    def _model(self, parts: Iterable[Part]) -> Iterator[Json]:
        proved: Json = {}
        for part in parts:
            match part:
                case Text(text=text) | Refusal(text=text) if text:
                    yield {"text": text}
                case Thinking(origin="gemini", signature=proof) if proof:
                    proved = {"text": part.text, "thought": True, "thoughtSignature": proof}
                    if part.text:
                        yield proved
                case ToolCall():
                    # The last signature before a call that has none is the call's: its client had no room for it there.
                    yield self._call(part, "" if part.signature else proved.pop("thoughtSignature", ""))
                    proved = {}
                case Image():
                    yield self._media.image(part)
                case Document():
                    yield self._media.document(part)
                case Audio():
                    yield self._media.audio(part)
                case Opaque():
                    yield from self._opaque(part)

    def _call(self, call: ToolCall, signature: str) -> Json:
        custom = call.custom or call.name in self._customs
        arguments = {"input": call.arguments} if custom else as_object(call.arguments)
        made: Json = {"functionCall": {"id": call.id, "name": self._names.sent(call.name), "args": arguments}}
        signature = call.signature or signature
        if not signature and not self._open and signs(self._dialect.model):
            # Only the first call of a step is asked for one.
            signature = hidden.SKIP
        if signature:
            made["thoughtSignature"] = signature
        self._open.append(call)
        return made

    def _answers(self, turns: list[Turn]) -> Iterator[Json]:
        """Results of the calls that are open, in the order of the calls; each call gets one."""
        given = [part for turn in turns for part in turn.parts if isinstance(part, ToolResult)]
        after: list[Json] = []
        for call in self._open:
            found = next((one for one in given if one.id == call.id), None)
            if found is None:
                self.repairs.append("interrupted_call")
                found = ToolResult(call.id, [Text(INTERRUPTED)], failed=True)
            else:
                given = [one for one in given if one is not found]
            made, more = response(found, self._names.sent(call.name), self._media, theirs=self._theirs)
            after += more
            yield made
        self._open = []
        yield from after
        for one in given:
            self.repairs.append("orphan_result")
            yield {"text": f"[result of the tool call {one.id}, which is not here]"}
            for part in one.content:
                yield from self._one(part)

    def _user(self, turns: list[Turn]) -> Iterator[Json]:
        for turn in turns:
            for part in turn.parts:
                if turn.role == "system" and isinstance(part, Text):
                    if part.text:
                        yield {"text": reminder(part.text)}
                else:
                    yield from self._one(part)

    def _one(self, part: Part) -> Iterator[Json]:
        match part:
            case Text(text=text) | Refusal(text=text) if text:
                yield {"text": text}
            case Image():
                yield self._media.image(part)
            case Document():
                yield self._media.document(part)
            case Audio():
                yield self._media.audio(part)
            case Opaque():
                yield from self._opaque(part)

    def _opaque(self, part: Opaque) -> Iterator[Json]:
        if part.wire == "gemini":
            yield part.raw
            return
        self._lost.append(loss.block(part.raw))
        if part.summary:
            yield {"text": part.summary}


def reminder(text: str) -> str:
    """A system's word in the middle, where Gemini has no such role."""
    if text.lstrip().startswith("<system-reminder>"):
        return text
    return f"<system-reminder>\n{text}\n</system-reminder>"

"""Looks through a conversation before anything is sent: there are messages, each has a role, each says something.

A provider would refuse the rest as well, but in its own words, and after a way there and back. Looking costs half a
microsecond a kilobyte, so a long conversation, whose client has made many, is looked through only where the
configuration wants that (`trunkline.validate: always`), or for a page's path (`/api/llm`).
"""

from __future__ import annotations

import msgspec

from trunkline.config.schema import Snapshot
from trunkline.errors import InvalidRequest
from trunkline.model.wires import Operation
from trunkline.wire.body import Body
from trunkline.wire.form import Form
from trunkline.wire.raw import ABSENT, there

SHORT = 32 * 1024
"""Bytes of the messages up to which they are always looked through."""

_CHECKED: frozenset[Operation] = frozenset({"chat", "messages"})


class _Message(msgspec.Struct, gc=False):
    """What is looked at of one message."""

    role: msgspec.Raw = ABSENT
    content: msgspec.Raw = ABSENT
    tool_calls: msgspec.Raw = ABSENT
    function_call: msgspec.Raw = ABSENT
    refusal: msgspec.Raw = ABSENT
    audio: msgspec.Raw = ABSENT
    reasoning_content: msgspec.Raw = ABSENT
    thinking_blocks: msgspec.Raw = ABSENT

    @property
    def does(self) -> bool:
        """Whether it is more than its content: a call, a refusal, sound, thoughts."""
        more = (self.tool_calls, self.function_call, self.refusal, self.audio)
        return any(map(there, (*more, self.reasoning_content, self.thinking_blocks)))


_messages = msgspec.json.Decoder(list[_Message])
_text = msgspec.json.Decoder(str)


def check_messages(snapshot: Snapshot, operation: Operation, body: Body | Form, *, strict: bool = False) -> None:
    """Raises `InvalidRequest` that names the message and what it lacks. `strict`: however long it is."""
    mode, most = snapshot.extras.validate, snapshot.extras.max_messages
    if operation not in _CHECKED or isinstance(body, Form) or (mode == "off" and most is None):
        return
    raw = body.members.get("messages")
    if raw is None or not there(raw):
        raise _lacking("The request has no messages.", "messages")
    if not strict and mode == "short" and most is None and memoryview(raw).nbytes > SHORT:
        return
    try:
        found = _messages.decode(raw)
    except msgspec.ValidationError:
        raise _lacking("messages must be a list of objects.", "messages") from None
    except UnicodeDecodeError:
        raise InvalidRequest("messages holds bytes that are not UTF-8.", param="messages") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidRequest(f"messages is not valid JSON: {error}.", param="messages") from None
    if not found:
        raise _lacking("The list of messages is empty.", "messages")
    if most is not None and len(found) > most:
        raise InvalidRequest(
            f"The request has {len(found)} messages; {most} are allowed here.",
            param="messages",
            remedy="Send fewer, or raise `max_messages` (trunkline).",
            code="too_many_messages",
        )
    if mode != "off":
        for at, message in enumerate(found):
            _check(at, message)


def _check(at: int, message: _Message) -> None:
    role, begins = bytes(message.role), bytes(memoryview(message.content)[:1])
    if begins == b'"' and role[:1] == b'"' and len(role) > 2:
        return
    name = f"messages[{at}]"
    if role in (b"", b"null", b'""'):
        raise _lacking(f"{name} has no role.", f"{name}.role")
    if role[:1] != b'"':
        raise _lacking(f"The role of {name} must be a string.", f"{name}.role")
    empty = begins == b"[" and bytes(message.content)[1:-1].strip() == b""
    if there(message.content) and not empty:
        return
    if role == b'"assistant"' and (message.does or empty):
        return
    if role == b'"function"' and begins == b"n":
        return
    raise _lacking(f"{name} has no content.", f"{name}.content")


def _lacking(what: str, param: str) -> InvalidRequest:
    return InvalidRequest(
        what,
        param=param,
        remedy='Send, for example, "messages": [{"role": "user", "content": "Hello"}].',
    )

"""Every way in which a provider fails, and what a client is owed all the same. Data; `test_faults` puts each to the test.

A fault strikes at one of these moments:

    before    nothing was said yet: another deployment answers, and the client never knows
    text      words have reached the client: another deployment goes on, on the same stream
    call      a tool call is open: it is never patched together; a whole answer is asked for anew
    caller    the request itself is refused: nobody else is asked
    harmless  the answer is whole all the same
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Moment = Literal["before", "text", "call", "caller", "harmless"]

_CUT = frozenset({502})
_FAILED = frozenset({500, 502})
_BUSY = frozenset({503, 529})


@dataclass(frozen=True, slots=True)
class Fault:
    """`how` is what the failing deployment does; `alone`: the statuses a client may see where nobody else can answer.

    `wires`: the providers' wires that can fail so; None: all. `wholes`: at which moment it strikes a whole answer; None:
    it cannot.
    """

    name: str
    how: Mapping[str, Any]
    moment: Moment = "before"
    alone: frozenset[int] = _CUT
    wires: frozenset[str] | None = None
    wholes: Moment | None = "before"
    tool: bool = False
    """Whether the model is to call a tool."""


def _before(name: str, *, alone: set[int], **how: Any) -> Fault:
    return Fault(name, how, alone=frozenset(alone))


def _zai(code: str, *, alone: set[int]) -> Fault:
    return Fault(
        f"zai-{code}",
        {"code": code},
        alone=frozenset(alone),
        wires=frozenset({"zai"}),
    )


FAULTS: tuple[Fault, ...] = (
    _before("429-with-retry-after", alone={429}, status=429, retry_after="1"),
    _before("429-without", alone={429}, status=429, retry_after="none"),
    _before("401", alone={401}, status=401),
    _before("403", alone={403}, status=403),
    _before("402", alone={402, 429}, status=402),
    _before("404-model", alone={404}, status=404),
    _before("500", alone={500, 502}, status=500),
    _before("503", alone={503, 529}, status=503),
    _before("529", alone={503, 529}, status=529),
    _zai("1302", alone={429}),
    _zai("1305", alone={429, 503, 529}),
    _zai("1308", alone={429}),
    _zai("1113", alone={402, 429}),
    _before("no-answer", alone={504}, delay=20.0),
    _before("html-502", alone={500, 502}, html=502),
    _before("html-200", alone={502}, html=200),
    _before("junk", alone={502}, junk=True),
    _before("error-in-200", alone={500, 502}, error_in_200=True),
    _before("empty", alone={502}, empty=True),
    _before("reset-before-headers", alone={502}, reset_first=True),
    _before("reset-before-the-first-word", alone={502}, reset_after=0),
    _before("cut-before-the-first-word", alone={502}, cut_after=0),
    _before("redirect-elsewhere", alone={502}, status=302, headers={"location": "http://127.0.0.2:9/v1"}),
    Fault("slow-first-token", {"hush": 20.0}, alone=frozenset({504})),
    Fault("error-first", {"error_first": True}, alone=_FAILED | _BUSY, wholes=None),
    Fault(
        "overloaded-first",
        {"error_first": True, "error_type": "overloaded_error"},
        alone=_BUSY,
        wholes=None,
        wires=frozenset({"anthropic"}),
    ),
    Fault(
        "overloaded-later",
        {"error_after": 5, "error_type": "overloaded_error"},
        "text",
        wholes=None,
        wires=frozenset({"anthropic"}),
    ),
    Fault("error-later", {"error_after": 5}, "text", wholes=None),
    Fault("cut-in-text", {"cut_after": 5}, "text"),
    Fault("reset-in-text", {"reset_after": 5}, "text"),
    Fault("cut-inside-a-character", {"half_after": 10}, "text", wholes=None),
    Fault("ends-without-its-end", {"end_after": 5}, "text", wholes=None),
    Fault("stall", {"stall_after": 5, "stall": 20.0}, "text", alone=frozenset({504})),
    Fault("garbage-from-the-middle", {"garble_from": 5}, "text", wholes=None),
    Fault("cut-in-arguments", {"cut_after": 8}, "call", tool=True),
    Fault("cut-before-the-call", {"cut_after": 5}, "text", tool=True),
    Fault("malformed-chunk", {"garble_at": 5}, "harmless", wholes=None),
    Fault("no-terminator", {"quirks": ["nodone"]}, "harmless", wires=frozenset({"openai", "anthropic"}), wholes=None),
    Fault("wrong-content-type", {"content_type": "text/plain"}, "harmless", wholes="harmless"),
    Fault("one-byte-per-chunk", {"split": 1}, "harmless", wholes="harmless"),
    Fault("8-megabytes", {"big": 8_000_000}, "harmless", wholes="harmless"),
    Fault("bad-request", {"status": 400, "message": "messages: that will not do"}, "caller", wholes="caller"),
    Fault(
        "context-length",
        {
            "status": 400,
            "message": "prompt is too long: 250000 tokens > 200000 maximum",
            "code": "context_length_exceeded",
        },
        "caller",
        wholes="caller",
    ),
    Fault(
        "content-filter",
        {"status": 400, "message": "The content was filtered.", "code": "content_filter"},
        "caller",
        wholes="caller",
    ),
)

BY_NAME = {fault.name: fault for fault in FAULTS}

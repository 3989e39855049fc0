"""How much a model holds: a conversation that is certainly too long goes to a larger one, or back with a clear 400.

Only certainty refuses. What is counted are the bytes of words: pictures and files in base64, escapes and long runs of
blanks hold far fewer tokens than bytes. In doubt the provider decides.
"""

from __future__ import annotations

from dataclasses import replace

from trunkline.catalog.models import look_up
from trunkline.catalog.providers import at_host
from trunkline.errors import InvalidRequest
from trunkline.model.estimate import tokens
from trunkline.model.wires import GENERATING, Operation
from trunkline.route.plan import Candidate, Plan
from trunkline.upstream.call import Call
from trunkline.upstream.engine import Engine
from trunkline.upstream.profile import Profile
from trunkline.wire.body import Body

_ANSWERS: frozenset[Operation] = frozenset({*GENERATING.values(), "completions", "ollama_generate"})

_SMALL = 24_000
"""Bytes below which nobody looks: they are too many for a few models only, whose providers say so themselves."""

_AT_LEAST = 6
"""Bytes of words a token has at most where a learned count says that a conversation is too long. English has 4.5."""
_SURELY = 8
"""The same where nothing was learned: no tokenizer makes so few tokens of any language's words."""
_DOUBT = 1.5
"""How far beyond the window a learned count must be: it is an average."""

_LONG = 1_000_000
"""Tokens that Claude takes when the client asks for its long context, whatever its row says."""

_UNBROKEN = 2048
"""Bytes without a blank that make a string data, not words."""
_RUNS = (b"    ", b"----", b"====", b"****", b"____", b"....", b"####", rb"\t\t", rb"\n\n")
"""What tokenizers have long tokens for; each is counted as nothing."""

_LIMITS: dict[Operation, tuple[str, ...]] = {
    "messages": ("max_tokens",),
    "chat": ("max_tokens", "max_completion_tokens"),
    "responses": ("max_output_tokens",),
}


def fitting(engine: Engine, call: Call, plan: Plan) -> Plan:
    """The plan without those whose window is certainly too small. Raises `InvalidRequest` when nobody is left."""
    body = call.body
    if not isinstance(body, Body) or len(body.raw) < _SMALL or call.operation not in _ANSWERS:
        return plan
    text: bytes | None = None
    words = -1
    kept: list[Candidate] = []
    over: list[tuple[int, int]] = []
    skipped: list[str] = []
    for candidate in plan.candidates:
        window = _window(candidate, engine.profile(call.snapshot, candidate))
        most = _AT_LEAST * window
        if not window or len(body.raw) <= most or (window < _LONG and _asks_long(call, candidate)):
            kept.append(candidate)
            continue
        if text is None:
            text = _without_data(body.raw)
        if words < 0 and len(text) > most:
            words = _words(text)
        learned = engine.ratios.mended(candidate.model, tokens(words))
        if words > _SURELY * window or (words > most and learned > _DOUBT * window):
            over.append((window, max(learned, words // _SURELY)))
            skipped.append(f"{candidate.deployment.id} holds {window} tokens")
        else:
            kept.append(candidate)
    if not over:
        return plan
    if not kept:
        raise _too_long(call, *max(over))
    return replace(plan, candidates=tuple(kept), skipped=(*plan.skipped, *skipped))


def window_of(engine: Engine, call: Call, candidate: Candidate) -> int:
    """How many tokens of input a candidate holds; 0 where nobody can be sure."""
    return _window(candidate, engine.profile(call.snapshot, candidate))


def _window(candidate: Candidate, profile: Profile) -> int:
    """Input tokens: what `model_info` says, else the catalog; 0 where nobody can be sure."""
    return _said(candidate, "max_input_tokens") or (
        row.max_input
        if _is_catalogued(candidate) and (row := look_up(profile.vendor.name, candidate.model)) is not None
        else 0
    )


def _said(candidate: Candidate, name: str) -> int:
    """A limit from the deployment's `model_info`; 0 where it has none."""
    value = candidate.deployment.info.get(name)
    return value if type(value) is int and value > 0 else 0


def _is_catalogued(candidate: Candidate) -> bool:
    """Whether a name means the catalogued model: behind `openai/` at a host of one's own it may be anything."""
    return candidate.deployment.provider.name != "openai" or at_host(candidate.door.base) is not None


def _asks_long(call: Call, candidate: Candidate) -> bool:
    """Whether Claude's long context is asked for, by the client or by the deployment's own headers."""
    if call.asked.endswith("[1m]"):
        return True
    own = ((name.lower(), value) for name, value in candidate.deployment.headers)
    return any(name == b"anthropic-beta" and b"context-1m" in value for name, value in call.headers) or any(
        name == "anthropic-beta" and "context-1m" in value for name, value in own
    )


def _without_data(raw: bytes) -> bytes:
    """A body without its pictures and files in base64."""
    return b'"'.join(piece for piece in raw.split(b'"') if len(piece) <= _UNBROKEN or b" " in piece)


def _words(text: bytes) -> int:
    """Bytes that are words."""
    return max(0, len(text) - sum(len(run) * text.count(run) for run in _RUNS) - 4 * text.count(rb"\u"))


def _too_long(call: Call, window: int, count: int) -> InvalidRequest:
    """In words that clients act on: Claude Code compacts at `prompt is too long: N tokens > M maximum`."""
    if call.wire == "anthropic":
        message = f"prompt is too long: {count} tokens > {window} maximum."
    elif call.wire == "gemini":
        message = f"The input token count ({count}) exceeds the maximum number of tokens allowed ({window})."
    else:
        message = f"This model's maximum context length is {window} tokens, but the request has about {count} tokens."
    members = ("messages", "input", "contents", "prompt")
    param = next((name for name in members if isinstance(call.body, Body) and name in call.body.members), None)
    remedy = "Shorten or compact the conversation, or ask a model that holds more."
    return InvalidRequest(message, code="context_length_exceeded", param=param, remedy=remedy)


def lowered(body: Body, operation: Operation, candidate: Candidate, profile: Profile, put: dict[str, bytes]) -> None:
    """Lowers an output limit that is above what the model can write: its provider would refuse the whole request."""
    most = profile.dialect.max_output
    if not most:
        return
    for name in _LIMITS.get(operation, ()):
        value = put.get(name) or body.members.get(name)
        if value is None or not (digits := bytes(value)).isdigit() or len(digits) > 18 or int(digits) <= most:
            continue
        limit = _said(candidate, "max_output_tokens") or most
        if int(digits) > limit and profile.vendor.name != "openrouter" and _is_catalogued(candidate):
            put[name] = b"%d" % limit

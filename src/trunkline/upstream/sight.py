"""What a model cannot take, as its catalog row says: pictures, documents, and tools that its provider does not run.

Pictures asked of a model without eyes go to the configured `vision_model`; where there is none, a few words take their
place, so that one screenshot does not end a session. Blocks are cut out of the bytes: all else keeps its spelling.
"""

from __future__ import annotations

import re
from dataclasses import replace

import msgspec

from trunkline.errors import InvalidRequest, UnknownModel, WireNotOffered
from trunkline.model.dialect import Dialect
from trunkline.model.wires import Operation
from trunkline.route.plan import Candidate, Plan, plan
from trunkline.upstream.call import Call
from trunkline.upstream.engine import Engine
from trunkline.wire.body import Body
from trunkline.wire.loss import tool_kind

_SIGNS: dict[Operation, tuple[str, bytes, bytes, bytes]] = {
    "messages": ("messages", b'"source"', b'"image', b'"document'),
    "count_tokens": ("messages", b'"source"', b'"image', b'"document'),
    "chat": ("messages", b'"', b'"image_url', b'"file_'),
    "responses": ("input", b'"', b'"input_image', b'"input_file'),
    "ollama_chat": ("messages", b'"', b'"images', b"\0"),
    "ollama_generate": ("images", b'"', b'"', b"\0"),
    "responses_count": ("input", b'"', b'"input_image', b'"input_file'),
    "generate": ("contents", b'"', b'"image', b'"application'),
    "gemini_count": ("contents", b'"', b'"image', b'"application'),
}
"""Where an operation keeps its conversation, the bytes without which it shows nothing, no picture, no document."""

_WORDS = {
    "image": "[image omitted: this model cannot see]",
    "document": "[document omitted: this model cannot read it]",
}
_KINDS: dict[Operation, dict[str, str]] = {
    "messages": {"image": "image", "document": "document"},
    "count_tokens": {"image": "image", "document": "document"},
    "chat": {"image_url": "image", "file": "document"},
    "responses": {"input_image": "image", "input_file": "document"},
    "responses_count": {"input_image": "image", "input_file": "document"},
}
"""The `type` of a block → what it shows. Gemini and Ollama have no such member."""
_INSIDE = ("content", "output", "parts", "functionResponse", "source")
"""Members in which blocks stand. What a tool is called with is none: its arguments may look like anything."""

_raws = msgspec.json.Decoder(list[msgspec.Raw])
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
encode = msgspec.json.encode


def blind(dialect: Dialect) -> frozenset[str]:
    """Which of `image` and `document` the model is known not to take."""
    if dialect.vision is not False:
        return _DOCUMENT if dialect.documents is False else _NEITHER
    return _BOTH if dialect.documents is False else _IMAGE


_NEITHER: frozenset[str] = frozenset()
_IMAGE, _DOCUMENT, _BOTH = frozenset({"image"}), frozenset({"document"}), frozenset({"image", "document"})


def noted(body: Body, operation: Operation, kinds: frozenset[str], put: dict[str, bytes], drop: set[str]) -> set[str]:
    """Puts words in place of every block of those kinds; the kinds that were there. `put` wins over the body."""
    signs = _SIGNS.get(operation)
    if signs is None:
        return set()
    member, sign, image, document = signs
    if member not in body.members:
        return set()
    raw = put.get(member) or bytes(body.members[member])
    # From the end: CPython finds short words twice as fast in that direction, and conversations are long.
    if raw.rfind(sign) < 0:
        return set()
    needles = [needle for kind, needle in (("image", image), ("document", document)) if kind in kinds]
    needles = [needle for needle in needles if raw.rfind(needle) >= 0]
    if not needles:
        return set()
    if operation == "ollama_generate":
        put["prompt"] = _said(body.get("prompt"))
        drop.add("images")
        return {"image"}
    cut = _Cut(operation, kinds, needles)
    try:
        after = cut.blocks(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest(f"{member} is not valid JSON: {error}.", param=member) from None
    if cut.changed:
        put[member] = after
    return cut.found


class _Cut:
    """Replaces blocks. `found`: the kinds that were lost; `changed`: whether anything was replaced at all."""

    def __init__(self, operation: Operation, kinds: frozenset[str], needles: list[bytes]) -> None:
        self.found: set[str] = set()
        self.changed = False
        self._kinds = kinds
        self._needles = needles
        self._types = _KINDS.get(operation, {})
        self._gemini, self._ollama = operation in ("generate", "gemini_count"), operation == "ollama_chat"
        self._text = "input_text" if operation in ("responses", "responses_count") else "text"

    def blocks(self, raw: bytes) -> bytes:
        """A list of blocks, or of what holds blocks."""
        if not raw.startswith(b"[") or not self._may_hold(raw):
            return raw
        return b"[" + b",".join(self._block(bytes(one)) for one in _raws.decode(raw)) + b"]"

    def _may_hold(self, raw: bytes) -> bool:
        return any(needle in raw for needle in self._needles)

    def _block(self, raw: bytes) -> bytes:
        if not raw.startswith(b"{") or not self._may_hold(raw):
            return raw
        members = _members.decode(raw)
        if self._ollama:
            return self._without_images(raw, members)
        if (words := self._words(members)) is not None:
            return words
        put = {}
        for name in _INSIDE:
            if name in members:
                inner = bytes(members[name])
                made = self._block(inner) if inner.startswith(b"{") else self.blocks(inner)
                if made is not inner:
                    put[name] = made
        return Body(raw).spliced(put) if put else raw

    def _words(self, members: dict[str, msgspec.Raw]) -> bytes | None:
        """What stands for a block of a kind that is not taken; None for any other."""
        named = _plain(members, "type")
        kind = _media(members) if self._gemini else self._types.get(named, "") if isinstance(named, str) else ""
        if kind not in self._kinds:
            return None
        self.changed = True
        words = _written(members) if kind == "document" else ""
        if not words:
            self.found.add(kind)
            title = _plain(members, "title") or _plain(members, "filename")
            words = f"{_WORDS[kind]} {title}" if isinstance(title, str) and title else _WORDS[kind]
        block: dict[str, object] = {"text": words} if self._gemini else {"type": self._text, "text": words}
        mark = members.get("cache_control")
        return encode(block if mark is None else {**block, "cache_control": mark})

    def _without_images(self, raw: bytes, members: dict[str, msgspec.Raw]) -> bytes:
        """Ollama's message, whose pictures stand beside its words."""
        if not bytes(members.get("images", b"")).startswith(b"["):
            return raw
        self.changed = True
        self.found.add("image")
        return Body(raw).spliced({"content": _said(_plain(members, "content"))}, {"images"})


def _written(members: dict[str, msgspec.Raw]) -> str:
    """The words of a document that is text, which any model can read; empty for any other."""
    source = _plain(members, "source")
    if not isinstance(source, dict) or source.get("type") != "text" or not isinstance(source.get("data"), str):
        return ""
    title = _plain(members, "title")
    return f"{title}\n\n{source['data']}" if isinstance(title, str) and title else str(source["data"])


def _media(members: dict[str, msgspec.Raw]) -> str:
    """What a part of Gemini's shows: `image`, `document`, or empty."""
    for name in ("inlineData", "inline_data", "fileData", "file_data"):
        media = _plain(members, name)
        kind = (media.get("mimeType") or media.get("mime_type")) if isinstance(media, dict) else None
        if isinstance(kind, str):
            return "image" if kind.startswith("image/") else "document" if kind == "application/pdf" else ""
    return ""


def _plain(members: dict[str, msgspec.Raw], name: str) -> object:
    return msgspec.json.decode(members[name]) if name in members else None


def _said(text: object) -> bytes:
    return encode(f"{text}\n{_WORDS['image']}" if isinstance(text, str) and text else _WORDS["image"])


def sighted(engine: Engine, call: Call, made: Plan) -> Plan:
    """The plan for a request that shows something: first who of the asked group can take it, else `vision_model`.

    Who was to be asked stays behind them, to be told in words what was shown when nobody that sees answers.
    """
    first = made.candidates[0]
    kinds = blind(engine.profile(call.snapshot, first).dialect)
    if not kinds or not isinstance(call.body, Body):
        return made
    model = call.snapshot.extras.vision_model
    own = [each for each in made.candidates if each.group == first.group]
    if not model and len(own) == 1:
        return made
    shown = noted(call.body, call.operation, kinds, {}, set())
    if not shown:
        return made

    def lacks(candidate: Candidate) -> int:
        return len(blind(engine.profile(call.snapshot, candidate).dialect) & shown)

    own.sort(key=lacks)
    rest = [each for each in made.candidates if each.group != first.group]
    seeing = _seeing(call, model, engine) if model and lacks(own[0]) else ()
    # A key that the caller brought is for the provider that was asked, and is shown to no other.
    only = first.deployment.provider.name if call.caller.provider_key else ""
    better = [each for each in seeing if lacks(each) < lacks(own[0]) and only in ("", each.deployment.provider.name)]
    if not better:
        return replace(made, candidates=(*own, *rest))
    taken = {each.deployment.id for each in better}
    others = [each for each in (*own, *rest) if each.deployment.id not in taken]
    skipped = tuple(f"{each.deployment.id} cannot take {' and '.join(sorted(shown & kinds))}" for each in own)
    return Plan(made.asked, better[0].group, (*better, *others), (*made.skipped, *skipped))


def _seeing(call: Call, model: str, engine: Engine) -> tuple[Candidate, ...]:
    """Who answers to `vision_model`; nobody where its name means nothing or its provider cannot be asked this."""
    try:
        return plan(call.snapshot, model, call.operation, engine.chance).candidates
    except (UnknownModel, WireNotOffered):
        return ()


_RUNS: dict[str, frozenset[str]] = {"zai": frozenset(), "bigmodel": frozenset()}
"""Provider → the server tools of Anthropic's format that it runs. One that is not here is not known to lack any.

Source: docs.z.ai/devpack/tool/claude, where web search is an MCP server of its own (2026-11-20)."""

_DATED = re.compile(r"(web_search|web_fetch|code_execution|tool_search_tool_(?:bm25|regex)|advisor)_20\d{6}")


def unserved(body: Body, provider: str, put: dict[str, bytes], drop: set[str]) -> list[str]:
    """Takes out the server tools that the provider does not run, and a choice of them; their kinds (`web_search`)."""
    runs = _RUNS.get(provider)
    if runs is None or "tools" not in body.members:
        return []
    raw = put.get("tools") or bytes(body.members["tools"])
    if raw.rfind(b"_20") < 0 or not raw.startswith(b"["):
        return []
    kept: list[bytes] = []
    lost: list[str] = []
    names: set[str] = set()
    try:
        for one in map(bytes, _raws.decode(raw)):
            members = _members.decode(one) if one.startswith(b"{") and b"_20" in one else {}
            dated = _DATED.fullmatch(str(_plain(members, "type")))
            if dated is None or dated[1] in runs:
                kept.append(one)
                continue
            lost.append(tool_kind(dated[1]))
            names.add(str(_plain(members, "name")))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest(f"tools is not valid JSON: {error}.", param="tools") from None
    if lost:
        _without(body, kept, names, put, drop)
    return lost


def _without(body: Body, kept: list[bytes], names: set[str], put: dict[str, bytes], drop: set[str]) -> None:
    choice = body.get("tool_choice")
    if "tool_choice" in body.members and (not kept or (isinstance(choice, dict) and choice.get("name") in names)):
        drop.add("tool_choice")
    if kept:
        put["tools"] = b"[" + b",".join(kept) + b"]"
    else:
        drop.add("tools")

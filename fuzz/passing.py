"""What passes by without being translated: a stream on its own wire, a body and a form that are spliced, embeddings.

Of these not a byte may change but what was asked for, wherever the bytes are cut and whatever is in them. A stream may
lose whole events that nobody can read, and gain the last one where it was forgotten; that is all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from trunkline.errors import Failure
from trunkline.model.dialect import Dialect
from trunkline.model.wires import Wire
from trunkline.wire import embeddings
from trunkline.wire.anthropic.stream import MessagesWatch
from trunkline.wire.body import Body
from trunkline.wire.form import Form
from trunkline.wire.formats import FORMATS, READERS
from trunkline.wire.gemini.stream import GeminiWatch
from trunkline.wire.leak import LeakFinder
from trunkline.wire.ollama.stream import OllamaWatch
from trunkline.wire.openai_chat.stream import ChatWatch
from trunkline.wire.openai_responses.stream import ResponsesWatch
from trunkline.wire.think import ThinkSplitter
from trunkline.wire.watch import Watch
from trunkline.wire.words import words

WATCHES: dict[Wire, Callable[[], Watch]] = {
    "anthropic": MessagesWatch,
    "openai_chat": ChatWatch,
    "openai_responses": ResponsesWatch,
    "ollama": OllamaWatch,
    "gemini": GeminiWatch,
}
MENDING: dict[Wire, Callable[[], Watch]] = {
    "anthropic": lambda: MessagesWatch(17),
    "openai_chat": lambda: ChatWatch(hide_usage=True),
}
"""The same where it may mend or hide an event."""


def cut(payload: bytes, chance: int) -> list[bytes]:
    """The payload in pieces: one, three, or one for each byte of its beginning and a rest."""
    if chance % 4 == 0:
        return [payload]
    if chance % 4 == 1:
        return [payload[at : at + 1] for at in range(min(len(payload), 300))] + [payload[300:]]
    third = len(payload) // 3
    return [payload[:third], payload[third : 2 * third + 1], payload[2 * third + 1 :]]


def relayed(wire: Wire, payload: bytes, chance: int) -> None:
    """A stream on its own wire: every byte goes on, and what is learned of it does not hang on where it is cut."""
    at_once, in_pieces = WATCHES[wire](), WATCHES[wire]()
    first, then = _fed(at_once, [payload]), _fed(in_pieces, cut(payload, chance))
    for watch, (passed, whole) in ((at_once, first), (in_pieces, then)):
        _must(goes_on(watch, payload, passed, whole=whole), "the bytes that went on are not those that came")
    _must(first[1] == then[1], "where it was cut changed whether it is whole")
    for name in ("stop", "finished", "usage"):
        _must(getattr(at_once, name) == getattr(in_pieces, name), f"where it was cut changed `{name}`")
    if wire in MENDING:
        _fed(MENDING[wire](), cut(payload, chance))


def goes_on(watch: Watch, payload: bytes, passed: bytes, *, whole: bool) -> bool:
    """Whether what went on is what came, up to where it broke off: less unreadable events, and with its last one."""
    last = watch.last() if whole and not watch.over and watch.failure is None else b""
    if last:
        if not passed.endswith(last):
            return False
        passed = passed.removesuffix(last)
        if passed not in (payload, payload + b"\n\n") and not watch.dropped:
            return False
    elif not watch.dropped and watch.failure is None:
        return passed == payload if whole else payload.startswith(passed)
    at = 0
    for line in re.split(rb"[\r\n]+", passed):
        at = payload.find(line, at)
        if at < 0:
            return False
        at += len(line)
    return True


def _fed(watch: Watch, pieces: list[bytes]) -> tuple[bytes, bool]:
    """What went on, and whether the stream was whole."""
    passed = b""
    try:
        for piece in pieces:
            passed += watch.feed(piece)
        return passed + watch.end(), True
    except Failure:
        return passed, False


def answered(payload: bytes, chance: int) -> None:
    """A whole answer on its own wire is read for its usage; one that is an error goes on, or into a stream."""
    for reader in READERS.values():
        with suppress(Failure):
            reader(payload)
    for form in FORMATS.values():
        if form.is_own_error(payload):
            form.error_event(payload, payload)
    words(payload)


def spliced(payload: bytes, chance: int) -> None:
    """A body: nothing changes unless asked; then the members that were not named keep their bytes and their order."""
    try:
        body = Body(payload)
    except Failure:
        return
    for name in ("model", "stream"):
        for look in (body.text, body.flag, body.get):
            try:
                look(name)
            except Failure:
                continue
    _must(body.spliced({}) == payload, "a body changed that nobody asked to change")
    names = sorted(body.members)
    drop = {names[chance % len(names)]} if names and chance % 2 else set()
    after = Body(body.spliced({"model": b'"m-1"', "made_up": b"[1]"}, drop))
    told = [(name, bytes(value)) for name, value in body.members.items() if name not in {*drop, "model", "made_up"}]
    got = [(name, bytes(value)) for name, value in after.members.items() if name not in {"model", "made_up"}]
    _must(got == told, "a member changed that was not named")
    for name, value in (("model", b'"m-1"'), ("made_up", b"[1]")):
        _must(name in drop or bytes(after.members[name]) == value, f"{name} was not put")


def formed(payload: bytes, chance: int) -> None:
    """A form, whose content type is the payload's first line: only the model's value changes."""
    kind, _, raw = payload.partition(b"\n")
    try:
        form = Form(raw, kind)
    except Failure:
        return
    model = form.text("model")
    form.flag("stream")
    after = form.with_text("model", "m-1")
    if model is None:
        _must(after == raw, "a form changed that names no model")
        return
    _must(Form(after, kind).text("model") == "m-1", "the model was not put")
    # Where nothing stood, not even an empty line, the line end comes with the name.
    _must(len(after) - len(b"m-1\r\n") <= len(raw), "a form grew by more than the model's name")


def worded(payload: bytes, chance: int) -> None:
    """Words in which thinking or calls may stand: no word is lost, and cuts do not matter."""
    text = payload.decode(errors="replace")
    size = 1 + chance % 7
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    for make in (ThinkSplitter, LeakFinder, lambda: LeakFinder({"f"})):
        _must(_joined(make(), [text]) == _joined(make(), pieces), "where words were cut changed what they are")
    nothing = "".join(map(str, _joined(LeakFinder(()), pieces)))
    _must(nothing == text, "words were lost though no tool is offered")


def _joined(reader: Any, pieces: list[str]) -> list[Any]:
    """What a reader of words gave, where neighbours of one kind are one."""
    given = [one for piece in pieces for one in reader.feed(piece)] + reader.end()
    out: list[Any] = []
    for one in given:
        _must(bool(one), "an empty piece of words")
        if out and isinstance(one, str) and isinstance(out[-1], str):
            out[-1] += one
        elif out and isinstance(one, tuple) and isinstance(out[-1], tuple) and out[-1][0] == one[0]:
            out[-1] = (one[0], out[-1][1] + one[1])
        else:
            out.append(one)
    return out


def embedded(payload: bytes, chance: int) -> None:
    """A request for embeddings and its answer, one behind the other on two lines."""
    first, _, answer = payload.partition(b"\n")
    try:
        body = json.loads(first)
    except (ValueError, RecursionError):
        return
    if not isinstance(body, dict):
        return
    dialect = Dialect(provider="fuzz", model="model-1", drop=True)
    readers = (embeddings.read_openai, embeddings.read_ollama, embeddings.read_ollama_old)
    try:
        asked = readers[chance % 3](body, model="alias")
    except Failure:
        return
    for write, decode in (
        (embeddings.write_openai, embeddings.decode_openai),
        (embeddings.write_ollama, embeddings.decode_ollama),
    ):
        try:
            json.dumps(write(asked, dialect).body)
            vectors = decode(answer, asked)
        except Failure:
            continue
        json.loads(embeddings.encode(vectors, asked, model="alias", estimate=3))


def _must(holds: bool, why: str) -> None:
    if not holds:
        raise AssertionError(why)


BESIDE: dict[str, Callable[[bytes, int], None]] = {
    "answer": answered,
    "body": spliced,
    "form": formed,
    "words": worded,
    "embeddings": embedded,
}
"""Ways in that belong to no one wire."""

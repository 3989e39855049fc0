"""The demo on Ollama's own wire: `/api/chat` and `/api/generate`.

Shapes after github.com/ollama/ollama docs/api.md (as of 2026-11-20). Streams unless told not to.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from trunkline.errors import Failure, InvalidRequest
from trunkline.upstream.demo.ask import Ask, Ids, Turn
from trunkline.upstream.demo.fields import Body, need, objects, pick, strings, wrong
from trunkline.upstream.demo.mind import answer
from trunkline.upstream.demo.openai_tools import made_of, tools_of
from trunkline.upstream.demo.said import Pieces, Said, line, ndjson, whole
from trunkline.upstream.demo.scene import Scene
from trunkline.upstream.demo.text import Content, clean, weigh, words

_A_TOKEN = 10_000_000
"""Nanoseconds that a token is said to take."""


def ollama_chat(scene: Scene) -> Said:
    """`POST /api/chat`. Without messages it loads the model, which takes no time here."""
    body = scene.body
    head = _head(scene)
    heard = objects(body, "messages")
    if not heard:
        return _loaded(scene, {**head, "message": {"role": "assistant", "content": ""}})
    ask = _ask(body, ("messages", "tools"))
    for nth, message in enumerate(heard):
        _hear(ask, message, f"messages[{nth}].")
    ask.tools = tools_of(objects(body, "tools"), "tools")
    turn = answer(ask)
    calls = [
        {
            "id": scene.ids.make("call_", nth),
            "function": {"index": nth, "name": one.tool.name, "arguments": one.arguments},
        }
        for nth, one in enumerate(turn.calls)
    ]

    def says(**members: Any) -> dict[str, Any]:
        return {**head, "message": {"role": "assistant", "content": "", **members}}

    if pick(body, "stream", bool) is False:
        thinking = {"thinking": turn.thinking} if turn.thinking else {}
        called = {"tool_calls": calls} if calls else {}
        return whole({**says(content=turn.text, **thinking, **called), **_end(turn)})
    pieces = Pieces()
    for word in words(turn.thinking):
        pieces.word(line({**says(thinking=word), "done": False}))
    for word in words(turn.text):
        pieces.word(line({**says(content=word), "done": False}))
    for call in calls:
        pieces.word(line({**says(tool_calls=[call]), "done": False}))
    pieces.add(line({**says(), **_end(turn)}))
    return ndjson(pieces, scene.delay)


def ollama_generate(scene: Scene) -> Said:
    """`POST /api/generate`. Without a prompt it loads the model."""
    body = scene.body
    head = _head(scene)
    prompt = pick(body, "prompt", str) or ""
    if not prompt:
        return _loaded(scene, {**head, "response": ""})
    ask = _ask(body, ("system", "prompt", "suffix", "images"))
    ask.hear_user(Content(clean(prompt), len(strings(body, "images"))))
    turn = answer(ask)
    if pick(body, "stream", bool) is False:
        thinking = {"thinking": turn.thinking} if turn.thinking else {}
        return whole({**head, "response": turn.text, **thinking, **_end(turn), "context": []})
    pieces = Pieces()
    for word in words(turn.thinking):
        pieces.word(line({**head, "response": "", "thinking": word, "done": False}))
    for word in words(turn.text):
        pieces.word(line({**head, "response": word, "done": False}))
    pieces.add(line({**head, "response": "", **_end(turn), "context": []}))
    return ndjson(pieces, scene.delay)


def refuse(failure: Failure, ids: Ids) -> Said:
    """The wire's error body."""
    del ids
    return whole({"error": failure.sentence}, status=failure.status)


def _head(scene: Scene) -> dict[str, Any]:
    at = datetime.fromtimestamp(scene.now, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {"model": need(scene.body, "model", str), "created_at": at}


def _ask(body: Body, prompt: tuple[str, ...]) -> Ask:
    options = pick(body, "options", dict) or {}
    ask = Ask(need(body, "model", str), weigh(body, prompt), stops=strings(options, "stop", "options."))
    most = pick(options, "num_predict", int, "options.")
    ask.limit = most if most is not None and most > 0 else None
    think = body.get("think")
    if think is not None and not isinstance(think, bool | str):
        raise wrong("think", "true, false or a level")
    ask.thinking = think not in (None, False, "none")
    form = body.get("format")
    if form is not None and form not in ("", "json") and not isinstance(form, dict):
        raise InvalidRequest('format must be "json" or a JSON schema.', param="format")
    ask.shape = form if isinstance(form, dict) else {} if form == "json" else None
    return ask


def _hear(ask: Ask, message: Body, at: str) -> None:
    role = need(message, "role", str, at)
    content = Content(clean(pick(message, "content", str, at) or ""), len(strings(message, "images", at)))
    if role == "assistant":
        ask.hear_assistant(made_of(objects(message, "tool_calls", at), at))
    elif role == "user":
        ask.hear_user(content)
    elif role == "tool":
        identity = pick(message, "tool_call_id", str, at) or pick(message, "tool_name", str, at) or ""
        ask.hear_result(identity, content)
    elif role != "system":
        raise InvalidRequest(f"{at}role must be system, user, assistant or tool.", param=f"{at}role")


def _end(turn: Turn) -> dict[str, Any]:
    return {
        "done": True,
        "done_reason": "length" if turn.stop == "length" else "stop",
        "total_duration": (turn.input + turn.output) * _A_TOKEN,
        "load_duration": 1,
        "prompt_eval_count": turn.input,
        "prompt_eval_duration": turn.input * _A_TOKEN,
        "eval_count": turn.output,
        "eval_duration": turn.output * _A_TOKEN,
    }


def _loaded(scene: Scene, head: dict[str, Any]) -> Said:
    reason = "unload" if scene.body.get("keep_alive") in (0, "0", "0s") else "load"
    done = {**head, "done": True, "done_reason": reason}
    if pick(scene.body, "stream", bool) is False:
        return whole(done)
    pieces = Pieces()
    pieces.add(line(done))
    return ndjson(pieces, 0.0)

"""The demo on OpenAI's old completions: `/completions`, one prompt, one choice."""

from __future__ import annotations

from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.upstream.demo.ask import Ask
from trunkline.upstream.demo.fields import Body, limit, need, one_choice, pick, strings, wrong
from trunkline.upstream.demo.mind import answer
from trunkline.upstream.demo.openai_chat import FINISH, usage
from trunkline.upstream.demo.said import Pieces, Said, data, sse, whole
from trunkline.upstream.demo.scene import Scene
from trunkline.upstream.demo.text import Content, clean, weigh, words


def completions(scene: Scene) -> Said:
    """`POST /completions`."""
    body = scene.body
    one_choice(body, "n")
    one_choice(body, "best_of")
    prompt = _prompt(body)
    ask = Ask(need(body, "model", str), weigh(body, ("prompt", "suffix")), stops=strings(body, "stop"))
    ask.hear_user(Content(clean(prompt)))
    ask.limit = limit(body, "max_tokens")
    turn = answer(ask)
    text = prompt + turn.text if pick(body, "echo", bool) else turn.text
    head = {
        "id": scene.ids.make("cmpl-"),
        "object": "text_completion",
        "created": int(scene.now),
        "model": ask.model,
        "system_fingerprint": None,
    }
    headers = [("x-request-id", scene.ids.make("req_"))]
    if pick(body, "stream", bool):
        asked = pick(pick(body, "stream_options", dict) or {}, "include_usage", bool, "stream_options.")
        total = usage(turn) if asked else None
        return sse(_stream(head, text, FINISH[turn.stop], total), scene.delay, headers)
    return whole({**head, "choices": [_choice(text, FINISH[turn.stop])], "usage": usage(turn)}, headers=headers)


def _prompt(body: Body) -> str:
    """One prompt, as a string or as token numbers, which the demo can count but not read."""
    value = body.get("prompt")
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        raise wrong("prompt", "a string")
    if value and all(isinstance(one, int) and not isinstance(one, bool) for one in value):
        return f"({len(value)} token numbers)"
    if len(value) != 1 or not isinstance(value[0], str):
        raise InvalidRequest("The demo model reads one prompt at a time, as a string.", param="prompt")
    return value[0]


def _choice(text: str, finish: str | None) -> dict[str, Any]:
    return {"index": 0, "text": text, "logprobs": None, "finish_reason": finish}


def _stream(head: dict[str, Any], text: str, finish: str, total: dict[str, Any] | None) -> Pieces:
    pieces = Pieces()
    rest: dict[str, Any] = {"usage": None} if total else {}
    for word in words(text):
        pieces.word(data({**head, "choices": [_choice(word, None)], **rest}))
    pieces.add(data({**head, "choices": [_choice("", finish)], **rest}))
    if total:
        pieces.add(data({**head, "choices": [], "usage": total}))
    pieces.add(b"data: [DONE]\n\n")
    return pieces

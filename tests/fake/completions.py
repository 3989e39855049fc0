"""OpenAI's old /v1/completions: a prompt in, text out. Source: platform.openai.com (2026-11)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.fake.behaviour import Behaviour
from tests.fake.openai_chat import CREATED, Chat
from tests.fake.turn import Ask, Turn, count_words
from tests.fake.wire import Event, Json, Refused


class Completions(Chat):
    def ask(self, body: Json, headers: Mapping[str, str]) -> Ask:
        prompt = body.get("prompt")
        if isinstance(prompt, list):
            prompt = str(prompt[0]) if prompt else None
        if not isinstance(prompt, str):
            raise Refused(400, "Missing required parameter: 'prompt'.", code="missing_required_parameter")
        return Ask(
            model=str(body.get("model")),
            stream=body.get("stream") is True,
            prompt=prompt,
            words=count_words(prompt),
            limit=body.get("max_tokens"),
            body=body,
        )

    def _text_head(self, ask: Ask, turn: Turn) -> Json:
        return {
            "id": f"cmpl-fake{turn.serial:08d}",
            "object": "text_completion",
            "created": CREATED,
            "model": ask.model,
        }

    def whole(self, ask: Ask, turn: Turn, how: Behaviour) -> Json:
        choice = {"text": turn.said, "index": 0, "logprobs": None, "finish_reason": self._stop(turn, how)}
        return {**self._text_head(ask, turn), "choices": [choice], "usage": self._usage(turn)}

    def events(self, ask: Ask, turn: Turn, how: Behaviour) -> Iterator[Event]:
        head = self._text_head(ask, turn)
        for piece in turn.text:
            yield Event(
                "delta", {**head, "choices": [{"text": piece, "index": 0, "logprobs": None, "finish_reason": None}]}
            )
        stop = {"text": "", "index": 0, "logprobs": None, "finish_reason": self._stop(turn, how)}
        yield Event("other", {**head, "choices": [stop]})
        if (ask.body.get("stream_options") or {}).get("include_usage") is True:
            yield Event("other", {**head, "choices": [], "usage": self._usage(turn)})
        yield Event("last", "[DONE]")

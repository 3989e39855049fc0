"""`Demo`: the demo provider where a connection pool would stand. Finds a path's wire; raises for no request."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from trunkline.errors import Failure, InvalidRequest
from trunkline.upstream.demo import anthropic, completions, embeddings, ollama, ollama_embed, openai_chat, responses
from trunkline.upstream.demo.ask import Ids
from trunkline.upstream.demo.fields import parse
from trunkline.upstream.demo.said import Said
from trunkline.upstream.demo.scene import Scene

if TYPE_CHECKING:
    from trunkline.upstream.pool import Answer, Outgoing

BASE = "demo://echo"
"""The base that an operation's path is added to, for every wire."""

_DELAY = 0.010

Say = Callable[[Scene], Said]
Refuse = Callable[[Failure, Ids], Said]


_PATHS: dict[str, tuple[Say, Refuse]] = {
    "/messages": (anthropic.messages, anthropic.refuse),
    "/messages/count_tokens": (anthropic.count_tokens, anthropic.refuse),
    "/chat/completions": (openai_chat.chat, openai_chat.refuse),
    "/completions": (completions.completions, openai_chat.refuse),
    "/embeddings": (embeddings.embeddings, openai_chat.refuse),
    "/responses": (responses.responses, openai_chat.refuse),
    "/responses/input_tokens": (responses.input_tokens, openai_chat.refuse),
    "/api/chat": (ollama.ollama_chat, ollama.refuse),
    "/api/generate": (ollama.ollama_generate, ollama.refuse),
    "/api/embed": (ollama_embed.ollama_embed, ollama.refuse),
    "/api/embeddings": (ollama_embed.ollama_embeddings, ollama.refuse),
}


class Demo:
    """Answers every wire inside this process.

    `delay` is the seconds between the pieces of a stream, so that it can be seen to stream; `clock` gives Unix seconds
    for the members that carry a creation time. All else depends on the request alone.
    """

    def __init__(self, *, delay: float = _DELAY, clock: Callable[[], float] = time.time) -> None:
        self._delay = delay
        self._clock = clock

    async def send(self, outgoing: Outgoing) -> Answer:
        """As `Pool.send`. A bad request gets its wire's own error body with status 400, never an exception."""
        path = urlsplit(outgoing.url).path.removeprefix("/v1")
        ids = Ids(outgoing.body)
        say, refuse = _PATHS.get(path, (None, ollama.refuse if path.startswith("/api/") else openai_chat.refuse))
        try:
            if say is None or outgoing.method != "POST":
                raise _beyond(outgoing.method, path)
            return say(Scene(parse(outgoing.body), ids, self._clock(), self._delay))
        except InvalidRequest as failure:
            return refuse(failure, ids)

    async def close(self) -> None:
        """As `Pool.close`: nothing is held, so nothing is let go."""


def _beyond(method: str, path: str) -> InvalidRequest:
    return InvalidRequest(
        f"The demo model does not answer {method} {path}: it speaks messages, chat, completions, embeddings, responses "
        "and Ollama's chat, generate and embed.",
        remedy="Set a provider's key, such as ZAI_API_KEY, and ask one of its models.",
    )

"""Which route a path is. Pure.

People mount the same API in many places: with and without `/v1`, with it twice (an SDK appends `/v1/messages` to a
base that has it already), under `/anthropic`, `/openai` or `/api/llm`. All of them are one route each here.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import quote, unquote

from trunkline.errors import UnknownPath, WrongMethod
from trunkline.model.wires import Operation
from trunkline.roster.counter import ACTS, REGENERATE
from trunkline.serve.paths_gemini import VERBS, split

Page = Literal[
    "home",
    "health",
    "liveness",
    "readiness",
    "proof",
    "reload",
    "hello",
    "script",
    "models",
    "model",
    "model_info",
    "model_info_paged",
    "model_groups",
    "ollama_tags",
    "ollama_ps",
    "ollama_version",
    "ollama_show",
    "request",
    "metrics",
    "roster",
    "spend_logs",
    "spend_keys",
    "spend_users",
    "spend_tags",
    "global_spend",
    "global_report",
]


@dataclass(frozen=True, slots=True)
class Target:
    """A call to a model (`operation` and `tail` are set) or one of the gateway's own pages (`page` is)."""

    operation: Operation | None = None
    tail: str = ""
    page: Page | None = None
    name: str = ""
    """The model that the path itself names."""
    open: bool = False
    """Answered without a key."""


_CALLS: dict[str, Target] = {
    "/messages": Target("messages", "/v1/messages"),
    "/messages/count_tokens": Target("count_tokens", "/v1/messages/count_tokens"),
    "/chat/completions": Target("chat", "/chat/completions"),
    "/completions": Target("completions", "/completions"),
    "/embeddings": Target("embeddings", "/embeddings"),
    "/responses": Target("responses", "/responses"),
    "/responses/input_tokens": Target("responses_count", "/responses/input_tokens"),
}

_RELAYED: frozenset[str] = frozenset(
    {
        *("/images/generations", "/images/edits", "/images/variations", "/audio/transcriptions", "/audio/translations"),
        *("/audio/speech", "/moderations", "/rerank", "/ocr", "/videos"),
    }
)
"""OpenAI's paths that are relayed, with and without `/v1`: LiteLLM's users give SDKs a base without it."""

_OLLAMA_CALLS: dict[str, Target] = {
    "/api/chat": Target("ollama_chat", "/api/chat"),
    "/api/generate": Target("ollama_generate", "/api/generate"),
    "/api/embed": Target("ollama_embed", "/api/embed"),
    "/api/embeddings": Target("ollama_embed", "/api/embeddings"),
    "/api/show": Target(page="ollama_show"),
}

_PAGES: dict[str, Target] = {
    "/": Target(page="home", open=True),
    "/health": Target(page="health", open=True),
    "/health/liveliness": Target(page="liveness", open=True),
    "/health/liveness": Target(page="liveness", open=True),
    "/health/readiness": Target(page="readiness", open=True),
    "/health/proof": Target(page="proof", open=True),
    "/api/hello": Target(page="hello", open=True),
    "/client.js": Target(page="script", name="client.js", open=True),
    "/client.d.ts": Target(page="script", name="client.d.ts", open=True),
    "/config/reload": Target(page="reload"),
    "/metrics": Target(page="metrics"),
    "/spend/logs": Target(page="spend_logs"),
    "/spend/keys": Target(page="spend_keys"),
    "/spend/users": Target(page="spend_users"),
    "/spend/tags": Target(page="spend_tags"),
    "/global/spend": Target(page="global_spend"),
    "/global/spend/report": Target(page="global_report"),
    "/models": Target(page="models"),
    "/model/info": Target(page="model_info"),
    "/v2/model/info": Target(page="model_info_paged"),
    "/model_group/info": Target(page="model_groups"),
    "/api/tags": Target(page="ollama_tags"),
    "/api/ps": Target(page="ollama_ps"),
    "/api/version": Target(page="ollama_version", open=True),
}

_POSTED: frozenset[Page] = frozenset({"ollama_show", "reload"})
"""Pages that are asked by POST."""

_AZURE = "/openai/deployments/"


@lru_cache(maxsize=1024)
def find(method: str, path: str) -> Target:
    """The route of a path, already unquoted. Raises `UnknownPath` and `WrongMethod`."""
    if (asked := split(path)) is not None:
        return _gemini(*asked, path, method)
    plain = _plain(path)
    reading = method in ("GET", "HEAD")
    if (page := _PAGES.get(plain)) is not None:
        return _allow(page, method == "POST" if page.page in _POSTED else reading, path, method)
    if plain.startswith("/models/") and len(plain) > len("/models/"):
        return _allow(Target(page="model", name=plain.removeprefix("/models/")), reading, path, method)
    if plain.startswith("/requests/") and len(plain) > len("/requests/"):
        return _allow(Target(page="request", name=plain.removeprefix("/requests/")), reading, path, method)
    if (room := _roster(plain, method)) is not None:
        return room
    call = _CALLS.get(plain) or _OLLAMA_CALLS.get(plain) or _azure(path)
    if call is not None:
        return _allow(call, method == "POST", path, method)
    if (kept := _stored(plain, method)) is not None:
        return kept
    if plain in _RELAYED or (_under_v1(path) and method == "POST"):
        return _allow(Target("other", plain), method == "POST", path, method)
    raise UnknownPath(f"There is no {method} {_told(path)!r} here.", remedy=_nearest(plain))


def _told(path: str) -> str:
    """A path as a sentence may hold it: LiteLLM puts keys into some, and the log prints sentences."""
    return "/".join("…" if part.startswith("sk-") else part for part in path.split("/"))[:200]


def _gemini(model: str, verb: str, path: str, method: str) -> Target:
    if verb in VERBS:
        return _allow(Target(VERBS[verb], f":{verb}", name=model), method == "POST", path, method)
    raise UnknownPath(f"Gemini's {verb[:40]!r} is not carried here.", remedy=f"These are: {', '.join(VERBS)}.")


def _roster(plain: str, method: str) -> Target | None:
    """`/key/generate` and its kin, and `/key/{key}/regenerate`. `name` is the path."""
    right, _ = ACTS.get(plain, ("", None))
    if not right and plain.startswith("/key/") and plain.endswith(REGENERATE) and plain.count("/") == 3:
        right = "POST"
    if not right:
        return None
    if method != right:
        raise WrongMethod(f"{_told(plain)!r} is not asked by {method}.", remedy=f"Use {right}.")
    return Target(page="roster", name=plain)


_STORED: dict[str, tuple[str, ...]] = {"": ("GET", "DELETE"), "/input_items": ("GET",), "/cancel": ("POST",)}
"""What can be done with a response that its provider keeps: what follows its id → the methods."""


def _stored(plain: str, method: str) -> Target | None:
    """`/responses/{id}` and what stands under it: the id names the provider, no model does. `name` is the id."""
    if not plain.startswith("/responses/"):
        return None
    name, slash, rest = plain.removeprefix("/responses/").partition("/")
    methods = _STORED.get(slash + rest)
    if not name or methods is None or (not slash and method == "POST"):
        # A POST beside `/responses` names a model (`/responses/compact`).
        return None
    if method not in methods:
        raise WrongMethod(f"{plain[:200]!r} is not asked by {method}.", remedy=f"Use {' or '.join(methods)}.")
    return Target("stored", f"/responses/{quote(name, safe='')}{slash}{rest}", name=name)


def _plain(path: str) -> str:
    """A path without the prefixes and repeats that mean nothing."""
    plain = path if path == "/" else path.rstrip("/") or "/"
    if plain == "/api/llm" or plain.startswith("/api/llm/"):
        plain = "/v1" + plain.removeprefix("/api/llm")
    if not plain.startswith(_AZURE):
        for prefix in ("/anthropic/", "/openai/"):
            if plain.startswith(prefix):
                plain = plain[len(prefix) - 1 :]
                break
    if plain == "/v1beta/models" or plain.startswith("/v1beta/models/"):
        plain = plain.removeprefix("/v1beta")
    while plain.startswith("/v1/"):
        plain = plain[3:]
    return plain


def _under_v1(path: str) -> bool:
    return path.startswith(("/v1/", "/openai/", "/api/llm/")) and len(_plain(path)) > 1


def _azure(path: str) -> Target | None:
    """`/openai/deployments/{model}/chat/completions`: the path names the model, `api-version` may be any."""
    at = path.find(_AZURE)
    if at not in (0, 3):
        return None
    rest = path[at + len(_AZURE) :].rstrip("/")
    for tail, target in _CALLS.items():
        if rest.endswith(tail) and len(rest) > len(tail):
            return Target(target.operation, target.tail, name=unquote(rest.removesuffix(tail)))
    name, _, tail = rest.partition("/")
    return Target("other", "/" + tail, name=name) if tail else None


def _allow(target: Target, allowed: bool, path: str, method: str) -> Target:
    if not allowed:
        right = "GET" if target.page and target.page not in _POSTED else "POST"
        raise WrongMethod(f"{path[:200]!r} is not asked by {method}.", remedy=f"Use {right}.")
    return target


def _nearest(plain: str) -> str:
    names = {
        **{name: f"/v1{name}" for name in (*_CALLS, "/models")},
        **{name: name for name in (*_OLLAMA_CALLS, *_PAGES, *ACTS) if name not in ("/models", "/")},
    }
    near = difflib.get_close_matches(plain, names, n=1, cutoff=0.5)
    return f"Did you mean {names[near[0]]}?" if near else "GET /v1/models and POST /v1/messages are two that exist."

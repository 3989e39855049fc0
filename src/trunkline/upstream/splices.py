"""Every change that is made to a request body on its way to a provider of the same wire. There are no others.

1. `model`: the name the provider knows; in Gemini's format wherever the body repeats the one of its path.
2. The deployment's own parameters, where the request has none of that name, and its `extra_body`, always.
3. `drop_params`: what the deployment says is to be dropped.
4. `stream_options.include_usage`, where usage would not be told otherwise (its chunk is hidden again).
5. What the catalog says this model refuses: sampling parameters, the old name of the output limit, and at OpenAI a
   `metadata` of what is not to be stored.
6. Thinking that carries a mark of ours: it came from another provider, and this one would refuse its signature.
7. An output limit above what the catalog says the model can write is lowered to that.
8. Pictures and documents that the model does not take: a few words stand in their place (`sight`).
9. Server tools of Anthropic's format that the provider does not run, and a choice of one of them, when tokens are
   counted. A conversation that offers one is read and written anew (`cross`): the answer may have to say that it is
   missing.
10. Members that LiteLLM's SDK would take for settings of its own, where a deployment goes through it.
11. The output limit, where a budget does not pay for the one that was asked for (`fit`); put in where there is none.

`docs/architecture.md` lists the same. All other bytes are the client's.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec

from trunkline.model.wires import Operation
from trunkline.route.plan import Candidate
from trunkline.upstream.gemini_names import named
from trunkline.upstream.litellm_sdk.arguments import TAKEN
from trunkline.upstream.profile import Profile
from trunkline.upstream.sight import blind, noted, unserved
from trunkline.upstream.unmark import unmarked
from trunkline.upstream.window import lowered
from trunkline.upstream.worst import GENERATES, with_limit
from trunkline.wire.absent import SEARCHES_TOOLS
from trunkline.wire.body import Body
from trunkline.wire.form import Form

_GENERATING: frozenset[Operation] = frozenset(
    {"messages", "chat", "completions", "responses", "ollama_chat", "ollama_generate"}
)

_LIMIT_NAMES: dict[Operation, str] = {"responses": "max_output_tokens", "ollama_chat": "num_predict"}
"""What `max_tokens` is called where it is not called so."""

_OLLAMA: frozenset[Operation] = frozenset({"ollama_chat", "ollama_generate"})

_SAMPLING = ("temperature", "top_p", "top_k")

encode = msgspec.json.encode


@dataclass(slots=True)
class Spliced:
    """The bytes to send. `hide_usage`: the usage chunk was asked for by us. `lost`: members that were not sent."""

    raw: bytes
    hide_usage: bool = False
    lost: tuple[str, ...] = ()
    absent: bool = False
    """Tools that the provider was to run are among them: the answer may have to speak of them."""
    put: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Members that are set, as JSON."""
    drop: Set[str] = frozenset()
    """Members that are left out."""


def splice(
    body: Body | Form,
    operation: Operation,
    streamed: bool,
    candidate: Candidate,
    profile: Profile,
    limit: int | None = None,
) -> Spliced:
    """The body as this candidate is sent it. `limit`: output tokens that a budget pays for."""
    if operation == "stored":
        return Spliced(b"")
    if isinstance(body, Form):
        return Spliced(body.with_text("model", candidate.model))
    deployment = candidate.deployment
    members = body.members
    put: dict[str, bytes] = {}
    drop: set[str] = set()
    lost: list[str] = []
    missing: list[str] = []
    hide = False
    if candidate.wire == "gemini":
        named(body, candidate.model, put)
    elif not deployment.provider.azure and body.text("model") != candidate.model:
        put["model"] = encode(candidate.model)
    if operation in _GENERATING:
        if deployment.params:
            _own_params(body, operation, deployment.params, put)
        lost += _refused(members, profile, put, drop)
        if profile.stored_metadata and operation == "chat" and _unstored(members):
            drop.add("metadata")
            lost.append("metadata")
        lowered(body, operation, candidate, profile, put)
        if deployment.provider.embedded != "demo" and (found := unmarked(body, operation)) is not None:
            put[found[0]] = encode(found[1])
    if kinds := blind(profile.dialect):
        lost += sorted(noted(body, operation, kinds, put, drop))
    if candidate.wire == "anthropic":
        missing = unserved(body, profile.vendor.name, put, drop)
        lost += missing
    if deployment.provider.embedded == "litellm":
        strange = [name for name in members if name not in TAKEN]
        drop.update(strange)
        lost += strange
    for name, value in deployment.extra_body.items():
        put[name] = encode(value)
    for name in deployment.drop:
        if name in members:
            drop.add(name)
            lost.append(name)
    if streamed and operation in ("chat", "completions") and profile.vendor.asks_usage:
        options = body.get("stream_options")
        if not (isinstance(options, dict) and options.get("include_usage")):
            put["stream_options"] = encode({**(options if isinstance(options, dict) else {}), "include_usage": True})
            hide = True
    if limit is not None and operation in GENERATES:
        name = "max_completion_tokens" if profile.completion_limit and operation == "chat" else ""
        put.update(with_limit(partial(member, body, put, drop), operation, limit, name))
    raw = body.spliced(put, drop) if put or drop else body.raw
    return Spliced(raw, hide, tuple(lost), any(kind != SEARCHES_TOOLS for kind in missing), put, drop)


def member(body: Body | Form, put: Mapping[str, bytes], drop: Set[str], name: str) -> Any:
    """A member of what is sent, decoded; None where it has none."""
    if name in drop or isinstance(body, Form):
        return None
    value = put.get(name)
    return body.get(name) if value is None else msgspec.json.decode(value)


def _own_params(body: Body, operation: Operation, params: Mapping[str, Any], put: dict[str, bytes]) -> None:
    """Puts the deployment's parameters in where the request leaves them open."""
    members = body.members
    if operation in _OLLAMA:
        options = body.get("options")
        given = options if isinstance(options, dict) else {}
        named = {("num_predict" if name == "max_tokens" else name): value for name, value in params.items()}
        put["options"] = encode({**named, **given})
        return
    for name, value in params.items():
        real = _LIMIT_NAMES.get(operation, name) if name == "max_tokens" else name
        if real in members or (name == "max_tokens" and "max_completion_tokens" in members):
            continue
        put[real] = encode(value)


def _unstored(members: Mapping[str, msgspec.Raw]) -> bool:
    """Whether a chat has metadata, and nobody is to store it."""
    said, store = (bytes(members.get(name, b"")) for name in ("metadata", "store"))
    return said not in (b"", b"null", b"{}") and store != b"true"


def _refused(members: Mapping[str, msgspec.Raw], profile: Profile, put: dict[str, bytes], drop: set[str]) -> list[str]:
    """Removes what the model would answer with a 400 for, and renames the output limit where it must be."""
    lost = []
    if not profile.sampling:
        for name in _SAMPLING:
            if name in members:
                drop.add(name)
                lost.append(name)
            put.pop(name, None)
    if profile.completion_limit and "max_completion_tokens" not in members:
        limit = put.pop("max_tokens", None)
        if limit is None and "max_tokens" in members:
            limit = bytes(members["max_tokens"])
            drop.add("max_tokens")
        if limit is not None:
            put["max_completion_tokens"] = limit
    return lost
